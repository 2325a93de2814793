"""The value of one canonical column for a set of rows: constant, first filled source, extracted, mapped, dated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.readers import clocks
from pipelines.readers.raw import CellFailure
from schemas.octets import LARGE_TEXT, as_array

if TYPE_CHECKING:
    from pipelines.readers.layout import Expression, Layout

_FIRST_GROUP: Final = re.compile(r"(?<!\\)\((?!\?)")


def evaluate(
    columns: pyarrow.Table, expression: Expression | None, layout: Layout
) -> tuple[pyarrow.LargeStringArray, list[CellFailure]]:
    """The texts of the expression for all ``n`` rows, and where it cannot be read (there the text is empty).

    No expression is the empty text.
    """
    constant = "" if expression is None else expression.constant
    if expression is None or (constant is not None and not expression.date):
        return _constant(constant, columns.num_rows), []
    texts = _first_filled(columns, expression.source) if constant is None else _constant(constant, columns.num_rows)
    failures: list[CellFailure] = []
    if expression.extract:
        texts, failed = _extracted(texts, expression)
        failures += failed
    if expression.map:
        texts, failed = _mapped(texts, expression)
        failures += failed
    if expression.date:
        texts, failed = clocks.instants(as_array(columns[expression.date]), texts, expression, layout.dates)
        failures += failed
    return texts, failures


def _constant(text: str | None, rows: int) -> pyarrow.LargeStringArray:
    return pyarrow.repeat(pyarrow.scalar(text, LARGE_TEXT), rows)


def _first_filled(columns: pyarrow.Table, names: tuple[str, ...]) -> pyarrow.LargeStringArray:
    texts = as_array(columns[names[0]])
    for name in names[1:]:
        texts = pc.if_else(pc.equal(texts, ""), as_array(columns[name]), texts)
    return texts


def _extracted(
    texts: pyarrow.LargeStringArray, expression: Expression
) -> tuple[pyarrow.LargeStringArray, list[CellFailure]]:
    found = pc.struct_field(pc.extract_regex(texts, _FIRST_GROUP.sub("(?P<found>", expression.extract, 1)), "found")
    missing = pc.is_null(found)
    whole = pc.fill_null(found, expression.otherwise or "").cast(LARGE_TEXT)
    if expression.otherwise is not None or not pc.any(missing).as_py():
        return whole, []
    reason = f"expected text that matches {expression.extract}; ask the sender for the row as its layout says"
    return whole, [CellFailure(expression.source[0], "text_pattern", reason, missing.to_numpy(zero_copy_only=False))]


def _mapped(
    texts: pyarrow.LargeStringArray, expression: Expression
) -> tuple[pyarrow.LargeStringArray, list[CellFailure]]:
    said = pyarrow.array(list(expression.map), LARGE_TEXT)
    meant = pyarrow.array(list(expression.map.values()), LARGE_TEXT)
    place = pc.index_in(texts, value_set=said)
    unknown = np.asarray(pc.is_null(place).to_numpy(zero_copy_only=False), dtype=np.bool_)
    whole = pc.fill_null(meant.take(place), "")
    if not unknown.any():
        return whole, []
    reason = f"expected one of {', '.join(expression.map)}; ask the sender for the row as its layout says"
    return whole, [CellFailure(expression.source[0], "status", reason, unknown)]
