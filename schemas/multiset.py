"""A multiset of rows told by one digest, gathered block by block in constant memory (CONTRACT §4: the same multiset).

Every row is hashed to 2 x 64 bits out of its columns, eight bytes at a time, and the hashes of all rows are added up,
so that neither their order nor how they are split into blocks counts. The hash is no secret and no match for somebody
who chooses rows to deceive it: who acts on two equal digests compares the rows (``engine.landing`` does).
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.octets import as_array, octets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Found = tuple[NDArray[np.int64] | None, Words, NDArray[np.int64] | int]
    """Rows (all when None), a word of each, and the position of that word in its column."""

_WORD: Final = 8
_WORDS: Final = 1 << 13
"""Words of a text with factors of their own, a power of two; beyond them, the factors come again."""
_TOP: Final = np.uint64(56)
_FOLD: Final = np.uint64(29)
_SEEDS: Final = (0x243F6A8885A308D3, 0x13198A2E03707344)
"""Of each of the two hashes what its factors are drawn from."""
_STIR: Final = ((np.uint64(33), np.uint64(0xFF51AFD7ED558CCD)), (np.uint64(29), np.uint64(0xC4CEB9FE1A85EC53)))
_KEPT: Final = np.array([(1 << (8 * count)) - 1 for count in range(_WORD)], np.uint64)
"""Number of bytes of a word that belong to a text → mask that keeps them."""


class Multiset:
    """The rows added so far."""

    def __init__(self) -> None:
        self._rows = 0
        self._sums = [0] * 4

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
    lanes = (np.zeros(table.num_rows, np.uint64), np.zeros(table.num_rows, np.uint64))
    for place, name in enumerate(table.column_names):
        column = table[name]
        is_text = pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)
        found = _text_words(column, place) if is_text else _words_of(column)
        for rows, words, position in found:
            folded = words ^ (words >> _FOLD)
            for lane, seed in zip(lanes, _SEEDS, strict=True):
                product = folded * factors(seed, place)[position & (_WORDS - 1)]
                if rows is None:
                    np.add(lane, product, out=lane)
                else:
                    lane[rows] += product
    return stirred(lanes[0]), stirred(lanes[1])


@cache
def factors(seed: int, place: int) -> Words:
    """An odd factor for each word of a column, as good as drawn by lot."""
    numbers = np.arange(1, _WORDS + 1, dtype=np.uint64) + np.uint64(place << 32)
    return stirred(numbers * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)) | np.uint64(1)


def stirred(lane: Words) -> Words:
    """Words in whose every bit each bit of the ones given counts, which are overwritten."""
    for shift, factor in _STIR:
        lane ^= lane >> shift
        lane *= factor
    return lane ^ (lane >> np.uint64(32))


def plain_words(column: pyarrow.ChunkedArray) -> Iterator[tuple[int, Words]]:
    """The values of a column of fixed width as words, under 0; of one with nulls then under 1 which are missing."""
    array = column.combine_chunks()
    whole = array.cast(pyarrow.int32()) if pyarrow.types.is_date32(array.type) else array
    numbers = whole.cast(pyarrow.int64())
    filled = pc.fill_null(numbers, 0) if column.null_count else numbers
    yield 0, filled.to_numpy(zero_copy_only=False).view(np.uint64)
    if column.null_count:
        # A value that is there adds nothing here, so that it does not matter with which others it comes.
        yield 1, pc.is_null(array).to_numpy(zero_copy_only=False).astype(np.uint64)


def _words_of(column: pyarrow.ChunkedArray) -> Iterator[Found]:
    for position, found in plain_words(column):
        yield None, found, position


def _text_words(column: pyarrow.ChunkedArray, place: int) -> Iterator[Found]:
    """Eight bytes after eight of the texts, those first that are whole.

    The last word of a text holds less than eight; its highest byte says how many, and of which column, so that no two
    rows have the same words.
    """
    texts = octets(as_array(column))
    padded = np.concatenate([texts.data, np.zeros(_WORD, np.uint8)])
    marks = (np.arange(_WORD, dtype=np.uint64) + np.uint64(1 + _WORD * (place % 31))) << _TOP
    if (texts.lengths == texts.lengths[0]).all():
        yield from _even_words(padded, texts.lengths.size, int(texts.lengths[0]), marks)
        return
    # A word begins at every byte.
    words = np.ndarray((padded.size - _WORD + 1,), "<u8", buffer=padded.data, strides=(1,))
    whole, left = texts.lengths >> 3, texts.lengths & (_WORD - 1)
    fewest, most = int(whole.min()), int(whole.max())
    for count in range(most):
        rows = None if count < fewest else np.flatnonzero(whole > count)
        yield rows, words[(texts.starts if rows is None else texts.starts[rows]) + count * _WORD], count
    last = words[texts.starts + (whole << 3)]
    yield None, (last & _KEPT[left]) | marks[left], whole


def _even_words(padded: NDArray[np.uint8], rows: int, length: int, marks: Words) -> Iterator[Found]:
    """As ``_text_words``, of texts that are all of one length: their words stand in step."""
    whole, left = divmod(length, _WORD)
    for count in range(whole + 1):
        words = np.ndarray((rows,), "<u8", buffer=padded.data, offset=count * _WORD, strides=(length,))
        yield None, words if count < whole else (words & _KEPT[left]) | marks[left], count
