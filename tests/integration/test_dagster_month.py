from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from pipelines.defs import running
from pipelines.defs.location import POLICY, build
from pipelines.defs.progress import STAGES, StageEvent
from pipelines.defs.running import RunRequest, RunResult, open_instance, run_month
from pipelines.defs.working import Shelf
from pipelines.engine import publishing, stages
from pipelines.rules.policy import PolicyBook, PolicyError
from pipelines.store import locks, publications, tables
from pipelines.store.home import Home
from schemas.catalog import PUBLISHED, WORKING
from tests.integration.small_month import CANARIES, LATER, MONTH, RECEIVED_AT, digests, offer

PESOS_LEFT = 30000 + 143000 + 145000 + 120000
"""The centavos of the month without the payment of 1450.00 that is lost."""

KEPT = ("tables", "publications", "outbox")


def request(home: Home, **changes: object) -> RunRequest:
    return RunRequest(**{"home": home.root, "month": MONTH, "received_at": RECEIVED_AT, **changes})  # type: ignore[arg-type]


def state(home: Home) -> dict[str, dict[str, str]]:
    """Every byte of what is published."""
    return {name: digests(home.root / name) for name in KEPT}


def found_in(folder: Path, words: tuple[str, ...]) -> set[tuple[str, str]]:
    """(file, word) for every word that stands in a file under a folder, in UTF-8 or as JSON escapes it."""
    return {
        (path.relative_to(folder).as_posix(), word)
        for path in folder.rglob("*")
        if path.is_file()
        for word in words
        if word.encode() in path.read_bytes()
    }


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, RunResult, list[StageEvent]]:
    """A home after its first run of October."""
    home = Home(tmp_path_factory.mktemp("first") / "home")
    offer(home.inbox)
    events: list[StageEvent] = []
    return home, run_month(request(home, reason="first closing"), events.append), events


@pytest.fixture
def home(first: tuple[Home, RunResult, list[StageEvent]], tmp_path: Path) -> Home:
    """A copy of that home, to run again."""
    copied = shutil.copytree(first[0].root, tmp_path / "home", symlinks=True)
    return Home(copied)


def test_a_month_goes_from_files_to_tables_manifest_and_outbox(
    first: tuple[Home, RunResult, list[StageEvent]],
) -> None:
    home, result, _ = first
    assert (result.success, result.error, result.failed_checks, result.is_new) == (True, "", (), True)
    assert set(result.changed_tables) == set(PUBLISHED)
    publication = publications.latest(home, MONTH)
    assert publication == result.publication
    assert publication is not None
    assert (publication.number, publication.reason, publication.run_id) == (1, "first closing", result.run_id)
    assert set(publication.tables) == set(PUBLISHED)
    activations = publications.read_table(home, publication, "coverage_activations")
    assert activations["capture_line"].to_pylist() == ["LINEA00002", "LINEA00001"]
    exceptions = publications.read_table(home, publication, "coverage_exceptions")
    assert exceptions.select(["capture_line", "reason"]).to_pylist() == [
        {"capture_line": "LINEA00003", "reason": "unknown_registrant"}
    ]
    receipts = tables.read(home, "receipts")
    assert receipts is not None
    assert receipts["outcome"].to_pylist().count("accepted") == 5
    assert receipts["outcome"].to_pylist().count("refused") == 2
    assert result.outbox
    assert {path.parent.name for path in result.outbox} == {"2026-11", "clinics"}
    assert all(path.is_file() for path in result.outbox)


def test_the_stages_follow_one_another_and_are_told(first: tuple[Home, RunResult, list[StageEvent]]) -> None:
    events = first[2]
    started = [event.stage for event in events if event.state == "started"]
    assert list(dict.fromkeys(started)) == list(STAGES)
    assert [STAGES.index(stage) for stage in started] == sorted(STAGES.index(stage) for stage in started)
    assert [(event.done, event.total) for event in events if event.state == "advanced"][-1] == (7, 7)
    assert started == [event.stage for event in events if event.state == "finished"]


def test_landing_is_told_to_the_command_line(first: tuple[Home, RunResult, list[StageEvent]]) -> None:
    report = first[1].landing
    assert report is not None
    assert (len(report.landed), report.known, report.changing) == (7, 0, ())


