"""Whether a month is cut into shards, and where they are worked on."""

from __future__ import annotations

import shutil
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from pipelines.engine.sharding import planning
from pipelines.engine.sharding.cluster import on_cluster
from pipelines.engine.sharding.months import ShardedMonth
from pipelines.engine.sharding.runners import AtOnce, InTurn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pandas as pd

    from pipelines.engine.sharding.jobs import Runner
    from pipelines.engine.sharding.planning import Site
    from pipelines.engine.sharding.settings import Settings
    from pipelines.rules.policy import PolicyBook
    from pipelines.store.home import Home


def is_cut(home: Home, issued: pd.DataFrame, settings: Settings) -> bool:
    """Whether a month on the files that ``issued`` (``Receipt`` rows) accepts is cut into shards."""
    return settings.engine != "local" or settings.shards_for(planning.sound_rows(home, issued)) > 1


@contextmanager
def opened(
    home: Home, month: str, policy: PolicyBook, issued: pd.DataFrame, settings: Settings, site: Site | None = None
) -> Iterator[ShardedMonth | None]:
    """The month in shards; None where this process can hold it at once.

    At the end nothing of it is left, but for what ``ShardedMonth.leave`` takes away. ``site``: see ``planning.plan``.
    """
    if not is_cut(home, issued, settings):
        yield None
        return
    job = planning.plan(home, month, policy, issued, settings, site)
    try:
        with _runner(settings, job.folder, planning.sound_rows(home, issued)) as runner:
            sharded = ShardedMonth(job, runner)
            yield sharded
        if sharded.leave:
            sharded.leave(job)
    finally:
        shutil.rmtree(job.folder, ignore_errors=True)


def _runner(settings: Settings, folder: Path, rows: int) -> AbstractContextManager[Runner]:
    if settings.engine != "local":
        return on_cluster(settings, folder)
    processes = settings.processes_for(rows)
    return nullcontext(InTurn()) if processes == 1 else AtOnce(processes)
