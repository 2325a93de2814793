"""Any number of shards gives the tables that one process gives, on worlds in which anything may happen."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from pipelines.engine import stages
from pipelines.engine.sharding import gathering
from pipelines.rules.changes import Before
from tests.property import product, sharded
from tests.property.strategies import make_worlds, together

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.rules.policy import PolicyBook

MONTH = "2026-10"
WORLDS = 6


@cache
def _tables(seed: int) -> tuple[dict[str, pd.DataFrame], PolicyBook]:
    world = together(make_worlds(seed, WORLDS))
    return product.read_world(world), product.book_of(world.policies)


@cache
def _whole(seed: int) -> sharded.Frames:
    tables, policy = _tables(seed)
    return stages.reconcile(tables, MONTH, policy)


def _known_before(seed: int, news: tuple[str, ...]) -> Before:
    """The publication of the month without the second file of some tables."""
    tables, policy = _tables(seed)
    fewer = dict(tables)
    for name in news:
        fewer[name] = tables[name][~tables[name]["file_name"].str.contains("_1.csv", regex=False)].reset_index(
            drop=True
        )
    then = stages.reconcile(fewer, MONTH, policy)
    inputs = frozenset(sha256 for name in stages.ROW_TABLES.values() for sha256 in fewer[name]["sha256"])
    return Before(
        then["coverage_activations"], then["coverage_exceptions"], inputs, is_same_policy=True, is_same_code=True
    )


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "shards"), [(1, 1), (2, 2), (3, 3), (5, 4), (8, 9)])
def test_every_table_is_the_one_that_one_process_gives(tmp_path: Path, seed: int, shards: int) -> None:
    tables, policy = _tables(seed)
    found = sharded.reconcile(tables, MONTH, policy, tmp_path, shards, None)
    assert sharded.differing(found, _whole(seed)) == []
    assert len(found["coverage_activations"]) > 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 3])
@pytest.mark.parametrize(
    "news", [("remittance_rows", "bank_transfer_rows", "settlement_rows"), ("capture_line_rows", "decision_rows")]
)
def test_changes_have_the_causes_that_one_process_finds(tmp_path: Path, seed: int, news: tuple[str, ...]) -> None:
    tables, policy = _tables(seed)
    before = _known_before(seed, news)
    whole = stages.reconcile(tables, MONTH, policy, before)
    assert len(whole["coverage_changes"]) > 0
    found = sharded.reconcile(tables, MONTH, policy, tmp_path, 3, before)
    assert sharded.differing(found, whole) == []


@pytest.mark.slow
def test_a_figure_that_one_shard_misses_fails_the_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables, policy = _tables(2)
    prove = stages.prove

    def forgetful(known: dict[str, pd.DataFrame], month: str, policy: PolicyBook) -> sharded.Frames:
        return prove({**known, "payment_rows": known["payment_rows"].iloc[1:]}, month, policy)

    monkeypatch.setattr(stages, "prove", forgetful)
    certificate = sharded.reconcile(tables, MONTH, policy, tmp_path, 2, None)["certificate"]
    assert "rows" in set(certificate.loc[~certificate["passed"], "check"])


@pytest.mark.slow
def test_shards_that_are_not_apart_stop_the_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables, policy = _tables(2)
    monkeypatch.setattr("pipelines.engine.sharding.routing.Components.heads", lambda _found, of: of)
    monkeypatch.setattr(
        "pipelines.engine.sharding.routing.words.own", lambda _kind, table: pd.util.hash_array(table["row"].to_numpy())
    )
    with pytest.raises(gathering.NotApartError):
        sharded.reconcile(tables, MONTH, policy, tmp_path, 3, None)


@pytest.mark.slow
def test_a_stage_takes_no_step_that_only_later_ones_need(tmp_path: Path) -> None:
    tables, policy = _tables(2)
    steps: list[str] = []
    month = sharded.prepared(tables, MONTH, policy, tmp_path, 2, steps)
    month.take("settle")
    assert "begin" in steps
    assert "finish" not in steps
    month.take("cover")
    assert steps.count("begin") == steps.count("finish") == 1
