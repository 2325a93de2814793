"""A table that does not lie in memory: where it lies, what is told of it, and how it is read when somebody looks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.engine.sharding import spill
from schemas.catalog import WORKING


class Pieced(Protocol):
    """A working table in pieces, each of which is few enough rows to be held; any order of pieces and rows."""

    @property
    def name(self) -> str:
        """Its name in ``WORKING``."""

    @property
    def figures(self) -> Mapping[str, int]:
        """What is told of it."""

    def read(self, month: str | None = None) -> pd.DataFrame:
        """The whole table, or its rows of one month."""

    def select(self, column: str, values: Collection[object]) -> pd.DataFrame:
        """The rows that have one of ``values`` in ``column``."""

    def pieces(self, month: str | None = None, columns: Sequence[str] | None = None) -> Iterator[pyarrow.Table]:
        """The rows piece by piece, of one month or all, with these columns or all; they may be asked for again."""


Given: TypeAlias = "pd.DataFrame | Pieced"
"""A working table as a stage is given it: a frame, or where it lies."""


@dataclass(frozen=True)
class ShardedTable:
    """A working table of a run, in the files at ``paths``."""

    name: str
    paths: tuple[str, ...]
    figures: Mapping[str, int] = field(default_factory=dict)

    def read(self, month: str | None = None) -> pd.DataFrame:
        """The whole table, or its rows of one month."""
        return self._frame(self.pieces(month))

    def select(self, column: str, values: Collection[object]) -> pd.DataFrame:
        """The rows that have one of ``values`` in ``column``."""
        chosen = pyarrow.array(list(values), WORKING[self.name].arrow_schema().field(column).type)
        return self._frame(table.filter(pc.is_in(table[column], value_set=chosen)) for table in self.pieces())

    def pieces(self, month: str | None = None, columns: Sequence[str] | None = None) -> Iterator[pyarrow.Table]:
        """The rows, file by file."""
        asked = list(columns or WORKING[self.name].kinds())
        read = asked if month is None or "month" in asked else [*asked, "month"]
        for path in self.paths:
            table = spill.read(Path(path), None if columns is None else read)
            yield (table if month is None else table.filter(pc.equal(table["month"], month))).select(asked)

    def _frame(self, found: Iterator[pyarrow.Table]) -> pd.DataFrame:
        model = WORKING[self.name]
        return model.from_arrow(pyarrow.concat_tables([model.arrow_schema().empty_table(), *found]))
