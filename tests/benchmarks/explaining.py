"""How long looking things up takes on a home with a month of a million payments: explain, verify, causes of changes.

`python -m tests.benchmarks.explaining --home DIR --payments 1000000` makes the home once and keeps it: a made-up inbox
is landed and published by the engine alone, without Dagster and without an outbox, which is most of what a run costs.
Then some held and unmatched payments are decided, and the month is published again. The tables are those that
`quincena run` would publish. With a home that stands already only the measurements are taken, each in a process of its
own and in turns. Nothing is asserted: numbers depend on the machine.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from pipelines.engine import landing, publishing, stages
from pipelines.engine.publishing import Origin
from pipelines.rules import changes
from pipelines.rules.policy import parse_policy
from pipelines.sample import generate
from pipelines.store import publications
from pipelines.store.home import Home
from schemas.tables.dispositions import Disposition
from schemas.tables.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

MONTH: Final = "2026-10"
CLOSED: Final = datetime(2026, 11, 1, 6, tzinfo=UTC)
PAYMENTS_A_REGISTRANT: Final = 0.99
ROOT: Final = Path(__file__).parents[2]
POLICY: Final = parse_policy((ROOT / "policy.toml").read_text("utf-8"))
COMMAND: Final = [sys.executable, "-c", "from pipelines.cli import main; main()"]
COLUMNS: Final = ("payment_id", "action", "capture_line", "reason", "decided_by", "approved_by", "decided_at")
DECIDED: Final = 500
"""Payments that are refunded, and as many that are confirmed to the line that they name."""

TOLD: Final = Console(highlight=False)


def main() -> None:
    """Make the home where there is none, ask it, print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="a home made here before, or where to make one")
    parser.add_argument("--payments", type=int, default=1_000_000, help="about how many payments the month has")
    parser.add_argument("--times", type=int, default=5, help="how often each key is asked for")
    parser.add_argument("--verify", action="store_true", help="verify the home as well, once")
    asked = parser.parse_args()
    home = Home(asked.home)
    if publications.latest(home, MONTH) is None:
        _make(home, asked.payments)
    _ask(home, asked.times)
    if asked.verify:
        # The outbox, which was not written, is the one thing that it finds missing.
        wall, cpu = _used([*COMMAND, "--home", str(home.root), "verify"], ends_with=1)
        TOLD.print(f"verify: {wall:.1f} s, {cpu:.1f} CPU-s")


def _make(home: Home, payments: int) -> None:
    """A home with two publications of the month, the second with decisions."""
    home.prepare()
    with _timed("sample"):
        generate(home.root, MONTH, MONTH, max(1, round(payments / PAYMENTS_A_REGISTRANT)), seed=7)
    _publish(home, CLOSED)
    _decide(home)
    _publish(home, CLOSED + timedelta(days=1))


def _publish(home: Home, received_at: datetime) -> None:
    """Land what is new, reconcile and publish, with nothing put into the outbox."""
    with _timed("land"):
        landing.land(home, home.inbox, received_at)
    issued = landing.issued(home, None)
    with _timed("load"):
        known = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
        known |= {"landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    before = publishing.last_published(home, MONTH, POLICY)
    with _timed("reconcile"):
        proven = stages.reconcile(known, MONTH, POLICY, before)
    if before:
        with _timed("causes of changes, again"):
            changes.tell(changes.Evidence(*(proven[name] for name in stages.COMPARED)), before)
    with _timed("publish"):
        publishing.publish(home, MONTH, proven, POLICY, Origin("benchmark", "", received_at), lambda *_: [])


def _decide(home: Home) -> None:
    """A file of decisions: refunds of unmatched payments, matches of held ones to the line that was found."""
    made = publications.latest(home, MONTH)
    assert made is not None
    told = Disposition.from_arrow(publications.read_table(home, made, "dispositions"))
    found = Finding.from_arrow(publications.read_table(home, made, "findings"))
    unmatched = told.loc[told["bucket"].eq("unmatched"), "payment_id"].head(DECIDED)
    short = found[found["reason"].eq("amount_mismatch") & found["capture_line"].ne("")].head(DECIDED)
    rows = [(payment, "refund", "") for payment in unmatched]
    rows += [(pay, "match", line) for pay, line in zip(short["payment_id"], short["capture_line"], strict=True)]
    signed = ("asked the payer", "analista.uno", "jefa.dos", "2026-11-01T12:00:00-06:00")
    with (home.inbox / "decisions_1.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows([*row, *signed] for row in rows)


def _ask(home: Home, times: int) -> None:
    """Explain a payment of several kinds, a line and an NSS, in turns; beside them what Python and `--help` take."""
    asked = {"python": None, "--help": ["--help"], **{kind: ["explain", key] for kind, key in _keys(home).items()}}
    taken: dict[str, list[tuple[float, float]]] = {kind: [] for kind in asked}
    for _ in range(times):
        for kind, arguments in asked.items():
            taken[kind].append(_measured(home, *arguments) if arguments else _used([sys.executable, "-c", ""]))
    for kind, runs in taken.items():
        walls, cpus = ([run[at] for run in runs] for at in (0, 1))
        TOLD.print(
            f"{kind}: median {statistics.median(walls):.2f} s, {statistics.median(cpus):.2f} CPU-s "
            f"({min(cpus):.2f} to {max(cpus):.2f})"
        )


def _keys(home: Home) -> dict[str, str]:
    """One key of each kind, from the middle of the tables."""
    made = publications.latest(home, MONTH)
    assert made is not None
    told = Disposition.from_arrow(publications.read_table(home, made, "dispositions"))
    TOLD.print(f"{len(told):,} parts of payments, publication {made.number}")
    by_bucket = {bucket: told[told["bucket"].eq(bucket)] for bucket in ("applied", "held", "unmatched", "refund_due")}
    middle = {bucket: _middle(rows) for bucket, rows in by_bucket.items() if len(rows)}
    keys = {f"payment {bucket}": str(row["payment_id"]) for bucket, row in middle.items()}
    last_part = str(middle["applied"]["natural_key"]).rpartition("|")[2]
    return {
        **keys,
        "payment by its last part": last_part,
        "line": str(middle["applied"]["capture_line"]),
        "NSS": str(middle["applied"]["nss"]),
    }


def _middle(rows: pd.DataFrame) -> pd.Series[str]:
    return rows.iloc[len(rows) // 2]


def _measured(home: Home, *arguments: str) -> tuple[float, float]:
    return _used([*COMMAND, "--home", str(home.root), *arguments])


def _used(command: list[str], ends_with: int = 0) -> tuple[float, float]:
    """Wall and CPU seconds of a process, to its end."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != ends_with:
        sys.exit(f"{command[-2:]} ended with {process.returncode}")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime


@contextmanager
def _timed(what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    TOLD.print(f"{what}: {time.perf_counter() - wall:.1f} s, {time.process_time() - cpu:.1f} CPU-s")


if __name__ == "__main__":
    main()
