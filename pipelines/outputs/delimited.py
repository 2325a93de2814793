r"""CSV: UTF-8 without a byte-order mark, comma, header, lines that end in LF, quotes as in RFC 4180 where needed.

A spreadsheet takes a cell beginning with ``=``, ``+``, ``-``, ``@``, a tab or a line end for a formula. Such text gets
an apostrophe in front, and so does text that already has apostrophes there: taking one apostrophe away from what
matches ``^'+[=+\-@\t\r\n]`` gives back what was. Numbers and dates are never touched.
"""

from __future__ import annotations

from typing import Final

import pyarrow
import pyarrow.compute as pc

from pipelines.outputs.cells import as_text, concatenate, join

_FORMULA: Final = r"^'*[=+\-@\t\r\n]"
_NEEDS_QUOTES: Final = r'[,;"\r\n\t]|^\s|\s$'
_BATCH_ROWS: Final = 1 << 16


def encode(table: pyarrow.Table) -> bytes:
    """The table as CSV; without rows, its header."""
    header = ",".join(table.column_names) + "\n"
    return b"".join([header.encode(), *map(_lines, table.to_batches(max_chunksize=_BATCH_ROWS))])


def _lines(batch: pyarrow.RecordBatch) -> bytes:
    separated = [part for column in batch.columns for part in (_cell(column), ",")]
    return concatenate(join(*separated[:-1], "\n"))


def _cell(column: pyarrow.Array) -> pyarrow.Array:
    text = as_text(column)
    if not (pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)):
        return text
    guarded = pc.if_else(pc.match_substring_regex(text, _FORMULA), join("'", text), text)
    quoted = join('"', pc.replace_substring(guarded, '"', '""'), '"')
    return pc.if_else(pc.match_substring_regex(guarded, _NEEDS_QUOTES), quoted, guarded)
