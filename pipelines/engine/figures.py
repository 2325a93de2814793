"""The figures told of a table: how many rows, how many centavos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow
import pyarrow.compute as pc

from schemas.catalog import WORKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

Figures = dict[str, int]

_CENTAVOS: Final = ("centavos", "optional_centavos")


def figures(name: str, table: pyarrow.Table) -> Figures:
    """Number of rows, and the sum of each column of centavos; of tables that may hold other currencies, pesos only."""
    kinds = WORKING[name].kinds()
    currency = _currency(kinds)
    in_pesos = pc.equal(table[currency], "MXN") if currency else None
    sums = {
        f"{column}_mxn" if currency else column: _sum(table[column], in_pesos)
        for column, kind in kinds.items()
        if kind in _CENTAVOS and name != "certificate"
    }
    other = {} if in_pesos is None else {"rows_in_other_currencies": table.num_rows - (pc.sum(in_pesos).as_py() or 0)}
    return {"dagster/row_count": table.num_rows, **sums, **other}


def of_frame(name: str, frame: pd.DataFrame) -> Figures:
    """As :func:`figures`, of a table that is a frame."""
    kinds = WORKING[name].kinds()
    asked = [next(iter(kinds)), _currency(kinds), *(column for column, kind in kinds.items() if kind in _CENTAVOS)]
    return figures(name, pyarrow.table({column: pyarrow.array(frame[column]) for column in asked if column}))


def _currency(kinds: Mapping[str, str]) -> str | None:
    return next((column for column in ("currency", "pay_currency") if column in kinds), None)


def _sum(amounts: pyarrow.ChunkedArray, counted: pyarrow.ChunkedArray | None) -> int:
    return pc.sum(amounts if counted is None else amounts.filter(counted), min_count=0).as_py() or 0
