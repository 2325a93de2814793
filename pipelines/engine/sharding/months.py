"""A month in shards, from its pieces to what is published: the order of the steps."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pipelines.engine import stages
from pipelines.engine.sharding import gathering, routing, settling, shards, spill, suggesting
from pipelines.engine.sharding.jobs import ROUTED
from pipelines.engine.sharding.tables import ShardedTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from pipelines.engine.figures import Figures
    from pipelines.engine.sharding.jobs import Job, Runner

Given = dict[str, Any]
"""Name → a ``ShardedTable``, or a frame where the table is of no shard."""

GIVES: Final = {
    "register": ("registrants", "capture_lines", "registry_rejections"),
    "identify": ("payment_facts", "claims", "payments", "payment_rows"),
    "settle": ("deposits", "settlements"),
    "match": ("findings", "payment_standings", "matches", "decisions", "decision_rejections", "decision_log"),
    "allocate": ("parts", "line_standings", "dispositions"),
    "suggest": ("suggestions",),
    "flag": ("payment_flags",),
    "cover": ("coverage_activations", "coverage_exceptions"),
    "compare": ("coverage_changes",),
    "account": ("receipts", "rejections"),
    "prove": ("certificate",),
}
"""Stage → what it gives."""


class ShardedMonth:
    """One month; its steps are taken once, when the first table that they make is asked for."""

    def __init__(self, job: Job, runner: Runner) -> None:
        self.job, self._runner = job, runner
        self.leave: Callable[[Job], None] | None = None
        """What takes away what was laid down, when no step runs any more."""

    def take(self, stage: str) -> Given:
        """What a stage gives."""
        known = self._begun if set(GIVES[stage]) <= set(self._begun) else self._finished
        return {name: known[name] for name in GIVES[stage]}

    def everything(self) -> Given:
        """What all stages give."""
        return {name: table for stage in GIVES for name, table in self.take(stage).items()}

    def rows(self, name: str) -> Any:  # noqa: ANN401 - as ``Given``
        """The rows of one kind, as they were read."""
        return self._begun[name]

    @cached_property
    def _begun(self) -> Given:
        """Rows are laid apart and become payments, which meet at their settlements."""
        told = routing.route(self.job, self._runner)
        figures = self._runner.map(shards.begin, self.job, range(self.job.shards))
        settling.settle(self.job, self._runner)
        whole = {name: spill.load(self.job.shared, name) for name in ("settlement_rows", *GIVES["settle"])}
        return {**self._rows(told), **whole, **self._lying(shards.BEGUN, figures)}

    @cached_property
    def _finished(self) -> Given:
        """Everything else."""
        assert self._begun  # noqa: S101 - what the steps below stand on
        figures = self._runner.map(shards.finish, self.job, range(self.job.shards))
        gathering.check_apart(self.job)
        whole: dict[str, pd.DataFrame] = {
            **gathering.account(self.job),
            "suggestions": suggesting.suggest(self.job, self._runner),
            "decision_log": gathering.decision_log(self.job),
            "certificate": gathering.certificate(self.job),
        }
        self._runner.end()
        return {**self._lying(shards.FINISHED, figures), **whole}

    def _rows(self, told: dict[int, Figures]) -> Given:
        """The rows of every piece, where they were laid apart."""
        found = {}
        for kind, name in ROUTED.items():
            if name in stages.ROW_TABLES.values():
                numbers = self.job.numbered([kind])
                paths = tuple(map(str, self.job.paths("rows", numbers)))
                found[name] = ShardedTable(name, paths, _summed(told[number] for number in numbers))
        return found

    def _lying(self, names: Iterable[str], figures: list[dict[str, Figures]]) -> Given:
        folders = [self.job.shard(number) for number in range(self.job.shards)]
        return {
            name: ShardedTable(
                name,
                tuple(str(folder / f"{name}.arrow") for folder in folders),
                _summed(told[name] for told in figures),
            )
            for name in names
        }


def _summed(figures: Iterable[Figures]) -> Figures:
    total: Counter[str] = Counter()
    for told in figures:
        total.update(told)
    return dict(total)
