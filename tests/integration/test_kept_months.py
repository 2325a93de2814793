"""A run with nothing new keeps the publication; where anything a whole run looks at is otherwise, it is worked out."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow
import pytest

from pipelines.defs.location import POLICY
from pipelines.defs.resources import load_policy
from pipelines.defs.running import RunRequest, RunResult, open_instance, run_month
from pipelines.engine import landing, stages
from pipelines.engine.nights import keeping, notes
from pipelines.outputs import outbox, program
from pipelines.store import landed, publications, tables
from pipelines.store.home import Home
from schemas.catalog import WORKING
from schemas.tables.decision_log import DecisionLogEntry
from tests.integration.small_month import LATER, MONTH, RECEIVED_AT, digests, offer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = pytest.mark.slow
KEPT = ("tables", "publications", "outbox", "landed")
NEXT_DAY = RECEIVED_AT + timedelta(days=1)


def run(home: Home, month: str = MONTH, **changes: Any) -> RunResult:
    given = {"home": home.root, "month": month, "received_at": RECEIVED_AT, **changes}
    result = run_month(RunRequest(**given))
    assert result.success, result.error
    return result


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after its first run of October."""
    home = Home(tmp_path_factory.mktemp("first") / "home")
    offer(home.inbox)
    run(home)
    return home


