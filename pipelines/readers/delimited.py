"""Delimited text files: strict about structure, silent about values, every field as text (CONTRACT §4).

A file is read block by block. Most blocks hold one record a line and go to the parser as they are; where anything is
out of the ordinary, the block is scanned, which finds every record, or the fault, and its line.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.readers import encoding, header
from pipelines.readers.blocks import BLOCK_BYTES, Block, blocks, line_ends, positions
from pipelines.readers.raw import RawRows
from pipelines.readers.refusal import Refused, counted
from pipelines.readers.structure import Records, is_plain, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Lines = NDArray[np.int64]

    from pipelines.readers.layout import Layout, Limits

_EMPTY_LINES: Final = re.compile(rb"[\r\n]*")
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_LOOKED_AT: Final = 4096
PIECE_BYTES: Final = 1 << 21
"""What the parser takes at a time: its own tables stay in the caches and their memory is used again."""

_BLANK: Final = b" \t\r\n\x0b\x0c"


def read(content: bytes, layout: Layout) -> RawRows:
    """The rows of a delimited file as text, all at once; raises ``Refused`` where its structure is not the layout's."""
    (rows,) = stream(io.BytesIO(content), layout, len(content) + 1)
    return rows


def stream(source: BinaryIO, layout: Layout, size: int = BLOCK_BYTES) -> Iterator[RawRows]:
    """The rows of a delimited file as text, block after block of about ``size`` bytes, at least one.

    Raises ``Refused`` where the structure of the file is not the layout's; the blocks before it are void then.
    """
    names: list[str] = []
    rows = 0
    for block in blocks(source, layout.limits.record_bytes, size, quoting=layout.delimited.quoting):
        is_first = not names
        names, body = _header(block, layout) if is_first else (names, block)
        found = _plain_rows(body, names, layout) or _scanned_rows(body, names, layout)
        found_rows = found.lines.size + found.broken_lines.size
        rows += found_rows
        if rows > layout.limits.rows:
            _refuse_size(rows, layout)
        if found_rows or is_first:
            yield found


def _refuse_size(rows: int, layout: Layout) -> None:
    limit = counted(layout.limits.rows, "row")
    raise Refused(
        found=f"{counted(rows, 'row')} or more", expected=f"at most {limit}", remedy="split the file and send the parts"
    )


def _header(block: Block, layout: Layout) -> tuple[list[str], Block]:
    """The layout's columns in the order of the file, and what stands after the header; of the first block."""
    if not block.content:
        raise Refused(found="an empty file", expected="a header row", remedy="export the file again")
    block = encoding.without_mark(block, layout.delimited.encoding)
    if not block.content[:_LOOKED_AT].strip(_BLANK) and not block.content.strip(_BLANK):
        raise Refused(found="nothing but white space", expected="a header row", remedy="export the file again", line=1)
    end = _end_of_header(block.content, layout)
    head = encoding.to_utf8(block.content[:end], layout.delimited.encoding)
    record = scan(head, layout.delimited.delimiter, quoting=layout.delimited.quoting)
    _refuse_long_record(record, record.lines, layout)
    cells = _cells(head[record.starts[0] : record.ends[0]], layout)
    names = header.match(cells, layout.columns, layout.aliases, int(record.lines[0]))
    lines = line_ends(block.content[:end])
    return names, block.after(end, block.offset + end, lines)


def _end_of_header(content: bytes | bytearray, layout: Layout) -> int:
    """The position after the first record that is not empty."""
    start = _EMPTY_LINES.match(content).end()  # type: ignore[union-attr] # it matches nothing, too
    for line_end in _LINE_END.finditer(content, start, start + layout.limits.record_bytes):
        if not (layout.delimited.quoting and content.count(b'"', start, line_end.start()) % 2):
            return line_end.end()
    return len(content)


def _cells(record: bytes | bytearray, layout: Layout) -> list[str]:
    line = record.decode()
    if not layout.delimited.quoting:
        return line.split(layout.delimited.delimiter)
    return next(csv.reader(io.StringIO(line, newline=""), delimiter=layout.delimited.delimiter, strict=True))


def _plain_rows(block: Block, names: list[str], layout: Layout) -> RawRows | None:
    """The rows of a block of one line a record, nearly every block; None where something asks for a closer look."""
    said = layout.delimited
    if said.ragged_rows == "reject":
        return None
    text = block.content
    if said.encoding != "utf-8":  # of UTF-8 the parser sees for itself whether it is
        text = encoding.text_of(block, said.encoding)
    quotes = block.quotes if text is block.content else positions(text, b'"')
    if not is_plain(text, block.ends, said.delimiter, quotes if said.quoting else None):
        return None
    try:
        # Records with line ends in them are fewer than the lines, or do not fit between two pieces, which is an error.
        columns = _parse(text, names, layout, broken_up=False, piece=PIECE_BYTES).combine_chunks()
    except pyarrow.ArrowInvalid:
        return None
    rows = block.ends + (not text.endswith(b"\n"))
    if columns.num_rows != rows or _may_be_long(columns, layout.limits):
        return None
    lines = np.arange(block.lines + 1, block.lines + 1 + rows, dtype=np.int64)
    _refuse_repeated_header(columns, lines)
    return RawRows(columns=columns.select(list(layout.columns)), lines=lines)


