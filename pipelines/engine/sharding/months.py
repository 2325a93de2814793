"""A month in shards, from its pieces to what is published: the order of the steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pipelines.engine.sharding import gathering, routing, settling, shards, spill
from schemas.catalog import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from pipelines.engine.sharding.jobs import Job, Runner

SHARED: Final = (*shards.WHOLE, "decision_rows")


@dataclass(frozen=True)
class ShardedMonth:
    """The steps of one month; each is taken once, when something that it gives is asked for."""

    job: Job
    runner: Runner

    def begin(self) -> None:
        """Lay rows apart; rows become payments, payments meet at their settlements."""
        routing.route(self.job, self.runner)
        self.runner.map(shards.begin, self.job, range(self.job.shards))
        settling.settle(self.job, self.runner)

    def finish(self) -> dict[str, pd.DataFrame]:
        """Everything else; the tables of no shard."""
        self.runner.map(shards.finish, self.job, range(self.job.shards))
        return {
            **gathering.account(self.job),
            "suggestions": gathering.suggest(self.job, self.runner),
            "decision_log": gathering.decision_log(self.job),
            "certificate": gathering.certificate(self.job),
        }
