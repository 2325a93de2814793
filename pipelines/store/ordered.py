"""A table in canonical order that need not be held at once: slices of rows, each read when it is its turn (0038).

Rows alike in the first column that is not the same everywhere lie in one slice: who counts payments, or looks for the
rows of one, needs no other slice for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow

from pipelines.store import spilled
from pipelines.store.sought import Sought
from schemas.digest import digest_of_slices, sort_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    Read = Callable[[Sequence[str] | None], pyarrow.Table]
    """Gives the rows of a slice, with these columns or all."""


@dataclass(frozen=True)
class Ordered:
    """A table by its slices, first to last."""

    schema: pyarrow.Schema
    num_rows: int
    parts: tuple[Read, ...]

    @classmethod
    def of(cls, table: pyarrow.Table) -> Ordered:
        """A table that is held, in order or not, as one slice."""
        return cls.as_it_is(sort_rows(table))

    @classmethod
    def as_it_is(cls, table: pyarrow.Table) -> Ordered:
        """A table that is held, in the order in which it is: one that is only to be written."""
        return cls(table.schema, table.num_rows, (partial(_held, table),))

    @classmethod
    def laid_down(cls, schema: pyarrow.Schema, files: Iterable[tuple[Path, int]]) -> Ordered:
        """Slices that lie in files (``store.spilled``), each with its number of rows."""
        known = list(files)
        return cls(schema, sum(rows for _, rows in known), tuple(partial(spilled.read, path) for path, _ in known))

    @property
    def column_names(self) -> list[str]:
        """The names of its columns."""
        return list(self.schema.names)

    def slices(self, columns: Sequence[str] | None = None) -> Iterator[pyarrow.Table]:
        """The rows, slice by slice, with these columns or all."""
        for read in self.parts:
            yield read(columns)

    def narrowed(self, columns: Sequence[str]) -> Ordered:
        """The same rows with these columns alone."""
        schema = pyarrow.schema([self.schema.field(name) for name in columns])
        return Ordered(schema, self.num_rows, tuple(partial(_narrow, read, tuple(columns)) for read in self.parts))

    def whole(self, columns: Sequence[str] | None = None) -> pyarrow.Table:
        """All rows at once: for tables or columns of which there is little."""
        schema = self.schema if columns is None else pyarrow.schema([self.schema.field(name) for name in columns])
        found = [table for table in self.slices(columns) if table.num_rows]
        return found[0] if len(found) == 1 else pyarrow.concat_tables([schema.empty_table(), *found])

    def among(
        self, column: str, values: Collection[Any] | pyarrow.Array, columns: Sequence[str] | None = None
    ) -> pyarrow.Table:
        """The rows that have one of ``values`` in ``column``, with these columns or all; few enough to be held."""
        kind = self.schema.field(column).type
        sought = Sought(values if isinstance(values, pyarrow.Array) else pyarrow.array(list(values), kind))
        return self.filtered(lambda table: sought.among(table[column]), columns)

    def filtered(self, keeps: Callable[[pyarrow.Table], Any], columns: Sequence[str] | None = None) -> pyarrow.Table:
        """The rows that ``keeps`` is true of, with these columns, which are all that it sees; few enough to be held."""
        schema = self.schema if columns is None else pyarrow.schema([self.schema.field(name) for name in columns])
        found = [table.filter(keeps(table)) for table in self.slices(columns)]
        return pyarrow.concat_tables([schema.empty_table(), *found])

    def digest(self) -> str:
        """The content digest, column by column over all slices."""
        return digest_of_slices(self.schema, self.num_rows, self._column)

    def batches(self) -> pyarrow.RecordBatchReader:
        """The rows as a stream."""
        batches = (batch for table in self.slices() for batch in table.to_batches())
        return pyarrow.RecordBatchReader.from_batches(self.schema, batches)

    def groups(self, rows: int) -> Iterator[pyarrow.Table]:
        """The rows in groups of so many, each in one piece, however they are sliced: the last may be smaller."""
        kept = self.schema.empty_table()
        for table in self.slices():
            kept = pyarrow.concat_tables([kept, table])
            del table
            end = len(kept) - len(kept) % rows
            yield from (kept.slice(start, rows).combine_chunks() for start in range(0, end, rows))
            if end:
                # A copy: rows that wait for those of the next slice must not keep all of theirs in memory.
                kept = kept.slice(end).take(pyarrow.array(np.arange(len(kept) - end)))
        if len(kept):
            yield kept.combine_chunks()

    def _column(self, name: str) -> Iterator[pyarrow.ChunkedArray]:
        for table in self.slices([name]):
            yield table[name]


def ordered(tables: Mapping[str, pyarrow.Table], name: str) -> Ordered:
    """A table out of a mapping, slice by slice where the mapping knows it so; raises ``KeyError``."""
    known = getattr(tables, "ordered", None)
    return known(name) if known else Ordered.of(tables[name])


def _held(table: pyarrow.Table, columns: Sequence[str] | None) -> pyarrow.Table:
    return table if columns is None else table.select(list(columns))


def _narrow(read: Read, known: Sequence[str], columns: Sequence[str] | None) -> pyarrow.Table:
    return read(known if columns is None else columns)
