"""What every mechanics hands over: the rows of a file as text under the sender's own column names, with their lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pyarrow
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
class RawRows:
    """The ``n`` data rows of a file as text, the line or sheet row on which each starts, and what is wrong with cells.

    ``totals`` holds the texts of the totals row where the layout has one. ``broken_lines`` are those of records
    with a wrong number of fields where the layout rejects these alone, ``broken_digest`` the digest of their bytes.
    """

    columns: pyarrow.Table
    lines: NDArray[np.int64]
    sheet: str = ""
    failures: tuple[CellFailure, ...] = ()
    totals: dict[str, str] = field(default_factory=dict)
    totals_line: int = 0
    broken_lines: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    broken_digest: str = ""
