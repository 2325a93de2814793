"""How fast files are read, as ratios in one run: against the bare parser of the same bytes, and how flat memory stays.

`make bench`, or `python -m tests.benchmarks.reading --rows 50000`. Nothing is asserted: numbers depend on the machine,
ratios less so. What is compared takes turns, so that what else the machine does falls on all alike.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import mt940
import numpy as np
import pandas as pd
import pyarrow
import pyarrow.csv
from lxml import etree
from rich.console import Console
from rich.table import Table

from pipelines.engine.landing import land
from pipelines.readers import read_file, read_stream
from pipelines.sample import generate
from pipelines.sample.text import figures
from pipelines.sample.writing import Lines
from pipelines.store.home import Home
from tests.unit.readers import camt_files

MONTH: Final = "2026-10"
REPETITIONS: Final = 5
WIDTH: Final = 120
CANONICAL: Final = {
    "bank_transfers": "amount",
    "remittances": "pay_amount",
    "registrants": "nss",
    "capture_lines": "nss",
}
"""Kind of file → the column that is spoilt in its bad rows."""
BAD_ROW_EVERY: Final = 500
CAMT_ENTRIES: Final = 50_000
MT940_ENTRIES: Final = 10_000
ENTRIES_A_STATEMENT: Final = 100
LANDED_ROWS: Final = (100_000, 1_000_000, 5_000_000)
WRITTEN_ROWS: Final = 250_000

Contestants = dict[str, Callable[[], object]]


class Spent(NamedTuple):
    """CPU seconds of one contestant, all threads together."""

    median: float
    least: float


def main() -> None:
    """Make the files, read them in turns, print the ratios; with `--land`, land a folder and print the peak memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000, help="rows of each canonical file")
    parser.add_argument("--land", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.land:
        print(peak_of_landing(asked.land))  # noqa: T201 - the answer to the process that asked
        return
    console = Console(highlight=False, width=WIDTH)
    console.print(f"{os.cpu_count()} cores, Python {platform.python_version()}, pyarrow {pyarrow.__version__}")
    with tempfile.TemporaryDirectory(prefix="quincena-bench-") as folder:
        console.print(canonical_files(Path(folder), asked.rows))
        console.print(bank_messages(Path(folder)))
        console.print(memory(Path(folder)))


def read(path: Path) -> int:
    """The whole way of a file from bytes to typed, checked rows and their digest; how many rows there are."""
    with path.open("rb") as source:
        found = read_stream(path.name, source, "0" * 64, lambda *_: None)
    if found.refusal:
        sys.exit(found.refusal)
    return found.data_rows


def in_turns(contestants: Contestants) -> dict[str, Spent]:
    """What each takes, measured in turns after one round that does not count."""
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(REPETITIONS + 1):
        for name, run in contestants.items():
            gc.collect()
            began = time.process_time()
            run()
            if number:
                spent[name].append(time.process_time() - began)
    return {name: Spent(median(seconds), min(seconds)) for name, seconds in spent.items()}


def canonical_files(folder: Path, rows: int) -> Table:
    """Canonical files against the parser that makes text of them and nothing more."""
    generate(folder / "sample", MONTH, MONTH, min(rows, 60_000), seed=7)
    table = Table(
        "file", "bad rows", "parser, 1 thread", "parser, threads", "read", "ratio to 1 thread", "ratio to threads",
        title=f"Canonical CSV of {rows:,} rows: CPU seconds, median (least) of 5; 3 wanted", title_justify="left",
    )  # fmt: skip
    for kind, bad in itertools.product(CANONICAL, (False, True)):
        path = folder / f"{kind}_bench.csv"
        write_canonical(path, folder / "sample" / "inbox", kind, rows, bad_rows=bad)
        spent = in_turns(
            {
                "one": lambda path=path: bare_csv(path, use_threads=False),  # type: ignore[misc] # bound now
                "all": lambda path=path: bare_csv(path, use_threads=True),  # type: ignore[misc]
                "read": lambda path=path: read(path),  # type: ignore[misc]
            }
        )
        share = f"1 in {BAD_ROW_EVERY}" if bad else "none"
        ratios = (ratio(spent["read"], spent[name]) for name in ("one", "all"))
        table.add_row(kind, share, *(shown(spent[name]) for name in ("one", "all", "read")), *ratios)
        path.unlink()
    return table


def write_canonical(path: Path, inbox: Path, kind: str, rows: int, *, bad_rows: bool) -> None:
    """So many rows of the sample's files of one kind, over and over where there are not enough."""
    header, lines = b"", list[bytes]()
    for each in sorted(inbox.glob(f"{kind}_*-c000*.csv")):
        first, *rest = each.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").splitlines()
        if not header or first == header:
            header, lines = first, lines + rest
    place = header.decode().split(",").index(CANONICAL[kind])
    lines = [line for line in lines if line.count(b",") == header.count(b",")]
    # The sample has bad rows of its own, which a clean file has not.
    rejected = set(read_file(path.name, b"\n".join([header, *lines, b""])).rejections["row"].to_pylist())
    lines = [line for number, line in enumerate(lines, start=2) if number not in rejected]
    spoilt = {number: spoil(line, place) for number, line in enumerate(lines) if number % BAD_ROW_EVERY == 1}
    if bad_rows:
        lines = [spoilt.get(number, line) for number, line in enumerate(lines)]
    with path.open("wb") as file:
        file.write(header + b"\n")
        for start in range(0, rows, len(lines)):
            file.write(b"\n".join(lines[: rows - start]) + b"\n")


def spoil(line: bytes, place: int) -> bytes:
    """The record with a value of another type in one field."""
    fields = line.split(b",")
    return b",".join([*fields[:place], b"1105.505", *fields[place + 1 :]])


def bare_csv(path: Path, *, use_threads: bool) -> int:
    """The file as text, by the parser alone."""
    with path.open("rb") as file:
        names = file.readline().decode().strip().split(",")
    read_options = pyarrow.csv.ReadOptions(use_threads=use_threads)
    as_text = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()))
    rows: int = pyarrow.csv.read_csv(path, read_options=read_options, convert_options=as_text).num_rows
    return rows


