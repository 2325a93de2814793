"""The run history as a run writes it: nothing else than what Dagster's own storage has, sooner and later."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.defs import history

FIRST, SECOND = dg.AssetKey("first"), dg.AssetKey("second")
KILLED: Final = """
import os, sys
from pathlib import Path
import tests.integration.test_run_history as here
with here.opened(Path(sys.argv[1])) as instance:
    here.job(lambda: os._exit(9)).execute_in_process(instance=instance)
"""


def job(second: Any = lambda: None) -> dg.JobDefinition:
    """Two steps, of which the second is checked."""

    @dg.multi_asset(specs=[dg.AssetSpec("first", metadata={"kept": "yes"})])
    def one() -> Iterator[dg.MaterializeResult[None]]:
        yield dg.MaterializeResult(asset_key="first", metadata={"rows": 7})

    @dg.multi_asset(
        specs=[dg.AssetSpec("second", deps=["first"])], check_specs=[dg.AssetCheckSpec("sum", asset="second")]
    )
    def two() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        yield dg.MaterializeResult(asset_key="second", metadata={"rows": 8})
        yield dg.AssetCheckResult(check_name="sum", asset_key="second", passed=True)
        second()

    definitions = dg.Definitions(
        assets=[one, two],
        jobs=[dg.define_asset_job("both", selection=dg.AssetSelection.all())],
        executor=dg.in_process_executor,
    )
    return definitions.resolve_job_def("both")


def opened(folder: Path, settings: str = "") -> dg.DagsterInstance:
    """The instance as a run has it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dagster.yaml").write_text(f"telemetry:\n  enabled: false\n{settings}", "utf-8")
    return history.open_for_run(folder)


