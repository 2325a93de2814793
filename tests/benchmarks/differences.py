"""The answers of two programs row by row: what one has and the other has not, and what they say otherwise.

`python -m tests.benchmarks.differences one other`, each a folder of one Parquet file a table. Rows are put in order
by their key and compared in every column that both have; nothing is rounded, trimmed or left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow
import pyarrow.parquet
from rich.console import Console

TABLES: Final[dict[str, list[str]]] = {
    "dispositions": ["payment_id", "capture_line", "bucket"],
    "matches": ["payment_id", "capture_line"],
    "coverage_activations": ["nss"],
    "coverage_exceptions": ["capture_line"],
}
"""Table → its key."""

LISTED: Final = 5


class Difference(NamedTuple):
    """How many rows of a table differ, and the first of them in words."""

    table: str
    rows: int
    shown: tuple[str, ...]


def main() -> None:
    """Compare two folders; 1 where they differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("--json", action="store_true", help="rows that differ by table on stdout, the rest on stderr")
    given = parser.parse_args()
    found = differences(given.one, given.other)
    console = Console(highlight=False, stderr=given.json, soft_wrap=True)
    for difference in found:
        console.print(
            f"{difference.table}: {difference.rows:,} rows differ", *difference.shown, sep="\n  ", markup=False
        )
    console.print("different" if any(difference.rows for difference in found) else "no differences")
    if given.json:
        Console(soft_wrap=True).print_json(json.dumps({difference.table: difference.rows for difference in found}))
    sys.exit(1 if any(difference.rows for difference in found) else 0)


def differences(one: Path, other: Path) -> list[Difference]:
    """What differs in each table."""
    return [compare(name, _read(one, name), _read(other, name)) for name in TABLES]


def compare(name: str, one: pyarrow.Table, other: pyarrow.Table) -> Difference:
    """One table of two programs."""
    shared = [column for column in one.column_names if column in other.column_names]
    left, right = (_ordered(rows.select(shared), TABLES[name]) for rows in (one, other))
    if left.equals(right):
        return Difference(name, 0, ())
    return _told(name, left, right)


def _read(folder: Path, name: str) -> pyarrow.Table:
    return pyarrow.parquet.read_table(folder / f"{name}.parquet")


def _ordered(rows: pyarrow.Table, key: list[str]) -> pyarrow.Table:
    """The rows in order of their key, every column of the plainest type that holds it, in one piece."""
    plain = [column.cast(_plain(column.type)) for column in rows.columns]
    table = pyarrow.table(plain, names=rows.column_names)
    return table.sort_by([(column, "ascending") for column in key]).combine_chunks()


def _plain(kind: pyarrow.DataType) -> pyarrow.DataType:
    if pyarrow.types.is_integer(kind):
        return pyarrow.int64()
    if pyarrow.types.is_date(kind) or pyarrow.types.is_timestamp(kind):
        return pyarrow.date32()
    return pyarrow.large_string()


def _told(name: str, one: pyarrow.Table, other: pyarrow.Table) -> Difference:
    """Rows that only one side has, as whole rows."""
    columns = one.column_names
    apart = [
        (side, mine.join(theirs, keys=columns, join_type="left anti"))
        for side, mine, theirs in (("only in the first", one, other), ("only in the second", other, one))
    ]
    rows = sum(found.num_rows for _, found in apart)
    # Rows that one side has twice are on neither side alone.
    rows = rows or abs(one.num_rows - other.num_rows)
    shown = [
        f"{side}: " + "; ".join(f"{column}={value}" for column, value in row.items())
        for side, found in apart
        for row in found.sort_by([(column, "ascending") for column in TABLES[name]]).slice(0, LISTED).to_pylist()
    ]
    return Difference(name, rows, tuple(shown))


if __name__ == "__main__":
    main()