def bank_messages(folder: Path) -> Table:
    """camt.053 against a bare walk over its elements, MT940 against the library that knows its tags."""
    table = Table(
        "file", "entries", "bare", "read", "ratio", "wanted",
        title="Messages of banks: CPU seconds, median (least) of 5", title_justify="left",
    )  # fmt: skip
    camt, swift = folder / "camt053_bench.xml", folder / "mt940_bench.sta"
    camt.write_bytes(camt_statement(CAMT_ENTRIES))
    swift.write_text("".join(mt940_statements(MT940_ENTRIES)))
    contests: tuple[tuple[Path, int, Callable[[Path], object], str], ...] = (
        (camt, CAMT_ENTRIES, bare_walk, "1.5"),
        (swift, MT940_ENTRIES, by_library, "1"),
    )
    for path, entries, bare, wanted in contests:
        spent = in_turns({"bare": lambda: bare(path), "read": lambda: read(path)})  # noqa: B023 - run within the loop
        told = (shown(spent["bare"]), shown(spent["read"]), ratio(spent["read"], spent["bare"]))
        table.add_row(path.name, f"{entries:,}", *told, wanted)
    return table


def camt_statement(entries: int) -> bytes:
    """A statement of credits of a peso each, with references of their own."""
    texts = (f"<RmtInf><Ustrd>PAGO 2611AAAA{number:08}</Ustrd></RmtInf>" for number in range(entries))
    inside = [
        camt_files.entry("1.00", camt_files.detail(more=text), reference=f"R-{number}")
        for number, text in enumerate(texts)
    ]
    opening, closing = camt_files.balance("OPBD", "0.00"), camt_files.balance("CLBD", f"{entries}.00")
    return camt_files.document(opening, closing, *inside)


