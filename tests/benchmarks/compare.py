"""The product against its peers: the same files, the same answers, each in a process of its own, in turns.

`make bench` (100 k payments), `make bench-full` (100 k, 1 M, 3 M and 10 M), or
`python -m tests.benchmarks.compare --payments 100000 --turns 3`. Every measurement is kept in a JSON file; the answers
of all are compared row by row, and what differs is told. Nothing is asserted: seconds depend on the machine, ratios
less so. This process stays small, as Linux counts its memory to those that it starts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from tests.benchmarks import measuring
from tests.benchmarks.contestants import CONTESTANTS, PRODUCT, ROOT, Contestant, environment
from tests.benchmarks.measuring import DONE, Limits, Spent

RESULTS: Final = ROOT / ".cache" / "bench" / "results.json"
MONTHS: Final = ROOT / ".cache" / "bench" / "months"
SEED: Final = 7
ALSO: Final = ("numpy", "pyarrow", "deltalake", "dagster", "pandera")

Measurement = dict[str, Any]


def main() -> None:
    """Make the months, let everyone take turns, keep what was measured, show it."""
    asked = _asked()
    console = Console(stderr=True, highlight=False)
    limits = Limits(asked.memory * 1024, asked.minutes * 60)
    chosen = [one for one in CONTESTANTS if not asked.only or any(word in one.name for word in asked.only)]
    found: list[Measurement] = []
    for payments in asked.payments:
        inbox = _month(asked.months, payments, console)
        found += _compete(chosen, inbox, payments, asked, limits, console)
        _keep(asked.results, found, chosen)
    subprocess.run([sys.executable, "-m", "tests.benchmarks.figures", str(asked.results)], check=True, cwd=ROOT)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, nargs="+", default=[100_000], help="sizes of the months")
    parser.add_argument("--turns", type=int, default=3, help="how often each is measured; medians are shown")
    parser.add_argument("--only", nargs="*", help="words of the names of those that take part")
    parser.add_argument("--months", type=Path, default=MONTHS, help="where the months are, or are made and stay")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the JSON file of all measurements")
    parser.add_argument("--work", type=Path, help="where homes and answers go meanwhile")
    memory = measuring.memory_mebibytes() * 2 / 3 / 1024
    parser.add_argument("--memory", type=float, default=memory, help="GiB at which one is stopped")
    parser.add_argument("--minutes", type=float, default=60.0, help="minutes after which one is stopped")
    return parser.parse_args()


def _month(months: Path, payments: int, console: Console) -> Path:
    """The files of a month of this size, made in a process of its own where they are not there yet."""
    inbox = months / str(payments) / "inbox"
    console.print(f"{payments:,} payments: {inbox}")
    command = [sys.executable, "-m", "tests.benchmarks.months", str(inbox), "--payments", str(payments)]
    subprocess.run([*command, "--seed", str(SEED)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    for path in inbox.iterdir():  # everyone finds the files in the memory of the system
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass
    return inbox


def _compete(
    chosen: list[Contestant], inbox: Path, payments: int, asked: argparse.Namespace, limits: Limits, console: Console
) -> list[Measurement]:
    """Every turn each, in an order that moves on; one that did not end is not asked again at this size."""
    found: list[Measurement] = []
    with tempfile.TemporaryDirectory(prefix="quincena-bench-", dir=asked.work) as work:
        answers: dict[str, Path] = {}
        for turn in range(asked.turns):
            for one in chosen[turn % len(chosen) :] + chosen[: turn % len(chosen)]:
                if any(told["contestant"] == one.name and told["outcome"] != DONE for told in found):
                    continue
                output = Path(work) / one.name.replace(" ", "-") / str(turn)
                spent = _turn(one, inbox, output, limits)
                found.append(_told(one, payments, turn, spent, inbox))
                shown = f"{spent.cpu_seconds:8.1f} CPU-s {spent.wall_seconds:8.1f} s {spent.peak_mebibytes:8,.0f} MiB"
                console.print(f"  {turn + 1}  {one.name:24}{shown}  {spent.outcome}")
                if spent.outcome != DONE:
                    console.print(spent.last_words, markup=False)
                elif one.gives_tables and one.name not in answers:
                    answers[one.name] = one.export(output)
                shutil.rmtree(output / "home", ignore_errors=True)
        _compare(answers, found, console)
    return found


def _turn(one: Contestant, inbox: Path, output: Path, limits: Limits) -> Spent:
    output.mkdir(parents=True)
    if not one.version():
        return Spent("not installed", 0.0, 0.0, 0.0, "", "")
    return measuring.measure(one.command(inbox, output), environment(limits.memory_mebibytes), limits, output)


def _told(one: Contestant, payments: int, turn: int, spent: Spent, inbox: Path) -> Measurement:
    told = {name: value for name, value in asdict(spent).items() if name not in {"answer", "last_words"}}
    stages = json.loads(spent.answer)["seconds"] if one.name == PRODUCT and spent.outcome == DONE else {}
    sizes = [path.stat().st_size for path in inbox.iterdir()]
    month = {"payments": payments, "files": len(sizes), "bytes": sum(sizes)}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"contestant": one.name, "turn": turn, **month, **told, "stages": stages, "differences": None, "at": at}


def _compare(answers: dict[str, Path], found: list[Measurement], console: Console) -> None:
    """Hold the answers of everyone against the product's, or the first one's, each pair in a process of its own."""
    if len(answers) < 2:
        return
    first = PRODUCT if PRODUCT in answers else next(iter(answers))
    for name, folder in answers.items():
        if name == first:
            continue
        command = [sys.executable, "-m", "tests.benchmarks.differences", str(answers[first]), str(folder), "--json"]
        compared = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
        if not compared.stdout:
            console.print(f"  {name} against {first} could not be compared: {compared.stderr}", markup=False)
            continue
        rows = json.loads(compared.stdout)
        console.print(f"  {name} against {first}: {sum(rows.values()):,} rows differ")
        if any(rows.values()):
            console.print(compared.stderr, markup=False)
        for told in found:
            if told["contestant"] == name:
                told["differences"] = {"against": first, **rows}


def _keep(path: Path, found: list[Measurement], chosen: list[Contestant]) -> None:
    """Put the measurements into the file; those of the same contestant and size that were there give way."""
    before = json.loads(path.read_text()) if path.exists() else {"machine": {}, "versions": {}, "measurements": []}
    new = {(told["contestant"], told["payments"]) for told in found}
    kept = [told for told in before["measurements"] if (told["contestant"], told["payments"]) not in new]
    machine = {
        "processor": measuring.processor(),
        "cores": os.cpu_count(),
        "memory_gibibytes": round(measuring.memory_mebibytes() / 1024),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
    }
    versions = before["versions"] | {one.library: one.version() for one in chosen}
    versions |= {name: metadata.version(name) for name in ALSO}
    document = {"machine": machine, "versions": versions, "measurements": kept + found}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
