"""The Parquet files of a table: what is held while they are written, their form, and what a commit makes of them."""

from __future__ import annotations

import json
import weakref
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow
import pytest
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from pyarrow import parquet

from pipelines.store import delta, row_files, seals, tables
from pipelines.store.files import TEMPORARY_SUFFIX
from pipelines.store.home import Home
from pipelines.store.ordered import Ordered
from pipelines.store.slices import Slices
from schemas.digest import content_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.store.conftest import MakeTable

OCTOBER, NOVEMBER = "2026-10", "2026-11"
NAME = "payments"
GROUP = 16_384
SCHEMA = pyarrow.schema([("number", pyarrow.int64()), ("sha256", pyarrow.string()), ("month", pyarrow.string())])


def rows(first: int, count: int, month: str = OCTOBER) -> pyarrow.Table:
    numbers = np.arange(first, first + count)
    columns = [pyarrow.array(numbers), pyarrow.repeat(pyarrow.scalar("ab" * 32), count), pyarrow.repeat(month, count)]
    return pyarrow.table(columns, schema=SCHEMA)


def sliced(counts: Sequence[int], month: str = OCTOBER) -> Ordered:
    """Rows that count up, so many in each slice."""
    ends = np.cumsum(counts)
    parts = tuple(partial(_given, int(end - count), count, month) for end, count in zip(ends, counts, strict=True))
    return Ordered(SCHEMA, int(ends[-1]), parts)


def _given(first: int, count: int, month: str, columns: Sequence[str] | None) -> pyarrow.Table:
    table = rows(first, count, month)
    return table if columns is None else table.select(list(columns))


def files_of(home: Home, month: str = OCTOBER) -> list[Path]:
    return sorted((home.root / "tables" / NAME / f"month={month}").glob("*.parquet"))


def last_commit(home: Home) -> list[dict[str, dict[str, object]]]:
    path = max((home.root / "tables" / NAME / "_delta_log").glob("*.json"))
    return [json.loads(line) for line in path.read_text().splitlines()]


class _Seen:
    """Slices whose numbers are counted for as long as anything refers to them."""

    def __init__(self, count: int, rows_each: int) -> None:
        self._rows, self._known, self.most = rows_each, list[weakref.ref[Any]](), 0
        parts = tuple(partial(self._read, number) for number in range(count))
        self.ordered = Ordered(SCHEMA, count * rows_each, parts)

    def _read(self, number: int, columns: Sequence[str] | None) -> pyarrow.Table:
        table = _given(number * self._rows, self._rows, OCTOBER, columns)
        if "number" not in table.column_names:
            return table
        numbers = table["number"].to_numpy().copy()
        self._known.append(weakref.ref(numbers))
        self.most = max(self.most, sum(known() is not None for known in self._known))
        return table.set_column(table.column_names.index("number"), "number", pyarrow.array(numbers))


def test_a_table_is_written_while_a_few_of_its_slices_are_held(home: Home) -> None:
    seen = _Seen(40, row_files.GROUP_ROWS * row_files.GROUPS_AT_ONCE)
    published = tables.publish(home, NAME, seen.ordered, OCTOBER, digest="0" * 64)
    assert published.rows == 40 * row_files.GROUP_ROWS * row_files.GROUPS_AT_ONCE
    assert seen.most == 1


def test_what_is_held_does_not_grow_where_slices_are_larger_than_what_is_written_at_once(home: Home) -> None:
    seen = _Seen(12, row_files.GROUP_ROWS * row_files.GROUPS_AT_ONCE + 1_000)
    tables.publish(home, NAME, seen.ordered, OCTOBER, digest="0" * 64)
    assert seen.most == 1


def test_a_file_has_small_groups_without_dictionaries_and_with_the_bounds_of_sought_columns_alone(home: Home) -> None:
    tables.publish(home, NAME, sliced([20_000, 13_000, 1_000]), OCTOBER)
    (path,) = files_of(home)
    found = parquet.ParquetFile(path)
    groups = [found.metadata.row_group(number) for number in range(found.num_row_groups)]
    assert [group.num_rows for group in groups] == [GROUP, GROUP, 34_000 - 2 * GROUP]
    assert found.schema_arrow.names == ["number", "sha256"]
    number, digest = (groups[1].column(place) for place in range(2))
    assert (number.statistics.min, number.statistics.max) == (GROUP, 2 * GROUP - 1)
    assert digest.statistics is None
    assert (number.compression, number.has_dictionary_page, digest.has_dictionary_page) == ("ZSTD", False, False)


