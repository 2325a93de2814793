"""Rows put into canonical order without holding more of them than there is room for.

What comes out is what ``schemas.digest.sort_rows`` of all rows would give, whatever the pieces they came in (0038).
Rows that there is room for are ordered at once. Of more, the pieces are cut by their first telling column
(``cutting``), and each cut is ordered by itself. Slices are made two at a time: Arrow leaves the other core free.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.engine.cutting import cut, slice_of
from pipelines.store import spilled
from pipelines.store.ordered import Ordered
from pipelines.store.pairs import WORKERS, in_turn
from schemas.digest import order_of, sort_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Pieces = Callable[[Sequence[str] | None], Iterator[pyarrow.Table]]
    """Gives the rows of a table piece by piece, with these columns or all."""

_HELD: Final = 1 << 15
"""Rows that are no burden: of so few no file is made."""

_AS_THEY_CAME: Final = 4
"""How many times as many rows are held as they came as are put into order, which takes much more."""

_NEARLY_ALL: Final = 0.8
_LOOKED_AT: Final = 1 << 10


class RowsLostError(RuntimeError):
    """Rows were lost, or doubled, while they were put in order."""


class _Asked(NamedTuple):
    """The rows that are to be put in order: their pieces, and the ``month`` that they are of, unless all are wanted."""

    schema: pyarrow.Schema
    pieces: Pieces
    month: str | None
    rows: int
    rows_of_pieces: int

    def wanted(self, piece: pyarrow.Table) -> pyarrow.ChunkedArray:
        """Which rows of a piece are wanted."""
        if self.month is None:
            return pyarrow.chunked_array([pyarrow.repeat(True, piece.num_rows)])  # noqa: FBT003 - a value of a column
        return pc.equal(piece["month"], self.month)

    def chosen(self) -> Iterator[pyarrow.Table]:
        """The rows that are wanted, piece by piece."""
        for piece in self.pieces(None):
            yield piece if self.rows == self.rows_of_pieces else piece.filter(self.wanted(piece))


class _Sorted(NamedTuple):
    """Rows as they came, and the places at which they stand in order (None: they came in order)."""

    table: pyarrow.Table
    places: NDArray[np.int64] | None

    def part(self, start: int, end: int, columns: Sequence[str] | None = None) -> pyarrow.Table:
        """The rows that stand from ``start`` to ``end``."""
        table = self.table if columns is None else self.table.select(list(columns))
        if self.places is None:
            return table.slice(start, end - start)
        return table.take(pyarrow.array(self.places[start:end]))


def order(
    schema: pyarrow.Schema, pieces: Pieces, folder: Path, name: str, at_once: int, month: str | None = None
) -> Ordered:
    """The rows of all pieces, or of these the rows of a month, in slices that are laid down in ``folder``.

    All that ordering takes is held of about ``at_once`` rows at one time.
    """
    asked = _asked(schema, pieces, month)
    if asked.rows <= min(_HELD, at_once):
        return Ordered.of(pyarrow.concat_tables([schema.empty_table(), *asked.chosen()]))
    size = max(1, at_once // WORKERS)
    make = _together if asked.rows <= at_once * _AS_THEY_CAME else _apart
    files = make(asked, folder, name, math.ceil(asked.rows / size))
    if sum(rows for _, rows in files) != asked.rows:
        message = f"{name}: rows in order are not as many as were given"
        raise RowsLostError(message)
    return Ordered.laid_down(schema, files)


def _asked(schema: pyarrow.Schema, pieces: Pieces, month: str | None) -> _Asked:
    found = _Asked(schema, pieces, month, 0, 0)
    for piece in pieces(schema.names[:1] if month is None else ["month"]):
        wanted = pc.sum(found.wanted(piece), min_count=0).as_py()
        found = found._replace(rows=found.rows + wanted, rows_of_pieces=found.rows_of_pieces + piece.num_rows)
    return found


def _together(asked: _Asked, folder: Path, name: str, count: int) -> list[tuple[Path, int]]:
    """All rows put in order at once, and laid down in so many slices."""
    found = _in_order(asked)
    even = (np.arange(1, count) * asked.rows // count).tolist()
    bounds = sorted({0, *(_end_of_likes(found, place, asked.rows) for place in even), asked.rows})

    def lay_down(bound: tuple[int, int]) -> tuple[Path, int]:
        path = folder / f"{name}-{bound[0]}.arrow"
        spilled.write(path, found.part(*bound))
        return path, bound[1] - bound[0]

    return list(in_turn(lay_down, pairwise(bounds)))


def _in_order(asked: _Asked) -> _Sorted:
    """The rows put in order; where nearly all are wanted, the others are left away when they are taken.

    They are put in one piece: whoever takes rows of several pieces has them put together each time.
    """
    if asked.rows == asked.rows_of_pieces or asked.rows < asked.rows_of_pieces * _NEARLY_ALL:
        table = pyarrow.concat_tables(asked.chosen()).combine_chunks()
        return _Sorted(table, order_of(table))
    table = pyarrow.concat_tables(asked.pieces(None)).combine_chunks()
    places, is_wanted = order_of(table), asked.wanted(table).to_numpy()
    if places is None:
        return _Sorted(table, np.flatnonzero(is_wanted))
    return _Sorted(table, places[is_wanted[places]])


def _end_of_likes(found: _Sorted, place: int, rows: int) -> int:
    """The first place from ``place`` on at which the first column that is not the same everywhere has another value."""
    first, last = (found.part(at, at + 1).to_pylist()[0] for at in (0, rows - 1))
    name = next((name for name in first if first[name] != last[name]), None)
    if name is None:
        return rows
    before = found.part(place - 1, place, [name])[name][0].as_py()
    while place < rows:
        values = found.part(place, min(place + _LOOKED_AT, rows), [name])[name].to_pylist()
        alike = next((number for number, value in enumerate(values) if value != before), None)
        if alike is not None:
            return place + alike
        place += len(values)
    return rows


def _apart(asked: _Asked, folder: Path, name: str, count: int) -> list[tuple[Path, int]]:
    """Rows cut into so many slices, each of which is put in order by itself."""
    cuts = cut(asked.schema, asked.pieces, count)

    def lay_apart(numbered: tuple[int, pyarrow.Table]) -> Path:
        path = folder / name / f"{numbered[0]}.arrow"
        part = slice_of(numbered[1], cuts)
        if asked.rows < asked.rows_of_pieces:
            part[~asked.wanted(numbered[1]).to_numpy()] = count
        spilled.write_parts(path, numbered[1], part, count)
        return path

    def lay_down(number: int) -> tuple[Path, int]:
        path, rows = folder / f"{name}-{number}.arrow", spilled.read_part(paths, number)
        spilled.write(path, sort_rows(rows))
        return path, rows.num_rows

    paths = list(in_turn(lay_apart, enumerate(asked.pieces(None))))
    files = list(in_turn(lay_down, range(count)))
    for path in paths:
        path.unlink()
    return files
