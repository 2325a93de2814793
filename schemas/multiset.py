"""A multiset of rows told by one digest, gathered block by block in constant memory (CONTRACT §4: the same multiset).

Every row is hashed to 2 x 64 bits out of its columns, eight bytes at a time, and the hashes of all rows are added up,
so that neither their order nor how they are split into blocks counts. The hash is no secret and no match for somebody
who chooses rows to deceive it: who acts on two equal digests compares the rows (``engine.landing`` does).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.octets import as_array, octets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

_WORD: Final = 8
_LANES: Final = ((0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93), (0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD))
"""Of each of the two hashes the start and the (odd) factor."""
_SHIFT: Final = np.uint64(32)
_TOP: Final = np.uint64(56)
_KEPT: Final = np.array([(1 << (8 * count)) - 1 for count in range(_WORD)], np.uint64)
"""Number of bytes of a word that belong to a text → mask that keeps them."""


class Multiset:
    """The rows added so far."""

    def __init__(self) -> None:
        self._rows = 0
        self._sums = [0] * (2 * len(_LANES))

    def add(self, table: pyarrow.Table) -> None:
        """Add every row of ``table``; all tables added have the same columns in the same order."""
        self._rows += table.num_rows
        if not table.num_rows:
            return
        hashes = hashes_of(table)
        for place, words in enumerate(
            (*hashes, hashes[0] * (hashes[1] | np.uint64(1)), hashes[0] ^ hashes[1] * hashes[1])
        ):
            self._sums[place] = (self._sums[place] + int(words.sum(dtype=np.uint64))) % (1 << 64)

    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the number of rows and the sums of their hashes; empty where there are none."""
        if not self._rows:
            return ""
        said = " ".join(str(number) for number in (self._rows, *self._sums))
        return hashlib.sha256(said.encode()).hexdigest()


def hashes_of(table: pyarrow.Table) -> tuple[Words, Words]:
    """Two hashes of every row of ``table`` (``n`` each), by its values alone, not by how they are chunked."""
    lanes = tuple(np.full(table.num_rows, start, np.uint64) for start, _ in _LANES)
    for place, name in enumerate(table.column_names):
        column = table[name]
        is_text = pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)
        for rows, words in _text_words(column, place) if is_text else _plain_words(column):
            for lane, (_, factor) in zip(lanes, _LANES, strict=True):
                _mix(lane, rows, words, np.uint64(factor))
    return lanes[0], lanes[1]


def _mix(lane: Words, rows: NDArray[np.int64] | None, words: Words, factor: np.uint64) -> None:
    mixed = (lane if rows is None else lane[rows]) ^ words
    mixed *= factor
    mixed ^= mixed >> _SHIFT
    if rows is None:
        lane[:] = mixed
    else:
        lane[rows] = mixed


def _plain_words(column: pyarrow.ChunkedArray) -> Iterator[tuple[None, Words]]:
    """The values of a column of fixed width as words; of one with nulls first which are there."""
    array = column.combine_chunks()
    whole = array.cast(pyarrow.int32()) if pyarrow.types.is_date32(array.type) else array
    numbers = pc.fill_null(whole.cast(pyarrow.int64()), 0).to_numpy(zero_copy_only=False)
    if column.null_count:
        yield None, pc.is_valid(array).to_numpy(zero_copy_only=False).astype(np.uint64)
    yield None, numbers.view(np.uint64)


def _text_words(column: pyarrow.ChunkedArray, place: int) -> Iterator[tuple[NDArray[np.int64] | None, Words]]:
    """Eight bytes after eight of the rows (all when None) that have them.

    The last word of a text holds less than eight; its highest byte says how many, and of which column, so that no two
    rows have the same words.
    """
    texts = octets(as_array(column))
    padded = np.concatenate([texts.data, np.zeros(_WORD, np.uint8)])
    # A word begins at every byte.
    words = np.ndarray((padded.size - _WORD + 1,), "<u8", buffer=padded.data, strides=(1,))
    marks = (np.arange(_WORD, dtype=np.uint64) + np.uint64(1 + _WORD * (place % 31))) << _TOP
    shortest, longest = int(texts.lengths.min()), int(texts.lengths.max())
    for first in range(0, longest + 1, _WORD):
        rows = None if shortest >= first else np.flatnonzero(texts.lengths >= first)
        starts, rest = (texts.starts, texts.lengths) if rows is None else (texts.starts[rows], texts.lengths[rows])
        found = words[starts + first]
        rest = rest - first
        if rest.min() < _WORD:
            last = rest < _WORD if rest.max() >= _WORD else slice(None)
            found[last] = (found[last] & _KEPT[rest[last]]) | marks[rest[last]]
        yield rows, found
