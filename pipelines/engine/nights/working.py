"""Some worlds of a month worked out by themselves: the stages in one shard, with the settlements of the whole month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow

from pipelines.engine.nights import touching
from pipelines.engine.sharding import routing, settling, shards, spill, words
from pipelines.engine.sharding.jobs import PAYING, ROUTED, Job, Spilled
from pipelines.engine.sharding.runners import InTurn
from pipelines.rules import keys
from schemas.octets import as_array

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from pipelines.engine.figures import Figures
    from pipelines.engine.nights.base import Base
    from pipelines.engine.nights.touching import Hashes, Rows
    from pipelines.engine.sharding.jobs import Earlier

SENT: Final = ("settling_facts", "settling_claims")


@dataclass(frozen=True)
class Worked:
    """Worlds being worked out: the job that does it, and the figures of what it laid down."""

    job: Job
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
    outside: Hashes,
    earlier: Earlier | None = None,
) -> Worked:
    """Begin on ``rows``, by kind; ``whole`` are the tables that every shard sees.

    ``outside``: hashes of the payments that are worked out here; what the base has of settlements of all others is as
    good as if they were.
    """
    pieces = tuple(Spilled(kind, folder / "pieces" / f"{kind}.arrow") for kind in ROUTED)
    for piece in pieces:
        spill.write(piece.path, touching.of_kind(rows, piece.kind))
    for name, table in whole.items():
        spill.save(folder / "shared", name, table)
    job = Job(folder, 1, base.job.month, base.job.policy, pieces, earlier)
    for step in SENT:
        _lay_outside(base, job, step, outside)
    runner = InTurn()
    routing.route(job, runner)
    figures = runner.map(shards.begin, job, range(1))
    settling.settle(job, runner)
    return Worked(job, figures[0])


def finish(begun: Worked) -> Worked:
    """All that follows on the settlements."""
    (figures,) = InTurn().map(shards.finish, begun.job, range(1))
    return Worked(begun.job, begun.figures | figures)


def payments_of(rows: Rows) -> Hashes:
    """The hash of every payment of rows by kind, sorted, each once."""
    found = [words.payments(kind, table) for kind, table in rows.items() if kind in PAYING]
    return np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *found]))


def _lay_outside(base: Base, job: Job, step: str, worked: Hashes) -> None:
    """Lay down what the base sent to settlements, but for the payments that are worked out here."""
    found = pyarrow.concat_tables([spill.read(base.job.path(step, number)) for number in range(base.job.shards)])
    others = found.filter(pyarrow.array(~touching.among(keys.hashes(as_array(found["payment_id"])), worked)))
    spill.write_parts(settling.outside_of(job, step), others, np.zeros(others.num_rows, dtype=np.int64), 1)
