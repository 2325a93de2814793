"""What every mechanics hands over: the rows of a file as text under the sender's own column names, with their lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Failure:
    """Rows (a mask over all rows) that cannot be used because of ``column``; the reason never holds a value.

    Of several failures of a row the one with the smallest ``place`` is told: the place of its canonical column in
    CONTRACT §3, or ``WHOLE_ROW`` where the row as a whole is not to be used.
    """

    column: str
    rule: str
    reason: str
    rows: NDArray[np.bool_]
    place: int


WHOLE_ROW: Final = -1


@dataclass(frozen=True)
class CellFailure:
    """Rows (a mask over all rows) whose cell in the source column ``column`` is no usable text."""

    column: str
    rule: str
    reason: str
    rows: NDArray[np.bool_]


@dataclass(frozen=True)
class Section:
    """A sheet's rows from ``first`` to before ``stop`` (places, not lines), and its totals row, if it has one."""

    sheet: str
    first: int
    stop: int
    totals: dict[str, str]
    totals_line: int


@dataclass(frozen=True)
class RawRows:
    """The ``n`` data rows of a file as text, the line or sheet row on which each starts, and what is wrong with cells.

    ``sheets`` names the sheet of every row where the file has several, ``sheet`` the one of all rows. ``hold`` says why
    the file has to wait for a person although it reads; ``number`` is its place in the sequence of its sender's files
    where the layout has one. ``sections`` are the sheets of a workbook with their totals rows, where the layout has
    those. ``notes`` say what is worth a look but holds nothing up. ``broken_lines``
    are those of records with a wrong number of fields where the layout rejects these alone, ``broken_texts`` the
    records themselves.
    """

    columns: pyarrow.Table
    lines: NDArray[np.int64]
    sheet: str = ""
    sheets: NDArray[np.object_] | None = None
    hold: str = ""
    number: int | None = None
    failures: tuple[CellFailure, ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    broken_lines: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    broken_texts: tuple[str, ...] = ()

    def sheet_names(self) -> pyarrow.StringArray:
        """The sheet of each of the ``n`` rows."""
        if self.sheets is None:
            return pyarrow.repeat(self.sheet, self.lines.size)
        return pyarrow.array(self.sheets, pyarrow.string())
