"""At which places rows stand in canonical order: by all columns from first to last, nulls last (0053).

Arrow compares two rows at a time, text by text. Here the bits in which rows differ are packed into one whole number a
row, which is sorted as such; what is alike in it is packed again from there on, and the few that stay alike are left to
Arrow. Identifiers begin alike, and of their digits half the bits are always the same: one or two numbers tell most.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.octets import as_array, octets
from schemas.words import WIDTH, leading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Rows = NDArray[np.int64]

_MANY: Final = 1 << 12
"""Rows alike for which it is worth looking at what follows; fewer are left to Arrow."""

_DEEPEST: Final = 32
"""How often that is looked for. Texts that go on alike for longer are left to Arrow."""

_BITS: Final = 64
_SHORT: Final = 16
_SAMPLED: Final = 1 << 10
_FEW: Final = 64
_SIGN: Final = np.uint64(1 << 63)


class _Place(NamedTuple):
    """A word of a column, counted from its first."""

    column: int
    word: int


def in_order(table: pyarrow.Table) -> Rows:
    """The places at which the rows stand in order. Rows alike in all columns may stand either way round."""
    every = np.arange(table.num_rows)
    if table.num_rows < _MANY or not all(map(_is_plain, table.schema.types)):
        return every[_by_arrow(table)]
    return _Sorting(table).sorted(every, _Place(0, 0), 0)


def _is_plain(kind: pyarrow.DataType) -> bool:
    types = pyarrow.types
    known = (types.is_string, types.is_large_string, types.is_signed_integer, types.is_boolean)
    return any(is_one(kind) for is_one in (*known, types.is_date32, types.is_timestamp))


def _by_arrow(table: pyarrow.Table) -> Rows:
    keys = [(place, "ascending") for place in range(table.num_columns)]
    named = table.rename_columns([str(place) for place, _ in keys])
    return np.asarray(pc.sort_indices(named, sort_keys=[(str(place), order) for place, order in keys]), np.int64)


class _Sorting:
    """The rows of one table while they are put in order."""

    def __init__(self, table: pyarrow.Table) -> None:
        self._table = table
        self._columns = [_Column(table[place]) for place in range(table.num_columns)]

    def sorted(self, rows: Rows, begin: _Place, depth: int) -> Rows:
        """These rows, ascending and alike in all words before ``begin``, in order."""
        key, bits, end = self._key(rows, begin)
        if key is None:
            return rows
        # Of short numbers an order is found by counting, and it leaves rows alike ascending.
        is_short = bits <= _SHORT
        order = np.argsort(key.astype(np.uint16), kind="stable") if is_short else np.argsort(key)
        placed, key = rows[order], key[order]
        bounds = np.concatenate([[0], np.flatnonzero(key[1:] != key[:-1]) + 1, [len(rows)]])
        sizes = np.diff(bounds)
        is_many = sizes >= (_MANY if depth < _DEEPEST else len(rows) + 1)
        for start, size in zip(bounds[:-1][is_many].tolist(), sizes[is_many].tolist(), strict=True):
            alike = placed[start : start + size]
            # What lies together is read together.
            placed[start : start + size] = self.sorted(alike if is_short else np.sort(alike), end, depth + 1)
        self._place_few(placed, np.repeat(np.where(is_many, 1, sizes), sizes) > 1, sizes, end.column)
        return placed

    def _place_few(self, placed: Rows, is_alike: NDArray[np.bool_], sizes: Rows, column: int) -> None:
        """Put in order what is alike and of few rows, each run of rows by itself."""
        at = np.flatnonzero(is_alike)
        if not len(at) or column == self._table.num_columns:
            return
        run = np.repeat(np.arange(len(sizes)), sizes)[at]
        rows = self._table.select(range(column, self._table.num_columns)).take(pyarrow.array(placed[at]))
        placed[at] = placed[at][_by_arrow(rows.add_column(0, "run", pyarrow.array(run)))]

    def _key(self, rows: Rows, begin: _Place) -> tuple[Words | None, int, _Place]:
        """What tells the rows apart from ``begin`` on, as far as it fits into a number; its bits, and what follows it.

        None where nothing does. Where a column tells any apart, the next one is not looked at; where the first bits
        make few groups, nothing behind them: what differs within a group is less, and fits better.
        """
        key: Words | None = None
        bits = 0
        for column in range(begin.column, len(self._columns)):
            first = begin.word if column == begin.column else 0
            for place, word in enumerate(self._columns[column].words(rows, first), first):
                windows = _windows(int(np.bitwise_or.reduce(word ^ word[0])))
                more = sum(width for _, width in windows)
                if bits + more > _BITS:
                    return key, bits, _Place(column, place)
                if windows:
                    key, bits = _packed(key, word, windows), bits + more
                if key is not None and bits == more > _SHORT and _is_coarse(key, bits):
                    return key >> np.uint64(bits - _SHORT), _SHORT, _Place(column, place)
            if key is not None:
                return key, bits, _Place(column + 1, 0)
        return key, bits, _Place(len(self._columns), 0)


class _Column:
    """A column as words of 64 bits, of which the first that differ tell which of two rows comes first."""

    def __init__(self, column: pyarrow.ChunkedArray) -> None:
        self._column = column

    def words(self, rows: Rows, first: int) -> Iterator[Words]:
        """Of these rows the words from the ``first`` on: whether there is a value, then the value."""
        if not first:
            yield self._missing[rows] if self._column.null_count else np.zeros(len(rows), np.uint64)
        if self._numbers is not None:
            yield self._numbers[rows]
            return
        texts = self._texts._replace(starts=self._texts.starts[rows], lengths=self._texts.lengths[rows])
        count = -(-int(texts.lengths.max(initial=0)) // WIDTH)
        for place in range(max(first - 1, 0), count):
            yield leading(texts, place * WIDTH)
        # Of two texts that are alike but for NULs at the end of one.
        if first <= count + 1:
            yield texts.lengths.astype(np.uint64)

    @cached_property
    def _missing(self) -> Words:
        return np.asarray(self._column.is_null().to_numpy(), np.uint64)

    @cached_property
    def _numbers(self) -> Words | None:
        kind = self._column.type
        if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
            return None
        plain = self._column.cast(pyarrow.int32()) if pyarrow.types.is_date32(kind) else self._column
        values = pc.fill_null(plain.cast(pyarrow.int64()), 0).to_numpy()
        return np.asarray(values.view(np.uint64) ^ _SIGN)

    @cached_property
    def _texts(self) -> Any:  # noqa: ANN401 - the bytes of a column
        return octets(as_array(pc.fill_null(self._column, "") if self._column.null_count else self._column))


def _is_coarse(key: Words, bits: int) -> bool:
    """Whether the first bits alone make few groups of the rows, as far as some rows tell."""
    sample = key[:: max(1, len(key) // _SAMPLED)] >> np.uint64(bits - _SHORT)
    return len(np.unique(sample)) <= _FEW


def _windows(varying: int) -> list[tuple[int, int]]:
    """Of each byte, first to last, in which one of these bits stands: where they begin, and how many they span."""
    found = []
    for shift in range(_BITS - 8, -1, -8):
        byte = (varying >> shift) & 0xFF
        if byte:
            low = (byte & -byte).bit_length() - 1
            found.append((shift + low, byte.bit_length() - low))
    return found


def _packed(key: Words | None, word: Words, windows: list[tuple[int, int]]) -> Words:
    """A key with these bits of a word behind it."""
    found = np.zeros(len(word), np.uint64) if key is None else key
    for shift, width in windows:
        bits = (word >> np.uint64(shift)) & np.uint64((1 << width) - 1)
        found = (found << np.uint64(width)) | bits
    return found
