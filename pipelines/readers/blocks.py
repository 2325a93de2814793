"""A stream of text cut into blocks that end where a record ends: what is in memory is one block, whatever the file."""

from __future__ import annotations

from os import SEEK_END
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BLOCK_BYTES: Final = 1 << 23
"""Of the sizes measured (2 to 64 MiB) the one that takes least CPU: what is made of a block stays in the caches."""

_ASCII: Final = 0x7F
_PIECE: Final = 1 << 18


class Block(NamedTuple):
    """Whole records of a file, with the bytes and the physical lines that stand before them."""

    content: bytes | bytearray
    offset: int = 0
    lines: int = 0
    ends: int = -1
    """How many physical lines end in it; -1 where that was not counted."""
    quotes: NDArray[np.int64] | None = None
    """Where its quotes stand; None where nobody looked."""

    def after(self, size: int, offset: int, lines: int = 0) -> Block:
        """What stands after its first ``size`` bytes, in which so many lines end; where it can be, cut off in place."""
        quotes = None if self.quotes is None else self.quotes[self.quotes.searchsorted(size) :] - size
        content = self.content
        if isinstance(content, bytearray):
            del content[:size]
        else:
            content = content[size:]
        return Block(content, offset, self.lines + lines, self.ends - lines, quotes)


def blocks(stream: BinaryIO, longest: int, size: int, *, quoting: bool) -> Iterator[Block]:
    """The bytes of ``stream`` in blocks of at most ``size`` bytes; a record has at most ``longest`` bytes.

    Where no record ends within ``longest`` bytes before the end of a block (quotes that do not fit, a missing line
    end), the block is given as it is: it does not read. An empty stream has one empty block.
    """
    unread = stream.seek(0, SEEK_END)
    stream.seek(0)
    offset = lines = 0
    rest = bytearray()
    while True:
        # Filled in place and cut in place: a block is copied nowhere.
        content, kept = bytearray(min(size, len(rest) + unread)), len(rest)
        content[:kept] = rest
        with memoryview(content) as whole:
            unread -= stream.readinto(whole[kept:])  # type: ignore[attr-defined] # all our streams have it
        quotes = positions(content, b'"') if quoting else None
        end = _last_end(content, longest, quotes) if unread else len(content)
        rest = content[end:]
        del content[end:]
        found = line_ends(content)
        yield Block(content, offset, lines, found, None if quotes is None else quotes[: quotes.searchsorted(end)])
        if not unread:
            return
        offset, lines = offset + end, lines + found


def line_ends(content: bytes | bytearray) -> int:
    """How many physical lines end in ``content``; CR, LF and CRLF end one line each."""
    ends = occurrences(content, b"\n")
    return ends if b"\r" not in content else ends + content.count(b"\r") - content.count(b"\r\n")


def occurrences(content: bytes | bytearray, byte: bytes) -> int:
    """How often one byte occurs; where it is frequent, far faster than ``bytes.count``."""
    return sum(int(np.count_nonzero(found)) for _, found in _found(content, byte))


def positions(content: bytes | bytearray, byte: bytes) -> NDArray[np.int64]:
    """Where one byte stands."""
    none = np.zeros(0, np.int64)
    if byte not in content:
        return none
    return np.concatenate([none, *(np.flatnonzero(found) + first for first, found in _found(content, byte))])


def _found(content: bytes | bytearray, byte: bytes) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Piece by piece, so that the memory of one serves for the next: where it begins, and which of its bytes are it."""
    data = np.frombuffer(content, np.uint8)
    found = np.empty(min(_PIECE, data.size), np.bool_)
    for first in range(0, data.size, _PIECE):
        piece = data[first : first + _PIECE]
        yield first, np.equal(piece, byte[0], out=found[: piece.size])


def _last_end(pending: bytearray, longest: int, quotes: NDArray[np.int64] | None) -> int:
    """The position after the last line end that stands outside quotes; nearly the whole length where none is near."""
    # A CR that stands last may be the first half of a CRLF.
    end = _line_end_before(pending, len(pending), len(pending) - 1)
    while _is_within(quotes, end) and len(pending) - end <= longest:
        end = _line_end_before(pending, end - 1, end - 1)
    return end if end and not _is_within(quotes, end) else _whole_letters(pending)


def _is_within(quotes: NDArray[np.int64] | None, place: int) -> bool:
    return quotes is not None and bool(quotes.searchsorted(place) % 2)


def _line_end_before(pending: bytearray, feeds: int, returns: int) -> int:
    """The position after the last LF before ``feeds`` or CR before ``returns``; 0 where there is none."""
    return max(pending.rfind(b"\n", 0, max(feeds, 0)), pending.rfind(b"\r", 0, max(returns, 0))) + 1


def _whole_letters(pending: bytearray) -> int:
    """The length without a letter of several bytes at the end, which may be cut: what is told must be another fault."""
    end = len(pending)
    while end and pending[end - 1] > _ASCII:
        end -= 1
    return end or len(pending)
