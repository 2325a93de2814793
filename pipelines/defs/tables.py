"""Tables as Dagster sees them: which a stage takes and gives, their columns, and the figures told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import dagster as dg
import pandas as pd

from schemas.catalog import WORKING
from schemas.table import Table

Handed = Iterator[dg.Output[pd.DataFrame]]
"""What a stage yields: its tables, by the names of its outputs."""

IO_MANAGER: Final = "working_tables"
"""The resource that keeps the tables between stages."""

FIRST: Final = {"dagster/priority": "1"}
"""Of the assets that could run next, this one does: so that stages follow one another as CONTRACT tells them."""

LAST: Final = {"dagster/priority": "-1"}
"""Of the assets that could run next, this one waits."""


def takes(*names: str) -> dict[str, dg.AssetIn]:
    """The tables that a stage needs."""
    return {name: dg.AssetIn(key=name) for name in names}


def gives(stage: str, *names: str) -> dict[str, dg.AssetOut]:
    """The tables that a stage gives, in the group of its name.

    A stage of several tables is declared ``can_subset``, and none of them required, although it always gives them all:
    for assets that must go together, Dagster 1.13 compares the partitions of a backfill with ``!=``, which there
    means "of other make" and turns away about two backfills in five at random (docs/decisions/0005).
    """
    return {
        name: dg.AssetOut(
            key=name,
            description=" ".join((WORKING[name].__doc__ or "").split()),
            group_name=stage,
            io_manager_key=IO_MANAGER,
            metadata={"dagster/column_schema": column_schema(WORKING[name])},
            kinds={"pandas"},
            is_required=len(names) == 1,
        )
        for name in names
    }


def column_schema(model: type[Table]) -> dg.TableSchema:
    """The columns of a model with what each means."""
    fields = model.to_schema().columns
    kinds = model.kinds()
    return dg.TableSchema(
        columns=[dg.TableColumn(name, type=kinds[name], description=fields[name].description) for name in kinds]
    )


def hand_over(tables: Mapping[str, pd.DataFrame]) -> Handed:
    """Give each table with its figures."""
    for name, table in tables.items():
        yield dg.Output(table, output_name=name, metadata=figures(name, table))


def figures(name: str, table: pd.DataFrame) -> dict[str, Any]:
    """Number of rows, and the sum of each column of centavos; of tables that may hold other currencies, pesos only."""
    kinds = WORKING[name].kinds()
    currency = next((column for column in ("currency", "pay_currency") if column in kinds), None)
    pesos = table[table[currency].eq("MXN")] if currency else table
    sums = {
        f"{column}_mxn" if currency else column: int(pesos[column].sum())
        for column, kind in kinds.items()
        if kind in {"centavos", "optional_centavos"} and name != "certificate"
    }
    other = {"rows_in_other_currencies": len(table) - len(pesos)} if currency else {}
    return {"dagster/row_count": len(table), **sums, **other}
