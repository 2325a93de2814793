from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from pipelines.store import delta, tables
from pipelines.store.home import Home
from pipelines.store.ordered import Ordered
from pipelines.store.tables import StoreBusyError, TableDamagedError
from schemas.digest import content_digest, sort_rows

if TYPE_CHECKING:
    from tests.unit.store.conftest import MakeTable

OCTOBER, NOVEMBER, DECEMBER = "2026-10", "2026-11", "2026-12"
NAME = "payments"


def _delta_version(home: Home) -> int:
    return DeltaTable(home.root / "tables" / NAME).version()


def _partition_files(home: Home, month: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (home.root / "tables" / NAME / f"month={month}").glob("*.parquet")}


def test_what_was_published_is_read_with_exactly_its_schema_and_in_canonical_order(
    home: Home, make_table: MakeTable
) -> None:
    table = make_table(OCTOBER, [30_000, 7, 12_345])
    tables.publish(home, NAME, table, OCTOBER)

    found = tables.read(home, NAME, OCTOBER)

    assert found is not None
    assert found.schema == table.schema
    assert found.equals(sort_rows(table))


def test_nothing_is_read_where_nothing_was_published(home: Home, make_table: MakeTable) -> None:
    assert tables.read(home, NAME, OCTOBER) is None
    tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)
    assert tables.read(home, NAME, NOVEMBER) is None
    assert tables.current(home, NAME, NOVEMBER) is None


def test_a_large_table_is_read_some_rows_at_a_time_in_canonical_order(
    home: Home, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pyarrow.concat_tables([make_table(OCTOBER, [number]) for number in range(40)])
    tables.publish(home, NAME, make_table(NOVEMBER, [1]), NOVEMBER)
    published = tables.publish(home, NAME, table, OCTOBER)
    held = tables.read(home, NAME, OCTOBER)
    monkeypatch.setattr(tables, "_HELD_ROWS", 1)
    monkeypatch.setattr(tables, "_load", lambda *_: pytest.fail("held"))

    found = tables.read_slices(home, NAME, OCTOBER)

    assert held is not None
    assert found is not None
    assert (found.whole(), found.digest(), found.num_rows) == (held, published.digest, 40)
    assert found.whole(["month", "paid_on"]).equals(held.select(["month", "paid_on"]))
    assert tables.read_slices(home, NAME, DECEMBER) is None


def test_a_large_table_that_does_not_lie_in_order_is_read_all_the_same(
    home: Home, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_HELD_ROWS", 1)
    table = sort_rows(make_table(OCTOBER, [3, 1, 2]))
    turned = Ordered.as_it_is(table.take([2, 0, 1]))
    tables.publish(home, NAME, turned, OCTOBER, digest=content_digest(table))
    found = tables.read_slices(home, NAME, OCTOBER)
    assert found is not None
    assert found.whole().equals(table)


def test_a_flipped_bit_of_a_large_table_is_noticed(
    home: Home, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_HELD_ROWS", 1)
    tables.publish(home, NAME, make_table(OCTOBER, [1, 2]), OCTOBER)
    for path in (home.root / "tables" / NAME).rglob("*.parquet"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(TableDamagedError, match=NAME):
        tables.read_slices(home, NAME, OCTOBER)


def test_equal_content_in_another_order_commits_nothing(home: Home, make_table: MakeTable) -> None:
    first = tables.publish(home, NAME, make_table(OCTOBER, [1, 2, 3]), OCTOBER)
    before = _delta_version(home)

    again = tables.publish(home, NAME, make_table(OCTOBER, [3, 1, 2]), OCTOBER, run_id="another run")

    assert (first.changed, again.changed) == (True, False)
    assert (again.version, again.digest, again.rows) == (first.version, first.digest, 3)
    assert _delta_version(home) == before


def test_an_unchanged_month_keeps_its_version_after_commits_of_other_months(home: Home, make_table: MakeTable) -> None:
    october = tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)
    for amount in range(3):
        tables.publish(home, NAME, make_table(NOVEMBER, [amount]), NOVEMBER)
    before = _delta_version(home)

    again = tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)

    assert not again.changed
    assert again.version == october.version < before == _delta_version(home)


def test_publishing_one_month_leaves_the_files_of_another_as_they_are(home: Home, make_table: MakeTable) -> None:
    tables.publish(home, NAME, make_table(NOVEMBER, [5, 6]), NOVEMBER)
    before = _partition_files(home, NOVEMBER)

    tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)
    tables.publish(home, NAME, make_table(OCTOBER, [2]), OCTOBER)

    assert _partition_files(home, NOVEMBER) == before
    assert len(before) == 1


def test_a_month_without_rows_is_published_with_its_columns(home: Home, make_table: MakeTable) -> None:
    first = tables.publish(home, NAME, make_table(OCTOBER, []), OCTOBER)
    again = tables.publish(home, NAME, make_table(OCTOBER, []), OCTOBER)

    found = tables.read(home, NAME, OCTOBER)

    assert found is not None
    assert (found.num_rows, found.schema) == (0, make_table(OCTOBER, []).schema)
    assert (first.changed, again.changed) == (True, False)


def test_a_month_that_loses_its_rows_reads_empty(home: Home, make_table: MakeTable) -> None:
    tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)
    tables.publish(home, NAME, make_table(OCTOBER, []), OCTOBER)
    found = tables.read(home, NAME, OCTOBER)
    assert found is not None
    assert found.num_rows == 0


