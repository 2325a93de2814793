"""How fast `quincena run` is: a made-up month of about 200,000 payments in a fresh home, as a process of its own.

`make bench`, or `python -m tests.benchmarks.run --payments 20000`. Nothing is asserted: numbers depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from pipelines.sample import SampleSummary, generate

MONTH = "2026-10"
PAYMENTS_A_REGISTRANT = 0.99
COMMAND = [sys.executable, "-c", "from pipelines.cli import main; main()"]


class Measured(NamedTuple):
    """What one run used, and the JSON it answered."""

    wall_seconds: float
    cpu_seconds: float
    peak_mebibytes: float
    answer: dict[str, Any]


def main() -> None:
    """Make the month, run it twice (the second time nothing is new), print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=200_000, help="about how many payments the month has")
    payments = parser.parse_args().payments
    with tempfile.TemporaryDirectory(prefix="quincena-bench-") as folder:
        sample = Path(folder) / "sample"
        made = generate(sample, MONTH, MONTH, max(1, round(payments / PAYMENTS_A_REGISTRANT)), seed=7)
        home = Path(folder) / "home"
        runs = {"first run": measure(home, sample / "inbox"), "again": measure(home, sample / "inbox")}
    show(made, runs)


def measure(home: Path, inbox: Path, *more: str) -> Measured:
    """One `quincena run` in its own process, to its end."""
    arguments = ["--home", str(home), "run", "--month", MONTH, "--inbox", str(inbox), "--json", *more]
    began = time.perf_counter()
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        answer = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode:
        sys.exit(f"the run ended with {process.returncode}: {answer}")
    unit = 1 << 20 if platform.system() == "Darwin" else 1 << 10
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit, json.loads(answer))


def show(made: SampleSummary, runs: dict[str, Measured]) -> None:
    """The numbers as tables on stdout."""
    console = Console(highlight=False)
    console.print(
        f"{made.payments:,} payments in {made.files} files; {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    totals = Table("", *runs, title="Whole process", title_justify="left")
    totals.add_row("payments a second", *(f"{made.payments / run.wall_seconds:,.0f}" for run in runs.values()))
    totals.add_row("wall seconds", *(f"{run.wall_seconds:.1f}" for run in runs.values()))
    totals.add_row("CPU seconds", *(f"{run.cpu_seconds:.1f}" for run in runs.values()))
    totals.add_row("peak memory, MiB", *(f"{run.peak_mebibytes:,.0f}" for run in runs.values()))
    console.print(totals)
    stages = Table("", *runs, title="Wall seconds by stage, and their share", title_justify="left")
    for stage in dict.fromkeys(stage for run in runs.values() for stage in run.answer["seconds"]):
        stages.add_row(stage, *(_share(run, stage) for run in runs.values()))
    console.print(stages)


def _share(run: Measured, stage: str) -> str:
    seconds = run.answer["seconds"].get(stage, 0.0)
    return f"{seconds:.1f}  {seconds / run.wall_seconds:4.0%}"


if __name__ == "__main__":
    main()