def test_the_bytes_of_a_file_do_not_tell_how_the_table_was_cut(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.prepare()
    tables.publish(home, NAME, sliced([150_000, 1, 60_000]), OCTOBER)
    tables.publish(other, NAME, sliced([210_001]), OCTOBER)
    assert [path.read_bytes() for path in files_of(home)] == [path.read_bytes() for path in files_of(other)]


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_files, "_FULL", 1)
    monkeypatch.setattr(row_files, "GROUP_ROWS", 10)


@pytest.mark.usefixtures("small_files")
def test_a_large_table_is_several_files_that_one_commit_names(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    published = tables.publish(home, NAME, sliced([100, 95]), OCTOBER)
    added = [action["add"] for action in last_commit(home) if "add" in action]
    assert [json.loads(str(add["stats"])) for add in added] == [
        {"numRecords": 80},
        {"numRecords": 80},
        {"numRecords": 35},
    ]
    assert [add["path"] for add in added] == [f"month={OCTOBER}/{path.name}" for path in files_of(home)]
    assert [add["size"] for add in added] == [path.stat().st_size for path in files_of(home)]
    assert tables.read(home, NAME, OCTOBER) == rows(0, 195)
    found = Slices(home).published(published, {"number": {3, 170}}, SCHEMA)
    assert sorted(found["number"].to_pylist()) == [3, 170]
    monkeypatch.setattr(tables, "_HELD_ROWS", 1)
    monkeypatch.setattr(tables, "_load", lambda *_: pytest.fail("held"))
    large = tables.read_slices(home, NAME, OCTOBER)
    assert large is not None
    assert large.whole() == rows(0, 195)


@pytest.mark.usefixtures("small_files")
def test_what_replaces_several_files_takes_all_of_them_away_and_older_versions_keep_them(home: Home) -> None:
    first = tables.publish(home, NAME, sliced([100, 100]), OCTOBER)
    tables.publish(home, NAME, sliced([5]), OCTOBER)
    assert sum("remove" in action for action in last_commit(home)) == 3
    assert tables.read(home, NAME, OCTOBER) == rows(0, 5)
    assert tables.read(home, NAME, OCTOBER, first.version) == rows(0, 200)


@pytest.mark.usefixtures("small_files")
def test_a_writer_that_fails_in_the_middle_leaves_nothing_that_is_read(home: Home) -> None:
    before = tables.publish(home, NAME, sliced([5]), OCTOBER)

    def gone(columns: Sequence[str] | None) -> pyarrow.Table:
        if columns == ["month"]:
            return rows(200, 100).select(columns)
        message = "the disk is full"
        raise OSError(message)

    broken = sliced([100, 100])
    broken = Ordered(broken.schema, 300, (*broken.parts, gone))
    with pytest.raises(OSError, match="the disk is full"):
        tables.publish(home, NAME, broken, OCTOBER, digest="0" * 64)
    assert len(files_of(home)) > 1
    assert list(home.root.rglob(f".*{TEMPORARY_SUFFIX}")) == []
    assert tables.current(home, NAME, OCTOBER) == tables.TableVersion(NAME, 1, before.digest, 5, month=OCTOBER)
    assert tables.read(home, NAME, OCTOBER) == rows(0, 5)
    tables.publish(home, NAME, sliced([6]), OCTOBER)
    assert tables.read(home, NAME, OCTOBER) == rows(0, 6)


def test_seals_note_every_file_that_was_written(home: Home) -> None:
    tables.publish(home, NAME, sliced([5]), OCTOBER)
    (path,) = files_of(home)
    assert f"month={OCTOBER}/{path.name}" in seals.read(home.tables / NAME).digests


def overtaken_by(home: Home, monkeypatch: pytest.MonkeyPatch, table: pyarrow.Table) -> list[int]:
    """While a table is written, November is published anew; gives how often files were written for October."""
    write, written = row_files.write, []

    def write_beside(place: object, folder: str, *others: object) -> object:
        found = write(place, folder, *others)  # type: ignore[arg-type]
        if OCTOBER in folder:
            written.append(len(found))
            tables.publish(home, NAME, table, NOVEMBER)
        return found

    monkeypatch.setattr(row_files, "write", write_beside)
    return written


def test_another_month_that_is_replaced_meanwhile_is_let_pass_and_nothing_is_written_twice(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables.publish(home, NAME, rows(0, 3, NOVEMBER), NOVEMBER)
    tables.publish(home, NAME, rows(0, 3), OCTOBER)
    written = overtaken_by(home, monkeypatch, rows(0, 4, NOVEMBER))
    version = tables.publish(home, NAME, rows(0, 5), OCTOBER)
    assert (written, version.version) == ([1], 4)
    assert tables.read(home, NAME, OCTOBER) == rows(0, 5)
    assert tables.read(home, NAME, NOVEMBER) == rows(0, 4, NOVEMBER)
    assert tables.current(home, NAME, OCTOBER) == tables.TableVersion(NAME, 4, version.digest, 5, month=OCTOBER)


def test_a_column_that_another_month_brings_meanwhile_is_kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    tables.publish(home, NAME, rows(0, 3, NOVEMBER), NOVEMBER)
    wider = rows(0, 3, NOVEMBER).append_column("theirs", pyarrow.array(["x"] * 3))
    mine = rows(0, 2).append_column("mine", pyarrow.array([1, 2]))
    written = overtaken_by(home, monkeypatch, wider)
    tables.publish(home, NAME, mine, OCTOBER)
    assert written == [1]
    assert tables.read(home, NAME, OCTOBER) == mine
    assert tables.read(home, NAME, NOVEMBER) == wider


def test_a_table_that_the_library_wrote_is_read_and_replaced(home: Home, make_table: MakeTable) -> None:
    october, november = make_table(OCTOBER, [3, 4]), make_table(NOVEMBER, [7])
    opened = delta.create_table(home.tables / NAME, october.schema, by_month=True)
    for table, month in ((october, OCTOBER), (november, NOVEMBER)):
        said = {
            "quincena.scope": month,
            "quincena.digest": content_digest(table),
            "quincena.rows": str(table.num_rows),
            "quincena.columns": ",".join(table.column_names),
            "quincena.run_id": "earlier",
        }
        write_deltalake(
            opened,
            table,
            mode="overwrite",
            predicate=f"month = '{month}'",
            writer_properties=WriterProperties(compression="ZSTD"),
            commit_properties=CommitProperties(said, app_transactions=[Transaction(month, opened.version() + 1)]),
        )
    assert tables.read(home, NAME, OCTOBER) == october
    assert not tables.publish(home, NAME, november, NOVEMBER).changed
    version = tables.publish(home, NAME, make_table(OCTOBER, [5]), OCTOBER)
    assert tables.read(home, NAME, OCTOBER) == make_table(OCTOBER, [5])
    assert tables.read(home, NAME, OCTOBER, version.version - 1) == october
    assert tables.read(home, NAME, NOVEMBER) == november
    assert len(DeltaTable(home.root / "tables" / NAME).file_uris()) == 2


@pytest.mark.parametrize("is_wider", [True, False], ids=["wider", "narrower"])
def test_what_is_appended_may_have_other_columns_anywhere(home: Home, make_table: MakeTable, *, is_wider: bool) -> None:
    narrow = make_table(OCTOBER, [1])
    wide = make_table(OCTOBER, [2]).add_column(1, "detail", pyarrow.array(["x"]))
    first, second = (narrow, wide) if is_wider else (wide, narrow)
    tables.append(home, "landings", first)
    tables.append(home, "landings", second)
    found = tables.read(home, "landings")
    assert found is not None
    assert dict(zip(found["amount_centavos"].to_pylist(), found["detail"].to_pylist(), strict=True)) == {
        1: None,
        2: "x",
    }