@pytest.fixture
def home(first: Home, tmp_path: Path) -> Home:
    """A copy of that home, to run again."""
    return Home(shutil.copytree(first.root, tmp_path / "home", symlinks=True))


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stages that were worked on."""
    found: list[str] = []
    for name in ("register", "identify", "settle", "match", "allocate", "prove"):
        stage = getattr(stages, name)

        def noted(*given: Any, stage: Callable[..., Any] = stage) -> Any:
            found.append(stage.__name__)
            return stage(*given)

        noted.__name__ = name
        monkeypatch.setattr(stages, name, noted)
    return found


def state(home: Home) -> dict[str, str]:
    return {name: digest for folder in KEPT for name, digest in digests(home.root / folder).items()}


def told(home: Home, run_id: str) -> dict[str, dict[str, Any]]:
    """What the run history says of every table of a run."""
    with open_instance(home) as instance:
        entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        made = [entry.asset_materialization for entry in entries]
    return {
        found.asset_key.path[-1]: {name: value.value for name, value in found.metadata.items()}
        for found in made
        if found
    }


def checks(home: Home, run_id: str) -> dict[str, tuple[bool, Any]]:
    with open_instance(home) as instance:
        entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        found = [entry.get_dagster_event().asset_check_evaluation_data for entry in entries]
    return {one.check_name: (one.passed, one.metadata["found"].value) for one in found}


def test_a_run_with_nothing_new_works_on_no_stage_and_changes_no_byte(home: Home, worked: list[str]) -> None:
    before = state(home)
    result = run(home)
    assert worked == []
    assert (result.is_new, result.changed_tables) == (False, ())
    assert result.publication == publications.latest(home, MONTH)
    assert state(home) == before


def test_a_publication_stands_also_where_nothing_of_it_can_be_noted(
    tmp_path: Path, worked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    home = Home(tmp_path / "home")
    offer(home.inbox)
    with monkeypatch.context() as patch:
        patch.setattr(notes, "write_atomically", full)
        assert run(home).is_new
    worked.clear()
    assert not run(home).is_new
    assert "match" in worked


def test_what_is_told_of_it_is_what_a_whole_run_tells(home: Home, worked: list[str]) -> None:
    kept, whole = run(home), run(home, afresh=True)
    assert "match" in worked
    shown, expected = told(home, kept.run_id), told(home, whole.run_id)
    assert set(shown) == set(WORKING) | {"publication"}
    assert {name: _figures(shown[name]) for name in WORKING} == {name: _figures(expected[name]) for name in WORKING}
    assert "unchanged" in shown["matches"]
    assert "unchanged" not in expected["matches"]
    assert shown["publication"]["worked_out"] == "nothing is new: kept"
    assert checks(home, kept.run_id) == checks(home, whole.run_id)
    assert kept.outbox == whole.outbox
    assert shown["publication"]["content_digest"] == expected["publication"]["content_digest"]


def _figures(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metadata.items() if name != "unchanged"}


def test_a_publication_that_told_of_changes_is_kept_with_what_it_told(home: Home) -> None:
    kept = run(home)
    assert told(home, kept.run_id)["coverage_changes"]["dagster/row_count"] == 0
    assert kept.publication is not None
    assert publications.read_table(home, kept.publication, "coverage_changes").num_rows == 2


def _new_file(home: Home) -> None:
    offer(home.inbox, LATER)


def _refused_file(home: Home) -> None:
    offer(home.inbox, {"bank_transfers_broken_too.csv": "no\nheader\n"})


def _repeated_file(home: Home) -> None:
    shutil.copy(home.inbox / "bank_transfers_1.csv", home.inbox / "bank_transfers_again.csv")


def _altered_rows(home: Home) -> None:
    path = _rows(home)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def _missing_rows(home: Home) -> None:
    _rows(home).unlink()


def _missing_list(home: Home) -> None:
    path = _rows(home)
    path.with_name(path.name.partition(".")[0] + ".sha256").unlink()


def _rows(home: Home) -> Path:
    files = landing.accepted_files(home, landing.issued(home, None))
    entry = files[files["kind"].eq("bank_transfers")].iloc[0]
    return home.root / landed.rows_path(home, entry["layout"], entry["sha256"]).key


def _missing_answer(home: Home) -> None:
    next(home.outbox.rglob("report.html")).unlink()


def _altered_answer(home: Home) -> None:
    next(home.outbox.rglob("coverage_activations.csv")).write_bytes(b"other")


def _no_outbox_record(home: Home) -> None:
    next(home.outbox.glob(".*.json")).unlink()


def _no_note(home: Home) -> None:
    shutil.rmtree(home.work)


def _altered_note(home: Home) -> None:
    path = home.work / "notes" / f"{MONTH}.json"
    path.write_text(path.read_text().replace('"dagster/row_count":3', '"dagster/row_count":4'))


def _note_of_another_month(home: Home) -> None:
    path = home.work / "notes" / f"{MONTH}.json"
    said = json.loads(path.read_text())
    said["note"]["month"] = "2026-11"
    path.write_text(json.dumps(said))


def _rejections_of_before(home: Home) -> None:
    """As a run leaves it that was killed between the tables of the whole home."""
    rejections = tables.read(home, "rejections")
    assert rejections is not None
    tables.publish(home, "rejections", rejections.slice(1))


def _no_publication(home: Home) -> None:
    (home.root / "publications" / MONTH / "0001.json").unlink()


def _altered_activations(home: Home) -> None:
    for path in (home.root / "tables" / "coverage_activations").rglob("*.parquet"):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:-9] + b"x" * 9)


def _altered_log(home: Home) -> None:
    entry = {"position": 1, "decision_id": "x", "sha256": "", "sheet": "", "row": 2, "previous": "", "digest": "x"}
    log = pyarrow.Table.from_pylist([{**entry, "received_at": RECEIVED_AT}], DecisionLogEntry.arrow_schema())
    tables.publish(home, notes.LOG, log)


DOUBTS = (
    *(_new_file, _refused_file, _repeated_file, _altered_rows, _missing_rows, _missing_list, _missing_answer),
    *(_altered_answer, _no_outbox_record, _no_note, _altered_note, _note_of_another_month, _rejections_of_before),
    *(_no_publication, _altered_activations, _altered_log),
)


def kept(home: Home, *, policy: Path = POLICY, source: str = "", language: str = "es") -> keeping.KeptMonth | None:
    """What a run would be given to keep, after landing."""
    home.prepare()
    landing.land(home, home.inbox, NEXT_DAY)
    book, issued = load_policy(policy), landing.issued(home, None)
    stands_on = notes.grounds(source or program.digest(), book, issued)
    return keeping.kept(home, MONTH, book, stands_on, issued, partial(outbox.written, language=language))


def test_a_month_of_which_nothing_changed_is_kept(home: Home) -> None:
    assert kept(home) is not None


@pytest.mark.parametrize("doubt", DOUBTS)
def test_where_anything_is_not_as_the_run_before_left_it_nothing_is_kept(
    home: Home, doubt: Callable[[Home], None]
) -> None:
    doubt(home)
    assert kept(home) is None


@pytest.mark.parametrize("doubt", [_altered_rows, _missing_answer, _rejections_of_before])
def test_what_was_damaged_is_made_good_and_kept_from_then_on(
    home: Home, worked: list[str], doubt: Callable[[Home], None]
) -> None:
    sound = {path: digest for path, digest in state(home).items() if not path.startswith("rejections/")}
    doubt(home)
    assert not run(home).is_new
    assert "match" in worked
    assert {path: digest for path, digest in state(home).items() if path in sound} == sound
    assert kept(home) is not None


def test_another_policy_program_or_language_is_worked_out(home: Home, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY.read_text("utf-8").replace("window_months = 2", "window_months = 1"), "utf-8")
    assert kept(home, policy=policy) is None
    assert kept(home, source="another program") is None
    assert kept(home, language="en") is None
    assert kept(home) is not None


def test_two_months_in_turn_are_each_kept_until_one_lands_a_file(home: Home, worked: list[str]) -> None:
    run(home, "2026-11")
    del worked[:]
    run(home)
    run(home, "2026-11")
    assert worked == []
    offer(home.inbox, LATER)
    run(home, "2026-11", received_at=NEXT_DAY)
    del worked[:]
    assert run(home).is_new
    assert "match" in worked
