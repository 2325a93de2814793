"""Eight bytes of every text at once, as one whole number: how columns of dates, instants and amounts are parsed.

A word holds the bytes of a text with the first one lowest. ``digit_values`` takes a pattern such as ``0000-00-`` off
each of its bytes and says where every ``0`` stood for a digit and every other mark for itself. What is asked of a word
beyond the end of its text is void: callers look at lengths.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from schemas.octets import even_length

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from schemas.octets import Octets

    Words = NDArray[np.uint64]
    Mask = NDArray[np.bool_]

WIDTH: Final = 8
"""Bytes of a word."""

_HIGH: Final = np.uint64(0x8080808080808080)
_TEN: Final = np.uint64(10)
_BYTE: Final = np.uint64(8)
_OF_A_DIGIT: Final = 0x7F - 9
_OF_A_MARK: Final = 0x7F
"""What is added to a byte so that it passes 0x7F where it is more than 9, or more than 0."""

FIRST: Final = np.array([(1 << (8 * count)) - 1 for count in range(WIDTH + 1)], np.uint64)
"""Number of bytes → mask of the first ones of a word."""
LAST: Final = np.array([((1 << 64) - 1) ^ ((1 << (8 * (WIDTH - count))) - 1) for count in range(WIDTH + 1)], np.uint64)
"""Number of bytes → mask of the last ones of a word."""


def words(texts: Octets, place: int) -> Words:
    """The word that begins at ``place`` of every text, counted from its end where negative; other texts go on in it.

    Bytes before the first text and beyond the last one are 0.
    """
    data = texts.data if texts.data.size >= WIDTH else np.concatenate([texts.data, np.zeros(WIDTH, np.uint8)])
    length = even_length(texts)
    if length >= max(place + WIDTH, -place, WIDTH):
        first = int(texts.starts[0]) + place % length
        return np.array(np.ndarray((texts.lengths.size,), "<u8", buffer=data.data, offset=first, strides=(length,)))
    starts = texts.starts + place if place >= 0 else texts.starts + texts.lengths + place
    top = data.size - WIDTH
    # A word begins at every byte.
    found = np.ndarray((top + 1,), "<u8", buffer=data.data, strides=(1,))[starts.clip(0, top)]
    before, beyond = starts.searchsorted(0), starts.searchsorted(top, side="right")
    found[:before] = _moved(found[:before], -starts[:before], up=True)
    found[beyond:] = _moved(found[beyond:], starts[beyond:] - top, up=False)
    return np.asarray(found, np.uint64)


def leading(texts: Octets, place: int) -> Words:
    """The word that begins at ``place``, not negative, of every text: numbers in the order of the bytes.

    Beyond the end of its own text a word is 0. The texts may be any of those in ``data``, in any order.
    """
    if texts.data.size < WIDTH:
        texts = texts._replace(data=np.concatenate([texts.data, np.zeros(WIDTH, np.uint8)]))
    top = texts.data.size - WIDTH
    at = texts.starts + place
    found = np.ndarray((top + 1,), "<u8", buffer=texts.data.data, strides=(1,))[np.minimum(at, top)]
    beyond = np.flatnonzero(at > top)
    found[beyond] = _moved(found[beyond], at[beyond] - top, up=False)
    if (texts.lengths < place + WIDTH).any():
        found &= FIRST[(texts.lengths - place).clip(0, WIDTH)]
    return np.asarray(found.byteswap(), np.uint64)


def _moved(found: Words, by: NDArray[np.int64], *, up: bool) -> Words:
    """Words moved by so many bytes towards their end or their beginning, with 0 behind."""
    bits = _BYTE * np.minimum(by, WIDTH - 1).astype(np.uint64)
    moved = found << bits if up else found >> bits
    return np.asarray(np.where(by < WIDTH, moved, np.uint64(0)))


def digit_values(found: Words, pattern: str) -> tuple[Words, Mask]:
    """The bytes less those of ``pattern`` (its ``0`` stands for any digit), and whether each of them fits.

    Bytes beyond a shorter pattern are 0.
    """
    letters = pattern.encode()
    taken = np.uint64(int.from_bytes(letters, "little"))
    room = [_OF_A_DIGIT if letter == ord("0") else _OF_A_MARK for letter in letters]
    kept = found if len(letters) == WIDTH else found & FIRST[len(letters)]
    values = kept ^ taken
    return values, fits(values, bytes(room))


def fits(values: Words, room: bytes = bytes([_OF_A_DIGIT] * WIDTH)) -> Mask:
    """Whether no byte is more than 9 (or than what ``room`` leaves of 0x7F).

    A byte that overflows into the next one has its own highest bit set, so that its word does not fit either way.
    """
    over = values + np.uint64(int.from_bytes(room, "little"))
    over |= values
    over &= _HIGH
    return np.asarray(over == 0, np.bool_)


def without_byte(found: Words, value: int) -> tuple[Words, Words]:
    """A word whose highest bit of each byte says whether it is ``value``, and ``found`` with those bytes 0."""
    same = found ^ np.uint64(int.from_bytes(bytes([value] * WIDTH), "little"))
    where = ~(((same & ~_HIGH) + ~_HIGH) | same) & _HIGH
    return where, found & ~((where >> np.uint64(7)) * np.uint64(0xFF))


def pairs(values: Words) -> Words:
    """Ten times each byte plus the next one, of bytes up to 9."""
    return values * _TEN + (values >> _BYTE)


def byte(found: Words, place: int) -> NDArray[np.int64]:
    """One byte of every word, as a whole number."""
    return np.asarray(((found >> np.uint64(8 * place)) & np.uint64(0xFF)).view(np.int64))
