"""The command line without a run: what it answers, what it says, how it exits (CONTRACT §13)."""

from __future__ import annotations

import csv
import json
import os
import pty
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli import app
from pipelines.commands import run as run_command
from pipelines.commands.progress import Watch
from pipelines.defs.progress import StageEvent
from pipelines.defs.running import FailedCheck, RunRequest, RunResult
from pipelines.engine import landing
from pipelines.store import publications, tables
from pipelines.store.home import Home
from pipelines.store.publications import Publication
from tests.unit.outputs.made import activation, table

ROOT = Path(__file__).resolve().parents[2]
INBOX = ROOT / "fixtures" / "months" / "2026-10" / "inbox"
NSS = "00260100102"
ACTIVATIONS = ("coverage_activations", "--month", "2026-10")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QUINCENA_HOME", "QUINCENA_LANG", "QUINCENA_POLICY"):
        monkeypatch.delenv(name, raising=False)


def quincena(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def publish(home: Home, *registrants: str) -> None:
    """A publication of 2026-10 with these registrants activated."""
    last = publications.latest(home, "2026-10")
    receipts = table("receipts", {"file_name": "=evil.csv", "outcome": "accepted"})
    covered = table("coverage_activations", *(activation(nss, "") for nss in registrants))
    versions = {
        "receipts": tables.publish(home, "receipts", receipts),
        "coverage_activations": tables.publish(home, "coverage_activations", covered, "2026-10"),
    }
    number = last.number + 1 if last else 1
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    publications.write(home, Publication("2026-10", number, moment, "run", "", "0", versions, (), "", ""))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two publications of 2026-10."""
    made = Home(tmp_path / "home")
    made.prepare()
    publish(made, NSS)
    publish(made, NSS, "00260200415")
    return made.root


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_help_lists_the_commands_of_the_contract() -> None:
    told = quincena("--help")
    assert told.exit_code == 0
    assert [
        name for name in ("run", "table", "check", "explain", "sample", "ui") if f"\n  {name} " not in told.stdout
    ] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "--month", "2026-13"],
        ["run", "--month", "octubre"],
        ["run", "--month", "2026-11..2026-10"],
        ["run", "--month", "2026-10.."],
        ["run", "--month", "2000-01..2026-10"],
        ["run", "--month", "2026-10", "--received-at", "yesterday"],
        ["run", "--month", "2026-10", "--received-at", "2026-11-01"],
        ["run", "--month", "2026-10", "--received-at", "2026-11-01T06:00:00"],
        ["run", "--month", "2026-10", "--inbox", "nowhere"],
        ["--policy", "nowhere.toml", "run", "--month", "2026-10"],
        ["--lang", "fr", "table", "receipts", "--output", "r.csv"],
        ["table", "nothing", "--output", "r.csv"],
        ["table", "dispositions", "--output", "d.csv"],
        ["table", "dispositions", "--month", "2026-10..2026-11", "--output", "d.csv"],
        ["table", "receipts", "--version", "1", "--output", "d.csv"],
        ["table", "receipts", "--output", "r.ods"],
        ["check", "nowhere.csv"],
        ["check"],
        ["sample", "--output", "s", "--month", "2026-1", "--registrants", "3", "--seed", "1"],
        ["sample", "--output", "s", "--month", "2026-10", "--registrants", "0", "--seed", "1"],
        ["ui", "--port", "0"],
        ["unknown"],
    ],
)
def test_wrong_usage_exits_2_with_a_message_and_writes_nothing(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = quincena(*arguments)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert told.stderr.strip()
    assert "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_table_is_answered_with_the_names_of_all() -> None:
    told = quincena("--lang", "en", "table", "nothing", "--output", "x.csv")
    assert "There is no table 'nothing'. The tables are: receipts, rejections, decision_log, " in told.stderr


def test_errors_are_in_spanish_unless_english_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["check", "nowhere.csv"]
    assert quincena(*arguments).stderr == "No existe el archivo nowhere.csv. Revise el nombre y la carpeta.\n"
    monkeypatch.setenv("QUINCENA_LANG", "en")
    assert quincena(*arguments).stderr == "There is no file nowhere.csv. Look at its name and folder.\n"
    assert quincena("--lang", "es", *arguments).stderr.startswith("No existe")


def test_a_table_is_written_as_the_publication_in_force_has_it(home: Path, tmp_path: Path) -> None:
    told = quincena(
        "--home", home, "table", "coverage_activations", "--month", "2026-10", "--output", tmp_path / "a.csv"
    )
    assert (told.exit_code, told.stdout) == (0, "")
    assert [row["nss"] for row in rows(tmp_path / "a.csv")] == [NSS, "00260200415"]


def test_an_older_publication_is_written_by_its_number(home: Path, tmp_path: Path) -> None:
    told = quincena("--home", home, "table", *ACTIVATIONS, "--version", "1", "--output", tmp_path / "a.csv")
    assert told.exit_code == 0
    assert [row["nss"] for row in rows(tmp_path / "a.csv")] == [NSS]


def test_a_table_of_the_whole_home_needs_no_month(home: Path, tmp_path: Path) -> None:
    assert quincena("--home", home, "table", "receipts", "--output", tmp_path / "r.csv").exit_code == 0
    assert [row["file_name"] for row in rows(tmp_path / "r.csv")] == ["'=evil.csv"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (["--month", "2026-09"], 1, "Month 2026-09 has no publication in "),
        (["--month", "2026-10", "--version", "3"], 2, "Month 2026-10 has no publication 3; it has 1 to 2."),
    ],
)
def test_what_was_not_published_is_told(
    home: Path, tmp_path: Path, arguments: list[str], exit_code: int, told: str
) -> None:
    answer = quincena(
        "--home", home, "--lang", "en", "table", "coverage_activations", *arguments, "--output", tmp_path / "a.csv"
    )
    assert answer.exit_code == exit_code
    assert answer.stderr.startswith(told)
    assert not (tmp_path / "a.csv").exists()


def test_a_table_that_a_publication_does_not_hold_is_told(home: Path, tmp_path: Path) -> None:
    answer = quincena("--home", home, "table", "matches", "--month", "2026-10", "--output", tmp_path / "a.csv")
    assert answer.exit_code == 1
    assert "anterior a la tabla matches" in answer.stderr


def test_an_empty_home_has_no_publication(tmp_path: Path) -> None:
    answer = quincena("--home", tmp_path, "table", "receipts", "--output", tmp_path / "a.csv")
    assert (answer.exit_code, answer.stderr[:25]) == (1, "No hay ninguna publicació")


def test_a_damaged_table_is_told_without_a_traceback_and_nothing_is_written(home: Path, tmp_path: Path) -> None:
    for path in (home / "tables" / "coverage_activations").rglob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-30])
    answer = quincena(
        "--home", home, "table", "coverage_activations", "--month", "2026-10", "--output", tmp_path / "a.csv"
    )
    assert answer.exit_code == 1
    assert answer.stderr.startswith("No se pudo terminar: table coverage_activations of 2026-10 is damaged")
    assert not (tmp_path / "a.csv").exists()


def test_an_output_that_cannot_be_written_is_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").write_text("")
    for output in (tmp_path / "folder.csv", tmp_path / "file" / "a.csv"):
        answer = quincena("--home", home, "table", "receipts", "--output", output)
        assert (answer.exit_code, answer.stderr[:24]) == (2, "No se puede escribir en ")


def test_check_tells_of_every_file_in_order_and_changes_nothing(tmp_path: Path) -> None:
    names = ["settlements_2026-10.csv", "office_notes.csv", "bank_transfers_2026-10_1_first_half.csv"]
    told = quincena("--home", tmp_path / "home", "check", "--json", *(INBOX / name for name in names))
    assert (told.exit_code, told.stderr) == (0, "")
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    assert [answer["file_name"] for answer in answers] == names
    assert [answer["outcome"] for answer in answers] == ["accepted", "refused", "accepted"]
    assert (answers[2]["rows"], answers[2]["rejected_rows"], answers[2]["amount_centavos"]) == (43, 6, 5790997)
    assert len(answers[2]["rejections"]) == 6
    assert answers[0]["rejections"] == []
    assert list(tmp_path.iterdir()) == []


def test_check_gives_the_columns_of_receipts_and_at_most_100_rejections(tmp_path: Path) -> None:
    source = (INBOX / "settlements_2026-10.csv").read_text("utf-8").splitlines()
    path = tmp_path / "settlements_bad.csv"
    path.write_text("\n".join([source[0], *(source[1].replace("2026", "20x6") for _ in range(150))]) + "\n", "utf-8")
    answer = json.loads(quincena("--home", tmp_path, "check", "--json", path).stdout)
    assert (answer["rejected_rows"], len(answer["rejections"])) == (150, landing.SHOWN_REJECTIONS)
    columns = set(table("receipts").column_names)
    assert set(answer) == columns | {"rejections"}


def test_check_shows_a_person_what_is_wrong_and_where(tmp_path: Path) -> None:
    told = quincena("--home", tmp_path, "check", INBOX / "bank_transfers_2026-10_1_first_half.csv")
    lines = told.stdout.splitlines()
    assert lines[0].split() == ["aceptado", "bank_transfers_2026-10_1_first_half.csv", "bank_transfers"]
    assert lines[1] == "  filas: 43 · rechazadas: 6 · importe: $57,909.97"
    assert lines[2].startswith("  fila 36, columna amount: expected an amount above zero")


def test_a_file_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "notes\x1b[31m[bold]\n.csv"
    path.write_text("a\n")
    told = quincena("--home", tmp_path, "check", path).stdout
    assert "\x1b" not in told
    assert "notes\\x1b[31m[bold]\\n.csv" in told


def test_a_sample_is_written_with_its_truth_and_repeats(tmp_path: Path) -> None:
    for name in ("one", "other"):
        arguments = ["--month", "2026-09..2026-10", "--registrants", "12", "--seed", "3"]
        assert quincena("sample", "--output", tmp_path / name, *arguments).exit_code == 0
    one, other = (
        {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in (tmp_path / name).rglob("*.csv")}
        for name in ("one", "other")
    )
    assert one == other
    assert {name.split("/")[0] for name in one} == {"inbox", "truth"}


def test_a_sample_does_not_mix_with_other_files(tmp_path: Path) -> None:
    arguments = ["sample", "--output", str(tmp_path), "--month", "2026-10", "--registrants", "12", "--seed", "3"]
    assert [quincena(*arguments).exit_code, quincena(*arguments).exit_code] == [0, 2]


def test_a_policy_that_does_not_hold_stops_the_run_before_any_file_is_read(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text((ROOT / "policy.toml").read_text("utf-8").replace("due_day = 15", "due_day = 31"), "utf-8")
    told = quincena("--home", tmp_path / "home", "--policy", policy, "run", "--month", "2026-10", "--inbox", INBOX)
    assert (told.exit_code, told.stdout) == (1, "")
    assert "policy.toml entry 1: due_day is 31, expected a whole number from 1 to 28" in told.stderr
    assert not (tmp_path / "home").exists()


def failed(month: str, *checks: FailedCheck, error: str = "") -> RunResult:
    return RunResult(
        month=month,
        success=False,
        run_id="the-run",
        failed_checks=checks,
        error=error,
        publication=None,
        is_new=False,
        changed_tables=(),
        outbox=(),
        landing=None,
    )


def test_a_month_with_a_failed_proof_exits_1_with_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = FailedCheck("centavos", "remittance MXN envios.csv", 1015000, 1015001)
    monkeypatch.setattr(run_command, "run_month", lambda *_: failed("2026-10", check))
    told = quincena("--home", tmp_path, "run", "--month", "2026-10")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("2026-10: NO se publicó. No pasaron 1 comprobaciones")
    for figure in ("remittance MXN envios.csv", "1,015,000", "1,015,001", "the-run"):
        assert figure in told.stderr


def test_a_month_that_fails_does_not_stop_the_next_and_the_exit_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[RunRequest] = []

    def run_month(request: RunRequest, _listener: Any) -> RunResult:
        asked.append(request)
        return failed(request.month, error="another process is busy with 'month' in this home")

    monkeypatch.setattr(run_command, "run_month", run_month)
    told = quincena("--home", tmp_path, "run", "--month", "2026-12..2027-02", "--reason", "late file", "--json")
    assert told.exit_code == 1
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(answer["month"], answer["published"]) for answer in answers] == [
        ("2026-12", False), ("2027-01", False), ("2027-02", False)
    ]  # fmt: skip
    assert {request.reason for request in asked} == {"late file"}
    assert len({request.received_at for request in asked}) == 1
    assert "another process is busy" in answers[0]["error"]


def test_a_run_that_a_person_stops_begins_no_further_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def run_month(request: RunRequest, _listener: Any) -> RunResult:
        asked.append(request.month)
        return failed(request.month, error="dagster._core.errors.DagsterExecutionInterruptedError")

    monkeypatch.setattr(run_command, "run_month", run_month)
    told = quincena("--home", tmp_path, "run", "--month", "2026-12..2027-02")
    assert (asked, told.exit_code, told.stdout) == (["2026-12"], 1, "")
    assert told.stderr == "Interrumpido; lo publicado antes sigue vigente.\n"


def test_a_home_that_tables_cannot_stand_in_is_wrong_usage(tmp_path: Path) -> None:
    told = quincena("--home", tmp_path / "50%", "run", "--month", "2026-10")
    assert told.exit_code == 2
    assert "cannot stand under a path with '%'" in told.stderr


def test_the_moment_of_receipt_is_handed_on_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[RunRequest] = []

    def run_month(request: RunRequest, _listener: Any) -> RunResult:
        asked.append(request)
        return failed(request.month)

    monkeypatch.setattr(run_command, "run_month", run_month)
    quincena("--home", tmp_path, "run", "--month", "2026-10", "--received-at", "2026-11-01T00:00:00-06:00")
    assert [request.received_at for request in asked] == [datetime(2026, 11, 1, 6, tzinfo=UTC)]


def test_the_ui_is_served_to_this_machine_only_on_this_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: became.extend(arguments))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert quincena("--home", tmp_path, "ui", "--port", str(port)).exit_code == 0
    _, command, environment = became
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == str(port)
    assert environment["QUINCENA_HOME"] == str(tmp_path)


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = quincena("--home", tmp_path, "ui", "--port", str(port))
    assert (told.exit_code, told.stderr) == (2, f"El puerto {port} está ocupado. Elija otro con --port.\n")


def test_an_unexpected_error_is_one_line_and_a_log_without_values(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        message = f"cannot cope with {NSS}"
        raise RuntimeError(message)

    monkeypatch.setattr(publications, "read_slices", fail)
    told = quincena("--home", home, "table", "receipts", "--output", tmp_path / "r.csv")
    log = home / "logs" / "quincena-error.log"
    assert told.exit_code == 1
    assert told.stderr.count("\n") == 1
    assert (
        f"RuntimeError; lo publicado antes sigue vigente. El registro, sin datos personales, está en {log}"
        in told.stderr
    )
    assert NSS not in told.stderr + log.read_text("utf-8")
    assert "commands/table.py" in log.read_text("utf-8")


def test_a_full_disk_is_told_as_such(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device", "x.parquet")

    monkeypatch.setattr(publications, "latest", fail)
    told = quincena("--home", home, "--lang", "en", "table", "receipts", "--output", tmp_path / "r.csv")
    assert told.exit_code == 1
    assert told.stderr.startswith(
        "Could not read or write x.parquet (No space left on device). What was published stands"
    )


def test_stages_are_timed_and_one_that_never_began_is_not() -> None:
    watch = Watch("es", None)
    watch.hear(StageEvent("2026-10", "match", "started"))
    watch.hear(StageEvent("2026-10", "match", "finished"))
    watch.hear(StageEvent("2026-10", "cover", "finished"))
    assert list(watch.seconds) == ["match"]


def test_progress_is_seen_on_a_terminal_also_while_stderr_is_sent_elsewhere() -> None:
    script = """
import os, time
from pipelines.commands.progress import StageEvent, watching
with watching("2026-10", "es") as watch:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    watch.hear(StageEvent("2026-10", "land", "advanced", 3, 7))
    time.sleep(0.5)
"""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", script], stderr=theirs, check=True, cwd=ROOT, env=environment)
    shown = os.read(ours, 100_000).decode("utf-8")
    os.close(ours)
    os.close(theirs)
    assert "2026-10 · recibe 3/7" in shown
