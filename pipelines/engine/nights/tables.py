"""Tables of a night: what stands of the base, less the rows of the worlds worked out again, and with what these gave.

Nothing is taken away that is not there, value by value: where the rows of a world as they were made then are not found
in what was published, the base is not what it is believed to be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow
import pyarrow.compute as pc

from pipelines.engine.nights.merging import merged
from pipelines.engine.sharding import spill
from pipelines.engine.sharding.tables import ShardedTable
from pipelines.store.ordered import Ordered
from pipelines.store.sought import Sought
from schemas.catalog import PUBLISHED, WORKING
from schemas.digest import content_digest

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from pipelines.store.slices import Slices
    from pipelines.store.tables import TableVersion

KEYS: Final = {
    "payment_rows": "payment_id",
    "payments": "payment_id",
    "findings": "payment_id",
    "matches": "payment_id",
    "decisions": "payment_id",
    "dispositions": "payment_id",
    "payment_flags": "payment_id",
    "coverage_exceptions": "capture_line",
    "coverage_activations": "nss",
}
"""Published table → the column by which the rows of a world are known in it."""


_AT_ONCE: Final = 262_144
"""Rows of a publication that are read together."""


class NotStandingError(RuntimeError):
    """What was made of some worlds then is not what was published of them."""


@dataclass(frozen=True)
class ChangedTable:
    """A table of the month: what a publication has, but for some rows, and with others; laid down in order."""

    name: str
    figures: Mapping[str, int]
    ordered: Ordered

    def in_order(self) -> Ordered:
        """All rows, as they are to be published."""
        return self.ordered

    def pieces(self, _month: str | None = None, columns: Sequence[str] | None = None) -> Iterator[pyarrow.Table]:
        """The rows piece by piece, of the one month that there is."""
        return self.ordered.slices(columns)

    def read(self, month: str | None = None) -> pd.DataFrame:
        """The whole table."""
        return WORKING[self.name].from_arrow(pyarrow.concat_tables(self.pieces(month)))

    def select(self, column: str, values: Collection[object]) -> pd.DataFrame:
        """The rows that have one of ``values`` in ``column``."""
        return WORKING[self.name].from_arrow(self.ordered.among(column, values))


class Change(NamedTuple):
    """What becomes of a published table: the rows with a value of ``gone`` in its key column are ``then``, and go."""

    gone: pyarrow.Array
    then: pyarrow.Table
    now: pyarrow.Table


def published_rows(slices: Slices, stood: TableVersion) -> Iterator[pyarrow.Table]:
    """The rows of a published table, some at a time. Raises ``NotStandingError`` where it is damaged."""
    if not slices.is_sound(stood):
        message = f"{stood.name}: what was published is damaged"
        raise NotStandingError(message)
    schema = WORKING[stood.name].arrow_schema()
    yield from slices.pieces(stood, schema, schema.names, _AT_ONCE)


def changed(slices: Slices, stood: TableVersion, change: Change, folder: Path) -> Ordered:
    """The rows of a published table with a change, laid down in ``folder``.

    Raises ``NotStandingError`` where the rows that go are not those that were to, or the publication is damaged.
    """
    schema, key = WORKING[stood.name].arrow_schema(), KEYS[stood.name]
    gone, sought = [schema.empty_table()], Sought(change.gone)

    def leave(table: pyarrow.Table) -> pyarrow.ChunkedArray:
        found = sought.among(table[key])
        gone.append(table.filter(found))
        return found

    laid, now = [], change.now.select(schema.names).cast(schema)
    for number, table in enumerate(merged(published_rows(slices, stood), leave, now)):
        path = folder / stood.name / f"{number}.arrow"
        spill.write(path, table)
        laid.append((path, table.num_rows))
    if content_digest(pyarrow.concat_tables(gone)) != content_digest(change.then):
        message = f"{stood.name}: what was published of some worlds is not what they give"
        raise NotStandingError(message)
    return Ordered.laid_down(schema, laid)


@dataclass(frozen=True)
class NightTable(ShardedTable):
    """A table that lies at ``paths``, but for the rows of all of them but the last that have a ``key`` in ``gone``."""

    key: str = ""
    gone: pyarrow.Array | None = None

    def pieces(self, month: str | None = None, columns: Sequence[str] | None = None) -> Iterator[pyarrow.Table]:
        """The rows, file by file."""
        asked = list(columns or WORKING[self.name].kinds())
        read = asked if self.key in asked else [*asked, self.key]
        *stood, news = self.paths
        for path in stood:
            for table in ShardedTable(self.name, (path,)).pieces(month, read):
                yield table.filter(pc.invert(pc.is_in(table[self.key], value_set=self.gone))).select(asked)
        yield from ShardedTable(self.name, (news,)).pieces(month, asked)


def slice_of(name: str, month: str, frame: pd.DataFrame) -> pyarrow.Table:
    """The rows of a month, as they are published."""
    table = PUBLISHED[name].model.to_arrow(frame)
    return table.filter(pc.equal(table["month"], month))
