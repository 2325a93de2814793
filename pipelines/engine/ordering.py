"""Rows put into canonical order without holding them all: cut by their first telling column, then cut by cut.

What comes out is what ``schemas.digest.sort_rows`` of all rows would give, whatever the pieces they came in (0038).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.store import spilled
from pipelines.store.ordered import Ordered
from schemas.digest import sort_rows
from schemas.octets import as_array, columns, octets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Pieces = Callable[[Sequence[str] | None], Iterator[pyarrow.Table]]
    """Gives the rows of a table piece by piece, with these columns or all."""

_WIDTH: Final = 64
"""Bytes of a text by which rows are told apart; texts that begin alike with more lie in one slice."""

_SAMPLED: Final = 1 << 10
"""Rows of each piece that are looked at to find where to cut."""

_HELD: Final = 1 << 15
"""Rows that are no burden: of so few no file is made."""


class _Cuts(NamedTuple):
    """The column by which rows are cut, and its smallest value in each slice but the first."""

    column: str
    firsts: NDArray[Any]


def order(schema: pyarrow.Schema, pieces: Pieces, folder: Path, name: str, at_once: int) -> Ordered:
    """The rows of all pieces in slices of about ``at_once`` rows, which are laid down in ``folder``."""
    rows = sum(piece.num_rows for piece in pieces(schema.names[:1]))
    if rows <= min(_HELD, at_once):
        return Ordered.of(pyarrow.concat_tables([schema.empty_table(), *pieces(None)]))
    count = math.ceil(rows / at_once)
    if count == 1:
        return Ordered.laid_down(schema, [_lay_down(folder / f"{name}.arrow", pyarrow.concat_tables(pieces(None)))])
    cuts = _cut(schema, pieces, count)
    paths = []
    for number, piece in enumerate(pieces(None)):
        path = folder / name / f"{number}.arrow"
        spilled.write_parts(path, piece, _slice_of(piece, cuts), count)
        paths.append(path)
    files = [_lay_down(folder / f"{name}-{part}.arrow", spilled.read_part(paths, part)) for part in range(count)]
    for path in paths:
        path.unlink()
    return Ordered.laid_down(schema, files)


def _lay_down(path: Path, table: pyarrow.Table) -> tuple[Path, int]:
    spilled.write(path, sort_rows(table))
    return path, table.num_rows


def _cut(schema: pyarrow.Schema, pieces: Pieces, count: int) -> _Cuts:
    """Where to cut: at even distances through a sample of the first column that differs anywhere."""
    column, sample = schema.names[0], np.zeros(0)
    for column in schema.names:
        sample = np.sort(np.concatenate([_keys(_sampled(piece[column])) for piece in pieces([column])]))
        if len(sample) and sample[0] != sample[-1]:
            break
        if _differs(pieces, column):
            break
    places = np.arange(1, count) * len(sample) // count
    return _Cuts(column, sample[places])


def _differs(pieces: Pieces, column: str) -> bool:
    """Whether a column has more than one value, a missing one counted."""
    found: set[Any] = set()
    for piece in pieces([column]):
        found.update(pc.unique(piece[column]).slice(0, 2).to_pylist())
        if len(found) > 1:
            return True
    return False


def _sampled(column: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
    known = column.drop_null()
    return known.take(pyarrow.array(np.arange(0, len(known), max(1, len(known) // _SAMPLED))))


def _slice_of(piece: pyarrow.Table, cuts: _Cuts) -> NDArray[np.int64]:
    """The slice of each row; rows without a value stand in the last."""
    column = piece[cuts.column]
    part = np.full(len(column), len(cuts.firsts), np.int64)
    known = pc.is_valid(column).to_numpy() if column.null_count else slice(None)
    part[known] = np.searchsorted(cuts.firsts, _keys(column.drop_null()), side="right")
    return part


def _keys(column: pyarrow.ChunkedArray) -> NDArray[Any]:
    """Values without nulls as something that NumPy orders as Arrow does; of long texts the beginning."""
    kind = column.type
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        texts = octets(as_array(column))
        width = max(1, min(_WIDTH, int(texts.lengths.max(initial=1))))
        # NumPy pads text with NUL and leaves NUL away at the end: never the other way round than the bytes themselves.
        matrix = np.ascontiguousarray(columns(texts, width).T)
        keys: NDArray[Any] = matrix.view(f"S{width}").reshape(-1)
        return keys.astype(f"S{_WIDTH}")
    array = column.cast(pyarrow.int32()) if pyarrow.types.is_date32(kind) else column
    return np.asarray(array.cast(pyarrow.int64()).to_numpy())
