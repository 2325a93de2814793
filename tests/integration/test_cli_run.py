"""`quincena run` as people and programs call it: a process of its own, on the fixtures of October 2026."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
MONTH = ROOT / "fixtures" / "months" / "2026-10"
COMMAND = [sys.executable, "-c", "from pipelines.cli import main; main()"]


class Ended(NamedTuple):
    code: int
    stdout: str
    stderr: str


def quincena(*arguments: str | Path, **environment: str) -> Ended:
    whole = {name: value for name, value in os.environ.items() if not name.startswith("QUINCENA_")}
    command = [*COMMAND, *map(str, arguments)]
    ended = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=ROOT, env=whole | environment
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def expected(name: str) -> list[dict[str, str]]:
    with (MONTH / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Ran(NamedTuple):
    home: Path
    first: dict[str, Any]
    first_messages: str
    again: Ended


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """October 2026 run twice: for a program, then for a person."""
    home = tmp_path_factory.mktemp("run") / "home"
    inbox = str(MONTH / "inbox")
    arguments = ["run", "--month", "2026-10", "--inbox", inbox, "--received-at", "2026-11-01T06:00:00Z"]
    first = quincena("--home", home, *arguments, "--reason", "month's end", "--json")
    assert first.code == 0, first.stderr
    again = quincena(*arguments, QUINCENA_HOME=str(home))
    return Ran(home, json.loads(first.stdout), first.stderr, again)


def test_the_answer_for_a_program_is_one_object_a_month_and_stderr_is_silent(ran: Ran) -> None:
    assert (ran.first["month"], ran.first["published"], ran.first["publication"]) == ("2026-10", True, 1)
    assert ran.first_messages == ""


def test_the_money_is_that_of_the_fixtures(ran: Ran) -> None:
    found = [(line["name"], line["currency"], line["amount_centavos"]) for line in ran.first["money"]]
    assert sorted(found) == [
        (row["bucket"], row["currency"], int(row["amount_centavos"])) for row in expected("money_by_bucket")
    ]


def test_coverage_and_files_are_those_of_the_fixtures(ran: Ran) -> None:
    reasons = [row["reason"] for row in expected("coverage_exceptions")]
    outcomes = [row["outcome"] for row in expected("receipts")]
    assert ran.first["activations"]["lines"] == len(expected("coverage_activations"))
    assert {line["name"]: line["lines"] for line in ran.first["exceptions"]} == {
        reason: reasons.count(reason) for reason in reasons
    }
    assert {line["outcome"]: line["total"] for line in ran.first["files"]} == {
        outcome: outcomes.count(outcome) for outcome in outcomes
    }
    assert ran.first["rejected_rows"] == len(expected("rejections"))


def test_every_stage_is_timed(ran: Ran) -> None:
    stages = ["land", "read", "identify", "settle", "match", "allocate", "flag", "suggest", "cover", "prove", "publish"]
    assert list(ran.first["seconds"]) == stages


def test_the_outbox_stands_with_a_roster_a_clinic(ran: Ran) -> None:
    folder = ran.home / "outbox" / "2026-11"
    assert sorted(path.name for path in folder.iterdir()) == [
        "certificate.json",
        "clinics",
        "coverage_activations.csv",
        "coverage_activations.parquet",
        "coverage_activations.xlsx",
        "reconciliation.xlsx",
        "report.html",
    ]
    clinics = {row["umf"] or "pending" for row in expected("coverage_activations")}
    assert {path.stem for path in (folder / "clinics").iterdir()} == clinics | {"pending"}
    rostered = sum(len(path.read_text("utf-8").splitlines()) - 1 for path in (folder / "clinics").iterdir())
    assert rostered == len(expected("coverage_activations"))


def test_the_second_run_tells_a_person_that_nothing_changed(ran: Ran) -> None:
    assert (ran.again.code, ran.again.stderr) == (0, "")
    lines = [line.strip() for line in ran.again.stdout.splitlines()]
    assert lines[0] == "Conciliación de 2026-10 · cobertura de 2026-11"
    assert lines[1] == "Nada cambió: sigue vigente la publicación 1"
    for told in ("$33,100.00", "USD 80.00", "Qué revisar ahora", str(ran.home / "outbox" / "2026-11")):
        assert told in ran.again.stdout


def test_no_person_is_named_on_the_terminal(ran: Ran) -> None:
    told = ran.again.stdout + json.dumps(ran.first, ensure_ascii=False)
    people = [
        row[name] for row in expected("coverage_activations") for name in ("nss", "curp", "full_name", "capture_line")
    ]
    assert [person for person in people if person in told] == []


@pytest.mark.parametrize(("options", "begins"), [([], "aceptado"), (["--json"], '{"file_name"')])
def test_a_reader_that_goes_away_is_told_nothing(ran: Ran, options: list[str], begins: str) -> None:
    files = map(str, sorted((MONTH / "inbox").iterdir()))
    command = [*COMMAND, "--home", str(ran.home), "check", *options, *files]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith(begins)
        process.stdout.close()
        assert process.stderr.read() == ""


def test_help_answers_without_loading_what_runs_months() -> None:
    script = "import sys, pipelines.cli; print([m for m in ('dagster', 'pandas', 'pyarrow') if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ended.stdout.strip() == "[]"
