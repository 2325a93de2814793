"""Some worlds of a month worked out by themselves: the stages in one shard, with the settlements of the whole month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow

from pipelines.engine.nights import settling, touching
from pipelines.engine.sharding import settling as sharded
from pipelines.engine.sharding import shards, spill, words
from pipelines.engine.sharding.jobs import PAYING, ROUTED, Job
from pipelines.engine.sharding.runners import InTurn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from pipelines.engine.figures import Figures
    from pipelines.engine.nights.base import Base
    from pipelines.engine.nights.settling import Settling
    from pipelines.engine.nights.touching import Hashes, Rows
    from pipelines.engine.sharding.jobs import Earlier


@dataclass(frozen=True)
class Alone(Job):
    """A job of one shard: whose rows are whose need not be found out, and they lie where they were laid down."""

    def rows(self, _number: int, kind: str) -> pyarrow.Table:
        """All rows of one kind."""
        return spill.read(self.folder / "pieces" / f"{kind}.arrow")

    def lay_down(self, rows: Rows) -> None:
        """Lay down the rows of some kinds."""
        for kind, table in rows.items():
            spill.write(self.folder / "pieces" / f"{kind}.arrow", table)


@dataclass(frozen=True)
class Worked:
    """Worlds being worked out: the job that does it, and the figures of what it laid down."""

    job: Alone
    figures: dict[str, Figures]

    def load(self, name: str) -> pd.DataFrame:
        """A table of the shard, or one that every shard sees."""
        folder = self.job.shared if name in {"deposits", "settlements", "settlement_rows"} else self.job.shard(0)
        return spill.load(folder, name)


def begin(
    base: Base,
    folder: Path,
    rows: Rows,
    whole: Mapping[str, pd.DataFrame],
    earlier: Earlier | None = None,
) -> Worked:
    """Begin on ``rows``, by kind; ``whole`` are the tables that every shard sees."""
    job = Alone(folder, 1, base.job.month, base.job.policy, (), earlier)
    job.lay_down({kind: touching.of_kind(rows, kind) for kind in ROUTED})
    for name, table in whole.items():
        spill.save(job.shared, name, table)
    runner = InTurn()
    (figures,) = runner.map(shards.begin, job, range(1))
    runner.end()
    return Worked(job, figures)


def settle(begun: Worked, settlements: Settling, worked: Hashes, touched: Hashes) -> None:
    """Settle all settlements, as :meth:`Settling.settle` tells."""
    sent = {step: sharded.received(begun.job, step, 0) for step in settling.SENT}
    settled = settlements.settle(sent, begun.load("settlement_rows"), worked, touched)
    for name, table in settled.items():
        spill.save(begun.job.shared, name, table)


def finish(begun: Worked) -> Worked:
    """All that follows on the settlements."""
    runner = InTurn()
    (figures,) = runner.map(shards.finish, begun.job, range(1))
    runner.end()
    return Worked(begun.job, begun.figures | figures)


def payments_of(rows: Rows) -> Hashes:
    """The hash of every payment of rows by kind, sorted, each once."""
    found = [words.payments(kind, table) for kind, table in rows.items() if kind in PAYING]
    return np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *found]))
