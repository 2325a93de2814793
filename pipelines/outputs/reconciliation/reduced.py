"""What the workbook needs of tables of any size: the rows that it shows, and figures of all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow
import pyarrow.compute as pc

from pipelines.outputs.labels import EXCEPTIONS
from pipelines.outputs.tallies import tally, total
from pipelines.store.ordered import Ordered, ordered
from pipelines.store.sought import Sought
from schemas.catalog import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from pipelines.outputs.tallies import Row, Tally
    from schemas.table import Table

    Tables = Mapping[str, pyarrow.Table]
    Frames = dict[str, pd.DataFrame]

_WAITING: Final = ("held", "unmatched", "late", "refund_due")
_OF_WAITING: Final = {
    "dispositions": ["payment_id", "bucket", "reason"],
    "matches": ["payment_id", "rule"],
    "payments": ["payment_id", "paid_on", "amount_centavos", "currency"],
}
"""What tells which payments wait, in which order they are listed, and what *Resumen* says of all of them."""

_LISTED: Final = ("settlements", "receipts", "rejections")
_FIRST: Final[Mapping[str, tuple[str, Sequence[str], str]]] = {
    "coverage_exceptions": ("reason", list(EXCEPTIONS), "capture_line"),
    "coverage_changes": ("change", ["revoked", "amended", "activated"], "nss"),
}
"""Table of which the first rows are listed → by the place of a value of this column, then by that other column."""


class Figures(NamedTuple):
    """What *Resumen* tells of all rows, in payments (or rows) and centavos.

    ``buckets``: by bucket and currency. ``held``: by reason and currency. ``activated``; ``exceptions``: by reason.
    ``days``: payments that count, by day of the month.
    """

    buckets: Mapping[Row, Tally]
    held: Mapping[Row, Tally]
    activated: Tally
    exceptions: Mapping[Row, Tally]
    days: Mapping[int, int]


def waiting(tables: Tables) -> Frames:
    """Of dispositions, matches and payments what waits for a person, or stands where a person put it: a few columns.

    Many may wait, of which few are shown.
    """
    wanted = {"dispositions": _waits, "matches": lambda rows: pc.equal(rows["rule"], "decision")}
    found = {name: _of(tables, name).filtered(keeps, _OF_WAITING[name]) for name, keeps in wanted.items()}
    ids = pyarrow.chunked_array([chunk for table in found.values() for chunk in table["payment_id"].chunks])
    payments = _of(tables, "payments").among("payment_id", ids.combine_chunks(), _OF_WAITING["payments"])
    found["payments"] = payments
    return {name: PUBLISHED[name].model.from_arrow(table, _OF_WAITING[name]) for name, table in found.items()}


def of_payments(tables: Tables, payments: list[str]) -> Frames:
    """payments, findings, matches and suggestions of these payments."""
    names = ("payments", "findings", "matches", "suggestions")
    return _frames({name: _of(tables, name).among("payment_id", payments) for name in names})


def listed(tables: Tables, most: int) -> Frames:
    """Tables of which all is listed, or the first ``most`` rows of each value of a column (``lists.shown``)."""
    found = {name: _of(tables, name).whole() for name in _LISTED}
    return _frames(found | {name: _first(_of(tables, name), by, then, most) for name, (by, _, then) in _FIRST.items()})


def sizes(tables: Tables) -> dict[str, int]:
    """How many rows the tables have of which some are listed."""
    return {name: _of(tables, name).num_rows for name in (*_LISTED, *_FIRST)}


def figures(tables: Tables) -> Figures:
    """The figures of *Resumen*."""
    dispositions, exceptions = _of(tables, "dispositions"), _of(tables, "coverage_exceptions")
    columns = ["payment_id", "bucket", "reason", "currency", "amount_centavos"]
    held = (rows.filter(pc.equal(rows["bucket"], "held")) for rows in dispositions.slices(columns))
    due = "amount_due_centavos"
    return Figures(
        buckets=tally(dispositions.slices(columns), ["bucket", "currency"], "amount_centavos", "payment_id"),
        held=tally(held, ["reason", "currency"], "amount_centavos", "payment_id"),
        activated=total(tally(_of(tables, "coverage_activations").slices(["month", due]), ["month"], due)),
        exceptions=tally(exceptions.slices(["reason", due]), ["reason"], due),
        days=_days(_of(tables, "payments"), dispositions),
    )


def frame(tables: Tables, name: str, model: type[Table]) -> pd.DataFrame:
    """A small table; empty where it is not there."""
    return model.from_arrow(tables[name]) if name in tables else model.empty()


def _of(tables: Tables, name: str) -> Ordered:
    """A table; empty where it is not there."""
    return ordered(tables, name) if name in tables else Ordered.of(PUBLISHED[name].model.arrow_schema().empty_table())


def _frames(tables: Tables) -> Frames:
    return {name: PUBLISHED[name].model.from_arrow(table) for name, table in tables.items()}


def _waits(rows: pyarrow.Table) -> pyarrow.ChunkedArray:
    waits = pc.is_in(rows["bucket"], pyarrow.array(_WAITING, pyarrow.string()))
    return pc.or_(waits, pc.equal(rows["reason"], "accept_late"))


def _first(table: Ordered, by: str, then: str, most: int) -> pyarrow.Table:
    """Of each value of ``by`` the first ``most`` rows by ``then``."""
    kept: dict[Any, pyarrow.Table] = {}
    for rows in table.slices():
        for value in pc.unique(rows[by]).to_pylist():
            found = rows.filter(pc.equal(rows[by], value))
            found = pyarrow.concat_tables([kept[value], found]) if value in kept else found
            if found.num_rows > most:
                found = found.take(pc.select_k_unstable(found, most, [(then, "ascending")]))
            kept[value] = found
    return pyarrow.concat_tables([table.schema.empty_table(), *kept.values()])


def _days(payments: Ordered, dispositions: Ordered) -> dict[int, int]:
    """Day of the month → payments that came in: neither lump deposits, nor only announced."""
    buckets = pyarrow.array(["settlement", "pending"], pyarrow.string())
    lumps = dispositions.filtered(lambda rows: pc.is_in(rows["bucket"], buckets), ["payment_id", "bucket"])
    sought = Sought(lumps["payment_id"].combine_chunks())
    slices = (
        pyarrow.table({"day": pc.day(rows["paid_on"].filter(pc.invert(sought.among(rows["payment_id"]))))})
        for rows in payments.slices(["payment_id", "paid_on"])
    )
    return {int(key[0]): found.number for key, found in tally(slices, ["day"]).items()}