def test_the_run_stands_in_the_history_with_its_month_reason_figures_and_columns(
    first: tuple[Home, RunResult, list[StageEvent]],
) -> None:
    home, result, _ = first
    with open_instance(home) as instance:
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.SUCCESS
        assert (run.tags["dagster/partition"], run.tags["reason"]) == (MONTH, "first closing")
        entry = instance.get_latest_materialization_event(dg.AssetKey("payments"))
        assert entry is not None
        assert entry.asset_materialization is not None
        told = {key: value.value for key, value in entry.asset_materialization.metadata.items()}
        assert told["dagster/row_count"] == 5
        assert told["amount_centavos_mxn"] == 145000 + 30000 + 143000 + 145000
        assert told["rows_in_other_currencies"] == 1


def test_every_working_table_is_an_asset_that_describes_its_columns() -> None:
    graph = build(Path("home"), POLICY).resolve_asset_graph()
    for name, model in WORKING.items():
        node = graph.get(dg.AssetKey(name))
        schema = node.metadata["dagster/column_schema"]
        assert isinstance(schema, dg.TableSchema)
        assert [column.name for column in schema.columns] == list(model.kinds())
        assert all(column.description for column in schema.columns)
        assert node.group_name in STAGES
        assert node.partitions_def is not None
        assert node.backfill_policy is None


def test_the_same_run_again_makes_no_new_version_of_anything(home: Home) -> None:
    before = state(home)
    result = run_month(request(home))
    assert (result.success, result.is_new, result.changed_tables) == (True, False, ())
    assert result.publication is not None
    assert result.publication.number == 1
    assert result.landing is not None
    assert (len(result.landing.landed), result.landing.known) == (0, 7)
    assert state(home) == before


