"""Rows of an Arrow table counted and summed by some of its columns, in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow

Row = tuple[Any, ...]


def count_and_sum(table: pyarrow.Table, keys: Sequence[str], distinct: str = "") -> list[Row]:
    """For each combination of ``keys``: its values, its rows (or distinct values of a column), Σ amount_centavos."""
    counts = (distinct, "count_distinct") if distinct else ([], "count_all")
    return grouped(table, keys, [counts, ("amount_centavos", "sum")])


def grouped(table: pyarrow.Table, keys: Sequence[str], figures: Sequence[tuple[Any, str]]) -> list[Row]:
    """For each combination of ``keys``: its values and then the figures, in the order of the keys."""
    sums = table.group_by(list(keys), use_threads=False).aggregate(list(figures))
    columns = [*keys, *(f"{name}_{how}" if name else how for name, how in figures)]
    return sorted(tuple(row[column] for column in columns) for row in sums.to_pylist())
