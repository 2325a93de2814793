from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.architecture.tree import ROOT


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance in an empty folder with this repository's instance policy."""
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as opened:
        yield opened


def test_the_instance_policy_sends_nothing_out(instance: dg.DagsterInstance) -> None:
    assert instance.telemetry_enabled is False


def test_one_run_of_a_month_at_a_time(instance: dg.DagsterInstance) -> None:
    queue = instance.get_concurrency_config().run_queue_config
    assert queue is not None
    assert queue.max_concurrent_runs == 2
    assert queue.tag_concurrency_limits == [
        {"key": "dagster/partition", "value": {"applyLimitPerUniqueValue": True}, "limit": 1}
    ]


def test_a_run_whose_process_is_gone_ends(instance: dg.DagsterInstance) -> None:
    assert instance.run_monitoring_enabled
    assert instance.run_monitoring_max_runtime_seconds == 14400


def test_lost_workers_are_tried_again_and_data_errors_are_not(instance: dg.DagsterInstance) -> None:
    assert instance.run_retries_enabled
    assert instance.run_retries_max_retries == 2
    assert instance.run_retries_retry_on_asset_or_op_failure is False


def test_the_instance_policy_needs_no_environment_variable() -> None:
    lines = (ROOT / "dagster.yaml").read_text("utf-8").splitlines()
    assert lines
    assert [line for line in lines if "env:" in line] == []


def test_the_policy_file_holds_every_rule_of_the_contract_with_its_default() -> None:
    entries = tomllib.loads((ROOT / "policy.toml").read_text("utf-8"))["policy"]
    assert entries == [
        {
            "effective_from": "2024-01",
            "due_day": 15,
            "due_day_roll": "none",
            "timezone": "America/Mexico_City",
            "paid_on": "made",
            "tolerance_centavos": 0,
            "require_settlement": True,
            "window_months": 2,
        }
    ]