def test_every_older_version_stays_readable_and_known_past_the_checkpoints_of_the_log(
    home: Home, make_table: MakeTable
) -> None:
    october = tables.publish(home, NAME, make_table(OCTOBER, [42]), OCTOBER)
    for amount in range(24):
        tables.publish(home, NAME, make_table(NOVEMBER, [amount]), NOVEMBER)
    later = tables.publish(home, NAME, make_table(OCTOBER, [43]), OCTOBER)

    assert list((home.root / "tables" / NAME / "_delta_log").glob("*.checkpoint.parquet"))
    assert tables.current(home, NAME, OCTOBER, october.version + 12) == _unchanged(october)
    assert tables.current(home, NAME, OCTOBER) == _unchanged(later)
    earlier = tables.read(home, NAME, OCTOBER, october.version)
    assert earlier is not None
    assert earlier["amount_centavos"].to_pylist() == [42]


def _unchanged(version: tables.TableVersion) -> tables.TableVersion:
    return tables.TableVersion(version.name, version.version, version.digest, version.rows, month=version.month)


def test_the_run_that_published_stands_in_the_history_of_the_table(home: Home, make_table: MakeTable) -> None:
    version = tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER, run_id="run-7")
    entry = DeltaTable(home.root / "tables" / NAME).history(1)[0]
    assert (entry["quincena.run_id"], entry["quincena.digest"]) == ("run-7", version.digest)


def test_a_table_not_kept_by_month_is_replaced_whole(home: Home, make_table: MakeTable) -> None:
    tables.publish(home, "receipts", make_table(OCTOBER, [1, 2]))
    tables.publish(home, "receipts", make_table(NOVEMBER, [3]))
    again = tables.publish(home, "receipts", make_table(NOVEMBER, [3]))
    found = tables.read(home, "receipts")
    assert found is not None
    assert found["amount_centavos"].to_pylist() == [3]
    assert not again.changed


def test_appended_rows_join_those_that_stand_and_none_commit_nothing(home: Home, make_table: MakeTable) -> None:
    tables.append(home, "landings", make_table(OCTOBER, [2]))
    second = tables.append(home, "landings", make_table(OCTOBER, [1]))
    third = tables.append(home, "landings", make_table(OCTOBER, []))
    found = tables.read(home, "landings")
    assert found is not None
    assert sorted(found["amount_centavos"].to_pylist()) == [1, 2]
    assert (second.rows, third.version, third.changed) == (2, second.version, False)


def test_a_column_added_later_changes_nothing_of_what_was_published_before(home: Home, make_table: MakeTable) -> None:
    october = make_table(OCTOBER, [1])
    tables.publish(home, NAME, october, OCTOBER)
    wider = make_table(NOVEMBER, [2]).append_column("detail", pyarrow.array(["x"], pyarrow.string()))
    tables.publish(home, NAME, wider, NOVEMBER)

    assert tables.read(home, NAME, OCTOBER) == october
    assert tables.read(home, NAME, NOVEMBER) == wider
    assert not tables.publish(home, NAME, october, OCTOBER).changed


