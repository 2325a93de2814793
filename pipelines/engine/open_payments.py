"""What the analyst's workbook shows beside what is published: words of open payments, names of registrants.

Both are looked up for the few rows that need them, out of working tables of all months.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.rules.facts import facts_digest
from schemas.tables.payments import Payment
from schemas.working.open_payments import OpenPayment
from schemas.working.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from pipelines.engine.sharding.tables import Given

    Select = Callable[[str, str, Collection[object]], pd.DataFrame]
    """Gives the rows of a working table, by its name, that have one of these values in a column."""

_PLACE: Final = ["sha256", "sheet", "row"]
_ROWS: Final = {"bank_transfer": "bank_transfer_rows", "remittance": "remittance_rows"}


def material(
    published: Mapping[str, pyarrow.Table], select: Select, payments: list[str], nss: list[str]
) -> dict[str, pyarrow.Table]:
    """The tables ``open_payments``, of these payments of the month, and ``people``, of these NSS.

    ``published``: the table payments of the month.
    """
    table = published["payments"]
    is_asked = pc.is_in(table["payment_id"], value_set=pyarrow.array(payments, pyarrow.string()))
    chosen = Payment.from_arrow(table.filter(is_asked))
    return {
        "open_payments": OpenPayment.to_arrow(OpenPayment.empty() if chosen.empty else _told(chosen, select)),
        "people": Person.to_arrow(select("registrants", "nss", nss)),
    }


def selecting(tables: Mapping[str, Given]) -> Select:
    """What gives rows of these tables."""

    def select(name: str, column: str, values: Collection[object]) -> pd.DataFrame:
        table = tables[name]
        if not isinstance(table, pd.DataFrame):
            return table.select(column, values)
        known = pyarrow.array(table[column])
        found = pc.is_in(known, value_set=pyarrow.array(list(values), known.type))
        chosen: pd.DataFrame = table[found.to_numpy(zero_copy_only=False)].reset_index(drop=True)
        return chosen

    return select


def _told(chosen: pd.DataFrame, select: Select) -> pd.DataFrame:
    """The ``OpenPayment`` rows of some payments, at least one."""
    ids = chosen["payment_id"].tolist()
    found = chosen[["payment_id"]]
    for more in (_said(select("claims", "payment_id", ids)), _senders(chosen, select), _digests(ids, select)):
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


def _senders(chosen: pd.DataFrame, select: Select) -> pd.DataFrame:
    """payment_id and the sender's name in the row that carries the payment."""
    found = [pd.DataFrame({"payment_id": [], "sender_name": []}, dtype="str")]
    for channel, table in _ROWS.items():
        carried = chosen[chosen["channel"].eq(channel)]
        rows = select(table, "row", carried["source_row"].unique())
        places = carried[["payment_id", "source_sha256", "source_sheet", "source_row"]]
        places = places.set_axis(["payment_id", *_PLACE], axis=1)
        found.append(places.merge(rows, on=_PLACE)[["payment_id", "sender_name"]])
    return pd.concat(found)


def _digests(ids: list[str], select: Select) -> pd.DataFrame:
    """payment_id and the digest of its facts (CONTRACT §5)."""
    places = select("payment_rows", "payment_id", ids)[_PLACE]
    numbers = places["row"].unique()
    bank, remittances = (select(table, "row", numbers).merge(places, on=_PLACE) for table in _ROWS.values())
    return facts_digest(bank, remittances).rename("facts").reset_index()
