"""The public BAI2 samples: what their README says of each is what reading gives."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from pipelines.readers import bai2, read_file
from pipelines.readers.layout_files import layout_for

SAMPLES: Final = Path(__file__).resolve().parents[3] / "shared" / "samples" / "bai2"
NAME: Final = "bai2_sample.txt"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples are not beside the repository")


def rows_of(name: str) -> list[dict[str, str]]:
    layout = layout_for(NAME)
    assert layout is not None
    rows: list[dict[str, str]] = bai2.read((SAMPLES / name).read_bytes(), layout).columns.to_pylist()
    return rows


def test_every_sample_is_tested() -> None:
    assert {path.name for path in SAMPLES.glob("sample*")} == {"sample1.txt", "sample2.txt", "sample-parseError.txt"}


def test_two_accounts_in_canadian_dollars_close() -> None:
    rows = rows_of("sample1.txt")
    assert {row["Currency"] for row in rows} == {"CAD"}
    assert [row["Direction"] for row in rows].count("credit") == 5
    sums = {
        direction: sum(int(row["Amount"].replace(".", "")) for row in rows if row["Direction"] == direction)
        for direction in ("credit", "debit")
    }
    assert sums == {"credit": 208_500 + 111_500, "debit": 208_500 + 111_500}
    assert rows[0]["Text"].rstrip() == "RETURNED CHEQUE"
    found = read_file(NAME, (SAMPLES / "sample1.txt").read_bytes())
    assert (found.refusal, found.data_rows) == ("", 17)
    assert {row["rule"] for row in found.rejections.to_pylist()} == {"not_a_credit", "tracking_key"}


def test_distributed_availability_and_continuations_are_read_and_close() -> None:
    rows = rows_of("sample2.txt")
    names = ("Originator", "Account", "Type code", "Amount", "Bank reference", "Customer reference", "Text")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("122099999", "0123456789", "115", "4500.00", "", "", ""),
        ("122099999", "9876543210", "115", "5000.00", "", "", "LOCK BOX NO.68751"),
        (
            "122099999",
            "4589761203",
            "218",
            "200000.00",
            "SP4738",
            "YRC065321",
            "PROCEEDS OF LETTER OF CREDIT FROM THE ARAMCO OIL CO",
        ),
        ("122099999", "4589761203", "195", "100000.00", "", "", ""),
    ]
    found = read_file(NAME, (SAMPLES / "sample2.txt").read_bytes())
    assert found.refusal == ""
    assert found.rows is not None
    assert found.rows.column("tracking_key").to_pylist() == ["SP4738"]
    assert [row["rule"] for row in found.rejections.to_pylist()] == ["tracking_key"] * 3


def test_a_header_without_trailers_is_refused() -> None:
    refusal = read_file(NAME, (SAMPLES / "sample-parseError.txt").read_bytes()).refusal
    assert "found no file trailer at the end; expected record 99 as the last one" in refusal


@pytest.mark.parametrize("name", ["sample1.txt", "sample2.txt"])
def test_a_sample_changed_by_one_figure_no_longer_closes(name: str) -> None:
    content = (SAMPLES / name).read_bytes()
    places = [place for place, byte in enumerate(content) if content[place - 1 : place] == b"0" and byte == ord("0")]
    changed = content[: places[-1]] + b"1" + content[places[-1] + 1 :]
    assert read_file(NAME, changed).refusal
