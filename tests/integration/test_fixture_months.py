"""The two synthetic months, file to table: every expected figure of `fixtures/months` was derived by hand."""

from __future__ import annotations

import csv
import json
import random
import shutil
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from pipelines.cli import app

pytestmark = pytest.mark.slow
ROOT: Final = Path(__file__).resolve().parents[2]
MONTHS: Final = ROOT / "fixtures" / "months"
RECEIVED_AT: Final = {"2026-10": "2026-11-01T06:00:00Z", "2026-11": "2026-12-01T06:00:00Z"}
WHOLE_HOME: Final = {"receipts", "rejections"}
PROVENANCE: Final = {
    *{"payments", "payment_rows", "receipts", "rejections", "certificate"},
    *{"decisions", "decision_log"},
}
"""Tables that say in which file a row stands: they alone may differ when files are renamed or split."""


def quincena(home: Path, *arguments: str) -> None:
    ended = CliRunner().invoke(app, ["--home", str(home), "--policy", str(ROOT / "policy.toml"), *arguments])
    assert ended.exit_code == 0, ended.stderr


def run(home: Path, month: str, inbox: Path | None = None) -> None:
    """As the command line does it, in this process: one of its own is that of ``test_cli_run``."""
    folder = inbox or MONTHS / month / "inbox"
    quincena(home, "run", "--month", month, "--inbox", str(folder), "--received-at", RECEIVED_AT[month], "--json")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_order(rows: list[dict[str, str]], columns: list[str]) -> list[list[str]]:
    return sorted([row[column] for column in columns] for row in rows)


def digests(home: Path, month: str) -> dict[str, str]:
    (path,) = (home / "publications" / month).glob("*.json")
    manifest = json.loads(path.read_bytes())
    return {name: version["digest"] for name, version in manifest["tables"].items()}


def versions(home: Path) -> dict[str, list[str]]:
    """The commits of every table."""
    found: dict[str, list[str]] = {}
    for path in sorted((home / "tables").glob("*/_delta_log/*.json")):
        found.setdefault(path.parts[-3], []).append(path.name)
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """October alone, its answers set aside, and the home as it is then; November on top of it."""
    folder = tmp_path_factory.mktemp("months")
    for month in ("2026-10", "2026-11"):
        run(folder / "home", month)
        (folder / month).mkdir()
        for expected in sorted((MONTHS / month / "expected").glob("*.csv")):
            if expected.stem != "money_by_bucket":
                of_month = [] if expected.stem in WHOLE_HOME else ["--month", month]
                answer = folder / month / expected.name
                quincena(folder / "home", "table", expected.stem, *of_month, "--output", str(answer))
        if month == "2026-10":
            shutil.copytree(folder / "home", folder / "october", symlinks=True)
    return folder


EXPECTED: Final = [
    pytest.param(month, path.stem, id=f"{month}-{path.stem}")
    for month in ("2026-10", "2026-11")
    for path in sorted((MONTHS / month / "expected").glob("*.csv"))
    if path.stem != "money_by_bucket"
]


@pytest.mark.parametrize(("month", "table"), EXPECTED)
def test_the_table_is_the_one_derived_by_hand(home: Path, month: str, table: str) -> None:
    expected = read(MONTHS / month / "expected" / f"{table}.csv")
    found = read(home / month / f"{table}.csv")
    columns = list(expected[0])
    payments = {row["payment_id"]: row["natural_key"] for row in read(home / month / "payments.csv")}
    found = [row | {"natural_key": payments[row["payment_id"]]} if "payment_id" in row else row for row in found]
    assert in_order(found, columns) == in_order(expected, columns)


@pytest.mark.parametrize("month", ["2026-10", "2026-11"])
def test_the_money_in_every_bucket_is_the_one_derived_by_hand(home: Path, month: str) -> None:
    expected = {
        (row["bucket"], row["currency"]): int(row["amount_centavos"])
        for row in read(MONTHS / month / "expected" / "money_by_bucket.csv")
    }
    found: dict[tuple[str, str], int] = {}
    for row in read(home / month / "dispositions.csv"):
        key = (row["bucket"], row["currency"])
        found[key] = found.get(key, 0) + int(row["amount_centavos"])
    assert found == expected


def test_files_renamed_split_and_shuffled_give_the_same_content(home: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    accepted = [row["file_name"] for row in read(home / "2026-10" / "receipts.csv") if row["outcome"] == "accepted"]
    chance = random.Random(15)
    for name in accepted:
        with (MONTHS / "2026-10" / "inbox" / name).open(encoding="utf-8-sig", newline="") as file:
            header, *rows = list(csv.reader(file))
        chance.shuffle(rows)
        middle = chance.randint(0, len(rows))
        prefix = name.split("2026")[0]
        for number, part in enumerate((rows[:middle], rows[middle:])):
            target = inbox / f"{prefix}zz_{chance.randrange(10**9):09d}_{number}.csv"
            with target.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([header, *part])
    run(tmp_path / "other", "2026-10", inbox)
    plain, other = digests(home / "home", "2026-10"), digests(tmp_path / "other", "2026-10")
    assert {name: plain[name] for name in plain if name not in PROVENANCE} == {
        name: other[name] for name in other if name not in PROVENANCE
    }


def test_a_second_run_gives_no_table_a_new_version(home: Path) -> None:
    october = home / "october"
    before = versions(october)
    run(october, "2026-10")
    assert before
    assert versions(october) == before
    assert len(list((october / "publications" / "2026-10").glob("*.json"))) == 1
