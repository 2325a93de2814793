"""A table that lies in shards: where it lies, what is told of it, and how it is read when somebody looks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.engine.sharding import spill
from schemas.catalog import PUBLISHED, WORKING


@dataclass(frozen=True)
class ShardedTable:
    """A working table of a run, in the files at ``paths``."""

    name: str
    paths: tuple[str, ...]
    figures: Mapping[str, int] = field(default_factory=dict)

    def read(self, month: str | None = None) -> pd.DataFrame:
        """The whole table, or its rows of one month."""
        return self._read(lambda table: table if month is None else table.filter(pc.equal(table["month"], month)))

    def select(self, column: str, values: Collection[object]) -> pd.DataFrame:
        """The rows that have one of ``values`` in ``column``."""
        kind = WORKING[self.name].arrow_schema().field(column).type
        chosen = pyarrow.array(list(values), kind)
        return self._read(lambda table: table.filter(pc.is_in(table[column], value_set=chosen)))

    def _read(self, kept: Any) -> pd.DataFrame:  # noqa: ANN401 - a function of Arrow tables, which have no type
        model = WORKING[self.name]
        found = [kept(spill.read(Path(path))) for path in self.paths]
        return model.from_arrow(pyarrow.concat_tables([model.arrow_schema().empty_table(), *found]))


class OfMonth(Mapping[str, pd.DataFrame]):
    """Tables to be published, each read when it is asked for: a table of months by the rows of one."""

    def __init__(self, tables: Mapping[str, pd.DataFrame | ShardedTable], month: str) -> None:
        self._tables, self._month = tables, month

    def __getitem__(self, name: str) -> pd.DataFrame:
        table = self._tables[name]
        if not isinstance(table, ShardedTable):
            return table
        return table.read(self._month if PUBLISHED[name].scope == "month" else None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)
