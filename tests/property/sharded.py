"""A world reconciled in shards, laid out table by table as one process gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from pipelines.engine import stages
from pipelines.engine.sharding import spill
from pipelines.engine.sharding.jobs import ROUTED, Earlier, Job, Spilled
from pipelines.engine.sharding.months import GIVES, ShardedMonth
from pipelines.engine.sharding.runners import InTurn
from pipelines.engine.sharding.tables import ShardedTable
from schemas.catalog import WORKING
from schemas.digest import content_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pipelines.rules.changes import Before
    from pipelines.rules.policy import PolicyBook

Frames = dict[str, pd.DataFrame]
MADE = [name for names in GIVES.values() for name in names]


def reconcile(
    tables: Mapping[str, pd.DataFrame], month: str, policy: PolicyBook, folder: Path, shards: int, before: Before | None
) -> Frames:
    """As ``stages.reconcile``, in so many shards."""
    sharded = prepared(tables, month, policy, folder, shards, [], before)
    made = {name: table for stage in GIVES for name, table in sharded.take(stage).items()}
    return {name: table.read() if isinstance(table, ShardedTable) else table for name, table in made.items()}


def prepared(
    tables: Mapping[str, pd.DataFrame],
    month: str,
    policy: PolicyBook,
    folder: Path,
    shards: int,
    steps: list[str],
    before: Before | None = None,
) -> ShardedMonth:
    """The month before any step is taken; ``steps`` gets the name of each that is."""
    known = dict(tables)
    if before:
        known |= {"coverage_activations": before.activations, "coverage_exceptions": before.exceptions}
    pieces = [
        piece
        for kind, name in ROUTED.items()
        if name in known
        for piece in _pieces(kind, known[name], folder / "pieces")
    ]
    for name in ("settlement_rows", "landed_receipts", "read_rejections", "decision_rows"):
        spill.save(folder / "shared", name, known[name])
    job = Job(folder, shards, month, policy, tuple(pieces), _earlier(tables, before))
    return ShardedMonth(job, _Noting(steps))


class _Noting(InTurn):
    def __init__(self, steps: list[str]) -> None:
        self._steps = steps

    def map(self, step: Callable[[Job, int], Any], job: Job, numbers: Iterable[int]) -> list[Any]:
        self._steps.append(step.__name__)
        return super().map(step, job, numbers)


def differing(one: Mapping[str, pd.DataFrame], other: Mapping[str, pd.DataFrame]) -> list[str]:
    """The tables that are not the same multiset of rows."""
    return [name for name in MADE if _digest(name, one[name]) != _digest(name, other[name])]


def _digest(name: str, frame: pd.DataFrame) -> str:
    return content_digest(WORKING[name].to_arrow(frame))


def _pieces(kind: str, frame: pd.DataFrame, folder: Path) -> list[Spilled]:
    """The rows of one kind in three pieces, so that rows of one payment or line lie in several."""
    found = []
    for number in range(3):
        path = folder / f"{kind}_{number}.arrow"
        spill.write(path, WORKING[ROUTED[kind]].to_arrow(frame.iloc[number::3]))
        found.append(Spilled(kind, path))
    return found


def _earlier(tables: Mapping[str, pd.DataFrame], before: Before | None) -> Earlier | None:
    if before is None:
        return None
    known = {sha256 for name in stages.ROW_TABLES.values() for sha256 in tables[name]["sha256"]}
    return Earlier(before.inputs, before.is_same_policy, before.is_same_code, is_news=not known <= before.inputs)
