"""Delimited text files: strict about structure, silent about values, every field as text (CONTRACT §4)."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.readers import encoding, header
from pipelines.readers.raw import RawRows
from pipelines.readers.refusal import Refused, counted
from pipelines.readers.structure import Records, scan

if TYPE_CHECKING:
    from pipelines.readers.layout import Layout

_BLOCK: Final = 1 << 25
_LOOKED_AT: Final = 4096
_BLANK: Final = b" \t\r\n\x0b\x0c"


def read(content: bytes, layout: Layout) -> RawRows:
    """The rows of a delimited file as text; raises ``Refused`` where its structure is not the layout's."""
    if not content:
        raise Refused(found="an empty file", expected="a header row", remedy="export the file again")
    text = encoding.to_utf8(content, layout.delimited.encoding)
    if not text[:_LOOKED_AT].strip(_BLANK) and not text.strip(_BLANK):
        raise Refused(found="nothing but white space", expected="a header row", remedy="export the file again", line=1)
    records = scan(text, layout.delimited.delimiter, quoting=layout.delimited.quoting)
    _check_limits(records, layout)
    names = _header(text, records, layout)
    return _rows(text, records, names, layout)


def _check_limits(records: Records, layout: Layout) -> None:
    rows = records.starts.size - 1
    if rows > layout.limits.rows:
        limit = counted(layout.limits.rows, "row")
        raise Refused(
            found=counted(rows, "row"), expected=f"at most {limit}", remedy="split the file and send the parts"
        )
    too_long = np.flatnonzero(records.ends - records.starts > layout.limits.record_bytes)
    if too_long.size:
        expected = f"at most {counted(layout.limits.record_bytes, 'byte')} in a record"
        found = f"a record of {counted(int((records.ends - records.starts)[too_long[0]]), 'byte')}"
        remedy = "look for a missing line end or closing quote there and export the file again"
        raise Refused(found=found, expected=expected, remedy=remedy, line=int(records.lines[too_long[0]]))


def _header(text: bytes, records: Records, layout: Layout) -> list[str]:
    cells = _cells(text[records.starts[0] : records.ends[0]], layout)
    return header.match(cells, layout.columns, layout.aliases, int(records.lines[0]))


def _cells(record: bytes, layout: Layout) -> list[str]:
    line = record.decode()
    if not layout.delimited.quoting:
        return line.split(layout.delimited.delimiter)
    return next(csv.reader(io.StringIO(line, newline=""), delimiter=layout.delimited.delimiter, strict=True))


def _rows(text: bytes, records: Records, names: list[str], layout: Layout) -> RawRows:
    sound = records.fields[1:] == len(names)
    if not (sound.all() or layout.delimited.ragged_rows == "reject"):
        _refuse_ragged(records, len(names), layout)
    columns = _parse(
        memoryview(text)[int(records.ends[0]) :], names, int(sound.sum()), layout, broken_up=records.broken_up
    )
    lines = records.lines[1:]
    _refuse_repeated_header(columns, lines[sound])
    broken = np.flatnonzero(~sound) + 1
    return RawRows(
        columns=columns.select(list(layout.columns)),
        lines=lines[sound],
        broken_lines=lines[~sound],
        broken_digest=_digest(text, records, broken),
    )


def _refuse_ragged(records: Records, expected: int, layout: Layout) -> None:
    place = int(np.flatnonzero(records.fields != expected)[0])
    found = f"a record of {counted(int(records.fields[place]), 'field')}"
    quoting = " (a field that contains the delimiter must be quoted)" if layout.delimited.quoting else ""
    remedy = f"correct the record at the source{quoting} and export the file again"
    raise Refused(found=found, expected=counted(expected, "field"), remedy=remedy, line=int(records.lines[place]))


def _parse(text: memoryview, names: list[str], rows: int, layout: Layout, *, broken_up: bool) -> pyarrow.Table:
    """The records after the header as a table of text; it must have as many rows as the scan has sound records."""
    schema = pyarrow.schema([(name, pyarrow.large_string()) for name in names])
    if not rows:
        return schema.empty_table()
    table = pyarrow.csv.read_csv(
        pyarrow.BufferReader(pyarrow.py_buffer(text)),
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=_BLOCK),
        parse_options=_parse_options(layout, broken_up=broken_up),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=schema, strings_can_be_null=False, quoted_strings_can_be_null=False
        ),
    )
    if table.num_rows != rows:
        message = f"the parser found {table.num_rows} rows where the scan found {rows}"
        raise AssertionError(message)
    return table


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


def _refuse_repeated_header(columns: pyarrow.Table, lines: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    repeats = pc.equal(columns[columns.column_names[0]], columns.column_names[0])
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


def _digest(text: bytes, records: Records, places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    if not places.size:
        return ""
    broken = sorted(text[records.starts[place] : records.ends[place]] for place in places)
    return hashlib.sha256(b"\n".join(broken)).hexdigest()
