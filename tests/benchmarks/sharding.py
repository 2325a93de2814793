"""What shards and a cluster cost: one landed month, reconciled again by each engine, in interleaved turns.

`python -m tests.benchmarks.sharding --payments 200000 --turns 3`. CPU seconds are those of all processes of a run; the
memory is that of the largest of them. Nothing is asserted but that the content is the same.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from pipelines.sample import generate
from tests.benchmarks.run import MONTH, PAYMENTS_A_REGISTRANT, measure

if TYPE_CHECKING:
    from tests.benchmarks.run import Measured

ENGINES: Final = {
    "one process": (),
    "4 shards in turn": ("--workers", "1", "--shards", "4"),
    "4 shards, 2 processes": ("--workers", "2", "--shards", "4"),
    "Dask, 1 worker": ("--engine", "dask", "--workers", "1", "--shards", "4"),
    "Dask, 2 workers": ("--engine", "dask", "--workers", "2", "--shards", "4"),
    "Dask, 4 workers": ("--engine", "dask", "--workers", "4", "--shards", "4"),
}


def main() -> None:
    """Make the month, land and publish it, run it again by every engine, print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=200_000, help="about how many payments the month has")
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    found: dict[str, list[Measured]] = {name: [] for name in ENGINES}
    with tempfile.TemporaryDirectory(prefix="quincena-bench-") as folder:
        sample, home = Path(folder) / "sample", Path(folder) / "home"
        made = generate(sample, MONTH, MONTH, max(1, round(asked.payments / PAYMENTS_A_REGISTRANT)), seed=7)
        measure(home, sample / "inbox")
        for _ in range(asked.turns):
            for name, options in ENGINES.items():
                found[name].append(measure(home, sample / "inbox", "--afresh", *options))
                if found[name][-1].answer["content_digest"] != found["one process"][0].answer["content_digest"]:
                    sys.exit(f"{name} gives other content")
    show(made.payments, found)


def show(payments: int, found: dict[str, list[Measured]]) -> None:
    """The medians as a table on stdout."""
    console = Console(highlight=False)
    table = Table("engine", "CPU s", "CPU s a million payments", "wall s", "peak MiB", title=f"{payments:,} payments")
    for name, turns in found.items():
        cpu, wall, memory = (
            statistics.median(getattr(one, field) for one in turns)
            for field in ("cpu_seconds", "wall_seconds", "peak_mebibytes")
        )
        table.add_row(name, f"{cpu:.1f}", f"{cpu / payments * 1e6:.0f}", f"{wall:.1f}", f"{memory:,.0f}")
    console.print(table)


if __name__ == "__main__":
    main()
