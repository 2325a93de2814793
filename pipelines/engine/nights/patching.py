"""The shards of a base and, after them, what a night worked out again: one month, for what looks at all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.engine.sharding.jobs import Gone, Job

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow


@dataclass(frozen=True)
class Patched(Job):
    """A job of which all shards but the last are those of ``base``, without what is ``old``, and the last is ``now``.

    Its own steps lay down in its own folder.
    """

    base: Job
    now: Job
    old: Gone

    def laid(self, number: int, step: str) -> Path:
        """Where a step of the base, or of the night, laid something down for one shard."""
        job, own = self._whose(number)
        return job.path(step, own)

    def rows(self, number: int, kind: str) -> pyarrow.Table:
        """The rows of one kind that belong to a shard."""
        job, own = self._whose(number)
        return job.rows(own, kind)

    def gone(self, number: int) -> Gone | None:
        """What of a shard of the base was worked out again."""
        return self.old if number < self.base.shards else None

    def shard(self, number: int) -> Path:
        """The folder of the tables of one shard."""
        job, own = self._whose(number)
        return job.shard(own)

    def _whose(self, number: int) -> tuple[Job, int]:
        return (self.base, number) if number < self.base.shards else (self.now, 0)


def patched(folder: Path, base: Job, now: Job, old: Gone) -> Patched:
    """A base and a night as one job that works in ``folder``."""
    return Patched(folder, base.shards + 1, base.month, base.policy, (), None, base, now, old)
