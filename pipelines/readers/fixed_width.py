"""Files of records of fixed width: header, batches of details with a trailer each, and a trailer of the file.

Every record has the declared length, counted in characters or in bytes, and stands where its type may stand; every
trailer counts and sums what stands before it. Anything else refuses the file (CONTRACT §4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc
from numpy.lib.stride_tricks import sliding_window_view

from pipelines.readers import encoding, fixed_totals
from pipelines.readers.fixed_records import KINDS, records_of
from pipelines.readers.raw import RawRows
from pipelines.readers.refusal import Refused, counted
from pipelines.readers.structure import scan
from schemas.octets import from_octets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.layout import FixedWidth, Layout

    Places = NDArray[np.int64]
    Units = NDArray[np.uint8] | NDArray[np.uint32]

HEADER, BATCH, DETAIL, BATCH_TRAILER, TRAILER = range(len(KINDS))

_NEXT: Final = np.zeros((len(KINDS), len(KINDS)), np.bool_)
_NEXT[HEADER, [BATCH, TRAILER]] = True
_NEXT[BATCH, [DETAIL, BATCH_TRAILER]] = True
_NEXT[DETAIL, [DETAIL, BATCH_TRAILER]] = True
_NEXT[BATCH_TRAILER, [BATCH, TRAILER]] = True
_TOLD: Final = ("a header", "a batch header", "a detail", "a batch trailer", "a file trailer")
_WHOLE: Final = "ask the sender for the whole file as it was written"
_NO_DELIMITER: Final = "\x00"


@dataclass(frozen=True)
class Records:
    """The ``n`` records of a file: its text in ``units`` (code points or bytes), where each starts, line and type."""

    units: Units
    starts: Places
    lines: Places
    kinds: Places

    def of(self, kind: int) -> Places:
        """Which records are of a type."""
        return np.flatnonzero(self.kinds == kind)


def read(content: bytes, layout: Layout) -> RawRows:
    """The details as rows, with the fields of their batch and file; raises ``Refused``."""
    said = layout.fixed_width
    assert said is not None  # noqa: S101 - a layout of these mechanics has been checked to have the section
    records = _records(content, said, layout)
    _check_order(records.kinds, records.lines)
    _check_constants(records, said)
    details, batches = records.of(DETAIL), records.of(BATCH)
    batch_of = np.searchsorted(batches, details) - 1
    owners = {"header": np.zeros(details.size, np.int64), "batch": batches[batch_of], "detail": details}
    columns = {
        name: texts(records, rows, place, name)
        for kind, rows in owners.items()
        for name, place in records_of(said)[kind].fields.items()
    }
    table = pyarrow.table({name: columns[name] for name in layout.columns})
    raw = RawRows(table, records.lines[details], number=_number(records, said, layout))
    _check_totals(records, raw, batch_of, layout)
    return raw


def _records(content: bytes, said: FixedWidth, layout: Layout) -> Records:
    text = encoding.to_utf8(content, said.encoding)
    found = scan(text, _NO_DELIMITER, quoting=False)
    if not found.starts.size:
        raise Refused(found="an empty file", expected="a header record", remedy="export the file again")
    if found.starts.size > layout.limits.rows:
        raise Refused(
            found=counted(found.starts.size, "record"),
            expected=f"at most {counted(layout.limits.rows, 'record')}",
            remedy="split the file and send the parts",
        )
    units, starts, lengths = _in_units(text, found.starts, found.ends, said)
    wrong = np.flatnonzero(lengths != said.length)
    if wrong.size:
        raise Refused(
            found=f"a record of {counted(int(lengths[wrong[0]]), said.unit.removesuffix('s'))}",
            expected=f"{said.length} in every record, blanks at its end included",
            remedy=_WHOLE,
            line=int(found.lines[wrong[0]]),
        )
    plain = Records(units, starts, found.lines, np.zeros(starts.size, np.int64))
    return Records(units, starts, found.lines, _kinds(plain, said))


def _in_units(text: bytes, starts: Places, ends: Places, said: FixedWidth) -> tuple[Units, Places, Places]:
    """The text as the units that the layout counts, with the first unit and the number of units of every record."""
    data = np.frombuffer(text, np.uint8)
    # Of a one-byte encoding, characters and bytes are the same; only UTF-8 tells them apart.
    if text.isascii() or (said.unit == "bytes" and said.encoding == "utf-8"):
        return data, starts, ends - starts
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(~_goes_on(data), dtype=np.int64)])
    points = np.frombuffer(text.decode().encode("utf-32-le"), np.uint32)
    return points, before[starts], before[ends] - before[starts]


def _kinds(records: Records, said: FixedWidth) -> Places:
    codes = texts(records, np.arange(records.starts.size), said.code, "record type")
    known = pyarrow.array([record.code for record in records_of(said).values()], codes.type)
    kinds: Places = (
        pc.fill_null(pc.index_in(codes, value_set=known), -1).to_numpy(zero_copy_only=False).astype(np.int64)
    )
    unknown = np.flatnonzero(kinds < 0)
    if unknown.size:
        raise Refused(
            found="a record of an unknown type",
            expected=f"one of the types {', '.join(known.to_pylist())} at position {said.code[0]}",
            remedy=_WHOLE,
            line=int(records.lines[unknown[0]]),
        )
    return kinds


def texts(records: Records, rows: Places, place: tuple[int, ...], name: str) -> pyarrow.LargeStringArray:
    """One field of the given records, without the blanks that fill it up; raises ``Refused`` where it cuts a letter."""
    first, length = place[0] - 1, place[1]
    windows: NDArray[Any] = sliding_window_view(records.units, length)
    field = windows[records.starts[rows] + first]
    if field.dtype == np.uint8:
        _check_cuts(records, rows, field, first + length, name)
        data, widths = field.reshape(-1), np.full(rows.size, length, np.int64)
    else:
        data = np.frombuffer(field.astype("<u4").tobytes().decode("utf-32-le").encode(), np.uint8)
        widths = (1 + (field >= 0x80) + (field >= 0x800) + (field >= 0x10000)).sum(axis=1, dtype=np.int64)  # noqa: PLR2004 - UTF-8
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(widths, dtype=np.int64)])
    return pc.utf8_rtrim(from_octets(data, offsets), " ")


def _goes_on(data: Units) -> NDArray[np.bool_]:
    """Which bytes of UTF-8 go on with a letter that began before."""
    return np.asarray((data & 0xC0) == 0x80, np.bool_)  # noqa: PLR2004 - the two bits that say so


def _check_cuts(records: Records, rows: Places, field: NDArray[np.uint8], end: int, name: str) -> None:
    """A letter of several bytes must lie in one field; else the columns of the record have moved."""
    after = records.units.take(records.starts[rows] + end, mode="clip")
    is_last = records.starts[rows] + end >= records.units.size
    cut = _goes_on(field[:, 0]) | (_goes_on(after) & ~is_last)
    if cut.any():
        raise Refused(
            found="a letter that begins in one field and ends in another",
            expected="fields counted in bytes",
            remedy=_WHOLE,
            line=int(records.lines[rows[np.argmax(cut)]]),
            column=name,
        )


def _check_order(kinds: Places, lines: Places) -> None:
    if kinds[0] != HEADER:
        _refuse_order(int(kinds[0]), [HEADER], int(lines[0]))
    wrong = np.flatnonzero(~_NEXT[kinds[:-1], kinds[1:]])
    if wrong.size:
        place = int(wrong[0])
        allowed = np.flatnonzero(_NEXT[kinds[place]]).tolist()
        _refuse_order(int(kinds[place + 1]), allowed, int(lines[place + 1]))
    if kinds[-1] != TRAILER:
        raise Refused(
            found=f"the end of the file after {_TOLD[kinds[-1]]}",
            expected=f"{_TOLD[TRAILER]} at the end",
            remedy=_WHOLE,
            line=int(lines[-1]),
        )


def _refuse_order(kind: int, allowed: list[int], line: int) -> None:
    expected = " or ".join(_TOLD[one] for one in allowed) or "nothing after the file trailer"
    raise Refused(found=_TOLD[kind], expected=expected, remedy=_WHOLE, line=line)


def _check_constants(records: Records, said: FixedWidth) -> None:
    """Fields that always say the same, such as the sender's name or a mark of real (not test) files, say it."""
    for kind, record in enumerate(records_of(said).values()):
        for name, constant in record.constants.items():
            rows = records.of(kind)
            found = texts(records, rows, record.fields[name], name)
            differs = pc.not_equal(found, constant).to_numpy(zero_copy_only=False)
            if differs.any():
                raise Refused(
                    found="another text",
                    expected=constant,
                    remedy="check that the file is of this sender and meant for use",
                    line=int(records.lines[rows[np.argmax(differs)]]),
                    column=name,
                )


