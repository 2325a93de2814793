r"""CSV: UTF-8 without a byte-order mark, comma, header, lines that end in LF, quotes as in RFC 4180 where needed.

A spreadsheet takes a cell beginning with ``=``, ``+``, ``-``, ``@``, a tab or a line end for a formula. Such text gets
an apostrophe in front, and so does text that already has apostrophes there: taking one apostrophe away from what
matches ``^'+[=+\-@\t\r\n]`` gives back what was. Numbers and dates are never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

import pyarrow
import pyarrow.compute as pc

from pipelines.outputs.cells import as_text, begins_or_ends_with, concatenate, first_is, holds, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.store.ordered import Ordered

_FORMULA: Final = r"^'*[=+\-@\t\r\n]"
_FIRST_OF_FORMULA: Final = b"'=+-@\t\r\n"
_NEEDS_QUOTES: Final = r'[,;"\r\n\t]|^\s|\s$'
_QUOTED: Final = (b",", b";", b'"', b"\r", b"\n", b"\t")
_BLANKS: Final = b" \t\r\n\f\v"
_BATCH_ROWS: Final = 1 << 16


def encode(table: pyarrow.Table) -> bytes:
    """The table as CSV; without rows, its header."""
    return b"".join([header(table), *map(concatenate, lines(table))])


def write(table: Ordered, sink: BinaryIO) -> None:
    """Write into ``sink`` what ``encode`` gives."""
    sink.write(header(table))
    for rows in table.slices():
        sink.writelines(map(concatenate, lines(rows)))


def header(table: pyarrow.Table | Ordered) -> bytes:
    """The first line."""
    return (",".join(table.column_names) + "\n").encode()


def lines(table: pyarrow.Table) -> Iterator[pyarrow.LargeStringArray]:
    """The other lines, with their ends, some at a time."""
    return map(_lines, table.to_batches(max_chunksize=_BATCH_ROWS))


def _lines(batch: pyarrow.RecordBatch) -> pyarrow.LargeStringArray:
    separated = [part for column in batch.columns for part in (_cell(column), ",")]
    return join(*separated[:-1], "\n")


def _cell(column: pyarrow.Array) -> pyarrow.Array:
    text = as_text(column)
    if not (pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)):
        return text
    if first_is(text, _FIRST_OF_FORMULA).any():
        text = pc.if_else(pc.match_substring_regex(text, _FORMULA), join("'", text), text)
    if not holds(text, *_QUOTED) and not begins_or_ends_with(text, _BLANKS):
        return text
    quoted = join('"', pc.replace_substring(text, '"', '""'), '"')
    return pc.if_else(pc.match_substring_regex(text, _NEEDS_QUOTES), quoted, text)
