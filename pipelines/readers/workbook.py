"""Workbooks (.xlsx): every cell as the text in the file, read in a child process with limits (CONTRACT §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.readers import cells, forms, grammar, header, package, workbook_process
from pipelines.readers.raw import CellFailure, RawRows, Section
from pipelines.readers.refusal import Refused, counted
from schemas.octets import LARGE_TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout
    from pipelines.readers.workbook_process import Sheet

_CUT_OFF_AT: Final = (65_536, 1_048_576)
"""Row numbers with which the sheets of old and new spreadsheets end."""


def read(content: bytes, layout: Layout) -> RawRows:
    """The rows of the layout's sheets as text; raises ``Refused`` where the workbook is not the layout's.

    Rows stand in the order of the sheets in the workbook. A workbook that hides values, or that ends where
    spreadsheets cut off, reads and is to be held.
    """
    sheets, hidden = workbook_process.ask(content, package.look(content), layout)
    tables = []
    for sheet in sheets:
        try:
            tables.append(_table(sheet, layout))
        except Refused as refused:
            refused.sheet = sheet.name
            raise
    _check_rows(tables, layout)
    return _joined(sheets, tables, layout, hidden)


class _Table:
    """A sheet below its header: ``n`` rows of the layout's columns as text, the kinds of cell, and its totals row."""

    def __init__(self, sheet: Sheet, names: Sequence[str], layout: Layout) -> None:
        body = slice(1, None)
        self.name, self.lines = sheet.name, sheet.lines[body]
        self.kinds = {name: sheet.kinds[place, body] for place, name in enumerate(names)}
        self.texts = {
            name: cells.text_of(sheet.texts[place].slice(1), self.kinds[name], layout.types.get(name, "text"), layout)
            for place, name in enumerate(names)
        }
        self._keep(forms.touched(self.texts, self.kinds, layout))
        self.totals = self._totals(layout)
        self.totals_line = int(self.lines[-1]) if self.totals else 0
        self.rows = self.lines.size - bool(self.totals)

    def _keep(self, rows: NDArray[np.bool_] | None) -> None:
        """Keep these rows of a form; the others were left alone."""
        if rows is not None:
            self.lines = self.lines[rows]
            self.kinds = {name: kinds[rows] for name, kinds in self.kinds.items()}
            self.texts = {name: texts.filter(pyarrow.array(rows)) for name, texts in self.texts.items()}

    def _totals(self, layout: Layout) -> dict[str, str]:
        """The texts of the last row, typed ones as canonical, where it is the totals row that the layout declares."""
        control = layout.controls.totals
        if control is None or not self.lines.size or self.texts[control.label_column][-1].as_py() != control.label:
            return {}
        last = {name: column.slice(len(column) - 1) for name, column in self.texts.items()}
        typed = {name: grammar.convert(last[name], kind, layout).texts for name, kind in layout.types.items()}
        return {name: column[0].as_py() for name, column in {**last, **typed}.items()}


def _table(sheet: Sheet, layout: Layout) -> _Table:
    line = layout.workbook.title_rows + 1
    if sheet.merged_rows >= line:
        found = "merged cells"
        raise Refused(found, "no merged cells below the title", workbook_process.REMEDY, sheet.merged_rows)
    if not sheet.lines.size or sheet.lines[0] != line:
        found = "an empty row" if sheet.lines.size else "no header"
        raise Refused(found, f"the header in row {line}", workbook_process.REMEDY, line)
    said = [column[0].as_py() for column in sheet.texts]
    while said and not said[-1]:
        said.pop()
    names = header.match(said, layout.columns, layout.aliases, line)
    _check_beside(sheet, len(names))
    return _Table(sheet, names, layout)


def _check_beside(sheet: Sheet, width: int) -> None:
    filled = [pc.not_equal(column, "").to_numpy(zero_copy_only=False) for column in sheet.texts[width:]]
    beside = np.any([*filled, *(kinds != ord("t") for kinds in sheet.kinds[width:])], axis=0)
    if beside.any():
        raise Refused(
            found="a value to the right of the last column",
            expected=counted(width, "column"),
            remedy="remove what stands beside the table and export the sheet again",
            line=int(sheet.lines[np.argmax(beside)]),
        )


def _check_rows(tables: Sequence[_Table], layout: Layout) -> None:
    rows = sum(table.rows for table in tables)
    if rows > layout.limits.rows:
        expected = f"at most {counted(layout.limits.rows, 'row')}"
        raise Refused(counted(rows, "row"), expected, "split the file and send the parts")


def _joined(sheets: Sequence[Sheet], tables: Sequence[_Table], layout: Layout, hidden: list[str]) -> RawRows:
    columns = {name: pyarrow.concat_arrays([_rows(table, name) for table in tables]) for name in layout.columns}
    kinds = {name: np.concatenate([table.kinds[name][: table.rows] for table in tables]) for name in layout.columns}
    return RawRows(
        columns=pyarrow.table(columns),
        lines=np.concatenate([table.lines[: table.rows] for table in tables]),
        sheet=sheets[0].name,
        sheets=_names(tables) if len(tables) > 1 else None,
        hold=workbook_process.hold_of(sheets, hidden, _CUT_OFF_AT),
        failures=_failures(columns, kinds, layout),
        sections=_sections(tables),
        notes=_notes(sheets, layout),
    )


def _rows(table: _Table, name: str) -> pyarrow.LargeStringArray:
    return table.texts[name].slice(0, table.rows).cast(LARGE_TEXT)


def _names(tables: Sequence[_Table]) -> NDArray[np.object_]:
    names = np.array([table.name for table in tables], dtype=object)
    return np.repeat(names, [table.rows for table in tables])


def _failures(
    columns: dict[str, pyarrow.LargeStringArray], kinds: dict[str, NDArray[np.uint8]], layout: Layout
) -> tuple[CellFailure, ...]:
    """What is wrong with cells, told column by column in the order of the layout."""
    return tuple(
        failure for name in layout.columns for failure in cells.failures_of(name, columns[name], kinds[name], layout)
    )


def _sections(tables: Sequence[_Table]) -> tuple[Section, ...]:
    ends = np.cumsum([table.rows for table in tables]).tolist()
    return tuple(
        Section(table.name, end - table.rows, end, table.totals, table.totals_line)
        for table, end in zip(tables, ends, strict=True)
    )


def _notes(sheets: Sequence[Sheet], layout: Layout) -> tuple[str, ...]:
    """What is hidden in the sheets, and read all the same; a sealed form hides its seal itself."""
    is_form = bool(layout.workbook.seal)
    told = [
        (sheet.name, counted(number, thing))
        for sheet in sheets
        for number, thing in (
            (sheet.hidden_rows, "hidden row"),
            (0 if is_form else sheet.hidden_columns, "hidden column"),
        )
        if number
    ]
    return tuple(f"sheet {name}: {what}, read like the others" for name, what in told)
