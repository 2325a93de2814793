"""A workbook for people: styles, columns and sheets; openpyxl makes the frame, rows are written as XML (0031).

Text is text whatever it begins with; money is a decimal number of pesos made from whole centavos; nothing is a formula.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter

from pipelines.outputs import package, sheet_cells
from pipelines.outputs.sheet_cells import CELL_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

INK: Final = "FF1F3A4D"
HEADER_FILL: Final = "FFE7ECEF"
INPUT_FILL: Final = "FFFFF8D6"
_LINE: Final = Side("hair", color="FF9AA5AD")
_HEADER_HEIGHT: Final = 32
_ROW_HEIGHT: Final = 15
_LINE_HEIGHT: Final = 13
_AROUND: Final = 3
_HIGHEST: Final = 409
"""The highest row that a spreadsheet takes."""
_GAP: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ufffe\uffff]+")

MONEY: Final = "#,##0.00;[Red]\\-#,##0.00"
DATE: Final = "yyyy\\-mm\\-dd"
_FORMATS: Final = {"money": MONEY, "whole": "#,##0", "percent": "0.0", "date": DATE, "input_date": DATE}
_NUMBERS: Final = frozenset({"money", "whole", "percent"})
_HEADERS: Final = frozenset({"header", "number_header", "input_header"})
_WRAPPED: Final = _HEADERS | {"wrapped", "input"}
_TEXTS: Final = _HEADERS | {"text", "wrapped", "exact", "input", "note", "title", "heading"}


@dataclass(frozen=True)
class Column:
    """One column of a sheet: heading, kind of cell (a name of a style), width in characters."""

    heading: str
    kind: str
    width: int
    is_hidden: bool = False


class Book:
    """A workbook under construction."""

    def __init__(self, title: str) -> None:
        self.book: Any = openpyxl.Workbook(write_only=True)
        self.book.properties.creator = "quincena"
        self.book.properties.title = title
        self.book.properties.created = package.CREATED
        self._rows: dict[str, list[bytes]] = {}
        self._styles: dict[str, int] = {}

    def sheet(self, name: str, columns: Sequence[Column], frozen: str) -> Sheet:
        """A new sheet behind the others, with these columns; ``frozen`` is the first cell that scrolls."""
        page = self.book.create_sheet(name)
        for place, column in enumerate(columns, 1):
            dimension = page.column_dimensions[get_column_letter(place)]
            dimension.width, dimension.hidden = column.width, column.is_hidden
        page.freeze_panes = frozen
        page.sheet_view.showGridLines = False
        page.sheet_format.defaultRowHeight = _ROW_HEIGHT
        page.page_setup.orientation, page.page_setup.paperSize = "landscape", "1"
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.page_margins.left = page.page_margins.right = page.page_margins.top = page.page_margins.bottom = 0.4
        page.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
        self._rows[page.title] = []
        return Sheet(self, page, columns, self._rows[page.title])

    def style(self, page: Any, kind: str) -> int:  # noqa: ANN401 - openpyxl ships no types
        """The number of the style of a kind of cell."""
        if kind not in self._styles:
            model = WriteOnlyCell(page)
            _dress(model, kind)
            self._styles[kind] = int(model.style_id)
        return self._styles[kind]

    def content(self) -> bytes:
        """The bytes of the workbook; the same sheets give the same bytes."""
        return package.content(self.book, self._rows)


class Sheet:
    """A sheet that is filled from the top."""

    def __init__(self, book: Book, page: Any, columns: Sequence[Column], rows: list[bytes]) -> None:  # noqa: ANN401 - as above
        self.book, self.page, self.columns = book, page, columns
        self.last_row = 0
        self._rows = rows

    def line(self, *cells: tuple[Any, str] | None, height: int = 0) -> int:
        """Add a row of (value, kind); its number."""
        self.last_row += 1
        styled = [(place, cell[0], self.book.style(self.page, cell[1])) for place, cell in enumerate(cells, 1) if cell]
        told = (sheet_cells.cell(place, self.last_row, value, style) for place, value, style in styled)
        self._rows.append(sheet_cells.row(self.last_row, told, height))
        return self.last_row

    def header(self, first_input: int = 0, last_input: int = -1) -> int:
        """Add the header row; columns from ``first_input`` to ``last_input`` are marked as a person's to fill."""
        kinds = [
            "input_header"
            if first_input <= at <= last_input
            else "number_header"
            if column.kind in _NUMBERS
            else "header"
            for at, column in enumerate(self.columns)
        ]
        headings = [column.heading for column in self.columns]
        return self.line(*zip(headings, kinds, strict=True), height=_HEADER_HEIGHT)

    def rows(self, rows: Iterable[Sequence[Any]], height: int = 0) -> int:
        """Add rows with a value for every column; the number of the last.

        A ``height`` is the least one: a row with a longer text is as high as its lines are many, so that none is cut.
        """
        known, first = list(rows), self.last_row + 1
        styles = [self.book.style(self.page, column.kind) for column in self.columns]
        values = list(zip(*known, strict=True)) or [()] * len(styles)
        keeps = [column.kind.startswith("input") for column in self.columns]
        columns = [
            sheet_cells.column(place, first, of_column, style, is_kept=is_kept)
            for place, (of_column, style, is_kept) in enumerate(zip(values, styles, keeps, strict=True), 1)
        ]
        widths = [(at, column.width) for at, column in enumerate(self.columns) if column.kind == "wrapped"]
        highs = (max(height, _height(row, widths)) if height else 0 for row in known)
        told = zip(zip(*columns, strict=True), highs, strict=True)
        self._rows += [sheet_cells.row(number, cells, high) for number, (cells, high) in enumerate(told, first)]
        self.last_row += len(known)
        return self.last_row

    def filter(self, header: int) -> None:
        """Filters on the header of the table that ends with the last row."""
        last = get_column_letter(len(self.columns))
        self.page.auto_filter.ref = f"A{header}:{last}{max(self.last_row, header)}"

    def protect(self) -> None:
        """Lock what is not an input cell. No password: a seal tells what was edited all the same."""
        protection = self.page.protection
        protection.sheet = True
        protection.autoFilter = protection.formatColumns = protection.formatRows = protection.formatCells = False


