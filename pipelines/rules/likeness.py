"""Which written texts are nearly a key: one character off, two swapped, look-alikes, cut off at the end (CONTRACT §7).

Both sides are columns of distinct texts of ``[A-Z0-9]``. Two texts that are one error apart (a wrong, missing or
surplus character, two neighbours swapped) are equal once at most one character of each is left out; so the written
texts, far fewer than keys can be, put the hashes of all their shortened forms into a table, and the keys stream past
it one left-out place at a time. Every pair so found is compared character by character: a hash decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules.crowds import SHARED_BY_MOST
from schemas.octets import TextColumn, as_array, columns, octets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Places = NDArray[np.int64]
    Matrix = NDArray[np.uint8]
    _Comparison = Callable[["_Texts", "_Texts", Places, Places], pd.DataFrame]

LONGEST: Final = 61
"""The longest line, and one surplus character."""

SHORTEST_BEGINNING: Final = 8
"""A shorter beginning of a line tells nothing."""

UNWRITTEN: Final = "\x01"
"""Stands in a key for an Ñ, which is two bytes and no character of a token."""

PAIR: Final = ["written", "key", "kind", "place", "wrote", "meant"]
"""Positions in both columns; the kind of difference, its place from 1, the characters there as bytes (0 for none)."""

WRONG, MISSING, SURPLUS, SWAPPED, CUT, LOOKS = range(6)
"""Kinds of difference. Of ``CUT``, ``place`` is the length written and ``meant`` the whole; ``LOOKS`` has no place."""

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_MIXER: Final = np.uint64(0xD6E8FEB86659FD93)
_POWERS: Final = np.concatenate([np.ones(1, np.uint64), np.cumprod(np.full(LONGEST, _BASE))])
_LOOKS: Final = np.arange(256, dtype=np.uint8)
_LOOKS[list(b"OI")] = list(b"01")
_AT_ONCE: Final = 1 << 20
"""Pairs compared at once: what bounds the memory of a comparison."""


class _Table(NamedTuple):
    """Hashes in order, each once, with whose they are, and a filter that most foreign hashes do not pass.

    The owners of ``hashes[i]`` stand in ``owner`` from ``bounds[i]`` to ``bounds[i + 1]``.
    """

    hashes: Hashes
    bounds: Places
    owner: Places
    filter: NDArray[np.bool_]
    shift: np.uint64

    @classmethod
    def of(cls, hashes: Hashes, owner: Places) -> _Table:
        bits = min(26, max(10, int(hashes.size).bit_length() + 4))
        shift = np.uint64(64 - bits)
        passes = np.zeros(1 << bits, np.bool_)
        passes[(hashes * _MIXER) >> shift] = True
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: ordered.size])
        return cls(ordered[first], np.append(first, ordered.size), owner[order], passes, shift)

    def find(self, asked: Hashes) -> tuple[Places, Places]:
        """Every pair of a position in ``asked`` and an owner of the same hash."""
        maybe = np.flatnonzero(self.filter[(asked * _MIXER) >> self.shift])
        place = np.searchsorted(self.hashes, asked[maybe])
        place = np.where(place < self.hashes.size, place, 0)
        is_met = np.flatnonzero(self.hashes[place] == asked[maybe]) if self.hashes.size else place
        maybe, place = maybe[is_met], place[is_met]
        first = self.bounds[place]
        number = self.bounds[place + 1] - first
        return np.repeat(maybe, number), self.owner[expand(first, number)]


def expand(first: Places, number: Places) -> Places:
    """``first[0], first[0] + 1, …`` (``number[0]`` of them), then those of ``first[1]``, and so on."""
    ends = np.cumsum(number)
    return np.arange(ends[-1] if ends.size else 0) + np.repeat(first - ends + number, number)


def in_order(numbers: Places) -> Places:
    """Each number once, in order; by sorting, which is many times faster here than ``np.unique`` and its hashes."""
    ordered = np.sort(numbers)
    first = np.ones(ordered.size, np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def one_error(written: TextColumn, keys: TextColumn) -> pd.DataFrame:
    """``PAIR`` of each written text and key that a single error tells apart: not ``CUT`` and not ``LOOKS``."""
    left, right = _matrix(written), _matrix(keys)
    found = [_one_error_at(left, right, int(length)) for length in np.unique(right.lengths[right.lengths > 1])]
    return pd.concat([_pairs(), *found], ignore_index=True)


def look_alikes(written: TextColumn, keys: TextColumn) -> pd.DataFrame:
    """``PAIR`` of each written text and key that differ only by O for 0, I for 1 or the other way round."""
    left, right = _matrix(written), _matrix(keys)
    folded_left, folded_right = _LOOKS[left.bytes], _LOOKS[right.bytes]
    table = _Table.of(_whole(folded_left), np.arange(left.lengths.size))
    key, text = table.find(_whole(folded_right))
    alike = (folded_left[:, text] == folded_right[:, key]).all(axis=0)
    differs = (left.bytes[:, text] != right.bytes[:, key]).any(axis=0)
    return _pairs(text[alike & differs], key[alike & differs], LOOKS)


class Begun(NamedTuple):
    """Pairs, and the crowds they are in: the keys of one ``key_group`` that begin with one ``written`` text.

    ``crowd`` of each pair is the row of its crowd; ``number``: how many keys each crowd has, as far as hashes tell.
    """

    pairs: pd.DataFrame
    crowds: pd.DataFrame


def beginnings(written: TextColumn, keys: TextColumn, groups: Places) -> Begun:
    """``PAIR`` of each written text and each longer key that begins with it, unless too many of one group do.

    ``groups`` gives the group of each key, as a whole number from 0. All crowds are told, those of no pair too.
    """
    left, right = _matrix(written), _matrix(keys)
    hashes = np.zeros(right.lengths.size, np.uint64)
    found = [Begun(_pairs().assign(crowd=0), pd.DataFrame({"written": [], "key_group": [], "number": []}))]
    for length in range(1, LONGEST):
        hashes += right.bytes[length - 1] * _POWERS[length - 1]
        texts = np.flatnonzero(left.lengths == length)
        if length >= SHORTEST_BEGINNING and texts.size:
            found.append(_begun(left, right, texts, np.flatnonzero(right.lengths > length), hashes, groups))
    before = np.cumsum([0, *(len(some.crowds) for some in found)])
    pairs = [some.pairs.assign(crowd=some.pairs["crowd"] + more) for some, more in zip(found, before, strict=False)]
    crowds = pd.concat([some.crowds for some in found], ignore_index=True).astype("int64")
    return Begun(pd.concat(pairs, ignore_index=True), crowds)


class _Texts(NamedTuple):
    """Texts as a matrix (``LONGEST``, number) of bytes, padded with 0, and their lengths."""

    bytes: Matrix
    lengths: Places


def _matrix(texts: TextColumn) -> _Texts:
    held = octets(as_array(texts))
    if held.lengths.size and (held.lengths == held.lengths[0]).all():
        whole = np.zeros((LONGEST, held.lengths.size), np.uint8)
        whole[: held.lengths[0]] = columns(held, int(held.lengths[0]))[:LONGEST]
        return _Texts(whole, held.lengths)
    return _Texts(columns(held, LONGEST), held.lengths)


def _pairs(
    written: Places | None = None,
    key: Places | None = None,
    kind: Places | int = 0,
    place: Places | int = 0,
    wrote: Matrix | int = 0,
    meant: Matrix | int = 0,
) -> pd.DataFrame:
    nothing = np.zeros(0, np.int64)
    columns_of = (nothing if written is None else written, nothing if key is None else key, kind, place, wrote, meant)
    kinds = ("int32", "int32", "int8", "int16", "uint8", "uint8")
    return pd.DataFrame(dict(zip(PAIR, columns_of, strict=True))).astype(dict(zip(PAIR, kinds, strict=True)))


def _whole(matrix: Matrix) -> Hashes:
    total = np.zeros(matrix.shape[1], np.uint64)
    for place, row in enumerate(matrix):
        total += row * _POWERS[place]
    return total


def _shortened(matrix: Matrix) -> Iterator[Hashes]:
    """Hashes of the texts (all as long as the matrix is high) without their first character, their second and so on."""
    total = _whole(matrix[1:])
    yield total
    for place in range(len(matrix) - 1):
        step = matrix[place].astype(np.uint64) - matrix[place + 1].astype(np.uint64)
        total = total + step * _POWERS[place]
        yield total


def _one_error_at(left: _Texts, right: _Texts, length: int) -> pd.DataFrame:
    """The pairs of the keys of one length."""
    chosen = np.flatnonzero(right.lengths == length)
    shorter, same, longer = (np.flatnonzero(left.lengths == length + more) for more in (-1, 0, 1))
    keys = right.bytes[:length, chosen]
    found = [_pairs()]
    if shorter.size or same.size:
        hashes, owner = _all_shortened(left.bytes[:length, same], same)
        whole = _whole(left.bytes[: length - 1, shorter])
        table = _Table.of(np.concatenate([hashes, whole]), np.concatenate([owner, shorter]))
        met = [table.find(asked) for asked in _shortened(keys)]
        key, text = _once(np.concatenate([pair[0] for pair in met]), np.concatenate([pair[1] for pair in met]))
        key = chosen[key]
        is_same = left.lengths[text] == length
        found += [
            _compare(left, right, text[is_same], key[is_same], _same_length),
            _compare(left, right, text[~is_same], key[~is_same], _one_missing),
        ]
    if longer.size:
        key, text = _once(*_Table.of(*_all_shortened(left.bytes[: length + 1, longer], longer)).find(_whole(keys)))
        found.append(_compare(left, right, text, chosen[key], _one_surplus))
    return pd.concat(found)


def _all_shortened(matrix: Matrix, owner: Places) -> tuple[Hashes, Places]:
    hashes = np.concatenate([*_shortened(matrix)])
    return hashes, np.tile(owner, len(matrix))


def _once(key: Places, text: Places) -> tuple[Places, Places]:
    """Each pair once, in order."""
    both = in_order(key << 32 | text)
    return both >> 32, both & 0xFFFFFFFF


def _compare(left: _Texts, right: _Texts, text: Places, key: Places, compare: _Comparison) -> pd.DataFrame:
    """The pairs that ``compare`` finds one error apart, a bounded number at a time."""
    return pd.concat(
        [
            compare(left, right, text[start : start + _AT_ONCE], key[start : start + _AT_ONCE])
            for start in range(0, max(1, text.size), _AT_ONCE)
        ]
    )


def _same_length(left: _Texts, right: _Texts, text: Places, key: Places) -> pd.DataFrame:
    wrote, meant = left.bytes[:, text], right.bytes[:, key]
    differs = wrote != meant
    number, first, pair = differs.sum(axis=0), differs.argmax(axis=0), np.arange(text.size)
    after = np.minimum(first + 1, LONGEST - 1)
    crossed = (wrote[first, pair] == meant[after, pair]) & (wrote[after, pair] == meant[first, pair])
    swapped = (number == 2) & differs[after, pair] & crossed  # noqa: PLR2004 - the two that changed places
    kind = np.where(swapped, SWAPPED, WRONG)
    ok = swapped | (number == 1)
    return _pairs(text[ok], key[ok], kind[ok], first[ok] + 1, wrote[first, pair][ok], meant[first, pair][ok])


def _one_missing(left: _Texts, right: _Texts, text: Places, key: Places) -> pd.DataFrame:
    place, ok = _where_longer(right.bytes[:, key], left.bytes[:, text])
    pair = np.arange(text.size)
    return _pairs(text[ok], key[ok], MISSING, place[ok] + 1, 0, right.bytes[:, key][place, pair][ok])


def _one_surplus(left: _Texts, right: _Texts, text: Places, key: Places) -> pd.DataFrame:
    place, ok = _where_longer(left.bytes[:, text], right.bytes[:, key])
    pair = np.arange(text.size)
    return _pairs(text[ok], key[ok], SURPLUS, place[ok] + 1, left.bytes[:, text][place, pair][ok], 0)


def _where_longer(long: Matrix, short: Matrix) -> tuple[Places, NDArray[np.bool_]]:
    """The last place whose character, left out of ``long``, gives ``short``; and whether there is one at all."""
    place = (long != short).argmax(axis=0)
    beyond = np.arange(LONGEST - 1)[:, None] >= place
    return place, ((long[1:] == short[:-1]) | ~beyond).all(axis=0)


def _begun(left: _Texts, right: _Texts, texts: Places, longer: Places, hashes: Hashes, groups: Places) -> Begun:
    """The pairs of the written texts of one length."""
    length = int(left.lengths[texts[0]])
    key, text = _Table.of(_whole(left.bytes[:length, texts]), texts).find(hashes[longer])
    key = longer[key]
    of_keys = int(groups.max(initial=0)) + 1
    crowd, code, number = np.unique(text * of_keys + groups[key], return_inverse=True, return_counts=True)
    few = number[code] <= SHARED_BY_MOST
    text, key, code = text[few], key[few], code[few]
    ok = (left.bytes[:length, text] == right.bytes[:length, key]).all(axis=0)
    pairs = _pairs(text[ok], key[ok], CUT, length, 0, right.lengths[key][ok].astype(np.uint8))
    crowds = {"written": crowd // of_keys, "key_group": crowd % of_keys, "number": number}
    return Begun(pairs.assign(crowd=code[ok]), pd.DataFrame(crowds))
