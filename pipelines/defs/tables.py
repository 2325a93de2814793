"""Tables as Dagster sees them: which a stage takes and gives, their columns, and the figures told of them.

Dagster orders the stages and records what they made. The tables themselves pass it by, through the shelf of the run
(``working``): to Dagster an asset depends on others and gives its figures (docs/decisions/0033).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import dagster as dg
import pandas as pd

from pipelines.defs.guarding import stage
from pipelines.defs.partitions import MONTHS
from pipelines.defs.resources import Programme
from pipelines.engine.figures import of_frame
from schemas.catalog import WORKING
from schemas.table import Table

Made = Iterator[dg.MaterializeResult[None]]
"""What a stage tells Dagster: each table that it made, with its figures."""

Given = Mapping[str, Any]
"""Tables by name: frames, or of a month in shards where they lie (``engine.sharding.tables.ShardedTable``)."""

Make = Callable[[Programme, Given], Given]
"""A stage: tables to tables."""

Takers = dg.ResourceParam[dict[str, int]]
"""Table → how many stages take it: a resource, as no stage knows those after it."""

FIRST: Final = {"dagster/priority": "1"}
"""Of the assets that could run next, this one does: so that stages follow one another as CONTRACT tells them."""

LAST: Final = {"dagster/priority": "-1"}
"""Of the assets that could run next, this one waits."""


def makes(
    group: str, *, takes: Iterable[str], gives: Iterable[str], tags: Mapping[str, str] | None = None
) -> Callable[[Make], dg.AssetsDefinition]:
    """Make assets of a stage: a function that is given the tables ``takes`` and gives the tables ``gives``."""
    taken, given = list(takes), list(gives)

    def decorate(make: Make) -> dg.AssetsDefinition:
        @dg.multi_asset(
            name=make.__name__,
            description=make.__doc__,
            specs=specs(group, *given, takes=taken),
            partitions_def=MONTHS,
            can_subset=len(given) > 1,
            op_tags=tags,
        )
        def assets(programme: Programme, takers: Takers) -> Made:
            with stage(programme.month, group):
                yield from hand_over(programme, takers, make(programme, programme.tables.take(*taken)))

        return assets

    return decorate


def specs(group: str, *names: str, takes: Iterable[str] = ()) -> list[dg.AssetSpec]:
    """The tables that a stage gives, in the group of its name, made out of those that it takes.

    A stage of several tables is declared ``can_subset``, and none of them required, although it always gives them all:
    for assets that must go together, Dagster 1.13 compares the partitions of a backfill with ``!=``, which there
    means "of other make" and turns away about two backfills in five at random (docs/decisions/0005).
    """
    return [
        dg.AssetSpec(
            name,
            deps=[*takes],
            description=" ".join((WORKING[name].__doc__ or "").split()),
            group_name=group,
            metadata={"dagster/column_schema": column_schema(WORKING[name])},
            kinds={"pandas"},
        )
        for name in names
    ]


def count_takers(assets: Iterable[dg.AssetsDefinition]) -> dict[str, int]:
    """Table → how many stages take it."""
    return dict(Counter(key.path[-1] for stage in assets for key in stage.dependency_keys))


def column_schema(model: type[Table]) -> dg.TableSchema:
    """The columns of a model with what each means."""
    fields = model.to_schema().columns
    kinds = model.kinds()
    return dg.TableSchema(
        columns=[dg.TableColumn(name, type=kinds[name], description=fields[name].description) for name in kinds]
    )


def hand_over(programme: Programme, takers: Mapping[str, int], tables: Given) -> Made:
    """Put each table on the shelf and tell its figures."""
    for name, table in tables.items():
        programme.tables.put(name, table, takers.get(name, 0))
        told = of_frame(name, table) if isinstance(table, pd.DataFrame) else table.figures
        yield dg.MaterializeResult(asset_key=name, metadata={**programme.tell(name, dict(told)), **_way(programme)})


def _way(programme: Programme) -> dict[str, str]:
    """What is said of the tables of a month that was kept: none was made."""
    return {"unchanged": "nothing is new: not made again"} if programme.kept else {}
