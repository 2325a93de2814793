from __future__ import annotations

from pathlib import Path

import pyarrow
import pytest

from pipelines.store import landed, slices, tables
from pipelines.store.home import Home
from pipelines.store.landed import LandedDamagedError
from pipelines.store.slices import Ending
from pipelines.store.tables import TableDamagedError

SCHEMA = pyarrow.schema([("name", pyarrow.string()), ("other", pyarrow.string()), ("month", pyarrow.string())])


@pytest.fixture
def made(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def rows(count: int, month: str = "2026-10") -> pyarrow.Table:
    """More rows than one group holds; ``name`` counts up, ``other`` down."""
    columns = {
        "name": [f"N{number:06d}" for number in range(count)],
        "other": [f"O{count - number:06d}" for number in range(count)],
        "month": [month] * count,
    }
    return pyarrow.table(columns, schema=SCHEMA)


def names(table: pyarrow.Table) -> list[str]:
    return sorted(table["name"].to_pylist())


def test_rows_of_any_of_the_keys_are_found_in_any_group_of_one_month(made: Home) -> None:
    count = 40_000
    version = tables.publish(made, "table", rows(count), "2026-10")
    tables.publish(made, "table", rows(9, "2026-11"), "2026-11")
    found = slices.published(made, version, {"name": {"N000003", "N039999"}, "other": {f"O{1:06d}"}}, SCHEMA)
    assert names(found) == ["N000003", "N039999"]
    assert set(found["month"].to_pylist()) == {"2026-10"}
    assert names(slices.published(made, version, {"name": {"N000003"}, "other": {"O000005"}}, SCHEMA)) == [
        "N000003",
        "N039995",
    ]
    assert slices.published(made, version, {"name": {"Z"}}, SCHEMA).num_rows == 0
    assert names(slices.published(made, version, {"name": Ending("9999")}, SCHEMA)) == [
        "N009999",
        "N019999",
        "N029999",
        "N039999",
    ]


def test_an_older_version_of_a_table_is_read_as_it_stood(made: Home) -> None:
    first = tables.publish(made, "table", rows(3), "2026-10")
    tables.publish(made, "table", rows(1), "2026-10")
    assert names(slices.published(made, first, {"name": {"N000002"}}, SCHEMA)) == ["N000002"]


def test_a_column_that_a_table_did_not_have_yet_is_empty(made: Home) -> None:
    version = tables.publish(made, "table", rows(2), "2026-10")
    more = SCHEMA.append(pyarrow.field("later", pyarrow.string())).append(pyarrow.field("count", pyarrow.int64()))
    found = slices.published(made, version, {"name": {"N000001"}}, more)
    assert (found["later"].to_pylist(), found["count"].to_pylist()) == ([""], [None])


def test_landed_rows_are_found_by_key_over_files(made: Home) -> None:
    for digest, table in (("a" * 64, rows(20_000)), ("b" * 64, rows(5))):
        landed.save(made, "layout", digest, table, table.slice(0, 0))
    files = [("layout", "a" * 64), ("layout", "b" * 64)]
    assert names(slices.landed(made, files, {"name": {"N000004", "N019999"}}, SCHEMA)) == [
        "N000004",
        "N000004",
        "N019999",
    ]


def test_what_cannot_be_read_is_told_by_its_name(made: Home) -> None:
    version = tables.publish(made, "table", rows(2), "2026-10")
    for path in (made.tables / "table").rglob("*.parquet"):
        path.write_bytes(b"torn")
    with pytest.raises(TableDamagedError, match="table table"):
        slices.published(made, version, {"name": {"N000001"}}, SCHEMA)
    with pytest.raises(LandedDamagedError, match="layout/ccc"):
        slices.landed(made, [("layout", "c" * 64)], {"name": {"N000001"}}, SCHEMA)
