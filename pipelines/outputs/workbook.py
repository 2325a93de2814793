"""A table as a workbook: one sheet, its header frozen, every cell of its column's type, no formula possible.

Text is kept in text cells (also ``=1+1`` and NSS with leading zeros), centavos as whole numbers, civil dates as dates,
instants as ISO text (a workbook knows no time zone). The rows are put together a column at a time; a library that
writes cell by cell takes minutes for what a month can hold. The same table gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow
import pyarrow.compute as pc

from pipelines.outputs import workbook_parts
from pipelines.outputs.cells import as_text, concatenate, join
from pipelines.outputs.workbook_parts import Style

if TYPE_CHECKING:
    from collections.abc import Iterator

SHEET_ROWS: Final = 1_000_000
"""Rows of one sheet. A workbook holds 1,048,576; a full one could as well have been cut off."""

CELL_CHARACTERS: Final = 32_767
"""The longest text that a cell holds."""

_BATCH_ROWS: Final = 1 << 15
_WIDTHS: Final = (8, 60)
_EPOCH: Final = 25_569
"""The day number of 1970-01-01 in a workbook."""

_LEAP_YEAR_THAT_NEVER_WAS: Final = 61
"""Workbooks count a 29 February 1900: days before 1 March 1900 have a number less."""

_CONTROLS: Final = [chr(code) for code in (*range(0x09), 0x0B, 0x0C, 0x0D, *range(0x0E, 0x20), 0xFFFE, 0xFFFF)]
_ANY_CONTROL: Final = r"[\x00-\x08\x0B-\x1F\x{FFFE}\x{FFFF}]"


class WorkbookLimitError(ValueError):
    """A text is longer than a cell of a workbook can be."""


class _Column(NamedTuple):
    letter: str
    type: pyarrow.DataType
    style: Style


def encode(table: pyarrow.Table, title: str, sheet_rows: int = SHEET_ROWS) -> bytes:
    """The table as .xlsx; more than ``sheet_rows`` rows go on in further sheets, each with the header.

    Raises ``WorkbookLimitError`` naming the column.
    """
    _check_lengths(table)
    starts = range(0, max(table.num_rows, 1), sheet_rows)
    widths = [_width(table, name) for name in table.column_names]
    sheets = [_sheet(table.slice(start, sheet_rows), widths) for start in starts]
    return workbook_parts.package(title, sheets)


def _sheet(table: pyarrow.Table, widths: list[int]) -> bytes:
    columns = [
        _Column(workbook_parts.letters(position), field.type, _style(field.type))
        for position, field in enumerate(table.schema)
    ]
    last = f"{columns[-1].letter}{table.num_rows + 1}"
    return workbook_parts.sheet(table.column_names, widths, last, b"".join(_rows(table, columns)))


def _rows(table: pyarrow.Table, columns: list[_Column]) -> Iterator[bytes]:
    first = 2
    for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
        numbers = pyarrow.array(range(first, first + batch.num_rows)).cast(pyarrow.large_string())
        cells = [_cells(batch.column(place), column, numbers) for place, column in enumerate(columns)]
        yield concatenate(join('<row r="', numbers, '">', *cells, "</row>"))
        first += batch.num_rows


def _cells(array: pyarrow.Array, column: _Column, rows: pyarrow.Array) -> pyarrow.Array:
    start = join(f'<c r="{column.letter}', rows, f'" s="{column.style}"')
    if column.style == Style.TEXT:
        text = as_text(array)
        written = join(start, ' t="inlineStr"><is><t xml:space="preserve">', _escaped(text), "</t></is></c>")
        return pc.if_else(pc.equal(text, ""), "", written)
    kind = ' t="b"' if column.style == Style.FLAG else ""
    number = as_text(_numbers(array))
    return pc.if_else(pc.equal(number, ""), "", join(start, kind, "><v>", number, "</v></c>"))


def _numbers(array: pyarrow.Array) -> pyarrow.Array:
    """What a cell holds of a value that is not text: whole numbers."""
    if not pyarrow.types.is_date32(array.type):
        return array.cast(pyarrow.int64())
    days = pc.add(array.cast(pyarrow.int32()), _EPOCH)
    return pc.if_else(pc.less(days, _LEAP_YEAR_THAT_NEVER_WAS), pc.subtract(days, 1), days)


def _style(kind: pyarrow.DataType) -> Style:
    if pyarrow.types.is_integer(kind):
        return Style.NUMBER
    if pyarrow.types.is_date32(kind):
        return Style.DATE
    return Style.FLAG if pyarrow.types.is_boolean(kind) else Style.TEXT


def _escaped(text: pyarrow.Array) -> pyarrow.Array:
    """Text as XML. What XML cannot hold is written ``_x0000_``, and text that looks like that is escaped itself."""
    text = pc.replace_substring_regex(text, "_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1")
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = pc.replace_substring(text, character, entity)
    if pc.any(pc.match_substring_regex(text, _ANY_CONTROL), min_count=0).as_py():
        for character in _CONTROLS:
            text = pc.replace_substring(text, character, f"_x{ord(character):04X}_")
    return text


def _width(table: pyarrow.Table, name: str) -> int:
    longest = max((_longest(chunk) for chunk in table[name].chunks), default=0)
    low, high = _WIDTHS
    return min(max(low, len(name) + 2, longest + 2), high)


def _longest(chunk: pyarrow.Array) -> int:
    return pc.max(pc.utf8_length(as_text(chunk))).as_py() or 0


def _check_lengths(table: pyarrow.Table) -> None:
    texts = [field.name for field in table.schema if _style(field.type) == Style.TEXT]
    for name in texts:
        found = max((_longest(chunk) for chunk in table[name].chunks), default=0)
        if found > CELL_CHARACTERS:
            message = (
                f"column {name}: found a text of {found} characters, expected at most {CELL_CHARACTERS} in a workbook; "
                "choose .csv or .parquet"
            )
            raise WorkbookLimitError(message)
