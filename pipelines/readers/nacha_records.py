"""The records of a NACHA file: lines of 94 columns, each allowed only after certain others (file, batch, entry)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow.compute as pc

from pipelines.readers import encoding
from pipelines.readers.refusal import Refused, counted
from pipelines.readers.structure import scan
from schemas.octets import digits, from_octets, number

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

    from pipelines.readers.layout import Limits

    Rows = NDArray[np.int64]

WIDTH: Final = 94
FILE_HEADER, BATCH_HEADER, ENTRY, ADDENDA, BATCH_CONTROL, FILE_CONTROL = (ord(letter) for letter in "156789")
FILLER: Final = ord("F")
WHOLE_FILE: Final = "ask the sender for the whole file as it was sent"

_NAMES: Final[dict[int, str]] = {
    FILE_HEADER: "a file header (1)",
    BATCH_HEADER: "a batch header (5)",
    ENTRY: "an entry (6)",
    ADDENDA: "an addenda record (7)",
    BATCH_CONTROL: "a batch control (8)",
    FILE_CONTROL: "a file control (9)",
    FILLER: "a filler line",
}
_FOLLOWERS: Final[dict[int, tuple[int, ...]]] = {
    FILE_HEADER: (BATCH_HEADER, FILE_CONTROL),
    BATCH_HEADER: (ENTRY,),
    ENTRY: (ENTRY, ADDENDA, BATCH_CONTROL),
    ADDENDA: (ENTRY, ADDENDA, BATCH_CONTROL),
    BATCH_CONTROL: (BATCH_HEADER, FILE_CONTROL),
    FILE_CONTROL: (FILLER,),
    FILLER: (FILLER,),
}
# The last columns of these two are optional or reserved, and senders cut blanks at the end of a line.
_SHORTEST: Final[dict[int, int]] = {FILE_HEADER: 40, FILE_CONTROL: 55}
_NO_FIGURE: Final = 18
_BLANK, _DELETE = 32, 127


@dataclass(frozen=True)
class Records:
    """The ``n`` records of a file: ``text`` (94, ``n``) as bytes, the line of each, its kind, its batch and its entry.

    ``batch_of`` and ``entry_of`` count from 0; they mean nothing before the first batch or entry.
    """

    text: NDArray[np.uint8]
    lines: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    batch_of: Rows
    entry_of: Rows

    def rows(self, kind: int) -> Rows:
        """The records of a kind."""
        return np.flatnonzero(self.kinds == kind)

    def field(self, rows: Rows, first: int, last: int) -> NDArray[np.uint8]:
        """Columns ``first`` to ``last`` (from 1, both included) of the records ``rows``."""
        return self.text[first - 1 : last][:, rows]

    def texts(self, rows: Rows, first: int, last: int) -> pyarrow.LargeStringArray:
        """The same as text, without the blanks around it."""
        return to_texts(self.field(rows, first, last))

    def figures(self, rows: Rows, first: int, last: int, name: str) -> NDArray[np.int64]:
        """The same as whole numbers; raises ``Refused`` where there is anything but digits."""
        values, valid = digits(self.field(rows, first, last))
        valid &= (values[:-_NO_FIGURE] == 0).all(axis=0)
        if not valid.all():
            raise Refused(
                found="something else than a number",
                expected=f"{last - first + 1} digits in columns {first} to {last}",
                remedy=WHOLE_FILE,
                line=int(self.lines[rows[~valid]][0]),
                column=name,
            )
        return number(values[-_NO_FIGURE:])


def to_texts(matrix: NDArray[np.uint8]) -> pyarrow.LargeStringArray:
    """The columns of a matrix of ASCII bytes as texts, without the blanks around them."""
    width, rows = matrix.shape
    data = np.ascontiguousarray(matrix.T).reshape(-1)
    return pc.ascii_trim(from_octets(data, np.arange(rows + 1, dtype=np.int64) * width), " ")


def records_of(content: bytes, limits: Limits) -> Records:
    """The records of the file; raises ``Refused`` where it is not a whole NACHA file."""
    if not content.strip():
        raise Refused(found="an empty file", expected="a file header (1)", remedy=WHOLE_FILE)
    text = encoding.to_utf8(content, "ascii")
    found = scan(text, ",", quoting=False)
    if found.starts.size > limits.rows:
        allowed = f"at most {counted(limits.rows, 'line')}"
        raise Refused(found=counted(found.starts.size, "line"), expected=allowed, remedy="send the file in parts")
    data = np.frombuffer(text, np.uint8)
    _refuse_long(data, found.starts, found.ends, found.lines)
    lengths = np.minimum(found.ends - found.starts, WIDTH)
    matrix = _matrix(data, found.starts, lengths)
    kinds = _kinds(matrix, lengths, found.lines)
    _check_order(kinds, found.lines)
    _check_visible(matrix, kinds, found.lines)
    batch_of, entry_of = (np.cumsum(kinds == kind) - 1 for kind in (BATCH_HEADER, ENTRY))
    return Records(matrix, found.lines, kinds, batch_of, entry_of)


def _matrix(data: NDArray[np.uint8], starts: Rows, lengths: Rows) -> NDArray[np.uint8]:
    """The records as a matrix (94, ``n``), filled up with blanks."""
    matrix = np.full((WIDTH, starts.size), _BLANK, np.uint8)
    for place in range(WIDTH):
        present = place < lengths
        matrix[place, present] = data[starts[present] + place]
    return matrix


def _refuse_long(data: NDArray[np.uint8], starts: Rows, ends: Rows, lines: Rows) -> None:
    """Blanks beyond column 94 say nothing; anything else there does."""
    long = np.flatnonzero(ends - starts > WIDTH)
    if not long.size:
        return
    bounds = np.column_stack([starts[long] + WIDTH, ends[long]]).reshape(-1)
    marks = np.append(data != _BLANK, False)  # so that the last bound may be the end of the file
    filled = np.add.reduceat(marks, bounds, dtype=np.int64)[::2]
    if filled.any():
        first = long[np.argmax(filled > 0)]
        _refuse_length(int(ends[first] - starts[first]), int(lines[first]))


def _refuse_length(found: int, line: int) -> None:
    remedy = "look for a line end that is missing or too many, and ask the sender for the file as it was sent"
    raise Refused(found=f"a line of {counted(found, 'column')}", expected="94 columns", remedy=remedy, line=line)


def _kinds(matrix: NDArray[np.uint8], lengths: Rows, lines: Rows) -> NDArray[np.uint8]:
    """The kind of every record; a filler line is nines all through, which no file control is."""
    filler = (matrix[: _SHORTEST[FILE_CONTROL]] == FILE_CONTROL).all(axis=0)
    kinds = np.where(filler, np.uint8(FILLER), matrix[0])
    unknown = np.flatnonzero(~np.isin(kinds, list(_NAMES)) | ((kinds == FILLER) & ~filler))
    if unknown.size:
        raise Refused(
            found="a record type that NACHA does not have",
            expected="1, 5, 6, 7, 8 or 9 in column 1",
            remedy=WHOLE_FILE,
            line=int(lines[unknown[0]]),
        )
    least = np.full(lengths.size, WIDTH)
    for kind, width in _SHORTEST.items():
        least[kinds == kind] = width
    short = np.flatnonzero(lengths < least)
    if short.size:
        _refuse_length(int(lengths[short[0]]), int(lines[short[0]]))
    return kinds


def _check_order(kinds: NDArray[np.uint8], lines: Rows) -> None:
    if kinds[0] != FILE_HEADER:
        found = f"{_NAMES[int(kinds[0])]} at the beginning"
        raise Refused(found=found, expected=f"{_NAMES[FILE_HEADER]}", remedy=WHOLE_FILE, line=int(lines[0]))
    allowed = np.zeros((128, 128), np.bool_)
    for kind, followers in _FOLLOWERS.items():
        allowed[kind, list(followers)] = True
    wrong = np.flatnonzero(~allowed[kinds[:-1], kinds[1:]])
    if wrong.size:
        _refuse_order(int(kinds[wrong[0]]), int(kinds[wrong[0] + 1]), int(lines[wrong[0] + 1]))
    if FILE_CONTROL not in kinds:
        found = f"the end of the file after {_NAMES[int(kinds[-1])]}"
        expected = f"{_NAMES[FILE_CONTROL]} at its end"
        raise Refused(found=found, expected=expected, remedy=WHOLE_FILE, line=int(lines[-1]))


def _refuse_order(before: int, kind: int, line: int) -> None:
    found = f"{_NAMES[kind]} after {_NAMES[before]}"
    if kind in {BATCH_HEADER, FILE_CONTROL} and before in {BATCH_HEADER, ENTRY, ADDENDA}:
        found += ", inside a batch that has no batch control (8) yet"
    expected = " or ".join(f"{_NAMES[follower]}" for follower in _FOLLOWERS[before])
    raise Refused(found=found, expected=expected, remedy=WHOLE_FILE, line=line)


def _check_visible(matrix: NDArray[np.uint8], kinds: NDArray[np.uint8], lines: Rows) -> None:
    """Headers and controls hold no control character; in entries and their addenda the row alone is rejected."""
    frame = np.flatnonzero((kinds != ENTRY) & (kinds != ADDENDA))
    unseen = unseen_in(matrix[:, frame])
    if unseen.any():
        place = frame[np.argmax(unseen)]
        raise Refused(
            found=f"a control character in {_NAMES[int(kinds[place])]}",
            expected="letters, digits and signs that can be seen",
            remedy=WHOLE_FILE,
            line=int(lines[place]),
        )


def unseen_in(matrix: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which records hold a control character."""
    return np.asarray(((matrix < _BLANK) | (matrix == _DELETE)).any(axis=0), np.bool_)