def _height(row: Sequence[Any], widths: Iterable[tuple[int, int]]) -> int:
    """How high a row has to be for its wrapped cells, in points; a column holds about as many letters as it is wide."""
    lines = max((-(-len(row[at]) // width) for at, width in widths if row[at]), default=1)
    return min(_LINE_HEIGHT * lines + _AROUND, _HIGHEST)


def pesos(centavos: int) -> Decimal:
    """Whole centavos as pesos, exactly."""
    return Decimal(centavos).scaleb(-2)


def clean(text: str) -> str:
    """Text as a person reads it on one line: runs of white space and control characters are one space."""
    return _GAP.sub(" ", text).strip()[:CELL_CHARACTERS]


def _dress(cell: Any, kind: str) -> None:  # noqa: ANN401 - openpyxl ships no types
    """Give a cell the look of its kind."""
    cell.font = Font(name="Calibri", size=10)
    across = {"number_header": "right", "day": "left", "date": "left", "input_date": "left"}.get(kind)
    down = "center" if kind in _HEADERS else "top"
    indent = 1 if kind in {"text", "wrapped", "header", "date", "day"} else 0
    cell.alignment = Alignment(across or ("left" if indent else None), down, wrap_text=kind in _WRAPPED, indent=indent)
    if kind in _TEXTS:
        cell.number_format, cell.quotePrefix = "@", True
    cell.number_format = _FORMATS.get(kind, cell.number_format)
    if kind.startswith("input"):
        cell.fill = PatternFill("solid", fgColor=INPUT_FILL)
        cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
        cell.protection = Protection(locked=kind == "input_header")
    if kind in _HEADERS:
        cell.font = Font(name="Calibri", size=10, bold=True, color=INK)
        cell.fill = PatternFill("solid", fgColor="FFFFE699" if kind == "input_header" else HEADER_FILL)
        cell.border = Border(bottom=Side("thin", color=INK))
    elif kind == "title":
        cell.font = Font(name="Calibri", size=16, bold=True, color=INK)
    elif kind == "heading":
        cell.font = Font(name="Calibri", size=12, bold=True, color=INK)
    elif kind == "note":
        cell.font = Font(name="Calibri", size=10, italic=True, color="FF55636E")
