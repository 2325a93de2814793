"""Tables as Dagster sees them: which a stage takes and gives, their columns, and the figures told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import dagster as dg
import pandas as pd

from pipelines.engine.figures import figures
from pipelines.engine.sharding.tables import ShardedTable
from schemas.catalog import WORKING
from schemas.table import Table

Handed = Iterator[dg.Output[Any]]
"""What a stage yields: its tables, by the names of its outputs; of a month in shards, where they lie."""

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


def hand_over(tables: Mapping[str, pd.DataFrame | ShardedTable]) -> Handed:
    """Give each table with its figures."""
    for name, table in tables.items():
        told = table.figures if isinstance(table, ShardedTable) else figures(name, table)
        yield dg.Output(table, output_name=name, metadata=dict(told))