def _number(records: Records, said: FixedWidth, layout: Layout) -> int | None:
    """The number of the file in its header where the layout has a sequence that says so; raises ``Refused``."""
    name = layout.sequence.header if layout.sequence else ""
    if not name:
        return None
    (text,) = texts(records, records.of(HEADER), said.header.fields[name], name).to_pylist()
    if not (text.isascii() and text.isdigit()):
        raise Refused(
            found="no number of the file",
            expected="a whole number",
            remedy=_WHOLE,
            line=int(records.lines[records.of(HEADER)[0]]),
            column=name,
        )
    return int(text)


def _check_totals(records: Records, raw: RawRows, batch_of: Places, layout: Layout) -> None:
    said = layout.fixed_width
    assert said is not None  # noqa: S101 - see read
    file_of = np.zeros(batch_of.size, np.int64)
    for kind, groups in ((BATCH_TRAILER, batch_of), (TRAILER, file_of)):
        record, rows = records_of(said)[KINDS[kind]], records.of(kind)
        names = (*record.counts, *record.sums, *record.hashes)
        stated = {name: texts(records, rows, record.fields[name], name) for name in names}
        trailers = fixed_totals.Trailers(record, stated, records.lines[rows])
        fixed_totals.check(trailers, raw, groups, records.of(BATCH).size, layout)
