"""Workbooks (.xlsx): every cell as the text in the file, read in a child process with limits (CONTRACT §4)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow

from pipelines.readers import cells, header, package
from pipelines.readers.raw import RawRows
from pipelines.readers.refusal import Refused, counted
from schemas.octets import LARGE_TEXT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout

MEMORY_BYTES: Final = 512 << 20
SECONDS: Final = 60
_CHILD: Final = Path(__file__).with_name("workbook_child.py")
_REMEDY: Final = "export the sheet again as a plain .xlsx workbook, in parts if it is large"


@dataclass(frozen=True)
class Grid:
    """The filled rows of a sheet below its titles: ``texts`` and ``kinds`` (``n``, columns), ``lines`` their rows."""

    sheet: str
    lines: NDArray[np.int64]
    texts: NDArray[np.object_]
    kinds: NDArray[np.str_]


def read(content: bytes, layout: Layout) -> RawRows:
    """The rows of the layout's sheet as text; raises ``Refused`` where the workbook is not the layout's."""
    package.look(content)
    grid = _grid(_ask_child(content, layout), layout)
    names = _header(grid, layout)
    body = Grid(grid.sheet, grid.lines[1:], grid.texts[1:, : len(names)], grid.kinds[1:, : len(names)])
    _check_width(grid, len(names))
    return _rows(body, names, layout)


def _ask_child(content: bytes, layout: Layout) -> dict[str, Any]:
    asked = {"sheet": layout.workbook.sheet, "memory_bytes": MEMORY_BYTES, "cpu_seconds": SECONDS}
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the workbook is only its input
            [sys.executable, "-I", str(_CHILD)],
            input=json.dumps(asked).encode() + b"\n" + content,
            capture_output=True,
            timeout=2 * SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        found = "a workbook that does not open within the limits of memory and time"
        raise Refused(
            found=found, expected=f"at most {MEMORY_BYTES >> 20} MB and {SECONDS} s", remedy=_REMEDY
        ) from None
    said: dict[str, Any] = json.loads(done.stdout)
    if "refusal" in said:
        raise Refused(**said["refusal"], sheet=layout.workbook.sheet)
    return said


def _grid(said: dict[str, Any], layout: Layout) -> Grid:
    """The cells below the title rows as a grid that holds the filled rows only."""
    cells_said = list(zip(*said["cells"], strict=True)) or [()] * 4
    rows = np.asarray(cells_said[0], np.int64)
    below = np.flatnonzero(rows > layout.workbook.title_rows)
    if not below.size:
        raise Refused(
            found="no header",
            expected=f"a header in row {layout.workbook.title_rows + 1}",
            remedy=_REMEDY,
            sheet=said["sheet"],
        )
    columns = np.asarray(cells_said[1], np.int64)[below]
    lines, places = np.unique(rows[below], return_inverse=True)
    if said["merged_rows"] > layout.workbook.title_rows:
        raise Refused(
            found="merged cells",
            expected="no merged cells below the title",
            remedy=_REMEDY,
            line=said["merged_rows"],
            sheet=said["sheet"],
        )
    _check_size(lines, columns, layout, said["sheet"])
    texts = np.full((lines.size, int(columns.max())), "", object)
    kinds = np.full(texts.shape, "t", "<U1")
    texts[places, columns - 1] = np.asarray(cells_said[3], object)[below]
    kinds[places, columns - 1] = np.asarray(cells_said[2], "<U1")[below]
    return Grid(said["sheet"], lines, texts, kinds)


def _check_size(lines: NDArray[np.int64], columns: NDArray[np.int64], layout: Layout, sheet: str) -> None:
    if lines.size > layout.limits.rows:
        found = counted(int(lines.size), "row")
        raise Refused(
            found=found,
            expected=f"at most {counted(layout.limits.rows, 'row')}",
            remedy="split the file and send the parts",
            sheet=sheet,
        )
    # A stray cell far to the right would make a grid of nothing.
    if columns.max() > 2 * len(layout.columns):
        found = f"a value in column {int(columns.max())}"
        raise Refused(
            found=found, expected=f"values in {counted(len(layout.columns), 'column')}", remedy=_REMEDY, sheet=sheet
        )


def _header(grid: Grid, layout: Layout) -> list[str]:
    line = layout.workbook.title_rows + 1
    if grid.lines[0] != line:
        raise Refused(
            found="an empty row", expected=f"the header in row {line}", remedy=_REMEDY, line=int(line), sheet=grid.sheet
        )
    said = [str(text) for text in grid.texts[0]]
    while said and not said[-1]:
        said.pop()
    return header.match(said, layout.columns, layout.aliases, line)


def _check_width(grid: Grid, width: int) -> None:
    beyond = (grid.texts[:, width:] != "").any(axis=1)
    if beyond.any():
        line = int(grid.lines[np.argmax(beyond)])
        remedy = "remove what stands beside the table and export the sheet again"
        raise Refused(
            found="a value to the right of the last column",
            expected=counted(width, "column"),
            remedy=remedy,
            line=line,
            sheet=grid.sheet,
        )


def _rows(body: Grid, names: list[str], layout: Layout) -> RawRows:
    texts = {
        name: cells.text_of(body.texts[:, place], body.kinds[:, place], layout.types.get(name, "text"), layout)
        for place, name in enumerate(names)
    }
    totals = _totals(texts, layout)
    last = body.lines.size - bool(totals)
    failures = [
        failure
        for place, name in enumerate(names)
        for failure in cells.failures_of(name, body.kinds[:last, place], layout.types.get(name, "text"))
    ]
    arrays = {name: pyarrow.array(texts[name][:last], LARGE_TEXT) for name in layout.columns}
    return RawRows(
        columns=pyarrow.table(arrays),
        lines=body.lines[:last],
        sheet=body.sheet,
        failures=tuple(failures),
        totals=totals,
        totals_line=int(body.lines[-1]) if totals else 0,
    )


def _totals(texts: dict[str, NDArray[np.object_]], layout: Layout) -> dict[str, str]:
    """The texts of the last row where it is the totals row that the layout declares."""
    control = layout.controls.totals
    if control is None or not texts[control.label_column].size or texts[control.label_column][-1] != control.label:
        return {}
    return {name: str(column[-1]) for name, column in texts.items()}
