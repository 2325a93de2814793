"""A table as a workbook: one sheet, its header frozen, every cell of its column's type, no formula possible.

Text is kept in text cells (also ``=1+1`` and NSS with leading zeros), centavos as whole numbers, civil dates as dates,
instants as ISO text (a workbook knows no time zone). The same table gives the same bytes. A table that no sheet holds
is never cut: see docs/decisions/0031.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import openpyxl
import pyarrow
import pyarrow.compute as pc
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from pipelines.outputs import package, sheet_rows
from pipelines.outputs.cells import as_text
from pipelines.outputs.labels import LANGUAGES, NOT_IN_A_WORKBOOK, say
from pipelines.outputs.package import WorkbookLimitError
from pipelines.outputs.sheet_cells import CELL_CHARACTERS
from pipelines.store.ordered import Ordered

if TYPE_CHECKING:
    from collections.abc import Mapping

SHEET_ROWS: Final = 1_000_000
"""Rows of a sheet. A spreadsheet holds 1,048,576; a full one could as well have been cut off."""

_GROUP_ROWS: Final = 1 << 17
"""Rows that are encoded together, however the table is sliced: the bytes do not tell."""

_WIDTHS: Final = (8, 60)
_NOTICE_WIDTH: Final = 120
_TITLE_CHARACTERS: Final = 31
_DATE_CHARACTERS: Final = 10


def encode(table: pyarrow.Table | Ordered, title: str) -> bytes:
    """The table as .xlsx.

    Raises ``WorkbookLimitError`` for more rows than a sheet holds, and naming the column whose text no cell holds.
    """
    rows = table if isinstance(table, Ordered) else Ordered.as_it_is(table)
    if rows.num_rows > SHEET_ROWS:
        message = f"found {rows.num_rows} rows, expected at most {SHEET_ROWS} in a workbook; choose .csv or .parquet"
        raise WorkbookLimitError(message)
    longest = _longest(rows)
    _check_lengths(rows.schema, longest)
    return _encode(rows, title, [_width(name, longest[name]) for name in rows.column_names])


def encode_or_tell(table: pyarrow.Table | Ordered, title: str, elsewhere: str) -> bytes:
    """The table as .xlsx; of one that no workbook holds, how many rows it has and where all of them are.

    ``elsewhere``: the names of those files.
    """
    try:
        return encode(table, title)
    except WorkbookLimitError:
        told = [say(NOT_IN_A_WORKBOOK, one, rows=f"{table.num_rows:,}", files=elsewhere) for one in LANGUAGES]
        return _encode(Ordered.as_it_is(pyarrow.table({told[0]: told[1:]})), title, [_NOTICE_WIDTH])


def _encode(table: Ordered, title: str, widths: list[int]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    book.properties.creator, book.properties.created = "quincena", package.CREATED
    sheet = book.create_sheet(re.sub(r"[^\w .-]", "_", title)[:_TITLE_CHARACTERS])
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    count = len(table.column_names)
    sheet.auto_filter.ref = f"A1:{get_column_letter(count)}{table.num_rows + 1}"
    styles = [_style(sheet, field.type) for field in table.schema]
    names = pyarrow.table({str(place): [name] for place, name in enumerate(table.column_names)})
    header = sheet_rows.encode(names, [_header_style(sheet)] * count, 1)
    groups = (
        sheet_rows.encode(rows, styles, 2 + number * _GROUP_ROWS)
        for number, rows in enumerate(table.groups(_GROUP_ROWS))
    )
    return package.content(book, {sheet.title: chain(header, chain.from_iterable(groups))})


def _style(sheet: Any, kind: pyarrow.DataType) -> int:  # noqa: ANN401 - openpyxl ships no types
    """The number of the style of a column.

    Numbers are shown as digits alone: with separators, centavos would be read as pesos. Text cells stay text when a
    person edits them (format @ and the quote prefix): an NSS keeps its zeros, ``=1+1`` does not become a formula.
    """
    cell = WriteOnlyCell(sheet)
    if _is_text(kind):
        cell.number_format, cell.quotePrefix = "@", True
    elif pyarrow.types.is_integer(kind):
        cell.number_format = "0"
    elif pyarrow.types.is_date32(kind):
        cell.number_format = "yyyy\\-mm\\-dd"
    return int(cell.style_id)


def _header_style(sheet: Any) -> int:  # noqa: ANN401 - as above
    cell = WriteOnlyCell(sheet)
    cell.number_format, cell.quotePrefix = "@", True
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFE7ECEF")
    return int(cell.style_id)


def _is_text(kind: pyarrow.DataType) -> bool:
    return not (pyarrow.types.is_integer(kind) or pyarrow.types.is_date32(kind) or pyarrow.types.is_boolean(kind))


def _width(name: str, longest: int) -> int:
    low, high = _WIDTHS
    return min(max(low, len(name) + 2, longest + 2), high)


def _longest(table: Ordered) -> dict[str, int]:
    """Characters of the longest value of each column as it is written."""
    longest = dict.fromkeys(table.column_names, 0)
    for rows in table.slices():
        longest = {name: max(known, _characters(rows[name])) for name, known in longest.items()}
    return longest


def _characters(column: pyarrow.ChunkedArray) -> int:
    if pyarrow.types.is_date32(column.type):
        return _DATE_CHARACTERS
    if pyarrow.types.is_integer(column.type):
        found = pc.min_max(column).as_py()
        return max(len(str(found["min"] or 0)), len(str(found["max"] or 0)))
    return max((pc.max(pc.utf8_length(as_text(chunk))).as_py() or 0 for chunk in column.chunks), default=0)


def _check_lengths(schema: pyarrow.Schema, longest: Mapping[str, int]) -> None:
    for field in schema:
        found = longest[field.name]
        if _is_text(field.type) and found > CELL_CHARACTERS:
            message = (
                f"column {field.name}: found a text of {found} characters, expected at most {CELL_CHARACTERS} in a "
                "workbook; choose .csv or .parquet"
            )
            raise WorkbookLimitError(message)
