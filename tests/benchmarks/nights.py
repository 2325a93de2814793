"""What a night costs against a whole run: a made-up month, of which one payment in a hundred comes in later files.

`python -m tests.benchmarks.nights --payments 300000 --turns 3`. In every turn, in fresh homes: the first run; then,
with the late files, a run as a night and one that works everything out again; then one with nothing new. CPU
seconds are those of all processes of a run, memory is the most that one of them had. Nothing is asserted but that night
and whole run publish the same content. This process stays small, as Linux counts its memory to those that it starts.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from tests.benchmarks.run import measure

if TYPE_CHECKING:
    from tests.benchmarks.run import Measured

LATE: Final = 50
"""One row in so many of the weekly files of transfers, which carry half of the payments."""

RUNS: Final = ("first run", "night", "nothing new", "all again")


def main() -> None:
    """Make the month, run it night after night, print the medians and their share of the run that works all out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=100_000, help="about how many payments the month has")
    parser.add_argument("--shards", type=int, default=2, help="into how many shards it is cut; 0: as the memory asks")
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    found: dict[str, list[Measured]] = {name: [] for name in RUNS}
    with tempfile.TemporaryDirectory(prefix="quincena-bench-") as folder:
        made = Path(folder) / "made" / "inbox"
        command = [sys.executable, "-m", "tests.benchmarks.months", str(made), "--payments", str(asked.payments)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for _ in range(asked.turns):
            turn(made, Path(folder) / "turn", ("--shards", str(asked.shards)), found)
            shutil.rmtree(Path(folder) / "turn")
    show(asked.payments, found)


def turn(made: Path, folder: Path, options: tuple[str, ...], found: dict[str, list[Measured]]) -> None:
    """Each run once, in homes of this turn."""
    inbox, later, home, other = (folder / name for name in ("inbox", "later", "home", "other"))
    hold_back(made, inbox, later)
    found["first run"].append(measure(home, inbox, *options))
    shutil.copytree(home, other)
    shutil.copytree(later, inbox, dirs_exist_ok=True)
    night, again = measure(home, inbox, *options), measure(home, inbox, *options)
    whole = measure(other, inbox, "--afresh", *options)
    if night.answer["content_digest"] != whole.answer["content_digest"]:
        sys.exit("the night gives other content")
    for name, one in (("night", night), ("nothing new", again), ("all again", whole)):
        found[name].append(one)


def hold_back(made: Path, inbox: Path, later: Path) -> None:
    """Lay the files of a month into two folders, the second with the rows that come later."""
    inbox.mkdir(parents=True)
    later.mkdir()
    for path in sorted(made.iterdir()):
        if path.name.endswith("_copia.csv"):
            continue
        if not path.name.startswith("bank_transfers") or "_semana" not in path.name:
            shutil.copyfile(path, inbox / path.name)
            continue
        late = later / path.name.replace("_semana", "_tarde")
        with path.open("rb") as rows, (inbox / path.name).open("wb") as kept, late.open("wb") as held:
            header = next(rows)
            kept.write(header)
            held.write(header)
            for number, row in enumerate(rows):
                (kept if number % LATE else held).write(row)


def show(payments: int, found: dict[str, list[Measured]]) -> None:
    """The medians as a table on stdout."""
    whole = statistics.median(one.cpu_seconds for one in found["all again"])
    table = Table("run", "CPU s", "of all again", "peak MiB", title=f"about {payments:,} payments")
    for name, turns in found.items():
        cpu = statistics.median(one.cpu_seconds for one in turns)
        table.add_row(
            name, f"{cpu:.1f}", f"{cpu / whole:.0%}", f"{statistics.median(one.peak_mebibytes for one in turns):,.0f}"
        )
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