@contextmanager
def as_the_ui_has_it(folder: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        assert type(instance.event_log_storage) is SqliteEventLogStorage
        yield instance


def told(folder: Path, run_id: str) -> list[str]:
    """The events of a run in order, as the UI reads them."""
    with as_the_ui_has_it(folder) as instance:
        entries = instance.all_logs(run_id)
    return [entry.get_dagster_event().event_type_value for entry in entries if entry.is_dagster_event]


def rows(file: Path, run_id: str) -> list[tuple[object, ...]]:
    """What a file of events has of a run, without what changes from run to run."""
    asked = "select dagster_event_type, step_key, asset_key, partition from event_logs where run_id = ? order by id"
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(asked, (run_id,)).fetchall()


def version(file: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("select version_num from alembic_version").fetchall()


def test_both_files_have_the_rows_that_dagster_would_have_written(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    with opened(ours) as instance:
        mine = job().execute_in_process(instance=instance).run_id
    theirs.mkdir()
    (theirs / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", "utf-8")
    with as_the_ui_has_it(theirs) as instance:
        other = job().execute_in_process(instance=instance).run_id
    runs = Path("history/runs")
    for name, other_name in ((f"{mine}.db", f"{other}.db"), ("index.db", "index.db")):
        found = rows(ours / runs / name, mine)
        assert found == rows(theirs / runs / other_name, other)
        assert len(found) > 5
        assert version(ours / runs / name) == version(theirs / runs / other_name)


def test_the_ui_finds_run_tables_and_checks(tmp_path: Path) -> None:
    with opened(tmp_path) as instance:
        run_id = job().execute_in_process(instance=instance).run_id
    with as_the_ui_has_it(tmp_path) as instance:
        assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.SUCCESS  # type: ignore[union-attr]
        made = {key: instance.get_latest_materialization_event(key) for key in (FIRST, SECOND)}
        assert {key: event.run_id for key, event in made.items() if event} == {FIRST: run_id, SECOND: run_id}
        materialization = made[FIRST].asset_materialization  # type: ignore[union-attr]
        assert materialization.metadata["rows"].value == 7  # type: ignore[union-attr]
        tags = made[SECOND].asset_materialization.tags  # type: ignore[union-attr]
        assert {"dagster/input_data_version/first", "dagster/data_version"} <= set(tags or {})
        checks = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        assert [entry.get_dagster_event().asset_check_evaluation_data.passed for entry in checks] == [True]


def test_a_failure_is_written_at_once_and_all_that_was_told_before_it(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def fail() -> None:
        message = "no"
        raise ValueError(message)

    with opened(tmp_path) as instance:
        events = instance.event_log_storage
        store = events.store_event

        def watched(event: dg.EventLogEntry) -> None:
            store(event)
            if event.is_dagster_event and event.get_dagster_event().is_step_failure:
                seen.append(told(tmp_path, event.run_id))

        events.store_event = watched  # type: ignore[method-assign]
        ended = job(fail).execute_in_process(instance=instance, raise_on_error=False)
    assert not ended.success
    assert seen[0][-1] == "STEP_FAILURE"
    assert "ASSET_CHECK_EVALUATION" in seen[0]
    assert told(tmp_path, ended.run_id)[-1] == "PIPELINE_FAILURE"


def test_a_killed_run_has_told_all_before_the_step_that_it_was_killed_in(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("", "utf-8")
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], check=False, env=environment, cwd=root, capture_output=True
    )
    assert killed.returncode == 9, killed.stderr.decode()
    with as_the_ui_has_it(tmp_path) as instance:
        (run,) = instance.get_runs()
        assert run.status is dg.DagsterRunStatus.STARTED
        assert instance.get_latest_materialization_event(FIRST)
    found = told(tmp_path, run.run_id)
    assert found.count("STEP_START") == 2
    assert found.count("STEP_SUCCESS") == 1
    assert "ASSET_MATERIALIZATION" in found


def test_what_waits_is_seen_by_the_run_itself_and_written_at_the_end(tmp_path: Path) -> None:
    with opened(tmp_path) as instance:
        run_id = job().execute_in_process(instance=instance).run_id
        waiting = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_OUTPUT)[0]
        instance.event_log_storage.store_event(waiting)
        before = told(tmp_path, run_id).count("STEP_OUTPUT")
        assert len(instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_OUTPUT)) == before + 1
        instance.event_log_storage.store_event(waiting)
    assert told(tmp_path, run_id).count("STEP_OUTPUT") == before + 2


def test_events_that_cannot_be_written_wait_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as instance:
        run_id = job().execute_in_process(instance=instance).run_id
        event = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_START)[0]
        with monkeypatch.context() as patch:
            patch.setattr(SqliteEventLogStorage, "store_event", _full)
            with pytest.raises(OSError, match="full"):
                instance.event_log_storage.store_event(event)
        before = told(tmp_path, run_id).count("STEP_START")
    assert told(tmp_path, run_id).count("STEP_START") == before + 1


def _full(*_given: object) -> None:
    message = "full"
    raise OSError(message)


def test_a_file_that_the_ui_has_begun_is_used_as_it_is(tmp_path: Path) -> None:
    with opened(tmp_path) as instance, as_the_ui_has_it(tmp_path) as other:
        for made_before in (False, True):
            run_id = f"begun-{made_before}"
            if made_before:
                other.event_log_storage.get_logs_for_run(run_id)
            run = dg.DagsterRun("both", run_id=run_id)
            instance.report_engine_event("begun", run)
            other.report_engine_event("seen", run)
            assert told(tmp_path, run_id) == ["ENGINE_EVENT", "ENGINE_EVENT"]
            assert version(tmp_path / "history/runs" / f"{run_id}.db") == version(tmp_path / "history/runs/index.db")


def test_tables_that_the_ui_is_making_at_the_same_time_are_finished_as_dagster_does(tmp_path: Path) -> None:
    with opened(tmp_path) as instance:
        file = tmp_path / "history/runs/half.db"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("create table alembic_version (version_num varchar(32) not null primary key)")
        instance.report_engine_event("begun", dg.DagsterRun("both", run_id="half"))
        assert version(file) == version(tmp_path / "history/runs/index.db")
    assert told(tmp_path, "half") == ["ENGINE_EVENT"]


def test_a_home_with_a_storage_of_its_own_keeps_it(tmp_path: Path) -> None:
    own = "\n".join(
        f"{name}:\n  module: {module}\n  class: {cls}\n  config:\n    base_dir: {tmp_path / 'own'}"
        for name, module, cls in (
            ("run_storage", "dagster._core.storage.runs", "SqliteRunStorage"),
            ("event_log_storage", "dagster._core.storage.event_log", "ConsolidatedSqliteEventLogStorage"),
            ("schedule_storage", "dagster._core.storage.schedules", "SqliteScheduleStorage"),
        )
    )
    with opened(tmp_path / "other", own) as instance:
        assert type(instance.event_log_storage).__name__ == "ConsolidatedSqliteEventLogStorage"
    with opened(tmp_path / "usual") as instance:
        assert isinstance(instance.event_log_storage, history.Events)