def test_a_column_left_out_later_is_not_read_as_empty(home: Home, make_table: MakeTable) -> None:
    tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)
    narrower = make_table(NOVEMBER, [2]).drop_columns(["is_late"])
    tables.publish(home, NAME, narrower, NOVEMBER)
    assert tables.read(home, NAME, NOVEMBER) == narrower


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "2026-10' OR '1'='1", "", "２０２６-10"])
def test_a_month_that_is_none_is_refused(home: Home, make_table: MakeTable, month: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        tables.publish(home, NAME, make_table(OCTOBER, [1]), month)


def test_rows_of_another_month_are_refused_and_nothing_is_written(home: Home, make_table: MakeTable) -> None:
    mixed = pyarrow.concat_tables([make_table(OCTOBER, [1]), make_table(NOVEMBER, [2])])
    with pytest.raises(ValueError, match="another month than 2026-10"):
        tables.publish(home, NAME, mixed, OCTOBER)
    assert tables.read(home, NAME, OCTOBER) is None


def test_a_flipped_bit_anywhere_in_a_partition_never_passes_for_what_was_published(
    home: Home, make_table: MakeTable
) -> None:
    table = make_table(OCTOBER, [1, 2, 3])
    tables.publish(home, NAME, table, OCTOBER)
    (path,) = (home.root / "tables" / NAME / f"month={OCTOBER}").glob("*.parquet")
    sound = path.read_bytes()
    told = []
    for position in range(0, len(sound), 7):
        path.write_bytes(sound[:position] + bytes([sound[position] ^ 0x10]) + sound[position + 1 :])
        try:
            found = tables.read(home, NAME, OCTOBER)
        except TableDamagedError as damage:
            told.append(str(damage))
        else:
            assert found == table
    assert len(told) > len(sound) // 7 // 4
    assert all("payments of 2026-10" in text and "NORTE" not in text for text in told)


def test_rows_exchanged_for_sound_ones_of_another_version_are_noticed(home: Home, make_table: MakeTable) -> None:
    tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)
    (first,) = (home.root / "tables" / NAME / f"month={OCTOBER}").glob("*.parquet")
    tables.publish(home, NAME, make_table(OCTOBER, [2]), OCTOBER)
    (second,) = {*(home.root / "tables" / NAME / f"month={OCTOBER}").glob("*.parquet")} - {first}
    second.write_bytes(first.read_bytes())
    with pytest.raises(TableDamagedError, match="not those that were published"):
        tables.read(home, NAME, OCTOBER)


def test_a_missing_partition_file_is_noticed(home: Home, make_table: MakeTable) -> None:
    tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)
    (path,) = (home.root / "tables" / NAME / f"month={OCTOBER}").glob("*.parquet")
    path.unlink()
    with pytest.raises(TableDamagedError, match="cannot be read"):
        tables.read(home, NAME, OCTOBER)


def test_a_log_that_is_no_longer_json_is_noticed(home: Home, make_table: MakeTable) -> None:
    version = tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER).version
    (home.root / "tables" / NAME / "_delta_log" / f"{version:020d}.json").write_text("{ gone")
    with pytest.raises(TableDamagedError, match="its log cannot be read"):
        tables.read(home, NAME, OCTOBER)


