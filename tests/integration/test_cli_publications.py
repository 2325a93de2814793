"""`diff`, `verify` and `run --as-of` as they are typed, on one home with three publications."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli import app
from pipelines.store import publications
from pipelines.store.home import Home
from tests.architecture.tree import ROOT
from tests.integration.small_month import MONTH, digests, offer
from tests.integration.test_as_of import DAYS, publish_day
from tests.integration.test_verify import flip, publish_all

POLICY = ROOT / "policy.toml"


def call(home: Home, *arguments: object, policy: Path = POLICY) -> Result:
    options = ["--home", str(home.root), "--policy", str(policy), "--lang", "en"]
    return CliRunner().invoke(app, [*options, *map(str, arguments)], env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """October, published on three days."""
    home = Home(tmp_path_factory.mktemp("publications") / "home")
    home.prepare()
    for day, files in DAYS.items():
        offer(home.inbox, files)
        publish_day(home, day)
    publish_all(home, MONTH, 21)
    return home


def test_diff_tells_who_is_covered_no_more_and_why(made: Home) -> None:
    answer = json.loads(call(made, "diff", "--month", MONTH, 2, 3, "--json").stdout)
    assert [(row["nss"], row["change"], row["cause"], row["detail"]) for row in answer["coverage"]] == [
        ("92919084431", "revoked", "later_status", "returned")
    ]
    assert {row["file_name"] for row in answer["files"]} == {"bank_transfers_2.csv", "decisions_1.csv"}
    moved = {
        row["payment_id"].rpartition("|")[2]: (row["bucket_before"], row["bucket_after"]) for row in answer["payments"]
    }
    assert moved == {"TK0001": ("applied", "returned"), "TK0002": ("unmatched", "refund_due")}
    returned = next(row for row in answer["money"] if row["bucket"] == "returned")
    assert (returned["amount_centavos_before"], returned["amount_centavos_after"]) == (0, 145000)


def test_diff_over_several_publications_tells_the_net_change(made: Home) -> None:
    answer = json.loads(call(made, "diff", "--month", MONTH, 3, 1, "--json").stdout)
    assert (answer["before"]["number"], answer["after"]["number"]) == (1, 3)
    found = {row["nss"]: (row["change"], row["cause"], row["publication"]) for row in answer["coverage"]}
    assert found == {
        "12345678903": ("activated", "new_file", 2),
        "92919084431": ("revoked", "later_status", 3),
    }


@pytest.mark.parametrize(
    ("language", "word"), [("en", "a later status of a payment"), ("es", "un pago cambió de estado")]
)
def test_diff_is_told_in_both_languages(made: Home, language: str, word: str) -> None:
    options = ["--home", str(made.root), "--lang", language, "diff", "--month", MONTH, "2", "3"]
    shown = CliRunner().invoke(app, options, env={"COLUMNS": "400"})
    assert shown.exit_code == 0
    assert word in shown.stdout


@pytest.mark.parametrize(("numbers", "exit_code"), [((1, 1), 2), ((1, 9), 2)])
def test_diff_of_what_is_not_there_is_wrong_usage(made: Home, numbers: tuple[int, int], exit_code: int) -> None:
    result = call(made, "diff", "--month", MONTH, *numbers)
    assert (result.exit_code, result.stdout) == (exit_code, "")


def test_diff_of_a_month_never_published_is_told(made: Home) -> None:
    assert call(made, "diff", "--month", "2026-08", 1, 2).exit_code == 1


def test_verify_passes_and_then_names_what_was_altered(made: Home, tmp_path: Path) -> None:
    home = Home(shutil.copytree(made.root, tmp_path / "home"))
    assert call(home, "verify").exit_code == 0
    assert json.loads(call(home, "verify", "--json").stdout)["intact"] is True
    path = next(path for path in (home.root / "originals").rglob("*") if path.is_file())
    flip(path)
    told = call(home, "verify")
    assert told.exit_code == 1
    assert path.relative_to(home.root).as_posix() in told.stdout
    document = json.loads(call(home, "verify", "--json").stdout)
    assert document["faults"] == [{"path": path.relative_to(home.root).as_posix(), "problem": "altered", "detail": ""}]


def test_verify_of_a_home_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    assert call(Home(tmp_path / "none"), "verify").exit_code == 2


def test_as_of_writes_the_certificate_of_the_time_and_leaves_the_home_alone(made: Home, tmp_path: Path) -> None:
    before = digests(made.root)
    output = tmp_path / "out"
    result = call(made, "run", "--month", MONTH, "--as-of", "2026-10-16T18:00:00Z", "--output", output, "--json")
    told = json.loads(result.stdout)
    second = publications.fetch(made, MONTH, 2)
    assert second is not None
    assert (told["publication"], told["equal"], told["proven"]) == (2, True, True)
    assert json.loads((output / "certificate.json").read_text())["digest"] == second.certificate_digest
    assert {path.name for path in output.glob("coverage_activations.*")} == {
        "coverage_activations.parquet",
        "coverage_activations.csv",
    }
    assert digests(made.root) == before


def test_a_range_as_of_gets_a_folder_a_month(made: Home, tmp_path: Path) -> None:
    result = call(made, "run", "--month", "2026-09..2026-10", "--as-of", "2026-10-16T18:00:00Z", "--output", tmp_path)
    assert result.exit_code == 0
    assert (tmp_path / "2026-09" / "payments.csv").is_file()
    assert (tmp_path / "2026-10" / "certificate.json").is_file()


def test_another_policy_than_that_of_the_time_is_told_beside_the_answer(made: Home, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY.read_text("utf-8").replace("due_day = 15", "due_day = 3"), "utf-8")
    arguments = ("run", "--month", MONTH, "--as-of", "2026-10-16T18:00:00Z", "--output", tmp_path / "out")
    result = call(made, *arguments, policy=policy)
    assert result.exit_code == 0
    assert "policy has changed since publication 2" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--as-of", "2026-10-16T18:00:00Z"),
        ("--output", "out"),
        ("--as-of", "2026-10-16", "--output", "out"),
        ("--as-of", "2026-10-16T18:00:00Z", "--output", "out", "--received-at", "2026-10-16T18:00:00Z"),
    ],
)
def test_as_of_used_wrongly_is_told_and_writes_nothing(
    made: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call(made, "run", "--month", MONTH, *arguments)
    assert (result.exit_code, result.stdout, list(tmp_path.iterdir())) == (2, "", [])
