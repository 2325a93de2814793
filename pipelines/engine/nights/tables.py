"""Tables of a night: what stands of the base, less the rows of the worlds worked out again, and with what these gave.

Nothing is taken away that is not there, value by value: where the rows of a world as they were made then are not found
in what was published, the base is not what it is believed to be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow
import pyarrow.compute as pc

from pipelines.engine.sharding.tables import ShardedTable
from pipelines.store.home import Home
from pipelines.store.slices import Slices
from pipelines.store.tables import TableVersion
from schemas.catalog import PUBLISHED, WORKING
from schemas.digest import content_digest

if TYPE_CHECKING:
    import pandas as pd

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
    """A table of the month: what a publication has, but for rows with a value of ``gone``, and what is ``now``."""

    name: str
    figures: Mapping[str, int]
    home: Home
    stood: TableVersion
    gone: pyarrow.Array
    now: pyarrow.Table

    def pieces(self, month: str | None = None, columns: Sequence[str] | None = None) -> Iterator[pyarrow.Table]:
        """The rows piece by piece, of the one month that there is."""
        assert month in {None, self.stood.month}  # noqa: S101 - nobody asks for another one
        asked, key = list(columns or WORKING[self.name].kinds()), KEYS[self.name]
        read = asked if key in asked else [*asked, key]
        for table in self._stood(read):
            yield table.filter(pc.invert(self._are_gone(table))).select(asked)
        yield self.now.select(asked)

    def read(self, month: str | None = None) -> pd.DataFrame:
        """The whole table."""
        return WORKING[self.name].from_arrow(pyarrow.concat_tables(self.pieces(month)))

    def select(self, column: str, values: Collection[object]) -> pd.DataFrame:
        """The rows that have one of ``values`` in ``column``."""
        chosen = pyarrow.array(list(values), self.now.schema.field(column).type)
        found = [table.filter(pc.is_in(table[column], value_set=chosen)) for table in self.pieces()]
        return WORKING[self.name].from_arrow(pyarrow.concat_tables(found))

    def check(self, then: pyarrow.Table) -> None:
        """Raise ``NotStandingError`` where the rows that go are not ``then``, or the publication is damaged."""
        if Slices(self.home).is_sound(self.stood):
            names = list(WORKING[self.name].kinds())
            gone = [table.filter(self._are_gone(table)) for table in self._stood(names)]
            if content_digest(pyarrow.concat_tables([then.slice(0, 0), *gone])) == content_digest(then):
                return
        message = f"{self.name}: what was published of some worlds is not what they give"
        raise NotStandingError(message)

    def _stood(self, columns: list[str]) -> Iterator[pyarrow.Table]:
        schema = WORKING[self.name].arrow_schema()
        return Slices(self.home).pieces(self.stood, schema, columns, _AT_ONCE)

    def _are_gone(self, table: pyarrow.Table) -> pyarrow.ChunkedArray:
        return pc.is_in(table[KEYS[self.name]], value_set=self.gone)


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
