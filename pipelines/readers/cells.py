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

_NUMBER: Final = (
    "number_cell",
    "expected a text cell, found a number: zeros may be lost; keep the column as text and send the row again",
)
_LONG_NUMBER: Final = (
    "number_cell",
    "expected a text cell, found a number of over 15 digits: the last are unrecoverable; send the row again as text",
)
_BARE_NUMBER: Final = (
    "number_cell",
    f"expected a date, found a number without the format of a date, or of a day that is none; {_SEND_AGAIN}",
)
_DATE_WINDOW: Final = (
    "date_window",
    f"expected a date from 2000 to 2099: the workbook may count its days from another year; {_SEND_AGAIN}",
)

_TOLD: Final[dict[str, tuple[str, str]]] = {
    "d": ("date_cell", f"expected a text or number cell, found a date; {_SEND_AGAIN}"),
    "b": ("boolean_cell", f"expected a text or number cell, found a boolean; {_SEND_AGAIN}"),
    "e": ("error_cell", f"expected a value, found an error of the spreadsheet; {_SEND_AGAIN}"),
    "f": (
        "formula_cell",
        "expected a value, found a formula; paste it as a value at the source and send the row again",
    ),
}


def failures_of(
    name: str, texts: pyarrow.LargeStringArray, kinds: NDArray[np.uint8], layout: Layout
) -> list[CellFailure]:
    """The rows of a column whose cell is of a kind that its type does not take, or a date of no likely year."""
    column_type = layout.types.get(name, "text")
    told = [(_TOLD[kind], kinds == ord(kind)) for kind in _TOLD if kind not in _ALLOWED[column_type]]
    numbers = kinds == ord("n")
    if column_type == "date":
        told += [(_BARE_NUMBER, numbers), (_DATE_WINDOW, (kinds == ord("d")) & ~_matches(texts, _likely(layout)))]
    elif "n" not in _ALLOWED[column_type] and numbers.any():
        is_long = _matches(texts, "[0-9.]{16}|[Ee]")
        told += [(_LONG_NUMBER, numbers & is_long), (_NUMBER, numbers & ~is_long)]
    return [CellFailure(name, *what, mask) for what, mask in told if mask.any()]


def _likely(layout: Layout) -> str:
    """The pattern of a date of this century as the layout writes it; with a time it is written as in the file."""
    date = layout.dates.pattern.replace("YYYY", "20[0-9]{2}").replace("MM", "[0-9]{2}").replace("DD", "[0-9]{2}")
    return f"^(?:{date}|20[0-9]{{2}}-.*T.*)$"


def _matches(texts: pyarrow.LargeStringArray, pattern: str) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def text_of(
    texts: pyarrow.LargeStringArray, kinds: NDArray[np.uint8], column_type: str, layout: Layout
) -> pyarrow.LargeStringArray:
    """The texts of a column; its numbers and dates as the layout writes amounts and dates, amounts with two places."""
    if column_type == "date":
        return _where(texts, kinds == ord("d"), lambda array: _dates(array, layout.dates.pattern))
    if column_type in _AMOUNTS:
        return _where(texts, kinds == ord("n"), lambda array: _amounts(array, layout.amounts))
    return texts


def _where(
    texts: pyarrow.LargeStringArray,
    cells: NDArray[np.bool_],
    written: Callable[[pyarrow.LargeStringArray], pyarrow.LargeStringArray],
) -> pyarrow.LargeStringArray:
    if not cells.any():
        return texts
    return pc.if_else(pyarrow.array(cells), written(texts), texts)


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
