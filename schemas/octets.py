"""Bytes of text columns as NumPy arrays, straight out of Arrow buffers: what every vectorised check stands on.

A column is a ``LargeStringArray`` of ``n`` texts; its bytes lie end to end, ``offsets`` (``n + 1``) bound them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import pyarrow

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGE_TEXT: Final = pyarrow.large_string()

TextColumn: TypeAlias = Any
"""A column of texts without nulls: a pandas Series, an Arrow array or chunked array."""


class Octets(NamedTuple):
    """The bytes of a column: ``data`` (uint8), and for each of its ``n`` texts where it starts and how long it is."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]


def as_array(column: TextColumn) -> pyarrow.LargeStringArray:
    """A text column as one Arrow array of large strings without nulls; what is one already is not copied."""
    array = column if isinstance(column, pyarrow.Array | pyarrow.ChunkedArray) else _of_series(column)
    if isinstance(array, pyarrow.ChunkedArray):
        array = whole(array)
    return array if array.type == LARGE_TEXT else array.cast(LARGE_TEXT)


def whole(column: pyarrow.ChunkedArray) -> pyarrow.Array:
    """A column as one array; what is one already is not copied."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def in_one_piece(column: pd.Series[Any], pieces: int = 1) -> pd.Series[Any]:
    """A column whose texts lie end to end; columns of other kinds, and those of few ``pieces``, as they are.

    A column of many pieces, and any that is looked up as a key, would else be put together anew each time.
    """
    if not isinstance(column.dtype, pd.StringDtype):
        return column
    texts = _of_series(column)
    if not isinstance(texts, pyarrow.ChunkedArray) or texts.num_chunks <= pieces:
        return column
    return pd.Series(texts.combine_chunks(), index=column.index, dtype="str", name=column.name)


def _of_series(column: TextColumn) -> pyarrow.ChunkedArray:
    return pyarrow.array((column if isinstance(column, pd.Series) else pd.Series(column)).array)


def octets(array: pyarrow.LargeStringArray) -> Octets:
    """The bytes of the column, without copying them."""
    _, offset_buffer, data_buffer = array.buffers()
    count = len(array)
    if offset_buffer is None or count == 0:
        return Octets(np.zeros(0, np.uint8), np.zeros(count, np.int64), np.zeros(count, np.int64))
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[array.offset : array.offset + count + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer is not None else np.zeros(0, np.uint8)
    return Octets(data[offsets[0] : offsets[-1]], offsets[:-1] - offsets[0], np.diff(offsets))


def even_length(column: Octets) -> int:
    """The length of all texts where it is one and they lie end to end; 0 where not."""
    count = column.lengths.size
    length = int(column.lengths[0]) if count else 0
    is_even = length and column.starts[-1] - column.starts[0] == (count - 1) * length
    return length if is_even and (column.lengths == length).all() else 0


def at(column: Octets, place: int) -> NDArray[np.uint8]:
    """The byte at one place of every text, from its end where ``place`` is negative; any byte of shorter texts."""
    length = even_length(column)
    if length > max(place, -place - 1):
        first = int(column.starts[0]) + place % length
        return column.data[first : first + (column.lengths.size - 1) * length + 1 : length]
    starts = column.starts if place >= 0 else column.starts + column.lengths
    return column.data.take(starts + place, mode="clip")


def from_octets(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> pyarrow.LargeStringArray:
    """The column of the texts that ``offsets`` (``n + 1``) bound in ``data``, which must be UTF-8."""
    buffers = [None, pyarrow.py_buffer(offsets.astype("<i8").tobytes()), pyarrow.py_buffer(data.tobytes())]
    return pyarrow.Array.from_buffers(LARGE_TEXT, len(offsets) - 1, buffers)


def columns(column: Octets, width: int) -> NDArray[np.uint8]:
    """The first ``width`` bytes of every text as a matrix (``width``, ``n``), padded with 0."""
    if column.lengths.size and (column.lengths == width).all():
        return np.ascontiguousarray(column.data.reshape(-1, width).T)
    matrix = np.zeros((width, column.lengths.size), np.uint8)
    if column.data.size == 0:
        return matrix
    for place in range(width):
        matrix[place] = column.data.take(column.starts + place, mode="clip") * (place < column.lengths)
    return matrix


def digits(matrix: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The digits of a matrix of ASCII bytes, and which of its columns hold nothing but the digits 0 to 9."""
    values = matrix - np.uint8(ord("0"))
    return values, np.asarray((values <= 9).all(axis=0), dtype=np.bool_)  # noqa: PLR2004 - the largest digit


def number(values: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The whole number that each column of digits (most significant first) writes; at most 18 digits."""
    total = np.zeros(values.shape[1], np.int64)
    for row in values:
        total *= 10
        total += row
    return total
