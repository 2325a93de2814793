"""`run --as-of` in shards writes what one process writes, byte for byte, and shares its folder with nobody."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.engine import landing, rebuilding
from pipelines.engine.publishing import CHANGES
from pipelines.engine.sharding import months
from pipelines.engine.sharding.settings import Settings
from pipelines.outputs import exports
from pipelines.rules import coverage, proofs
from pipelines.store import passing
from pipelines.store.home import Home
from tests.architecture.tree import ROOT
from tests.integration.small_month import MONTH, digests, offer
from tests.integration.test_as_of import DAYS, POLICY, moment, publish_day
from tests.integration.test_cli_publications import POLICY as POLICY_FILE
from tests.integration.test_cli_publications import call

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

pytestmark = pytest.mark.slow
TWICE = ("2026-10-12T18:00:00Z", "2026-10-17T18:00:00Z")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """October published on day 10; what came on day 16 waits for a run."""
    made = Home(tmp_path_factory.mktemp("as-of-shards") / "home")
    made.prepare()
    offer(made.inbox, DAYS[10])
    publish_day(made, 10)
    offer(made.inbox, DAYS[16])
    landing.land(made, made.inbox, moment(16))
    return made


def answers(home: Home, output: Path, month: str, at: str, *more: object, policy: Path = POLICY_FILE) -> dict[str, Any]:
    """Exit, messages, JSON and files of one rebuilding; the place of the files aside."""
    arguments = ("run", "--month", month, "--as-of", at, "--output", output, "--json", *more)
    result = call(home, *arguments, policy=policy)
    told = [json.loads(line) | {"output": ""} for line in result.stdout.splitlines()]
    return {"exit": result.exit_code, "said": result.stderr, "told": told, "files": digests(output)}


def test_the_folder_is_the_same_byte_for_byte_where_a_publication_stood_or_nothing_had_come(
    home: Home, tmp_path: Path
) -> None:
    before = digests(home.root)
    for at in (*TWICE, "2026-10-09T00:00:00Z"):
        whole, cut = (
            answers(home, tmp_path / at / name, MONTH, at, *more) for name, more in (("1", ()), ("2", ("--shards", 2)))
        )
        assert len(whole["files"]) > 2 * len(DAYS), whole["said"]
        assert cut == whole
    assert digests(home.root) == before
    assert list(home.rebuilding.iterdir()) == []


def test_the_folder_is_the_same_with_another_policy(home: Home, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY_FILE.read_text("utf-8").replace("due_day = 15", "due_day = 3"), "utf-8")
    whole = answers(home, tmp_path / "1", MONTH, TWICE[0], policy=policy)
    assert "policy has changed since publication 1" in whole["said"]
    assert answers(home, tmp_path / "2", MONTH, TWICE[0], "--shards", 2, policy=policy) == whole


def test_a_proof_that_fails_is_told_alike_and_nothing_is_written(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = proofs.certify

    def failing(evidence: proofs.Evidence) -> pd.DataFrame:
        lines = sound(evidence)
        return lines.assign(passed=lines["passed"] & lines["check"].ne("centavos"))

    monkeypatch.setattr(proofs, "certify", failing)
    whole = answers(home, tmp_path / "1", MONTH, TWICE[1])
    assert (whole["exit"], whole["files"], whole["told"][0]["proven"]) == (1, {}, False)
    assert answers(home, tmp_path / "2", MONTH, TWICE[1], "--shards", 2) == whole


def test_where_the_program_gave_another_answer_changes_are_told_against_the_publication_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    offer(home.inbox, DAYS[10])
    sound = coverage.activate
    with monkeypatch.context() as patched:
        patched.setattr(coverage, "activate", lambda month, evidence: sound(month, evidence).iloc[:0])
        assert publish_day(home, 10).tables["coverage_activations"].rows == 0
    whole = answers(home, tmp_path / "1", MONTH, TWICE[0])
    assert (whole["told"][0]["publication"], whole["told"][0]["equal"]) == (1, False)
    assert json.loads((tmp_path / "1" / "certificate.json").read_text())["publication"] == 2
    assert "activated" in (tmp_path / "1" / f"{CHANGES}.csv").read_text("utf-8")
    assert answers(home, tmp_path / "2", MONTH, TWICE[0], "--shards", 2) == whole


def test_two_fixture_months_and_a_sample_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    for number, month in enumerate(("2026-10", "2026-11")):
        landing.land(
            home, ROOT / "fixtures" / "months" / month / "inbox", datetime(2026, 11 + number, 1, 6, tzinfo=UTC)
        )
    sample = tmp_path / "sample"
    made = call(home, "sample", "--output", sample, "--month", "2026-12", "--registrants", 300, "--seed", 7)
    assert made.exit_code == 0, made.output
    landing.land(home, sample, datetime(2026, 12, 31, tzinfo=UTC))
    at, span = "2027-01-01T00:00:00Z", "2026-10..2026-12"
    whole = answers(home, tmp_path / "1", span, at)
    assert {path.partition("/")[0] for path in whole["files"]} == {"2026-10", "2026-11", "2026-12"}
    assert answers(home, tmp_path / "2", span, at, "--shards", 2) == whole


def test_memory_asks_for_shards_and_tables_lie_on_disk_beside_the_work_of_a_run(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.engine.sharding.settings._OF_A_ROW", 10**7)
    monkeypatch.setattr("pipelines.engine.ordering._HELD", 0)
    of_a_run = home.work / MONTH / "shards" / "0.arrow"
    of_a_run.parent.mkdir(parents=True)
    of_a_run.write_bytes(b"of a run")
    cut: list[int] = []
    everything = months.ShardedMonth.everything

    def noting(month: months.ShardedMonth) -> months.Given:
        cut.append(month.job.shards)
        return everything(month)

    monkeypatch.setattr(months.ShardedMonth, "everything", noting)
    with rebuilding.rebuild(home, MONTH, moment(17), POLICY, Settings(memory=10**6)) as rebuilt:
        (folder,) = (path for path in home.rebuilding.iterdir() if path.is_dir())
        assert list((folder / "ordered").glob("payments-*.arrow"))
        assert not (folder / "shards").exists()
        with rebuilding.rebuild(home, MONTH, moment(17), POLICY, Settings(memory=10**6)) as beside:
            assert {name: table.digest() for name, table in beside.tables.items()} == {
                name: table.digest() for name, table in rebuilt.tables.items()
            }
        exports.write_table(rebuilt.tables["payments"], tmp_path / "payments.csv")
    assert min(cut) > 1
    assert of_a_run.read_bytes() == b"of a run"
    assert list(home.rebuilding.iterdir()) == []
    shutil.rmtree(home.work / MONTH)


def test_what_a_killed_rebuilding_left_goes_with_the_next_run_and_what_is_at_work_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with passing.own_folder(home.rebuilding) as folder:
        (home.rebuilding / "dead").mkdir()
        (home.rebuilding / "dead" / "0.arrow").write_bytes(b"half")
        (home.rebuilding / "dead.lock").touch()
        home.prepare()
        assert [path for path in home.rebuilding.iterdir() if path.is_dir()] == [folder]
    assert list(home.rebuilding.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--inbox", "elsewhere"), "lands no files: leave out --inbox"),
        (("--received-at", "2026-10-16T18:00:00Z"), "lands no files: leave out --received-at"),
        (("--reason", "to see"), "leaves no record of a run: leave out --reason"),
        (("--memory", "lots"), "memory lots: expected a figure with MB or GB"),
    ],
)
def test_options_that_say_nothing_of_what_was_known_are_refused(
    home: Home, tmp_path: Path, options: tuple[str, ...], word: str
) -> None:
    output = tmp_path / "out"
    result = call(home, "run", "--month", MONTH, "--as-of", TWICE[0], "--output", output, *options)
    assert (result.exit_code, result.stdout, output.exists()) == (2, "", False)
    assert word in result.stderr
