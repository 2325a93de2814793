"""A table as a workbook: one sheet, its header frozen, every cell of its column's type, no formula possible.

Text is kept in text cells (also ``=1+1`` and NSS with leading zeros), centavos as whole numbers, civil dates as dates,
instants as ISO text (a workbook knows no time zone). The same table gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import openpyxl
import pyarrow
import pyarrow.compute as pc
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from pipelines.outputs.cells import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

SHEET_ROWS: Final = 1_000_000
"""Rows of one sheet. A workbook holds 1,048,576; a full one could as well have been cut off."""

CELL_CHARACTERS: Final = 32_767
"""The longest text that a cell holds."""

_BATCH_ROWS: Final = 1 << 15
_WIDTHS: Final = (8, 60)
_TITLE_CHARACTERS: Final = 31
_DATE: Final = datetime(1980, 1, 1, tzinfo=UTC)
_STAMP: Final = b"1980-01-01T00:00:00Z"
_CONTROLS: Final = [chr(code) for code in (*range(0x09), 0x0B, 0x0C, 0x0D, *range(0x0E, 0x20), 0xFFFE, 0xFFFF)]
_ANY_CONTROL: Final = r"[\x00-\x08\x0B-\x1F\x{FFFE}\x{FFFF}]"


class WorkbookLimitError(ValueError):
    """A text is longer than a cell of a workbook can be."""


def encode(table: pyarrow.Table, title: str, sheet_rows: int = SHEET_ROWS) -> bytes:
    """The table as .xlsx; more than ``sheet_rows`` rows go on in further sheets, each with the header.

    Raises ``WorkbookLimitError`` naming the column.
    """
    _check_lengths(table)
    book = openpyxl.Workbook(write_only=True)
    book.properties.creator = "quincena"
    book.properties.created = _DATE.replace(tzinfo=None)
    widths = [_width(table, name) for name in table.column_names]
    for place, start in enumerate(range(0, max(table.num_rows, 1), sheet_rows), 1):
        _write(book.create_sheet(_sheet_name(title, place)), table.slice(start, sheet_rows), widths)
    file = io.BytesIO()
    book.save(file)
    return repeatable(file.getvalue())


def _write(sheet: Any, table: pyarrow.Table, widths: list[int]) -> None:  # noqa: ANN401 - openpyxl ships no types
    """Fill a sheet: widths, frozen header and filters come before the rows, as they go out one after the other."""
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(table.num_columns)}{table.num_rows + 1}"
    sheet.append([_header(sheet, name) for name in table.column_names])
    models = [_model(sheet, field.type) for field in table.schema]
    for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
        columns = [_cells(sheet, column, model) for column, model in zip(batch.columns, models, strict=True)]
        for row in zip(*columns, strict=True):
            sheet.append(row)


def _header(sheet: Any, name: str) -> Any:  # noqa: ANN401 - openpyxl ships no types
    cell = _model(sheet, pyarrow.string())
    cell.value, cell.data_type = name, "s"
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFE7ECEF")
    return cell


def _model(sheet: Any, kind: pyarrow.DataType) -> Any:  # noqa: ANN401 - openpyxl ships no types
    """An empty cell in the style of a column.

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
    return cell


def _cells(sheet: Any, array: pyarrow.Array, model: Any) -> Iterator[Any]:  # noqa: ANN401 - openpyxl ships no types
    """The cells of a column; none where the value is empty."""
    is_text = _is_text(array.type)
    style = model._style  # noqa: SLF001 - shared by the column's cells; openpyxl has no public way
    for value in (_escaped(as_text(array)) if is_text else array).to_pylist():
        if value is None or value == "":
            yield None
            continue
        cell = WriteOnlyCell(sheet, value)
        cell._style = style  # noqa: SLF001 - as above
        if is_text:
            cell.data_type = "s"
        yield cell


def _is_text(kind: pyarrow.DataType) -> bool:
    return not (pyarrow.types.is_integer(kind) or pyarrow.types.is_date32(kind) or pyarrow.types.is_boolean(kind))


def _escaped(text: pyarrow.Array) -> pyarrow.Array:
    """Text as a cell holds it: what XML cannot is written ``_x0000_``, and text that looks like that is escaped."""
    text = pc.replace_substring_regex(text, "_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1")
    if pc.any(pc.match_substring_regex(text, _ANY_CONTROL), min_count=0).as_py():
        for character in _CONTROLS:
            text = pc.replace_substring(text, character, f"_x{ord(character):04X}_")
    return text


def repeatable(content: bytes) -> bytes:
    """The package with one fixed date everywhere: openpyxl stamps the moment of saving into it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as stamped, zipfile.ZipFile(file, "w") as fixed:
        for name in stamped.namelist():
            part = stamped.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + _STAMP, part)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            fixed.writestr(entry, part, compresslevel=6)
    return file.getvalue()


def _sheet_name(title: str, place: int) -> str:
    number = f" {place}" if place > 1 else ""
    return re.sub(r"[^\w .-]", "_", title)[: _TITLE_CHARACTERS - len(number)] + number


def _width(table: pyarrow.Table, name: str) -> int:
    longest = max((_longest(chunk) for chunk in table[name].chunks), default=0)
    low, high = _WIDTHS
    return min(max(low, len(name) + 2, longest + 2), high)


def _longest(chunk: pyarrow.Array) -> int:
    return pc.max(pc.utf8_length(as_text(chunk))).as_py() or 0


def _check_lengths(table: pyarrow.Table) -> None:
    texts = [field.name for field in table.schema if _is_text(field.type)]
    for name in texts:
        found = max((_longest(chunk) for chunk in table[name].chunks), default=0)
        if found > CELL_CHARACTERS:
            message = (
                f"column {name}: found a text of {found} characters, expected at most {CELL_CHARACTERS} in a workbook; "
                "choose .csv or .parquet"
            )
            raise WorkbookLimitError(message)
