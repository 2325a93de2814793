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

from pipelines.rules import origins
from pipelines.rules.key_hashes import SEEDS, hashed
from schemas.octets import as_array
from schemas.remembered import address, remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Positions = NDArray[np.int64]
    Truths = NDArray[np.bool_]
    Words = NDArray[np.uint64]

Key: TypeAlias = Any
"""A Series or an Arrow array of text, or a list of them or a frame: the columns of a key."""

NOWHERE: Final = origins.NOWHERE

_FOLLOWED: Final = 4
"""Of how many times as many rows it is worth while to look up all, in order to know where some stand."""

_WORTH: Final = 64
"""An answer about fewer rows is not remembered."""

_INDEXES: Final = 4
"""How many columns stay indexed: a month asks the same ones again and again."""


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
    is_distinct: bool


def positions(wanted: Key, keys: Key) -> Positions:
    """For each row of ``wanted`` (n) where it stands first in ``keys``, ``NOWHERE`` where it does not; n."""
    asked, known = _columns(wanted), _columns(keys)
    if not len(known[0]) or not len(asked[0]):
        return np.full(len(asked[0]), NOWHERE, dtype=np.int64)
    if len(asked) == 1 and isinstance(asked[0], pyarrow.Array):
        return _followed(asked[0], known[0])
    return _looked_up(asked, known)


def _followed(asked: pyarrow.Array, known: pyarrow.Array) -> Positions:
    """As ``positions``, of one column of text: by where it was taken from, where that is known."""
    origin = origins.origin(asked)
    if origin is not None and _is_worth(origin):
        places = origins.answer(origin.base, known, _place)
        missing = _looked_up([pyarrow.array([origin.missing], known.type)], [known])
        return np.append(places, missing)[origin.place]
    return origins.answer(asked, known, _place) if len(asked) >= _WORTH else _place(asked, known)


def _place(asked: pyarrow.Array, known: pyarrow.Array) -> Positions:
    """As ``positions``, of one column of text of which it is not known where it was taken from."""
    origin = origins.origin(known)
    if origin is not None and _is_worth(origin):
        is_turned = address(origin.base) == address(asked) or origins.is_answered(origin.base, asked)
        if is_turned and _remembered_index(asked).is_distinct:
            # Where the known ones stand among those asked for was asked before: turned round, it is the answer.
            return _turned(_followed(known, asked), len(asked))
    if address(asked) == address(known) and _remembered_index(known).is_distinct:
        return np.arange(len(asked))
    return _looked_up([asked], [known])


def _is_worth(origin: origins.Origin) -> bool:
    return len(origin.base) <= _FOLLOWED * len(origin.column)


def _turned(places: Positions, number: int) -> Positions:
    """For each of so many rows the first place that points to it."""
    found = np.full(number + 1, NOWHERE, dtype=np.int64)
    found[places[::-1]] = np.arange(len(places) - 1, -1, -1)
    return found[:number]


def _looked_up(asked: list[Any], known: list[Any]) -> Positions:
    index = _index(known)
    code = index.hashes.get_indexer(pd.Index(hashed(asked, index.seed)))
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


def are_distinct(column: Key) -> bool:
    """Whether no text of a column comes twice."""
    return _remembered_index(as_array(column)).is_distinct


def hashes(key: Key) -> Words:
    """A hash of 64 bits of each key: the same in every process. Two keys may share one."""
    return hashed(_columns(key), SEEDS[0])


def taken(column: pd.Series[Any], place: Positions, missing: Any) -> pd.Series[Any]:  # noqa: ANN401 - any dtype
    """The values of ``column`` at ``place``, ``missing`` where that is ``NOWHERE``; with a new index."""
    absent = place < 0
    if not absent.any():
        return column.take(place).reset_index(drop=True)
    if not len(column):
        return pd.Series([missing] * len(place), dtype=column.dtype)
    values: pd.Series[Any] = column.take(np.where(absent, 0, place)).reset_index(drop=True)
    return values.mask(absent, missing)


def key_taken(column: pd.Series[Any], place: Positions, missing: str = "") -> pd.Series[Any]:
    """As ``taken``, of a column of text that will be asked where it stands: from where it was taken is remembered."""
    found = taken(column, place, missing)
    origins.note(as_array(found), as_array(column), place, missing)
    return found


def kept(rows: pd.DataFrame, is_kept: Truths, *key: str) -> pd.DataFrame:
    """Some of the rows, with a new index; of the columns of ``key`` it is remembered where they were taken from."""
    if is_kept.all():
        return rows.reset_index(drop=True)
    return rows_taken(rows, np.flatnonzero(is_kept), *key)


def rows_taken(rows: pd.DataFrame, place: Positions, *key: str) -> pd.DataFrame:
    """As ``kept``, of the rows at these places, in their order."""
    chosen = rows.take(place).reset_index(drop=True)
    for name in key:
        origins.note(as_array(chosen[name]), as_array(rows[name]), place)
    return chosen


def _index(columns: list[Any]) -> _Index:
    if len(columns) == 1 and isinstance(columns[0], pyarrow.Array):
        return _remembered_index(columns[0])
    return _indexed(columns)


def _indexed(columns: list[Any]) -> _Index:
    hashes = hashed(columns, SEEDS[0])
    index = pd.Index(hashes)
    if index.is_unique:
        return _Index(index, np.arange(len(hashes)), SEEDS[0], is_distinct=True)
    groups, hashes, seed = _grouped(columns)
    return _Index(pd.Index(hashes[groups.first]), groups.first, seed, is_distinct=groups.are_distinct)


_remembered_index: Final[Callable[[Any], _Index]] = remembered(lambda array: _indexed([array]), _INDEXES)


def _grouped(columns: list[Any]) -> tuple[Groups, Words, int]:
    """The groups, the hashes they were found by, and the seed with which no two keys share one."""
    for seed in SEEDS:
        hashes = hashed(columns, seed)
        code, distinct = pd.factorize(hashes)
        first = np.empty(len(distinct), dtype=np.int64)
        # Written from the last row to the first, so that the first one stays.
        first[code[::-1]] = np.arange(len(code) - 1, -1, -1)
        groups = Groups(code.astype(np.int64), first)
        others = np.flatnonzero(~groups.is_first)
        if _are_equal(columns, others, columns, first[code[others]]).all():
            return groups, hashes, seed
    message = f"{len(SEEDS)} hashes of 64 bits did not tell the keys apart"
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
