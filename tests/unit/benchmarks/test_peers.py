"""The peers of the benchmark against the truth of a sample, which none of them and no rule of the product has made."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from pipelines.sample import generate
from pipelines.sample.identifiers import with_luhn_digit
from tests.benchmarks import differences, months
from tests.benchmarks.peers import canonical

ROOT: Final = Path(__file__).resolve().parents[3]
MONTH: Final = "2026-10"
PEERS: Final = ("polars_tuned", "duckdb_tuned", "pandas_idiomatic")
TRUTHS: Final = {
    "dispositions": "dispositions",
    "matches": "matches",
    "coverage_activations": "activations",
    "coverage_exceptions": "exceptions",
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, MONTH, MONTH, 1_500, seed=11)
    return folder


def ask(peer: str, inbox: Path, output: Path) -> Path:
    command = [sys.executable, "-m", f"tests.benchmarks.peers.{peer}", str(inbox), MONTH, str(output)]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return output


def answered(folder: Path, table: str, columns: list[str]) -> list[tuple[str, ...]]:
    rows = pyarrow.parquet.read_table(folder / f"{table}.parquet").to_pylist()
    for row in rows:
        row["natural_key"] = row.get("payment_id", "").partition("|")[2]
    # A date that an engine keeps as an instant is written as its day.
    return sorted(tuple(str(row[column]).removesuffix(" 00:00:00") for column in columns) for row in rows)


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_meets_every_outcome_that_the_sample_was_laid_out_for(peer: str, sample: Path, tmp_path: Path) -> None:
    answers = ask(peer, sample / "inbox", tmp_path / "answers")
    for table, truth in TRUTHS.items():
        with (sample / "truth" / f"{truth}.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["month"] == MONTH]
        columns = list(rows[0])
        assert len(rows) > 10
        assert answered(answers, table, columns) == sorted(tuple(row.values()) for row in rows), table


BAD_REGISTRANTS: Final[dict[str, dict[str, str]]] = {
    "a wrong check digit of a CURP": {"curp": "BOXW310820HNERXN08"},
    "small letters in a CURP": {"curp": "boxw310820hnerxn09"},
    "an income of nothing": {"income": "0.00"},
    "one place after the point": {"income": "1.0"},
    "a day that no month has": {"day": "2026-02-30"},
    "a date of nine characters": {"day": "2026-2-03"},
    "an instant without offset": {"at": "2026-09-01T00:00:00"},
    "a name of blanks": {"name": "  "},
    "a name with a control character": {"name": "ANA\x07"},
    "an invisible character in a code": {"umf": "UMF\u200b001"},
}
"""What is wrong → the fields of a registrant that are otherwise than they should be."""


@pytest.fixture(scope="module")
def spoilt(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a registrant and a line for each fault, and for none."""
    inbox = tmp_path_factory.mktemp("spoilt")
    for path in (sample / "inbox").glob("*.csv"):
        (inbox / path.name).write_bytes(path.read_bytes())
    sound = {
        "curp": "BOXW310820HNERXN09", "name": "ANA", "umf": "UMF 001", "income": "1.00", "day": "2026-01-31",
        "at": "2026-09-01T00:00:00Z",
    }  # fmt: skip
    people, lines = [",".join(canonical.FIELDS["registrants"])], [",".join(canonical.FIELDS["capture_lines"])]
    for number, fault in enumerate([{}, *BAD_REGISTRANTS.values()]):
        nss = "".join(map(chr, with_luhn_digit(np.array([9_900_000_000 + number]))[0]))
        people.append("{nss},{curp},{name},,,,,{umf},{income},,{day},{at}".format(nss=nss, **(sound | fault)))
        lines.append(f"LCNEW{number:07},{nss},2026-11,10.00,2026-09-06,,issued,2026-09-11T00:00:00Z")
    lines.append("LCBAD0000001,12345678904,2026-11,10.00,2026-09-06,,issued,2026-09-11T00:00:00Z")
    (inbox / "registrants_new.csv").write_text("\n".join(people) + "\n", "utf-8")
    (inbox / "capture_lines_new.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return inbox


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_rejects_a_row_by_the_rule_of_its_field_and_no_other_row(
    peer: str, spoilt: Path, tmp_path: Path
) -> None:
    answers = answered(ask(peer, spoilt, tmp_path), "coverage_exceptions", ["capture_line", "reason"])
    found = {line: reason for line, reason in answers if line.startswith(("LCNEW", "LCBAD"))}
    faults = ["unknown_registrant"] * len(BAD_REGISTRANTS)
    assert found == {f"LCNEW{number:07}": reason for number, reason in enumerate(["unpaid", *faults])}


def test_rows_of_two_answers_that_differ_are_counted_and_shown() -> None:
    one = pyarrow.table({"payment_id": ["a", "b"], "capture_line": ["L1", "L2"], "rule": ["text", "nss"]})
    other = pyarrow.table({"payment_id": ["b", "a"], "capture_line": ["L2", "L1"], "rule": ["curp", "text"]})
    assert differences.compare("matches", one, one.take([1, 0])).rows == 0
    found = differences.compare("matches", one, other)
    assert found.rows == 2
    assert "payment_id=b" in found.shown[0]
    assert "rule=nss" in found.shown[0]
    assert "rule=curp" in found.shown[1]


def test_a_row_that_one_side_has_twice_is_a_difference() -> None:
    one = pyarrow.table({"payment_id": ["a"], "capture_line": ["L1"]})
    assert differences.compare("matches", one, pyarrow.concat_tables([one, one])).rows == 1


@pytest.mark.slow
def test_a_month_of_the_benchmark_is_the_same_for_the_same_seed_and_no_registrant_is_in_it_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(months, "BLOCK", 450)
    contents = []
    for folder in ("one", "other"):
        months.make(tmp_path / folder / "inbox", 800, seed=3)
        files = sorted((tmp_path / folder / "inbox").iterdir())
        contents.append({path.name: path.read_bytes() for path in files})
    assert contents[0] == contents[1]
    listed = [path for name, path in contents[0].items() if name.startswith("registrants_lista")]
    assert len(listed) == 2
    numbers = [row.split(b",")[0] for file in listed for row in file.splitlines()[1:] if b"DEFECTUOSA" not in row]
    assert len(numbers) == len(set(numbers)) > 700


def test_a_month_is_not_made_into_a_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "something.csv").write_text("")
    with pytest.raises(FileExistsError):
        months.make(tmp_path / "inbox", 100)