def bare_walk(path: Path) -> int:
    """Every element seen once and cleared."""
    seen = 0
    for _, element in etree.iterparse(path, events=("end",)):
        seen += 1
        element.clear()
    return seen


def mt940_statements(entries: int) -> Iterator[str]:
    """Statements of credits of a peso each, one after another."""
    for number, first in enumerate(range(0, entries, ENTRIES_A_STATEMENT), start=1):
        yield f":20:QUINCENA\n:25:0012345678\n:28C:{number}/1\n:60F:C261013MXN{first},00\n"
        for entry in range(first, first + ENTRIES_A_STATEMENT):
            yield f":61:2610141014CN1,00NTRFNONREF//VS{entry}\n:86:SPEI RECIBIDO 2611AAAA{entry:08}\n"
        yield f":62F:C261014MXN{first + ENTRIES_A_STATEMENT},00\n-\n"


def by_library(path: Path) -> object:
    """The text as the library reads it, statement by statement: over a whole file it takes quadratic time."""
    text = path.read_text()
    return [mt940.parse(statement) for statement in re.split(r"(?<=\n-\n)(?=:20:)", text)]


def memory(folder: Path) -> Table:
    """Peak memory of a process that lands one canonical file."""
    table = Table(
        "rows", "file, MiB", "peak, MiB", "wall seconds",
        title="Landing bank_transfers: memory of the process, flat wanted", title_justify="left",
    )  # fmt: skip
    for rows in LANDED_ROWS:
        with tempfile.TemporaryDirectory(dir=folder) as home:
            path = Path(home) / "inbox" / "bank_transfers_bench.csv"
            path.parent.mkdir()
            write_transfers(path, rows)
            mebibytes = path.stat().st_size / (1 << 20)
            began = time.perf_counter()
            command = [sys.executable, "-m", "tests.benchmarks.reading", "--land", home]
            peak = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            table.add_row(f"{rows:,}", f"{mebibytes:,.0f}", f"{peak:,.0f}", f"{time.perf_counter() - began:.1f}")
    return table


def write_transfers(path: Path, rows: int) -> None:
    """Transfers with keys of their own, short where a field may be empty: five million stay below a file's limit."""
    with path.open("wb") as file:
        for first in range(0, rows, WRITTEN_ROWS):
            number = np.arange(first, min(rows, first + WRITTEN_ROWS))
            columns = {
                "operating_date": "2026-10-14",
                "credited_at": "2026-10-14T18:00:" + figures(number % 60, 2) + "Z",
                "tracking_key": "BENCH" + figures(number, 10),
                "sender_bank": "40012",
                **dict.fromkeys(("sender_account", "sender_name", "receiver_account"), ""),
                "amount": figures(number % 9_000 + 1) + ".50",
                "currency": "MXN",
                "numeric_reference": "",
                "concept": "PAGO 2611AAAA" + figures(number, 10),
                "status": "credited",
            }
            lines = Lines(pd.DataFrame(columns).astype("str"))
            file.write((b"" if first else lines.header) + lines.body(0, number.size))


def peak_of_landing(home: Path) -> float:
    """Mebibytes this process held at most, to land what is in the inbox of ``home``."""
    made = Home(home)
    made.prepare()
    report = land(made, made.inbox, datetime(2026, 11, 1, tzinfo=UTC))
    if report.landed["refusal"].any() or report.landed.empty:
        sys.exit("the file of the benchmark was not landed")
    if platform.system() == "Darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    # Linux hands the peak of the process that started this one on to it in ru_maxrss; this is its own.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / (1 << 10)


def shown(spent: Spent) -> str:
    """Median and least."""
    return f"{spent.median:.2f} ({spent.least:.2f})"


def ratio(read: Spent, bare: Spent) -> str:
    """Of the medians, and of the least."""
    return f"{read.median / bare.median:.2f} ({read.least / bare.least:.2f})"


if __name__ == "__main__":
    main()
