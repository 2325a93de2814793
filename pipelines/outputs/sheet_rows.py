"""The rows of a table as the XML of a sheet, column by column: no object is made for a cell.

A row says its number; its cells stand in the order of the columns, so that none has to say where it is (an empty one is
``<c/>``). Text is kept in text cells, whatever it begins with: nothing here can become a formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.outputs.cells import as_text, begins_or_ends_with, concatenate, holds, join
from schemas.octets import octets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BATCH_ROWS: Final = 1 << 14
_CONTROLS: Final = [chr(code) for code in (*range(0x09), 0x0B, 0x0C, 0x0D, *range(0x0E, 0x20), 0xFFFE, 0xFFFF)]
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ODD: Final = (b"_x", b"\xef\xbf", b"&", b"<", b">")
"""What text without control characters has in it, where a cell holds it otherwise."""
_BLANKS: Final = b" \t\n"
_SPACE: Final = 0x20
_EPOCH: Final = 25_569
"""1970-01-01 as a workbook counts days."""
_LEAP: Final = 60
"""29 February 1900, which workbooks believe in; days before it are counted one lower."""


class Cells(NamedTuple):
    """The cells of a column: what stands before and after each value, and the values; empty ones are ``""``."""

    head: str
    values: pyarrow.Array
    tail: str


def encode(table: pyarrow.Table, styles: Sequence[int], first_row: int) -> Iterator[bytes]:
    """The rows of ``table``, numbered from ``first_row`` on; ``styles``: the number of the style of each column."""
    for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
        columns = [_cells(column, style) for column, style in zip(batch.columns, styles, strict=True)]
        yield concatenate(_rows(columns, np.arange(first_row, first_row + batch.num_rows)))
        first_row += batch.num_rows


def _rows(columns: Sequence[Cells], numbers: Any) -> pyarrow.Array:  # noqa: ANN401 - an array of NumPy
    parts: list[Any] = ['<row r="', pyarrow.array(numbers).cast(pyarrow.large_string())]
    text = '">'
    for head, values, tail in columns:
        if pc.any(pc.equal(values, ""), min_count=0).as_py():
            whole = pc.if_else(pc.equal(values, ""), "<c/>", join(head, values, tail))
            parts, text = [*parts, text, whole], ""
        else:
            parts, text = [*parts, text + head, values], tail
    return join(*parts, f"{text}</row>")


def _cells(column: pyarrow.Array, style: int) -> Cells:
    kind = column.type
    if pyarrow.types.is_integer(kind):
        return Cells(f'<c s="{style}"><v>', as_text(column), "</v></c>")
    if pyarrow.types.is_date32(kind):
        return Cells(f'<c s="{style}"><v>', as_text(_serial(column)), "</v></c>")
    if pyarrow.types.is_boolean(kind):
        return Cells('<c t="b"><v>', as_text(column.cast(pyarrow.int8())), "</v></c>")
    text = _escaped(as_text(column))
    space = ' xml:space="preserve"' if begins_or_ends_with(text, _BLANKS) else ""
    return Cells(f'<c s="{style}" t="inlineStr"><is><t{space}>', text, "</t></is></c>")


def _serial(days: pyarrow.Array) -> pyarrow.Array:
    """Civil dates as workbooks count them."""
    serial = pc.add(days.cast(pyarrow.int32()).cast(pyarrow.int64()), _EPOCH)
    return pc.if_else(pc.less_equal(serial, _LEAP), pc.subtract(serial, 1), serial)


def _escaped(text: pyarrow.Array) -> pyarrow.Array:
    """Text as a cell holds it: what XML cannot is written ``_x0000_``, and text that looks like that is escaped."""
    has_controls = bool((octets(text).data < _SPACE).any())
    if not has_controls and not holds(text, *_ODD):
        return text
    if holds(text, b"_x"):
        text = pc.replace_substring_regex(text, "_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1")
    if has_controls or holds(text, b"\xef\xbf"):
        for character in _CONTROLS:
            text = pc.replace_substring(text, character, f"_x{ord(character):04X}_")
    for character, entity in _ENTITIES.items():
        if holds(text, character.encode()):
            text = pc.replace_substring(text, character, entity)
    return text
