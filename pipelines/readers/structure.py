"""The structure of a delimited file, found on its bytes: quotes, records, fields and physical lines (CONTRACT §4).

Everything is an array over the whole file: positions of the delimiter, the quote and the line ends, and which of them
stand inside quotes. A quote opens only where a field starts and closes only where one ends (RFC 4180); anything else
refuses the file, because it shifts the fields of every reader differently.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.readers.refusal import Refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

_QUOTE: Final = ord('"')
_CR: Final = ord("\r")
_LF: Final = ord("\n")


@dataclass(frozen=True)
class Records:
    """The non-empty records of a file: first byte, end (its line end excluded), physical line, number of fields.

    ``broken_up`` says whether some record has a line end within quotes.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    lines: NDArray[np.int64]
    fields: NDArray[np.int64]
    broken_up: bool


def scan(content: bytes | bytearray, delimiter: str, *, quoting: bool) -> Records:
    """The records of UTF-8 ``content``; raises ``Refused`` naming the line of a quote that does not fit."""
    data = np.frombuffer(content, np.uint8)
    line_ends = _line_ends(content, data)
    delimiters = np.flatnonzero(data == ord(delimiter))
    record_ends = line_ends
    if quoting and b'"' in content:
        quotes = np.flatnonzero(data == _QUOTE)
        _check_quotes(data, quotes, line_ends, delimiter)
        delimiters = _outside(delimiters, quotes)
        record_ends = _outside(line_ends, quotes)
    return _records(data, record_ends, line_ends, delimiters)


def is_plain(content: bytes | bytearray, lines: int, delimiter: str, quotes: NDArray[np.int64] | None) -> bool:
    """Whether ``content``, in which ``lines`` lines end, needs no ``scan``: all end alike, no quote is out of place.

    ``quotes`` are the positions of its quotes, None where a quote is a letter like any other.
    Whether a line is empty, or a quoted field holds a line end, is left open: then there are fewer records than lines.
    """
    if not content or (b"\r" in content and not lines == content.count(b"\r") == content.count(b"\r\n")):
        return False
    return quotes is None or not quotes.size or _has_sound_quotes(np.frombuffer(content, np.uint8), quotes, delimiter)


def _line_ends(content: bytes | bytearray, data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Position of the last byte of every line end."""
    if b"\r" not in content:
        return np.flatnonzero(data == _LF)
    positions = np.flatnonzero((data == _CR) | (data == _LF))
    follower = data[np.minimum(positions + 1, data.size - 1)]
    is_end = (data[positions] == _LF) | (follower != _LF)
    return np.asarray(positions[is_end], np.int64)


def _outside(positions: NDArray[np.int64], quotes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(positions[np.searchsorted(quotes, positions) % 2 == 0], np.int64)


def _records(
    data: NDArray[np.uint8],
    record_ends: NDArray[np.int64],
    line_ends: NDArray[np.int64],
    delimiters: NDArray[np.int64],
) -> Records:
    starts = np.concatenate([np.zeros(1, np.int64), record_ends + 1])
    ends = np.append(record_ends, data.size)
    ends = ends - _line_end_width(data, record_ends)
    kept = ends > starts
    starts, ends = starts[kept], ends[kept]
    fields = 1 + np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts)
    lines = 1 + (np.flatnonzero(kept) if record_ends is line_ends else np.searchsorted(line_ends, starts))
    broken_up = record_ends.size != line_ends.size
    return Records(starts, ends, lines.astype(np.int64), fields.astype(np.int64), broken_up)


def _line_end_width(data: NDArray[np.uint8], record_ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many bytes before the position after a line end belong to it, less the one the position stands on."""
    before = data[np.maximum(record_ends - 1, 0)]
    is_pair = (data[record_ends] == _LF) & (before == _CR) & (record_ends > 0)
    return np.append(is_pair.astype(np.int64), 0)


def _has_sound_quotes(data: NDArray[np.uint8], quotes: NDArray[np.int64], delimiter: str) -> bool:
    opens_badly, closes_badly = _misplaced(data, quotes, delimiter)
    return not (quotes.size % 2 or opens_badly.any() or closes_badly.any())


def _misplaced(
    data: NDArray[np.uint8], quotes: NDArray[np.int64], delimiter: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which opening quotes do not start a field, and which closing ones do not end one."""
    structural = np.zeros(256, np.bool_)
    structural[[ord(delimiter), _CR, _LF, _QUOTE]] = True
    openers, closers = quotes[0::2], quotes[1::2]
    opens_badly = ~structural[data[np.maximum(openers - 1, 0)]] & (openers > 0)
    # The last byte of a file that ends in a closing quote is that quote, which is no fault.
    return opens_badly, ~structural[data[np.minimum(closers + 1, data.size - 1)]]


def _check_quotes(
    data: NDArray[np.uint8], quotes: NDArray[np.int64], line_ends: NDArray[np.int64], delimiter: str
) -> None:
    openers, closers = quotes[0::2], quotes[1::2]
    opens_badly, closes_badly = _misplaced(data, quotes, delimiter)
    bad_openers, bad_closers = openers[opens_badly], openers[: closers.size][closes_badly]
    unclosed = openers[-1:] if quotes.size % 2 else openers[:0]
    first = min((int(found[0]) for found in (bad_openers, bad_closers, unclosed) if found.size), default=-1)
    if first < 0:
        return
    line = 1 + int(np.searchsorted(line_ends, first))
    if bad_openers.size and first == bad_openers[0]:
        found, expected = (
            "a quote inside a field that is not quoted",
            "quotes around the whole field, a quote within doubled",
        )
    elif bad_closers.size and first == bad_closers[0]:
        found = "a quoted field, opened on this line, with text after its closing quote"
        expected = "a delimiter or a line end after the closing quote, a quote within doubled"
    else:
        found, expected = "a quote, opened on this line, that is never closed", "a closing quote"
    raise Refused(
        found=found, expected=expected, remedy="correct the quotes at the source and export the file again", line=line
    )
