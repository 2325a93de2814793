"""What Dagster costs: the same month through Dagster, and by calling landing, the stages and publishing themselves.

`make bench`, or `python -m tests.benchmarks.dagster_cost --payments 20000`. Each way is a process of its own and they
take turns, so that what else the machine does falls on both. At most 1 s of CPU and 150 MB are wanted between them.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from pipelines.commands.collecting import loading
from pipelines.sample import generate

if TYPE_CHECKING:
    from collections.abc import Mapping

MONTH: Final = "2026-10"
RECEIVED_AT: Final = datetime(2026, 11, 1, 6, tzinfo=UTC)
PAYMENTS_A_REGISTRANT: Final = 0.99
POLICY: Final = Path("policy.toml")


class Measured(NamedTuple):
    """What one process used, and the digest of what it published."""

    cpu: float
    wall: float
    peak: float
    digest: str


def main() -> None:
    """Make the months, run each both ways in turns, print what is between the two; with `--way`, run one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, nargs="+", default=[20_000, 200_000], help="about how many")
    parser.add_argument("--times", type=int, default=3, help="how often each way is run; medians are shown")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        print(WAYS[asked.way](*asked.folder))  # noqa: T201 - the answer to the process that asked
        return
    console = Console(highlight=False)
    console.print(f"{os.cpu_count()} cores, Python {platform.python_version()}")
    for payments in asked.payments:
        with tempfile.TemporaryDirectory(prefix="quincena-bench-") as folder:
            sample = Path(folder) / "sample"
            made = generate(sample, MONTH, MONTH, max(1, round(payments / PAYMENTS_A_REGISTRANT)), seed=7)
            console.print(shown(made.payments, in_turns(sample / "inbox", Path(folder), asked.times)))


def through_dagster(home: Path, inbox: Path) -> str:
    """The month as `quincena run` runs it; the digest of what it published."""
    with loading():  # here, so that the other way does not load Dagster
        from pipelines.defs.running import RunRequest, run_month  # noqa: PLC0415

    ended = run_month(RunRequest(home, MONTH, inbox, RECEIVED_AT))
    if ended.publication is None:
        sys.exit(ended.error)
    return ended.publication.content_digest


def directly(folder: Path, inbox: Path) -> str:
    """The month without Dagster; the digest of what it published."""
    with loading():
        from pipelines.engine import landing, open_payments, publishing, stages  # noqa: PLC0415
        from pipelines.outputs.outbox import write_outbox  # noqa: PLC0415
        from pipelines.rules.policy import parse_policy  # noqa: PLC0415
        from pipelines.store.home import Home  # noqa: PLC0415

    home, policy = Home(folder), parse_policy(POLICY.read_text("utf-8"))
    home.prepare()
    landing.land(home, inbox, RECEIVED_AT)
    issued = landing.issued(home, None)
    tables = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    tables |= {"landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    tables = stages.reconcile(tables, MONTH, policy, publishing.last_published(home, MONTH, policy))

    def write(outbox: Path, month: str, published: Mapping[str, Any], document: dict[str, Any]) -> list[Path]:
        more = partial(open_payments.material, published, tables)
        return write_outbox(outbox, month, published, document, more=more)

    origin = publishing.Origin("direct", "", RECEIVED_AT)
    return publishing.publish(home, MONTH, tables, policy, origin, write).publication.content_digest


WAYS: Final = {"Dagster": through_dagster, "direct": directly}


def in_turns(inbox: Path, folder: Path, times: int) -> dict[str, list[Measured]]:
    """Every way so often, each time in a fresh home; one round before does not count."""
    found: dict[str, list[Measured]] = {way: [] for way in WAYS}
    for number in range(times + 1):
        for way, measured in found.items():
            with tempfile.TemporaryDirectory(dir=folder) as home:
                one = measure(way, Path(home), inbox)
            if number:
                measured.append(one)
    return found


def measure(way: str, home: Path, inbox: Path) -> Measured:
    """One run in its own process, to its end."""
    command = [sys.executable, "-m", "tests.benchmarks.dagster_cost", "--way", way, "--folder", str(home), str(inbox)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        answer = process.stdout.read().strip()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{way} ended with {process.returncode}: {answer}")
    unit = 1 << 20 if platform.system() == "Darwin" else 1 << 10
    wall = time.perf_counter() - began
    return Measured(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / unit, answer)


def shown(payments: int, found: dict[str, list[Measured]]) -> Table:
    """Medians of both ways, and what is between them; the run is worth nothing where they published other content."""
    if len({one.digest for measured in found.values() for one in measured}) != 1:
        sys.exit("the two ways did not publish the same")
    table = Table("", *found, "between", title=f"{payments:,} payments: medians", title_justify="left")
    for place, name in enumerate(("CPU seconds", "wall seconds", "peak memory, MiB")):
        values = [median(float(one[place]) for one in measured) for measured in found.values()]
        table.add_row(name, *(f"{value:,.2f}" for value in values), f"{values[0] - values[1]:+,.2f}")
    return table


if __name__ == "__main__":
    main()
