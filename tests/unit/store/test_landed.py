from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyarrow
import pytest

from pipelines.store import landed
from pipelines.store.landed import LandedDamagedError

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.store.home import Home

ROWS = pyarrow.table({"row": pyarrow.array([2, 3, 4]), "concept": ["PAGO IMSS", "ÑANDÚ", ""]})
REJECTIONS = pyarrow.table({"row": pyarrow.array([5]), "rule": ["amount"]})


def _files(home: Home) -> dict[str, Path]:
    return {path.name: path for path in (home.landed / "layout").iterdir()}


def test_rows_and_rejections_come_back_as_they_were_saved(home: Home) -> None:
    landed.save(home, "layout", "aa", ROWS, REJECTIONS)
    landed.save(home, "layout", "bb", ROWS.slice(0, 1), REJECTIONS.slice(0, 0))
    files = [("layout", "bb"), ("layout", "aa")]
    assert landed.load_rows(home, files, ROWS.schema) == pyarrow.concat_tables([ROWS.slice(0, 1), ROWS])
    assert landed.load_rejections(home, files, REJECTIONS.schema) == REJECTIONS


def test_no_files_give_a_table_without_rows(home: Home) -> None:
    assert landed.load_rows(home, [], ROWS.schema) == ROWS.schema.empty_table()


def test_the_same_rows_give_the_same_bytes_however_they_are_chunked_and_are_not_written_again(home: Home) -> None:
    landed.save(home, "layout", "aa", ROWS, REJECTIONS)
    before = {name: path.stat().st_ino for name, path in _files(home).items()}
    landed.save(home, "layout", "aa", pyarrow.concat_tables([ROWS.slice(0, 1), ROWS.slice(1)]), REJECTIONS)
    assert {name: path.stat().st_ino for name, path in _files(home).items()} == before
    assert len(before) == 3


def test_other_rows_of_a_run_that_died_are_replaced(home: Home) -> None:
    landed.save(home, "layout", "aa", ROWS.slice(1), REJECTIONS)
    landed.save(home, "layout", "aa", ROWS, REJECTIONS)
    assert landed.load_rows(home, [("layout", "aa")], ROWS.schema) == ROWS


def test_missing_rows_are_named(home: Home) -> None:
    with pytest.raises(LandedDamagedError, match=r"missing: layout/aa\.rows"):
        landed.load_rows(home, [("layout", "aa")], ROWS.schema)


def test_rows_of_other_columns_are_named(home: Home) -> None:
    landed.save(home, "layout", "aa", ROWS, REJECTIONS)
    with pytest.raises(LandedDamagedError, match=r"other columns than this version reads: layout/aa\.rows"):
        landed.load_rows(home, [("layout", "aa")], REJECTIONS.schema)


@pytest.mark.parametrize("name", ["aa.rows.parquet", "aa.sha256"])
def test_a_flipped_bit_anywhere_is_noticed_or_changes_nothing(home: Home, name: str) -> None:
    landed.save(home, "layout", "aa", ROWS, REJECTIONS)
    path = _files(home)[name]
    path.chmod(0o644)
    sound = path.read_bytes()
    told = []
    for position in range(len(sound)):
        path.write_bytes(sound[:position] + bytes([sound[position] ^ 0x04]) + sound[position + 1 :])
        try:
            assert landed.load_rows(home, [("layout", "aa")], ROWS.schema) == ROWS
        except LandedDamagedError as damage:
            told.append(str(damage))
    assert len(told) >= (len(sound) if name.endswith("parquet") else 64)
    assert all("altered: layout/aa.rows" in text for text in told)


def test_the_digests_of_a_landing_can_be_checked_with_sha256sum(home: Home) -> None:
    landed.save(home, "layout", "aa", ROWS, REJECTIONS)
    files = _files(home)
    lines = files["aa.sha256"].read_text().splitlines()
    assert lines == [
        f"{hashlib.sha256(files[name].read_bytes()).hexdigest()}  {name}"
        for name in ("aa.rejections.parquet", "aa.rows.parquet")
    ]
