from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow
import pytest
from pyarrow import parquet

from pipelines.store import landed
from pipelines.store.landed import LandedDamagedError

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.store.home import Home

ROWS = pyarrow.table({"row": pyarrow.array([2, 3, 4]), "concept": ["PAGO IMSS", "ÑANDÚ", ""]})
REJECTIONS = pyarrow.table({"row": pyarrow.array([5]), "rule": ["amount"]})


def _files(home: Home) -> dict[str, Path]:
    return {path.name: path for path in (home.root / "landed" / "layout").iterdir()}


def test_rows_and_rejections_come_back_as_they_were_saved(home: Home) -> None:
    landed.save(home, "layout", "aa", ROWS, REJECTIONS)
    landed.save(home, "layout", "bb", ROWS.slice(0, 1), REJECTIONS.slice(0, 0))
    files = [("layout", "bb"), ("layout", "aa")]
    assert landed.load_rows(home, files, ROWS.schema) == pyarrow.concat_tables([ROWS.slice(0, 1), ROWS])
    assert landed.load_rejections(home, files, REJECTIONS.schema) == REJECTIONS


def test_some_columns_come_back_in_the_order_asked_for(home: Home) -> None:
    landed.save(home, "layout", "aa", ROWS, REJECTIONS)
    asked = ROWS.schema.names[::-1][:2]
    assert landed.load_rows(home, [("layout", "aa")], ROWS.schema, asked) == ROWS.select(asked)
    assert landed.load_rows(home, [], ROWS.schema, asked) == ROWS.schema.empty_table().select(asked)


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


def _blocks(writer: landed.Writer) -> None:
    for start in range(ROWS.num_rows):
        writer.add(ROWS.slice(start, 1), REJECTIONS.slice(start, 1))


def test_blocks_come_back_as_one_table_and_the_same_blocks_give_the_same_bytes(home: Home) -> None:
    for sha256 in ("aa", "bb"):
        with landed.writing(home, sha256) as writer:
            _blocks(writer)
            writer.commit("layout")
    files = _files(home)
    assert landed.load_rows(home, [("layout", "aa")], ROWS.schema) == ROWS
    assert landed.load_rejections(home, [("layout", "aa")], REJECTIONS.schema) == REJECTIONS
    for part in ("rows", "rejections"):
        assert files[f"aa.{part}.parquet"].read_bytes() == files[f"bb.{part}.parquet"].read_bytes()


def test_nothing_is_seen_before_the_commit_and_nothing_stays_without_it(home: Home) -> None:
    def seen() -> list[str]:
        return [
            path.name for path in (home.root / "landed").rglob("*") if path.is_file() and not path.name.startswith(".")
        ]

    with landed.writing(home, "aa") as writer:
        _blocks(writer)
        assert seen() == []
    with suppress(KeyError), landed.writing(home, "aa") as writer:
        _blocks(writer)
        raise KeyError
    assert [path for path in (home.root / "landed").rglob("*") if path.is_file()] == []


def test_a_commit_that_died_halfway_is_completed_by_the_next_with_the_same_bytes(home: Home) -> None:
    landed.save(home, "layout", "aa", ROWS, REJECTIONS)
    whole = {name: path.read_bytes() for name, path in _files(home).items()}
    for lost in whole:
        for name in dict.fromkeys(["aa.sha256", lost]):  # the list of digests is written last
            _files(home)[name].unlink()
        landed.save(home, "layout", "aa", ROWS, REJECTIONS)
        assert {name: path.read_bytes() for name, path in _files(home).items()} == whole


def test_blocks_without_rows_keep_the_columns(home: Home) -> None:
    with landed.writing(home, "aa") as writer:
        for _ in range(3):
            writer.add(ROWS.slice(0, 0), REJECTIONS.slice(0, 0))
        writer.commit("layout")
    assert landed.load_rows(home, [("layout", "aa")], ROWS.schema) == ROWS.schema.empty_table()


def test_blocks_come_back_in_the_order_in_which_they_were_added(home: Home) -> None:
    blocks = [ROWS.slice(number % 3, 1) for number in range(7)]
    with landed.writing(home, "aa") as writer:
        for block in blocks:
            writer.add(block, REJECTIONS.slice(0, 0))
        writer.commit("layout")
    assert landed.load_rows(home, [("layout", "aa")], ROWS.schema) == pyarrow.concat_tables(blocks)


@pytest.mark.parametrize("after", range(4))
def test_a_block_that_cannot_be_written_is_told_before_anything_is_kept(
    home: Home, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    written: list[object] = []

    def write(_part: object, table: pyarrow.Table) -> None:
        written.append(table)
        if len(written) > after:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(landed._Part, "add", write)

    def save() -> None:
        with landed.writing(home, "aa") as writer:
            for number in range(2):
                writer.add(ROWS.slice(number, 1), REJECTIONS)
            writer.commit("layout")

    with pytest.raises(OSError, match="No space left"):
        save()
    assert [path for path in (home.root / "landed").rglob("*") if path.is_file()] == []


def test_rows_kept_in_another_compression_by_an_older_version_are_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = parquet.ParquetWriter
    with monkeypatch.context() as older:
        older.setattr(
            parquet, "ParquetWriter", lambda *given, **said: writer(*given, **{**said, "compression": "zstd"})
        )
        landed.save(home, "layout", "aa", ROWS, REJECTIONS)
    landed.save(home, "layout", "bb", ROWS, REJECTIONS)
    said = {
        name[:2]: parquet.read_metadata(path).row_group(0).column(0).compression
        for name, path in _files(home).items()
        if name.endswith(".rows.parquet")
    }
    assert said == {"aa": "ZSTD", "bb": "LZ4"}
    files = [("layout", "aa"), ("layout", "bb")]
    assert landed.load_rows(home, files, ROWS.schema) == pyarrow.concat_tables([ROWS, ROWS])