def _may_be_long(columns: pyarrow.Table, limits: Limits) -> bool:
    """Whether some record may be too long: the longest fields together, every quote doubled, say that none is."""
    longest = [pc.max(pc.binary_length(column)).as_py() or 0 for column in columns.itercolumns()]
    return 2 * sum(longest) + 3 * len(longest) > limits.record_bytes


def _scanned_rows(block: Block, names: list[str], layout: Layout) -> RawRows:
    """The rows of a block with line ends within quotes, empty lines or a fault, which is told."""
    text = encoding.text_of(block, layout.delimited.encoding)
    try:
        records = scan(text, layout.delimited.delimiter, quoting=layout.delimited.quoting)
    except Refused as refused:
        refused.line += block.lines
        raise
    lines = records.lines + block.lines
    _refuse_long_record(records, lines, layout)
    sound = records.fields == len(names)
    if not (sound.all() or layout.delimited.ragged_rows == "reject"):
        _refuse_ragged(records, lines, len(names), layout)
    columns = _parse(text, names, layout, broken_up=records.broken_up)
    if columns.num_rows != sound.sum():
        message = f"the parser found {columns.num_rows} rows where the scan found {sound.sum()}"
        raise AssertionError(message)
    _refuse_repeated_header(columns, lines[sound])
    return RawRows(
        columns=columns.select(list(layout.columns)),
        lines=lines[sound],
        broken_lines=lines[~sound],
        broken_texts=tuple(
            text[records.starts[place] : records.ends[place]].decode() for place in np.flatnonzero(~sound)
        ),
        notes=("line ends of several kinds",) if _has_several_ends(text, records) else (),
    )


def _has_several_ends(text: bytes | bytearray, records: Records) -> bool:
    """Whether records end in different ways: with CR, LF or both."""
    data = np.frombuffer(text, np.uint8)
    ends = records.ends[records.ends < len(text)]
    is_pair = (data[ends] == ord("\r")) & (data[np.minimum(ends + 1, data.size - 1)] == ord("\n"))
    return np.unique(data[ends] + 256 * is_pair).size > 1


def _refuse_long_record(records: Records, lines: Lines, layout: Layout) -> None:
    widths = records.ends - records.starts
    too_long = np.flatnonzero(widths > layout.limits.record_bytes)
    if too_long.size:
        expected = f"at most {counted(layout.limits.record_bytes, 'byte')} in a record"
        found = f"a record of {counted(int(widths[too_long[0]]), 'byte')}"
        remedy = "look for a missing line end or closing quote there and export the file again"
        raise Refused(found=found, expected=expected, remedy=remedy, line=int(lines[too_long[0]]))


def _refuse_ragged(records: Records, lines: Lines, expected: int, layout: Layout) -> None:
    place = int(np.flatnonzero(records.fields != expected)[0])
    found = f"a record of {counted(int(records.fields[place]), 'field')}"
    quoting = " (a field that contains the delimiter must be quoted)" if layout.delimited.quoting else ""
    remedy = f"correct the record at the source{quoting} and export the file again"
    raise Refused(found=found, expected=counted(expected, "field"), remedy=remedy, line=int(lines[place]))


def _parse(
    text: bytes | bytearray, names: list[str], layout: Layout, *, broken_up: bool, piece: int = 0
) -> pyarrow.Table:
    """The records as a table of text, parsed at once or in pieces of some bytes.

    Raises ``ArrowInvalid`` where they have other numbers of fields.
    """
    schema = pyarrow.schema([(name, pyarrow.large_string()) for name in names])
    if not text[:_LOOKED_AT].strip(b"\r\n") and not text.strip(b"\r\n"):
        return schema.empty_table()
    return pyarrow.csv.read_csv(
        pyarrow.BufferReader(pyarrow.py_buffer(text)),
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=piece or len(text) + 1, use_threads=False),
        parse_options=_parse_options(layout, broken_up=broken_up),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=schema, strings_can_be_null=False, quoted_strings_can_be_null=False
        ),
    )


def _parse_options(layout: Layout, *, broken_up: bool) -> pyarrow.csv.ParseOptions:
    quoting = layout.delimited.quoting
    return pyarrow.csv.ParseOptions(
        delimiter=layout.delimited.delimiter,
        quote_char='"' if quoting else False,
        double_quote=quoting,
        # Looking for line ends within quotes costs the parser a pass of its own.
        newlines_in_values=broken_up,
        invalid_row_handler=(lambda _: "skip") if layout.delimited.ragged_rows == "reject" else None,
    )


def _refuse_repeated_header(columns: pyarrow.Table, lines: Lines) -> None:
    first = columns.column_names[0]
    # Where a file with a byte-order mark was put behind another, the mark stands before the header's first name.
    repeats = pc.or_(pc.equal(columns[first], first), pc.equal(columns[first], f"\ufeff{first}"))
    if not pc.any(repeats).as_py():
        return
    for name in columns.column_names[1:]:
        repeats = pc.and_(repeats, pc.equal(columns[name], name))
    places = np.flatnonzero(repeats.to_numpy())
    if places.size:
        found = "the header again, as where two files were put together"
        raise Refused(
            found=found, expected="one header, in front", remedy="send the files one by one", line=int(lines[places[0]])
        )
