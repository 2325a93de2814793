"""The figures told of a table: how many rows, how many centavos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.catalog import WORKING

if TYPE_CHECKING:
    import pandas as pd

Figures = dict[str, int]


def figures(name: str, table: pd.DataFrame) -> Figures:
    """Number of rows, and the sum of each column of centavos; of tables that may hold other currencies, pesos only."""
    kinds = WORKING[name].kinds()
    currency = next((column for column in ("currency", "pay_currency") if column in kinds), None)
    in_pesos = table[currency].eq("MXN") if currency else None
    sums = {
        f"{column}_mxn" if currency else column: _sum(table[column], in_pesos)
        for column, kind in kinds.items()
        if kind in {"centavos", "optional_centavos"} and name != "certificate"
    }
    other = {} if in_pesos is None else {"rows_in_other_currencies": len(table) - int(in_pesos.sum())}
    return {"dagster/row_count": len(table), **sums, **other}


def _sum(amounts: pd.Series[int], counted: pd.Series[bool] | None) -> int:
    return int((amounts if counted is None else amounts[counted]).sum())
