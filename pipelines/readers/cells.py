"""What a workbook's cells may be, by the type of their column; a value that a spreadsheet may have changed is rejected.

Kinds of cell, as the child tells them: ``t`` text, ``n`` number, ``d`` date, ``b`` boolean, ``e`` error, ``f`` formula.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.readers.raw import CellFailure
from schemas.octets import LARGE_TEXT
from schemas.values import AMOUNT_DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pipelines.readers.layout import Amounts, Layout

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


def text_of(
    texts: NDArray[np.object_], kinds: NDArray[np.str_], column_type: str, layout: Layout
) -> NDArray[np.object_]:
    """The texts of a column; its numbers and dates as the layout writes amounts and dates, amounts with two places."""
    if column_type == "date":
        return _where(texts, kinds == "d", lambda array: _dates(array, layout.dates.pattern))
    if column_type in _AMOUNTS:
        return _where(texts, kinds == "n", lambda array: _amounts(array, layout.amounts))
    return texts


def _where(
    texts: NDArray[np.object_],
    cells: NDArray[np.bool_],
    written: Callable[[pyarrow.LargeStringArray], pyarrow.LargeStringArray],
) -> NDArray[np.object_]:
    if not cells.any():
        return texts
    return np.where(cells, written(pyarrow.array(texts, LARGE_TEXT)).to_numpy(zero_copy_only=False), texts)


def _dates(array: pyarrow.LargeStringArray, pattern: str) -> pyarrow.LargeStringArray:
    """Dates ``YYYY-MM-DD`` in the layout's pattern; a date with a time stays as it is, and is no date."""
    written = pattern.replace("YYYY", r"\1").replace("MM", r"\2").replace("DD", r"\3")
    return pc.replace_substring_regex(array, "^([0-9]{4})-([0-9]{2})-([0-9]{2})$", written)


def _amounts(array: pyarrow.LargeStringArray, grammar: Amounts) -> pyarrow.LargeStringArray:
    padded = pc.if_else(pc.match_substring_regex(array, _WHOLE), _joined(array, ".00"), array)
    padded = pc.if_else(pc.match_substring_regex(array, _ONE_PLACE), _joined(array, "0"), padded)
    if grammar.thousands:
        for _ in range(AMOUNT_DIGITS // 3):
            padded = pc.replace_substring_regex(
                padded, f"^([0-9]+)([0-9]{{3}}(?:{re.escape(grammar.thousands)}|[.]))", rf"\1{grammar.thousands}\2"
            )
    return _joined(grammar.prefix, padded) if grammar.prefix else padded


def _joined(front: pyarrow.LargeStringArray | str, back: pyarrow.LargeStringArray | str) -> pyarrow.LargeStringArray:
    parts = [pyarrow.scalar(part, LARGE_TEXT) if isinstance(part, str) else part for part in (front, back)]
    return pc.binary_join_element_wise(*parts, pyarrow.scalar("", LARGE_TEXT))
