from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow
import pytest

from pipelines.store import landed, seals, tables
from pipelines.store.home import Home
from pipelines.store.landed import LandedDamagedError
from pipelines.store.slices import Ending, Slices
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
    found = Slices(made).published(version, {"name": {"N000003", "N039999"}, "other": {f"O{1:06d}"}}, SCHEMA)
    assert names(found) == ["N000003", "N039999"]
    assert set(found["month"].to_pylist()) == {"2026-10"}
    assert names(Slices(made).published(version, {"name": {"N000003"}, "other": {"O000005"}}, SCHEMA)) == [
        "N000003",
        "N039995",
    ]
    assert Slices(made).published(version, {"name": {"Z"}}, SCHEMA).num_rows == 0
    assert names(Slices(made).published(version, {"name": Ending("9999")}, SCHEMA)) == [
        "N009999",
        "N019999",
        "N029999",
        "N039999",
    ]


def test_an_older_version_of_a_table_is_read_as_it_stood(made: Home) -> None:
    first = tables.publish(made, "table", rows(3), "2026-10")
    tables.publish(made, "table", rows(1), "2026-10")
    assert names(Slices(made).published(first, {"name": {"N000002"}}, SCHEMA)) == ["N000002"]


def test_a_column_that_a_table_did_not_have_yet_is_empty(made: Home) -> None:
    version = tables.publish(made, "table", rows(2), "2026-10")
    more = SCHEMA.append(pyarrow.field("later", pyarrow.string())).append(pyarrow.field("count", pyarrow.int64()))
    found = Slices(made).published(version, {"name": {"N000001"}}, more)
    assert (found["later"].to_pylist(), found["count"].to_pylist()) == ([""], [None])


def test_landed_rows_are_found_by_key_over_files(made: Home) -> None:
    for digest, table in (("a" * 64, rows(20_000)), ("b" * 64, rows(5))):
        landed.save(made, "layout", digest, table, table.slice(0, 0))
    files = [("layout", "a" * 64), ("layout", "b" * 64)]
    assert names(Slices(made).landed(files, {"name": {"N000004", "N019999"}}, SCHEMA)) == [
        "N000004",
        "N000004",
        "N019999",
    ]


def test_a_table_that_was_never_sealed_is_read_whole_and_held_against_its_content_digest(made: Home) -> None:
    version = tables.publish(made, "table", rows(5), "2026-10")
    (made.root / "tables" / "table" / seals.LIST).unlink()
    assert names(Slices(made).published(version, {"name": {"N000003"}}, SCHEMA)) == ["N000003"]
    with pytest.raises(TableDamagedError):
        Slices(made).published(replace(version, digest="0" * 64), {"name": {"N000003"}}, SCHEMA)


def flipped(path: Path, place: int) -> bytes:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    return bytes(content)


@pytest.mark.parametrize("place", [0, 5, -1, 70])
@pytest.mark.parametrize("pattern", ["*.parquet", "0*1.json"])
def test_a_bit_flipped_in_any_file_that_a_table_is_read_from_is_noticed(made: Home, pattern: str, place: int) -> None:
    version = tables.publish(made, "table", rows(5), "2026-10")
    path = next((made.root / "tables" / "table").rglob(pattern))
    path.write_bytes(flipped(path, place))
    with pytest.raises(TableDamagedError, match="table table of 2026-10: a file of it is gone or was altered"):
        Slices(made).published(version, {"name": {"N000001"}}, SCHEMA)


def test_a_manifest_that_names_other_content_than_its_commit_is_noticed(made: Home) -> None:
    version = tables.publish(made, "table", rows(5), "2026-10")
    with pytest.raises(TableDamagedError):
        Slices(made).published(replace(version, digest="0" * 64), {"name": {"N000001"}}, SCHEMA)


def test_a_commit_that_only_adds_rows_is_not_taken_for_all_of_them(made: Home) -> None:
    tables.append(made, "log", rows(5))
    version = tables.append(made, "log", rows(2))
    with pytest.raises(TableDamagedError):
        Slices(made).published(version, {"name": {"N000001"}}, SCHEMA)


ALTERED = [(".rows.parquet", 0), (".rows.parquet", 70), (".rows.parquet", -1), (".sha256", 150), (".sha256", -2)]
"""A place in each file; the digest of the rows is the second line of the list."""


@pytest.mark.parametrize(("ending", "place"), ALTERED)
def test_a_bit_flipped_in_landed_rows_or_their_digest_is_noticed(made: Home, ending: str, place: int) -> None:
    landed.save(made, "layout", "a" * 64, rows(5), rows(0))
    path = made.root / "landed" / "layout" / f"{'a' * 64}{ending}"
    content = flipped(path, place)
    path.chmod(0o644)
    path.write_bytes(content)
    with pytest.raises(LandedDamagedError, match="layout/aaa"):
        Slices(made).landed([("layout", "a" * 64)], {"name": {"N000001"}}, SCHEMA)


def test_what_is_gone_is_told_by_its_name(made: Home) -> None:
    version = tables.publish(made, "table", rows(2), "2026-10")
    for path in (made.root / "tables" / "table").rglob("*.parquet"):
        path.unlink()
    with pytest.raises(TableDamagedError, match="table table"):
        Slices(made).published(version, {"name": {"N000001"}}, SCHEMA)
    with pytest.raises(LandedDamagedError, match="layout/ccc"):
        Slices(made).landed([("layout", "c" * 64)], {"name": {"N000001"}}, SCHEMA)
