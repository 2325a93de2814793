"""What is offered for publication: every table of a month in canonical order, held or laid down (0038)."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow.compute as pc

from pipelines.engine.ordering import order
from pipelines.store.ordered import Ordered
from schemas.catalog import PUBLISHED
from schemas.digest import content_digest, sort_rows, sort_wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow

    from pipelines.engine.sharding.tables import Given
    from pipelines.store.home import Home

AT_ONCE: Final = 500_000
"""Rows of a table in pieces that are put into order at once, unless less is asked for."""


@contextmanager
def scratch(home: Home, month: str) -> Iterator[Path]:
    """A folder for what is put in order; at the end it is gone."""
    folder = home.work / month / "publishing"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def in_order(month: str, proven: Mapping[str, Given], folder: Path, at_once: int) -> dict[str, Ordered]:
    """Every table of a publication in canonical order: frames in memory, tables in pieces laid down in ``folder``.

    A table that knows its order (``in_order``) is taken as it is.
    """
    return dict(_each_in_order(month, proven, folder, at_once))


def with_digests(
    month: str, proven: Mapping[str, Given], folder: Path, at_once: int
) -> tuple[dict[str, Ordered], dict[str, str]]:
    """As :func:`in_order`, and the content digest of each table, computed while the next one is put in order."""
    found, tasks = {}, {}
    with ThreadPoolExecutor(1) as worker:
        for name, table in _each_in_order(month, proven, folder, at_once):
            found[name], tasks[name] = table, worker.submit(table.digest)
        return found, {name: task.result() for name, task in tasks.items()}


def _each_in_order(
    month: str, proven: Mapping[str, Given], folder: Path, at_once: int
) -> Iterator[tuple[str, Ordered]]:
    for name, published in PUBLISHED.items():
        table = proven[name]
        if isinstance(table, pd.DataFrame):
            yield name, Ordered.of(slice_of(name, month, table))
        elif hasattr(table, "in_order"):
            yield name, table.in_order()
        else:
            of_month = month if published.scope == "month" else None
            pieces = partial(table.pieces, None)
            yield name, order(published.model.arrow_schema(), pieces, folder, name, at_once, of_month)


def slices(month: str, proven: Mapping[str, pd.DataFrame]) -> dict[str, pyarrow.Table]:
    """Every table of a publication of ``month`` out of tables with rows of all months."""
    return {name: slice_of(name, month, proven[name]) for name in PUBLISHED}


def digests_of(offered: Mapping[str, pyarrow.Table]) -> dict[str, str]:
    """The content digest of every table."""
    return {name: content_digest(table) for name, table in offered.items()}


def slice_of(name: str, month: str, frame: pd.DataFrame) -> pyarrow.Table:
    """The rows to publish in canonical order: of the month, or all of a table of the whole home."""
    published = PUBLISHED[name]
    table = published.model.to_arrow(frame)
    return sort_rows(table) if published.scope == "home" else sort_wanted(table, pc.equal(table["month"], month))