def test_when_a_month_is_published_every_table_was_handed_on_and_none_lies_on_disk(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, publish, shelves, left = Shelf.put, publishing.publish, list[Shelf](), list[object]()

    def watch(shelf: Shelf, name: str, table: pd.DataFrame, takers: int) -> None:
        shelves.append(shelf)
        put(shelf, name, table, takers)

    def look(*given: Any, **more: Any) -> publishing.PublishResult:
        left.extend(shelves[-1]._tables)
        return publish(*given, **more)

    monkeypatch.setattr(Shelf, "put", watch)
    monkeypatch.setattr(publishing, "publish", look)
    assert run_month(request(home, afresh=True)).success
    assert len(shelves) == len(WORKING)
    assert left == []
    assert list(home.work.rglob("*.arrow")) == []


@pytest.fixture
def losing_a_disposition(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allocation loses one row, as a damaged disk or a bad edit would."""
    allocate = stages.allocate

    def lose(given: Mapping[str, pd.DataFrame], policy: PolicyBook) -> stages.Tables:
        made = allocate(given, policy)
        return {**made, "dispositions": made["dispositions"].iloc[1:].reset_index(drop=True)}

    monkeypatch.setattr(stages, "allocate", lose)


@pytest.mark.usefixtures("losing_a_disposition")
def test_a_failing_proof_publishes_nothing_and_is_red_with_its_figures(home: Home) -> None:
    offer(home.inbox, LATER)
    before = state(home)
    result = run_month(request(home))
    assert not result.success
    assert result.publication is None
    assert "centavos" in {failed.check for failed in result.failed_checks}
    lost = next(failed for failed in result.failed_checks if failed.check == "centavos")
    assert lost.scope == "bank_transfer MXN bank_transfers_1.csv"
    assert (lost.expected, lost.found) == (145000 + 30000 + 143000, 30000 + 143000)
    assert "Nothing was published" in result.error
    after = state(home)
    assert after["publications"] == before["publications"]
    assert after["outbox"] == before["outbox"]
    assert {name for name in after["tables"] if after["tables"][name] != before["tables"].get(name)} == {
        name
        for name in after["tables"]
        if name.startswith("landings/") and (name not in before["tables"] or name.endswith(".sha256"))
    }
    _assert_red(home, result.run_id)
    assert found_in(home.dagster, CANARIES) == set()


def _assert_red(home: Home, run_id: str) -> None:
    with open_instance(home) as instance:
        entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        evaluations = [entry.get_dagster_event().asset_check_evaluation_data for entry in entries]
        passed = {evaluation.check_name: evaluation.passed for evaluation in evaluations}
        assert set(passed) == {"rows", "centavos", "activations", "lines", "settlements"}
        assert not passed["centavos"]
        figures = next(evaluation.metadata for evaluation in evaluations if evaluation.check_name == "centavos")
        told = {name: figures[name].value for name in ("expected", "found")}
        assert told == {"expected": 145000 + PESOS_LEFT, "found": PESOS_LEFT}
        steps = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_START)
        assert "publish" not in {entry.step_key for entry in steps}


def test_no_canary_gets_into_the_run_history(first: tuple[Home, RunResult, list[StageEvent]]) -> None:
    home = first[0]
    in_tables = {word for _, word in found_in(home.outbox, CANARIES)}
    assert "QUETZALLI ZUMAYA" in in_tables
    assert found_in(home.dagster, CANARIES) == set()


def test_an_unforeseen_exception_names_its_class_and_place_and_no_value(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(given: Mapping[str, pd.DataFrame], policy: PolicyBook) -> stages.Tables:
        known: dict[str, stages.Tables] = {}
        try:
            return known[CANARIES[0]]
        except KeyError as error:
            message = f"{policy}: nothing for {given['bank_transfer_rows']['sender_name'].tolist()}"
            raise ValueError(message) from error

    monkeypatch.setattr(stages, "identify", fail)
    result = run_month(request(home, afresh=True))
    assert not result.success
    assert result.error.startswith("ValueError in pipelines/defs/resources.py, line ")
    assert found_in(home.dagster, CANARIES) == set()


def test_a_working_table_that_is_not_as_its_model_says_is_not_handed_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = stages.settle

    def spoil(given: Mapping[str, pd.DataFrame]) -> stages.Tables:
        made = settle(given)
        return {**made, "settlements": made["settlements"].assign(status=CANARIES[0])}

    monkeypatch.setattr(stages, "settle", spoil)
    result = run_month(request(home, afresh=True))
    assert not result.success
    assert result.error.startswith("Settlement: status: ")
    assert found_in(home.dagster, CANARIES) == set()


def test_a_second_run_of_a_month_says_that_the_first_is_under_way(home: Home) -> None:
    before = state(home)
    with locks.hold(home, f"month-{MONTH}", wait_seconds=0):
        result = run_month(request(home, wait_seconds=0))
    assert not result.success
    assert f"month-{MONTH}" in result.error
    assert state(home) == before


def test_a_policy_gone_bad_stops_before_any_file_is_read(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    offer(home.inbox)
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY.read_text("utf-8").replace("due_day = 15", "due_day = 31"), "utf-8")
    with pytest.raises(PolicyError, match="due_day is 31"):
        run_month(request(home, policy=policy))
    job = build(home.root, policy).resolve_job_def("month")
    with open_instance(home) as instance:
        ended = job.execute_in_process(instance=instance, partition_key=MONTH, raise_on_error=False)
    assert not ended.success
    assert "due_day is 31" in running._error(ended)
    assert list((home.root / "originals").rglob("*")) == []


def test_a_month_before_the_first_policy_is_not_run(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="2024-01"):
        run_month(RunRequest(tmp_path / "home", "2023-12"))


def test_an_asset_by_itself_is_not_run_on_tables_of_another_run(home: Home) -> None:
    before = state(home)
    job = build(home.root, POLICY).resolve_job_def("month")
    with open_instance(home) as instance:
        ended = job.execute_in_process(
            instance=instance,
            partition_key=MONTH,
            raise_on_error=False,
            asset_selection=[dg.AssetKey("publication")],
        )
    assert not ended.success
    assert "a month is run whole" in running._error(ended)
    assert state(home) == before


def test_the_home_keeps_an_instance_policy_of_its_own(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    with open_instance(home) as instance:
        assert not instance.telemetry_enabled
    own = home.dagster / "dagster.yaml"
    own.write_text(own.read_text("utf-8") + "\n# storage of our own\n", "utf-8")
    with open_instance(home):
        assert own.read_text("utf-8").endswith("# storage of our own\n")


@pytest.fixture(autouse=True)
def _no_dagster_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
