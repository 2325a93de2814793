"""Keys looked up, grouped and compared all at once: what every join of the rules stands on.

A key is one column or several, of text, whole numbers or instants without nulls. Keys are hashed to 64 bits and the
hashes are looked up; every hit is then compared value by value, so that two keys are never taken for one (ADR 0008).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from schemas.octets import as_array, octets
from schemas.remembered import remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Positions = NDArray[np.int64]
    Truths = NDArray[np.bool_]
    Words = NDArray[np.uint64]

Key: TypeAlias = Any
"""A Series or an Arrow array of text, or a list of them or a frame: the columns of a key."""

NOWHERE: Final = -1

_SEEDS: Final = range(1, 9)
_WORD: Final = 8
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_STIR: Final = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_SHIFT: Final = np.uint64(32)
_KEPT: Final = np.array([(1 << (8 * count)) - 1 for count in range(_WORD)], np.uint64)
"""Number of bytes of a word that belong to a text → mask that keeps them."""

_LOOKED_AT: Final = 1024
_INDEXES: Final = 4
"""How many columns stay indexed, and of how many more the hashes stay: a month asks the same ones again and again."""


class Groups(NamedTuple):
    """Equal keys: ``code`` of each row (n), from 0 in order of appearance; ``first``: where each code appears first."""

    code: Positions
    first: Positions

    @property
    def are_distinct(self) -> bool:
        """Whether no key comes twice."""
        return len(self.first) == len(self.code)

    @property
    def sizes(self) -> Positions:
        """How many rows each code has."""
        return np.bincount(self.code, minlength=len(self.first))

    @property
    def is_first(self) -> Truths:
        """For each row, whether its key has not come before."""
        marks = np.zeros(len(self.code), dtype=bool)
        marks[self.first] = True
        return marks

    @property
    def is_repeated(self) -> Truths:
        """For each row, whether its key comes more than once."""
        if self.are_distinct:
            return np.zeros(len(self.code), dtype=bool)
        return np.asarray(self.sizes[self.code] > 1, dtype=bool)


class _Index(NamedTuple):
    """The hashes of distinct keys, where each key stands first, and what they were hashed with."""

    hashes: pd.Index[Any]
    first: Positions
    seed: int


def positions(wanted: Key, keys: Key) -> Positions:
    """For each row of ``wanted`` (n) where it stands first in ``keys``, ``NOWHERE`` where it does not; n."""
    asked, known = _columns(wanted), _columns(keys)
    if not len(known[0]) or not len(asked[0]):
        return np.full(len(asked[0]), NOWHERE, dtype=np.int64)
    index = _index(known)
    code = index.hashes.get_indexer(pd.Index(_hash(asked, index.seed)))
    hit = np.flatnonzero(code >= 0)
    place = index.first[code[hit]]
    is_same = _are_equal(asked, hit, known, place)
    found = np.full(len(asked[0]), NOWHERE, dtype=np.int64)
    found[hit[is_same]] = place[is_same]
    return found


def among(wanted: Key, keys: Key) -> Truths:
    """For each row of ``wanted``, whether ``keys`` has it."""
    return np.asarray(positions(wanted, keys) >= 0, dtype=bool)


def group(key: Key) -> Groups:
    """The rows of a key that are equal."""
    columns = _columns(key)
    return _grouped(columns)[0]


def hashes(key: Key) -> Words:
    """A hash of 64 bits of each key: the same in every process. Two keys may share one."""
    return _hash(_columns(key), _SEEDS[0])


def taken(column: pd.Series[Any], place: Positions, missing: Any) -> pd.Series[Any]:  # noqa: ANN401 - any dtype
    """The values of ``column`` at ``place``, ``missing`` where that is ``NOWHERE``; with a new index."""
    absent = place < 0
    if not absent.any():
        return column.take(place).reset_index(drop=True)
    if not len(column):
        return pd.Series([missing] * len(place), dtype=column.dtype)
    values: pd.Series[Any] = column.take(np.where(absent, 0, place)).reset_index(drop=True)
    return values.mask(absent, missing)


def _index(columns: list[Any]) -> _Index:
    if len(columns) == 1 and isinstance(columns[0], pyarrow.Array):
        return _remembered_index(columns[0])
    return _indexed(columns)


def _indexed(columns: list[Any]) -> _Index:
    hashes = _hash(columns, _SEEDS[0])
    index = pd.Index(hashes)
    if index.is_unique:
        return _Index(index, np.arange(len(hashes)), _SEEDS[0])
    groups, hashes, seed = _grouped(columns)
    return _Index(pd.Index(hashes[groups.first]), groups.first, seed)


_remembered_index: Final[Callable[[Any], _Index]] = remembered(lambda array: _indexed([array]), _INDEXES)


def _grouped(columns: list[Any]) -> tuple[Groups, Words, int]:
    """The groups, the hashes they were found by, and the seed with which no two keys share one."""
    for seed in _SEEDS:
        hashes = _hash(columns, seed)
        code, distinct = pd.factorize(hashes)
        first = np.empty(len(distinct), dtype=np.int64)
        # Written from the last row to the first, so that the first one stays.
        first[code[::-1]] = np.arange(len(code) - 1, -1, -1)
        groups = Groups(code.astype(np.int64), first)
        others = np.flatnonzero(~groups.is_first)
        if _are_equal(columns, others, columns, first[code[others]]).all():
            return groups, hashes, seed
    message = f"{len(_SEEDS)} hashes of 64 bits did not tell the keys apart"
    raise RuntimeError(message)


def _columns(key: Key) -> list[Any]:
    """The columns of a key: text as Arrow arrays, everything else as whole numbers of 64 bits."""
    if isinstance(key, pd.DataFrame):
        return [_column(key[name]) for name in key.columns]
    return [_column(column) for column in (key if isinstance(key, list) else [key])]


def _column(column: Any) -> Any:  # noqa: ANN401 - an Arrow array, or a NumPy array
    if isinstance(column, pyarrow.Array) or column.dtype == "str":
        return as_array(column)
    is_instant = isinstance(column, pd.Series) and column.dtype.kind == "M"
    return column.array.view("int64") if is_instant else np.asarray(column, dtype=np.int64)


def _are_equal(ones: list[Any], at: Positions, others: list[Any], place: Positions) -> Truths:
    """Whether the rows ``at`` of the ones are the rows at ``place`` of the others, column by column."""
    same = np.ones(len(at), dtype=bool)
    for one, other in zip(ones, others, strict=True):
        if isinstance(one, pyarrow.Array):
            left, right = one.take(pyarrow.array(at)), other.take(pyarrow.array(place))
            same &= pc.equal(left, right).to_numpy(zero_copy_only=False)
        else:
            same &= one[at] == other[place]
    return same


def _hash(columns: list[Any], seed: int) -> Words:
    """A hash of each key."""
    whole = np.full(len(columns[0]), np.uint64(seed), dtype=np.uint64)
    for column in columns:
        if isinstance(column, pyarrow.Array):
            hashes = _remembered_hash(column) if seed == _SEEDS[0] else _hash_text(column, seed)
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
    """A hash of each text: its words of eight bytes, each stirred into those before it."""
    texts = octets(array)
    padded = np.concatenate([texts.data, np.zeros(_WORD, np.uint8)])
    lane = texts.lengths.astype(np.uint64) * _GOLDEN + np.uint64(seed)
    if len(lane) and (texts.lengths == texts.lengths[0]).all():
        return _hash_even(padded, lane, int(texts.lengths[0]))
    # A word begins at every byte.
    words = np.ndarray((padded.size - _WORD + 1,), "<u8", buffer=padded.data, strides=(1,))
    whole, left = texts.lengths >> 3, texts.lengths & (_WORD - 1)
    fewest = int(whole.min()) if whole.size else 0
    for count in range(int(whole.max(initial=0))):
        if count < fewest:
            lane = _mixed(lane, words[texts.starts + count * _WORD])
        else:
            rows = np.flatnonzero(whole > count)
            lane[rows] = _mixed(lane[rows], words[texts.starts[rows] + count * _WORD])
    return _mixed(lane, words[texts.starts + (whole << 3)] & _KEPT[left])


def _hash_even(padded: NDArray[np.uint8], lane: Words, length: int) -> Words:
    """As ``_hash_text``, of texts that are all of one length: their words stand in step."""
    whole, left = divmod(length, _WORD)
    for count in range(whole + 1):
        words = np.ndarray(lane.shape, "<u8", buffer=padded.data, offset=count * _WORD, strides=(length,))
        lane = _mixed(lane, words if count < whole else words & _KEPT[left])
    return lane


_remembered_hash: Final[Callable[[Any], Words]] = remembered(lambda array: _hash_text(array, _SEEDS[0]), 2 * _INDEXES)


def _mixed(lane: Words, words: Words) -> Words:
    """One more word in each lane."""
    lane = (lane ^ words) * _STIR[0]
    lane ^= lane >> _SHIFT
    return lane


def _stirred(lane: Words) -> Words:
    lane = lane * _STIR[1]
    lane ^= lane >> _SHIFT
    return lane
