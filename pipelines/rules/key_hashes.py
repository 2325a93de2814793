"""Hashes of 64 bits of keys, column by column: what rows are looked up by before they are compared (ADR 0008)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.octets import octets
from schemas.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Positions = NDArray[np.int64]
    Words = NDArray[np.uint64]

SEEDS: Final = range(1, 9)
_WORD: Final = 8
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_STIR: Final = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_SHIFT: Final = np.uint64(32)
_KEPT: Final = np.array([(1 << (8 * count)) - 1 for count in range(_WORD)], np.uint64)
"""Number of bytes of a word that belong to a text → mask that keeps them."""

_LOOKED_AT: Final = 1024
_AT_ONCE: Final = 1 << 14
"""Texts hashed at once: what is done with their words stays in the memory next to the processor."""

_REMEMBERED: Final = 8
"""Of how many columns the hashes stay: a month asks the same ones again and again."""


def hashed(columns: list[Any], seed: int) -> Words:
    """A hash of each key."""
    whole = np.full(len(columns[0]), np.uint64(seed), dtype=np.uint64)
    for column in columns:
        if isinstance(column, pyarrow.Array):
            hashes = _remembered_hash(column) if seed == SEEDS[0] else _hash_text(column, seed)
            whole = _stirred(whole * _GOLDEN + hashes)
        else:
            whole = _stirred(whole * _GOLDEN + column.view(np.uint64))
    return whole


def _hash_text(array: pyarrow.LargeStringArray, seed: int) -> Words:
    """A hash of each text. Where the same text stands in row after row, as a file's name does, it is hashed once."""
    if not _is_monotonous(array):
        return _hash_words(array, seed)
    begins = np.flatnonzero(np.append(True, pc.not_equal(array[1:], array[:-1]).to_numpy(zero_copy_only=False)))
    hashes = _hash_words(array.take(pyarrow.array(begins)), seed)
    return np.repeat(hashes, np.diff(np.append(begins, len(array))))


def _is_monotonous(array: pyarrow.LargeStringArray) -> bool:
    """Whether in most of some rows the text of the row before stands again."""
    some = array[: _LOOKED_AT + 1]
    if len(some) <= _LOOKED_AT:
        return False
    return int(pc.sum(pc.equal(some[1:], some[:-1])).as_py()) > _LOOKED_AT // 2


def _hash_words(array: pyarrow.LargeStringArray, seed: int) -> Words:
    """A hash of each text: its words of eight bytes, each stirred into those before it; some rows at a time."""
    texts = octets(array)
    lane = texts.lengths.astype(np.uint64) * _GOLDEN + np.uint64(seed)
    # The words of the last texts may reach beyond the end, where there must be zeros to read.
    last = int(np.searchsorted(texts.starts, texts.data.size - texts.lengths.max(initial=0) - _WORD))
    for begin in range(0, last, _AT_ONCE):
        rows = slice(begin, min(begin + _AT_ONCE, last))
        _stir_words(lane[rows], texts.data, texts.starts[rows], texts.lengths[rows])
    if last < len(lane):
        first = int(texts.starts[last])
        padded = np.append(texts.data[first:], np.zeros(_WORD, np.uint8))
        _stir_words(lane[last:], padded, texts.starts[last:] - first, texts.lengths[last:])
    return lane


def _stir_words(lane: Words, data: NDArray[np.uint8], starts: Positions, lengths: Positions) -> None:
    """Stir the words of each text into its lane."""
    whole, left = lengths >> 3, lengths & (_WORD - 1)
    fewest, most = int(whole.min()), int(whole.max())
    if fewest == most and (left == left[0]).all():
        _stir_even(lane, data[int(starts[0]) :], int(lengths[0]))
        return
    # A word begins at every byte.
    words = np.ndarray((data.size - _WORD + 1,), "<u8", buffer=data.data, strides=(1,))
    for count in range(most):
        if count < fewest:
            _mix(lane, words[starts + count * _WORD])
        else:
            rows = np.flatnonzero(whole > count)
            mixed = lane[rows]
            _mix(mixed, words[starts[rows] + count * _WORD])
            lane[rows] = mixed
    _mix(lane, words[starts + (whole << 3)] & _KEPT[left])


def _stir_even(lane: Words, data: NDArray[np.uint8], length: int) -> None:
    """As ``_stir_words``, of texts that are all of one length: their words stand in step."""
    whole, left = divmod(length, _WORD)
    for count in range(whole + 1):
        words = np.ndarray(lane.shape, "<u8", buffer=data.data, offset=count * _WORD, strides=(length,))
        _mix(lane, words if count < whole else words & _KEPT[left])


_remembered_hash: Final[Callable[[Any], Words]] = remembered(lambda array: _hash_text(array, SEEDS[0]), _REMEMBERED)


def _mix(lane: Words, words: Words) -> None:
    """One more word in each lane."""
    lane ^= words
    lane *= _STIR[0]
    lane ^= lane >> _SHIFT


def _stirred(lane: Words) -> Words:
    lane = lane * _STIR[1]
    lane ^= lane >> _SHIFT
    return lane