@pytest.mark.parametrize("amounts", [[1], []], ids=["with rows", "without rows"])
def test_the_loser_of_a_race_for_one_month_looks_again_and_publishes_after_the_winner(
    home: Home, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch, amounts: list[int]
) -> None:
    tables.publish(home, NAME, make_table(OCTOBER, [7]), OCTOBER)
    commit = delta.commit
    racing = [True]

    def commit_after_another(*arguments: object, **options: object) -> None:
        if racing and racing.pop():
            tables.publish(home, NAME, make_table(OCTOBER, [99]), OCTOBER)
        commit(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(delta, "commit", commit_after_another)
    published = tables.publish(home, NAME, make_table(OCTOBER, amounts), OCTOBER)

    found = tables.read(home, NAME, OCTOBER)
    assert found == make_table(OCTOBER, amounts)
    assert published.version == 3


def test_a_race_that_is_never_won_ends_in_busy(
    home: Home, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = delta.commit
    others = iter(range(100, 200))

    def commit_after_another(*arguments: object, **options: object) -> None:
        with monkeypatch.context() as context:
            context.setattr(delta, "commit", commit)
            tables.publish(home, NAME, make_table(OCTOBER, [next(others)]), OCTOBER)
        commit(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(delta, "commit", commit_after_another)
    monkeypatch.setattr(tables, "_pause", lambda _attempt: None)
    with pytest.raises(StoreBusyError, match="payments of 2026-10"):
        tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)


def test_an_append_beside_another_is_busy_and_adds_nothing(
    home: Home, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = delta.commit

    def commit_after_another(*arguments: object, **options: object) -> None:
        monkeypatch.setattr(delta, "commit", commit)
        tables.append(home, "landings", make_table(OCTOBER, [1]))
        commit(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(delta, "commit", commit_after_another)
    with pytest.raises(StoreBusyError):
        tables.append(home, "landings", make_table(OCTOBER, [1]))
    assert tables.read(home, "landings") == make_table(OCTOBER, [1])


def test_folders_of_a_process_that_died_before_the_first_commit_are_no_table(home: Home, make_table: MakeTable) -> None:
    (home.root / "tables" / NAME / "_delta_log").mkdir(parents=True)
    assert tables.read(home, NAME, OCTOBER) is None
    assert tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER).changed


def test_a_table_that_another_process_makes_in_the_same_moment_is_used(
    home: Home, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_arguments: object, **_options: object) -> None:
        monkeypatch.undo()
        tables.publish(home, NAME, make_table(NOVEMBER, [1]), NOVEMBER)
        message = "A Delta Lake table already exists at that location."
        raise DeltaError(message)

    monkeypatch.setattr(DeltaTable, "create", lose)
    tables.publish(home, NAME, make_table(OCTOBER, [2]), OCTOBER)
    assert tables.read(home, NAME, OCTOBER) == make_table(OCTOBER, [2])
    assert tables.read(home, NAME, NOVEMBER) == make_table(NOVEMBER, [1])


def test_what_another_process_replaced_at_once_is_not_given_as_published(
    home: Home, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = delta.commit

    def commit_before_another(*arguments: object, **options: object) -> None:
        commit(*arguments, **options)  # type: ignore[arg-type]
        monkeypatch.undo()
        tables.publish(home, NAME, make_table(OCTOBER, [99]), OCTOBER)

    monkeypatch.setattr(delta, "commit", commit_before_another)
    with pytest.raises(StoreBusyError, match="payments of 2026-10"):
        tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)


def _publish_month(root: str, month: str, amounts: list[int]) -> int:
    schema = pyarrow.schema([("amount_centavos", pyarrow.int64()), ("month", pyarrow.string())])
    rows = pyarrow.table({"amount_centavos": amounts, "month": [month] * len(amounts)}, schema=schema)
    return tables.publish(Home(Path(root)), NAME, rows, month).version


def test_writers_of_different_months_at_once_all_succeed(home: Home) -> None:
    months = [f"2026-{number:02d}" for number in range(1, 9)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(4, mp_context=context) as writers:
        futures = [writers.submit(_publish_month, str(home.root), month, [1, 2]) for month in months]
        versions = [future.result() for future in futures]

    assert len(set(versions)) == len(months)
    for month, version in zip(months, versions, strict=True):
        found = tables.current(home, NAME, month)
        assert found is not None
        assert (found.version, found.rows) == (version, 2)
        rows = tables.read(home, NAME, month)
        assert rows is not None
        assert content_digest(rows) == found.digest


def test_a_process_that_read_a_table_ends_without_being_aborted(home: Home, make_table: MakeTable) -> None:
    tables.publish(home, NAME, make_table(OCTOBER, [1]), OCTOBER)
    code = (
        "import sys; from pathlib import Path;"
        "from pipelines.store import tables; from pipelines.store.home import Home;"
        f"print(tables.read(Home(Path(sys.argv[1])), '{NAME}', '{OCTOBER}').num_rows)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(tables.__file__).parents[2])}
    for _ in range(4):
        ended = subprocess.run(
            [sys.executable, "-c", code, str(home.root)], capture_output=True, text=True, check=False, env=environment
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1\n", "")
