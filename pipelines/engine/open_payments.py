"""What the analyst's workbook shows beside what is published: words of open payments, names of registrants.

Both are looked up for the few rows that need them, out of working tables of all months.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.rules import keys
from pipelines.rules.facts import facts_digest
from pipelines.store.ordered import ordered
from schemas.catalog import WORKING
from schemas.tables.payments import Payment
from schemas.working.open_payments import OpenPayment
from schemas.working.people import Person

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pipelines.engine.sharding.tables import Given

_PLACE: Final = ["sha256", "sheet", "row"]
_ROWS: Final = {"bank_transfer": "bank_transfer_rows", "remittance": "remittance_rows"}


def material(
    published: Mapping[str, pyarrow.Table], working: Mapping[str, Given], payments: list[str], nss: list[str]
) -> dict[str, pyarrow.Table]:
    """The tables ``open_payments``, of these payments of the month, and ``people``, of these NSS.

    ``published``: the table payments of the month. ``working``: claims, payment_rows, registrants and the rows of
    payments, of all months.
    """
    chosen = Payment.from_arrow(ordered(published, "payments").among("payment_id", payments))
    return {
        "open_payments": OpenPayment.to_arrow(OpenPayment.empty() if chosen.empty else _told(chosen, working)),
        "people": Person.to_arrow(_among(working["registrants"], "nss", nss)),
    }


def _among(table: Given, column: str, values: Collection[object]) -> pd.DataFrame:
    """The rows that have one of these values in a column."""
    if not isinstance(table, pd.DataFrame):
        return table.select(column, values)
    known = pyarrow.array(table[column])
    found = pc.is_in(known, value_set=pyarrow.array(list(values), known.type))
    chosen: pd.DataFrame = table[found.to_numpy(zero_copy_only=False)].reset_index(drop=True)
    return chosen


def _at(name: str, table: Given, places: pd.DataFrame) -> pd.DataFrame:
    """The rows of files that stand at these places."""
    if isinstance(table, pd.DataFrame):
        return table[keys.among(table[_PLACE], places)]
    model = WORKING[name]
    found = [model.arrow_schema().empty_table()]
    for piece in table.pieces():
        where = pd.DataFrame({column: pd.Series(piece[column].to_pandas()) for column in _PLACE})
        found.append(piece.filter(pyarrow.array(keys.among(where, places))))
    return model.from_arrow(pyarrow.concat_tables(found))


def _told(chosen: pd.DataFrame, working: Mapping[str, Given]) -> pd.DataFrame:
    """The ``OpenPayment`` rows of some payments, at least one."""
    ids = chosen["payment_id"].tolist()
    places = _among(working["payment_rows"], "payment_id", ids)[_PLACE]
    rows = {channel: _at(name, working[name], places) for channel, name in _ROWS.items()}
    digests = facts_digest(*rows.values()).rename("facts").reset_index()
    found = chosen[["payment_id"]]
    for more in (_said(_among(working["claims"], "payment_id", ids)), _senders(chosen, rows), digests):
        found = found.merge(more, on="payment_id", how="left")
    return found.fillna("").astype("str")


def _said(claims: pd.DataFrame) -> pd.DataFrame:
    """One row a payment: its fields, and its text; of rows that contradict each other, what each says."""
    fields = claims.sort_values(["payment_id", "claim"])
    fields = fields.assign(reference=fields["capture_line"] + " " + fields["nss"] + " " + fields["curp"])
    said: dict[str, list[tuple[str, str]]] = {}
    columns = (fields[name].tolist() for name in ("payment_id", "reference", "text"))
    for payment, *texts in zip(*columns, strict=True):
        said.setdefault(payment, []).append((texts[0], texts[1]))
    rows = [(payment, *map(_distinct, zip(*of_one, strict=True))) for payment, of_one in said.items()]
    return pd.DataFrame(rows, columns=["payment_id", "reference", "text"], dtype="str")


def _distinct(texts: Iterable[str]) -> str:
    return " / ".join(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))


def _senders(chosen: pd.DataFrame, rows: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """payment_id and the sender's name in the row that carries the payment."""
    places = chosen[["payment_id", "source_sha256", "source_sheet", "source_row"]]
    places = places.set_axis(["payment_id", *_PLACE], axis=1)
    found = [places.merge(of_channel[[*_PLACE, "sender_name"]], on=_PLACE) for of_channel in rows.values()]
    return pd.concat(found)[["payment_id", "sender_name"]]
