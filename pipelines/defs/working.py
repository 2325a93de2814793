"""Working tables: Arrow files in the home's ``work``, by month, that stages of one run hand to one another.

They belong to one run: the next run of the month clears them when it takes the lock, so that nothing is ever
published that was not proven in the same run.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow
import pyarrow.compute as pc
from pyarrow import feather

from pipelines.engine.landing import LandingReport
from pipelines.engine.sharding.tables import ShardedTable
from schemas.catalog import WORKING
from schemas.tables.landings import Landing

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from pipelines.store.home import Home

_REPORT: Final = b"quincena.landing"


class WorkingTableMissingError(RuntimeError):
    """A stage was started without the stages before it."""


def clear(home: Home, month: str) -> None:
    """Begin with no working table of ``month``."""
    folder = home.work / month
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def save(home: Home, month: str, name: str, frame: pd.DataFrame | ShardedTable) -> None:
    """Keep a table, or where it lies; raises ``TableSchemaError`` where it is not what its model says."""
    if isinstance(frame, ShardedTable):
        _where(home, month, name).write_text(json.dumps([frame.paths, frame.figures]), "utf-8")
        return
    feather.write_feather(WORKING[name].to_arrow(frame), str(_path(home, month, name)), compression="lz4")


def load(home: Home, month: str, name: str) -> pd.DataFrame | ShardedTable:
    """A table as its model, or where it lies; raises ``WorkingTableMissingError`` where this run has not made it."""
    sharded = _sharded(home, month, name)
    if sharded:
        return sharded
    path = _path(home, month, name)
    if not path.exists():
        message = f"table {name} of {month} was not made by this run; a month is run whole: materialize all assets"
        raise WorkingTableMissingError(message)
    model = WORKING[name]
    table = feather.read_table(str(path), memory_map=True)
    if not table.schema.equals(model.arrow_schema()):
        message = f"table {name} of {month} has other columns than this version works with; run the month again"
        raise WorkingTableMissingError(message)
    return model.from_arrow(table)


def select(home: Home, month: str, name: str, column: str, values: Collection[object]) -> pd.DataFrame:
    """The rows of a table of this run that have one of ``values`` in ``column``, as its model; the others stay away."""
    sharded = _sharded(home, month, name)
    if sharded:
        return sharded.select(column, values)
    table = feather.read_table(str(_path(home, month, name)), memory_map=True)
    chosen = pyarrow.array(list(values), table.schema.field(column).type)
    return WORKING[name].from_arrow(table.filter(pc.is_in(table[column], value_set=chosen)))


def save_report(home: Home, month: str, report: LandingReport) -> None:
    """Keep what landing did, for the command line."""
    figures = json.dumps({"known": report.known, "changing": report.changing})
    table = Landing.to_arrow(report.landed).replace_schema_metadata({_REPORT: figures.encode()})
    feather.write_feather(table, str(_path(home, month, "landing_report")), compression="lz4")


def load_report(home: Home, month: str) -> LandingReport | None:
    """What landing did in the last run of ``month``; None where it did not get there."""
    path = _path(home, month, "landing_report")
    if not path.exists():
        return None
    table: pyarrow.Table = feather.read_table(str(path))
    figures = json.loads(table.schema.metadata[_REPORT])
    return LandingReport(Landing.from_arrow(table), figures["known"], tuple(figures["changing"]))


def _sharded(home: Home, month: str, name: str) -> ShardedTable | None:
    """Where a table lies, if it was made in shards."""
    where = _where(home, month, name)
    if not where.exists():
        return None
    paths, figures = json.loads(where.read_text("utf-8"))
    return ShardedTable(name, tuple(paths), figures)


def _where(home: Home, month: str, name: str) -> Path:
    return home.work / month / f"{name}.shards.json"


def _path(home: Home, month: str, name: str) -> Path:
    return home.work / month / f"{name}.arrow"
