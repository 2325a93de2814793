"""Where rows stand (file, sheet, row) as whole numbers, so that the proofs compare millions of places exactly.

A file's SHA-256 stands in row after row: it is numbered once for each run of rows, never hashed or compared for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.octets import as_array

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

PLACE: Final = ["sha256", "sheet", "row"]

ROWS: Final = 1 << 32
"""More rows than a file has: a spreadsheet ends at 2 to the 20, and no text file is read that is larger than this."""


class Places:
    """Numbers for files and sheets, given as they come; equal places get equal numbers, others do not."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}

    def of(self, rows: pd.DataFrame) -> NDArray[np.int64]:
        """The number of the place of each row (n); raises ``ValueError`` where a row's number is out of bounds."""
        file, sheet = as_array(rows["sha256"]), as_array(rows["sheet"])
        row = rows["row"].to_numpy(dtype=np.int64)
        if len(row) and not (row.min() >= 0 and row.max() < ROWS):
            message = f"rows are numbered from 0 to {ROWS - 1}"
            raise ValueError(message)
        heads = np.flatnonzero(_begins(file) | _begins(sheet))
        numbers = self._numbered(file.take(pyarrow.array(heads)), sheet.take(pyarrow.array(heads)))
        return np.asarray(np.repeat(numbers, np.diff(np.append(heads, len(row)))) * ROWS + row, dtype=np.int64)

    def counted(self, places: NDArray[np.int64]) -> dict[str, int]:
        """File (SHA-256) → how many of the places (n) are in it."""
        counts: dict[str, int] = {}
        sizes = np.bincount(places // ROWS, minlength=len(self._numbers))
        for (file, _), number in self._numbers.items():
            counts[file] = counts.get(file, 0) + int(sizes[number])
        return counts

    def _numbered(self, file: pyarrow.LargeStringArray, sheet: pyarrow.LargeStringArray) -> NDArray[np.int64]:
        files, sheets = file.dictionary_encode(), sheet.dictionary_encode()
        code = files.indices.to_numpy().astype(np.int64) * max(len(sheets.dictionary), 1) + sheets.indices.to_numpy()
        known, each = np.unique(code, return_inverse=True)
        numbers = []
        for file_code, sheet_code in zip(*np.divmod(known, max(len(sheets.dictionary), 1)), strict=True):
            pair = files.dictionary[file_code].as_py(), sheets.dictionary[sheet_code].as_py()
            numbers.append(self._numbers.setdefault(pair, len(self._numbers)))
        return np.array(numbers, dtype=np.int64)[each] if numbers else code


def only_once(roles: NDArray[np.int64], read: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places, in order, that stand exactly once in ``roles`` (n) and at least once in ``read`` (m)."""
    ordered = np.sort(roles)
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    once = ordered[begins[np.diff(np.append(begins, len(ordered))) == 1]]
    known = np.sort(read)
    at = np.minimum(np.searchsorted(known, once), max(0, len(known) - 1))
    return once[known[at] == once] if len(known) else known


def _begins(column: pyarrow.LargeStringArray) -> NDArray[np.bool_]:
    """For each text whether it is another one than that before it."""
    begins = np.ones(len(column), dtype=bool)
    begins[1:] = pc.not_equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)
    return begins
