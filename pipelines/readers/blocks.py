"""A stream of text cut into blocks that end where a record ends: what is in memory is one block, whatever the file."""

from __future__ import annotations

from os import SEEK_END
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK_BYTES: Final = 1 << 24
"""Of the sizes measured (4 to 64 MiB) the one that takes least CPU: what is made of a block stays in the caches."""

_ASCII: Final = 0x7F


class Block(NamedTuple):
    """Whole records of a file, with the bytes and the physical lines that stand before them."""

    content: bytes | bytearray
    offset: int = 0
    lines: int = 0
    ends: int = -1
    """How many physical lines end in it; -1 where that was not counted."""


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
        end = _last_end(content, longest, quoting=quoting) if unread else len(content)
        rest = content[end:]
        del content[end:]
        found = line_ends(content)
        yield Block(content, offset, lines, found)
        if not unread:
            return
        offset, lines = offset + end, lines + found


def line_ends(content: bytes | bytearray) -> int:
    """How many physical lines end in ``content``; CR, LF and CRLF end one line each."""
    ends = occurrences(content, b"\n")
    return ends if b"\r" not in content else ends + content.count(b"\r") - content.count(b"\r\n")


def occurrences(content: bytes | bytearray, byte: bytes, start: int = 0, end: int | None = None) -> int:
    """How often one byte occurs; where it is frequent, far faster than ``bytes.count``."""
    return int(np.count_nonzero(np.frombuffer(content, np.uint8)[start:end] == byte[0]))


def _last_end(pending: bytearray, longest: int, *, quoting: bool) -> int:
    """The position after the last line end that stands outside quotes; nearly the whole length where none is near."""
    # A CR that stands last may be the first half of a CRLF.
    end = _line_end_before(pending, len(pending), len(pending) - 1)
    within_quotes = occurrences(pending, b'"', 0, end) % 2 if quoting else 0
    while within_quotes and len(pending) - end <= longest:
        earlier = _line_end_before(pending, end - 1, end - 1)
        within_quotes ^= occurrences(pending, b'"', earlier, end) % 2
        end = earlier
    return end if end and not within_quotes else _whole_letters(pending)


def _line_end_before(pending: bytearray, feeds: int, returns: int) -> int:
    """The position after the last LF before ``feeds`` or CR before ``returns``; 0 where there is none."""
    return max(pending.rfind(b"\n", 0, max(feeds, 0)), pending.rfind(b"\r", 0, max(returns, 0))) + 1


def _whole_letters(pending: bytearray) -> int:
    """The length without a letter of several bytes at the end, which may be cut: what is told must be another fault."""
    end = len(pending)
    while end and pending[end - 1] > _ASCII:
        end -= 1
    return end or len(pending)
