"""Single cells as the XML of a sheet, for sheets of which every row is made by hand; tables go by ``sheet_rows``."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from openpyxl.utils import get_column_letter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CELL_CHARACTERS: Final = 32_767
"""The longest text that a cell holds."""

_ODD: Final = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_EPOCH: Final = date(1899, 12, 30).toordinal()
"""Day 0 of workbooks, for every date after February 1900."""


def row(number: int, cells: Iterable[str], height: int = 0) -> bytes:
    """A row of cells; ``height`` in points, 0 the usual one."""
    high = f' ht="{height}" customHeight="1"' if height else ""
    return f'<row r="{number}"{high}>{"".join(cells)}</row>'.encode()


def cell(column: int, number: int, value: Any, style: int) -> str:  # noqa: ANN401 - whatever a cell holds
    """The cell of a column (from 1) and row: text, a whole or decimal number, a date; without a value its style alone.

    Text stays text, whatever it begins with; what XML cannot hold is written ``_x0000_``, and text like that escaped.
    """
    start = f'<c r="{_letter(column)}{number}" s="{style}"'
    if value is None or value == "":
        return f"{start}/>"
    if isinstance(value, str):
        text = _ODD.sub(_escaped, value[:CELL_CHARACTERS])
        space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
        return f'{start} t="inlineStr"><is><t{space}>{text}</t></is></c>'
    return f"{start}><v>{_number(value)}</v></c>"


def column(place: int, first: int, values: Sequence[Any], style: int, *, is_kept: bool) -> list[str]:
    """The cells of a column in rows from ``first`` on; one without a value is none at all, unless it ``is_kept``."""
    if not _is_plain(values):
        return [
            cell(place, number, value, style) if is_kept or not (value is None or value == "") else ""
            for number, value in enumerate(values, first)
        ]
    start, middle = f'<c r="{_letter(place)}', f'" s="{style}" t="inlineStr"><is><t>'
    empty = f'" s="{style}"/>' if is_kept else ""
    return [
        f"{start}{number}{middle}{value}</t></is></c>" if value else empty and f"{start}{number}{empty}"
        for number, value in enumerate(values, first)
    ]


def _is_plain(values: Sequence[Any]) -> bool:
    """Whether these are texts with nothing in them that a cell holds otherwise: asked of all of them at once."""
    if not all(type(value) is str for value in values):
        return False
    whole = "\n".join(values)
    is_even = whole.count("\n") == max(len(values) - 1, 0)
    return is_even and not _ODD.search(whole) and all(value == value.strip()[:CELL_CHARACTERS] for value in values)


def _number(value: Any) -> str:  # noqa: ANN401 - as above
    if isinstance(value, date):
        return str(value.toordinal() - _EPOCH)
    return f"{value:f}" if isinstance(value, Decimal) else f"{value:d}"


def _escaped(found: re.Match[str]) -> str:
    letter = found[0]
    return _ENTITIES.get(letter) or f"_x{ord(letter):04X}_"


@cache
def _letter(column: int) -> str:
    return str(get_column_letter(column))
