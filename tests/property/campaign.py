"""Hold the product against its slow twin on many small worlds: ``python -m tests.property.campaign --worlds 2000``.

Worlds are asked in batches, as one larger world. Where the two differ, the world at fault is cut down row by row until
nothing can be left out, and its rows and both answers are printed.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.property import oracle, product
from tests.property.strategies import KINDS, make_worlds, together

if TYPE_CHECKING:
    from tests.property.oracle import Answer, Key
    from tests.property.oracle_world import Row, World

SILENT = {"file_name", "sha256", "sheet", "row", "received_at"}


@dataclass(frozen=True)
class Difference:
    """One key of one table that the two answer differently; ``None`` where one of them has no such row."""

    table: str
    key: Key
    by_twin: tuple[object, ...] | None
    by_product: tuple[object, ...] | None

    def __str__(self) -> str:
        return f"{self.table} {self.key}\n  twin    {self.by_twin}\n  product {self.by_product}"


def differences(worlds: list[World]) -> list[Difference]:
    """The smallest differing key of every table that differs, for all months that the worlds touch."""
    wanted: Answer = {"failed_proofs": {}}
    months: set[str] = set()
    for world in worlds:
        months |= set(oracle.months_touched(oracle.reconcile(world)))
        for table, rows in oracle.answer(world).items():
            wanted.setdefault(table, {}).update(rows)
    given = product.answer(together(worlds), sorted(months)) if months else wanted
    found = []
    for table, rows in wanted.items():
        keys = [key for key in rows.keys() | given[table].keys() if rows.get(key) != given[table].get(key)]
        if keys:
            key = min(keys, key=str)
            found.append(Difference(table, key, rows.get(key), given[table].get(key)))
    return found


def smallest(world: World, table: str) -> World:
    """The world without the rows that can be left out while ``table`` still differs: halves, then single rows."""
    rows = [(kind, row) for kind in KINDS for row in getattr(world, kind)]
    size = max(1, len(rows) // 2)
    while True:
        kept = _without_chunks(world, rows, size, table)
        if size == 1 and len(kept) == len(rows):
            return _of(world, kept)
        rows, size = kept, max(1, size // 2)


def _without_chunks(world: World, rows: list[tuple[str, Row]], size: int, table: str) -> list[tuple[str, Row]]:
    start = 0
    while start < len(rows):
        fewer = rows[:start] + rows[start + size :]
        if any(one.table == table for one in differences([_of(world, fewer)])):
            rows = fewer
        else:
            start += size
    return rows


def _of(world: World, rows: list[tuple[str, Row]]) -> World:
    return replace(world, **{kind: [row for of, row in rows if of == kind] for kind in KINDS})


def describe(world: World, found: list[Difference]) -> str:
    """The rows of a small world without their empty columns, and what the two make of them."""
    rows = [
        f"{kind}: "
        + ", ".join(f"{name}={value}" for name, value in row.items() if value not in {"", None} and name not in SILENT)
        for kind in KINDS
        for row in getattr(world, kind)
    ]
    return "\n".join([f"policy: {world.policies}", *rows, *map(str, found)])


def explain(worlds: list[World], found: list[Difference]) -> str:
    """Every difference, and the first world at fault cut down to what shows it."""
    told = "\n".join(map(str, found))
    for world in worlds:
        alone = differences([world])
        if alone:
            small = smallest(world, alone[0].table)
            return f"{told}\n\nSmallest world:\n{describe(small, differences([small]))}"
    return told


def main() -> int:
    """Run the campaign; 1 where the two differ."""
    arguments = argparse.ArgumentParser(description="Hold the rules against their slow twin.")
    arguments.add_argument("--worlds", type=int, default=500)
    arguments.add_argument("--batch", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=0)
    asked = arguments.parse_args()
    failed = 0
    for number in range(-(-asked.worlds // asked.batch)):
        worlds = make_worlds(asked.seed + number, asked.batch)
        found = differences(worlds)
        print(f"seed {asked.seed + number}: {asked.batch} worlds, {len(found)} tables differ", flush=True)  # noqa: T201
        if found:
            failed += 1
            print(explain(worlds, found), flush=True)  # noqa: T201
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
