"""Where to cut the rows of a table into slices by their first telling column, and which slice each row is of (0038)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.octets import as_array, octets
from schemas.words import WIDTH, leading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from schemas.octets import Octets

    Pieces = Callable[[Sequence[str] | None], Iterator[pyarrow.Table]]
    """Gives the rows of a table piece by piece, with these columns or all."""

_WORDS: Final = 8
"""Words of a text by which rows are told apart; texts that begin alike with more lie in one slice."""

_SAMPLED: Final = 1 << 10
"""Rows of each piece that are looked at to find where to cut."""


class Cuts(NamedTuple):
    """The column by which rows are cut, and its smallest value in each slice but the first."""

    column: str
    firsts: NDArray[Any]


def cut(schema: pyarrow.Schema, pieces: Pieces, count: int) -> Cuts:
    """Where to cut: at even distances through a sample of the first column that differs anywhere."""
    column, sample = schema.names[0], np.zeros(0)
    for column in schema.names:
        sample = np.sort(np.concatenate([_keys(_sampled(piece[column])) for piece in pieces([column])]))
        if len(sample) and sample[0] != sample[-1]:
            break
        if _differs(pieces, column):
            break
    places = np.arange(1, count) * len(sample) // count
    return Cuts(column, sample[places])


def slice_of(piece: pyarrow.Table, cuts: Cuts) -> NDArray[np.int64]:
    """The slice of each row; rows without a value stand in the last."""
    column = piece[cuts.column]
    part = np.full(len(column), len(cuts.firsts), np.int64)
    known = pc.is_valid(column).to_numpy() if column.null_count else slice(None)
    values = column.drop_null()
    if cuts.firsts.dtype.kind == "S":
        part[known] = _behind(_words(cuts.firsts), octets(as_array(values)), 0)
    else:
        part[known] = np.searchsorted(cuts.firsts, _keys(values), side="right")
    return part


def _words(keys: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """Keys of text as they were before NumPy took them for one: a row of words each."""
    return keys.view(">u8").reshape(len(keys), _WORDS).astype(np.uint64)


def _behind(firsts: NDArray[np.uint64], texts: Octets, word: int) -> NDArray[np.int64]:
    """How many of ``firsts``, which ascend, are not above each text; all are alike in the words before ``word``.

    One word tells nearly all; of the few texts that have it in common with some of the firsts, the next one does.
    """
    values = leading(texts, word * WIDTH)
    found = np.searchsorted(firsts[:, word], values, side="right")
    if word + 1 == _WORDS:
        return found
    begin = np.searchsorted(firsts[:, word], values, side="left")
    alike = np.flatnonzero(begin < found)
    for start in np.unique(begin[alike]).tolist():
        rows = alike[begin[alike] == start]
        same = texts._replace(starts=texts.starts[rows], lengths=texts.lengths[rows])
        found[rows] = start + _behind(firsts[start : int(found[rows[0]])], same, word + 1)
    return found


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


def _keys(column: pyarrow.ChunkedArray) -> NDArray[Any]:
    """Values without nulls as something that NumPy orders as Arrow does; of long texts the beginning."""
    kind = column.type
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        texts = octets(as_array(column))
        count = min(_WORDS, -(-int(texts.lengths.max(initial=1)) // WIDTH))
        matrix = np.zeros((len(texts.lengths), _WORDS), ">u8")
        for place in range(count):
            matrix[:, place] = leading(texts, place * WIDTH)
        # NumPy leaves NUL away at the end of a text: never the other way round than the bytes themselves.
        keys: NDArray[Any] = matrix.view(f"S{_WORDS * WIDTH}").reshape(-1)
        return keys
    array = column.cast(pyarrow.int32()) if pyarrow.types.is_date32(kind) else column
    return np.asarray(array.cast(pyarrow.int64()).to_numpy())
