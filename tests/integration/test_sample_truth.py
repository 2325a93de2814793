"""A synthetic inbox whose maker shares no code with the rules, run whole: every outcome of `truth/` is met."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from pipelines.cli import app

pytestmark = pytest.mark.slow
POLICY: Final = Path(__file__).resolve().parents[2] / "policy.toml"
MONTHS: Final = ("2026-09", "2026-10")
TABLES: Final = {
    "dispositions": "dispositions",
    "flags": "payment_flags",
    "matches": "matches",
    "settlements": "settlements",
    "activations": "coverage_activations",
    "exceptions": "coverage_exceptions",
}
"""File of `truth/` → table of the contract."""

Rows = list[dict[str, str]]


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(home: Path, name: str, month: str = "") -> Rows:
    answer = home.parent / f"{name}{month}.csv"
    of_month = ["--month", month] if month else []
    ended = CliRunner().invoke(app, ["--home", str(home), "table", name, *of_month, "--output", str(answer)])
    assert ended.exit_code == 0, ended.output
    return read(answer)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample in `sample/`, run for its months in the home `home/`."""
    folder = tmp_path_factory.mktemp("sample")
    months = f"{MONTHS[0]}..{MONTHS[-1]}"
    made = ["sample", "--registrants", "700", "--month", months, "--seed", "7", "--output", str(folder / "sample")]
    run = ["run", "--month", months, "--inbox", str(folder / "sample" / "inbox"), "--json"]
    for arguments in (made, run):
        ended = CliRunner().invoke(app, ["--home", str(folder / "home"), "--policy", str(POLICY), *arguments])
        assert ended.exit_code == 0, ended.stderr
    return folder


@pytest.mark.parametrize(("truth", "name"), TABLES.items())
def test_every_outcome_of_the_truth_is_met(sample: Path, truth: str, name: str) -> None:
    expected = [row for row in read(sample / "sample" / "truth" / f"{truth}.csv") if row["month"] in MONTHS]
    found = [row for month in MONTHS for row in table(sample / "home", name, month)]
    keys = {
        row["payment_id"]: row["natural_key"] for month in MONTHS for row in table(sample / "home", "payments", month)
    }
    columns = list(expected[0])
    rows = [{"natural_key": keys.get(row.get("payment_id", ""), ""), **row} for row in found]
    assert sorted([row[column] for column in columns] for row in rows) == sorted(
        [row[column] for column in columns] for row in expected
    )


def test_every_file_has_the_receipt_that_the_truth_gives_it(sample: Path) -> None:
    expected = {row["file_name"]: row for row in read(sample / "sample" / "truth" / "receipts.csv")}
    found = {row["file_name"]: row for row in table(sample / "home", "receipts")}
    assert {name: row["outcome"] for name, row in found.items()} == {
        name: row["outcome"] for name, row in expected.items()
    }
    accepted = [name for name, row in expected.items() if row["outcome"] == "accepted"]
    assert [(found[name]["rows"], found[name]["rejected_rows"]) for name in accepted] == [
        (expected[name]["rows"], expected[name]["rejected_rows"]) for name in accepted
    ]
