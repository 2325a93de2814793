"""What a workbook's cells may be, by the type of their column; a value that a spreadsheet may have changed is rejected.

Kinds of cell, as the child tells them: ``t`` text, ``n`` number, ``d`` date, ``b`` boolean, ``e`` error, ``f`` formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.readers.raw import CellFailure
from schemas.octets import LARGE_TEXT

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AMOUNTS: Final = ("amount", "amount_or_none", "balance")
_WHOLE: Final = r"^[0-9]+$"
_ONE_PLACE: Final = r"^[0-9]+\.[0-9]$"
_SEND_AGAIN: Final = "correct the cell at the source and send the row again"

_ALLOWED: Final[dict[str, str]] = {
    "text": "t",
    "date": "td",
    "rate": "tn",
    "amount": "tn",
    "amount_or_none": "tn",
    "balance": "tn",
}
"""Type of a column → the kinds of cell it takes."""

_TOLD: Final[dict[str, tuple[str, str]]] = {
    "n": (
        "number_cell",
        "expected a text cell, found a number: zeros may be lost; keep the column as text and send the row again",
    ),
    "d": ("date_cell", f"expected a text or number cell, found a date; {_SEND_AGAIN}"),
    "b": ("boolean_cell", f"expected a text or number cell, found a boolean; {_SEND_AGAIN}"),
    "e": ("error_cell", f"expected a value, found an error of the spreadsheet; {_SEND_AGAIN}"),
    "f": (
        "formula_cell",
        "expected a value, found a formula; paste it as a value at the source and send the row again",
    ),
}


def failures_of(name: str, kinds: NDArray[np.str_], column_type: str) -> list[CellFailure]:
    """The rows of a column whose cell is of a kind that its type does not take, one failure a kind."""
    forbidden = [kind for kind in _TOLD if kind not in _ALLOWED[column_type]]
    masks = {kind: np.asarray(kinds == kind, np.bool_) for kind in forbidden}
    return [CellFailure(name, *_TOLD[kind], mask) for kind, mask in masks.items() if mask.any()]


def text_of(texts: NDArray[np.object_], kinds: NDArray[np.str_], column_type: str) -> NDArray[np.object_]:
    """The texts of a column; numbers in a column of amounts with at most two places are written with two."""
    numbers = np.asarray(kinds == "n", np.bool_)
    if column_type not in _AMOUNTS or not numbers.any():
        return texts
    array = pyarrow.array(texts, LARGE_TEXT)
    padded = pc.if_else(pc.match_substring_regex(array, _WHOLE), _followed_by(array, ".00"), array)
    padded = pc.if_else(pc.match_substring_regex(array, _ONE_PLACE), _followed_by(array, "0"), padded)
    return np.where(numbers, padded.to_numpy(zero_copy_only=False), texts)


def _followed_by(array: pyarrow.LargeStringArray, ending: str) -> pyarrow.LargeStringArray:
    return pc.binary_join_element_wise(array, pyarrow.scalar(ending, LARGE_TEXT), pyarrow.scalar("", LARGE_TEXT))
