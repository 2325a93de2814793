"""Made-up months of any size: the worlds of `quincena sample` side by side, without the truth, in bounded memory.

`python -m tests.benchmarks.months month/inbox --payments 1000000 --seed 7`. The same arguments give the same
bytes. A block of about a million registrants is laid out at once, and every block has people, lines and payments of its
own; a month of ten million payments takes the memory of one block.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from rich.console import Console

from pipelines.sample import files, identifiers, ledger, lines, noise, people, scenarios, settlements
from pipelines.sample.text import Ints, figures, first_day, from_codes
from pipelines.sample.truth import Truth

MONTH: Final = "2026-10"
SEED: Final = 7
PAYMENTS_A_REGISTRANT: Final = 0.99
BLOCK: Final = 1_050_000
"""Registrants laid out at once, at most."""

ROWS_A_REGISTRY_FILE: Final = 250_000
SERIALS_A_BLOCK: Final = 1_000
"""Serial numbers of an NSS that a block has for itself: ten blocks share ten thousand."""

SERIALS: Final = 10_000
MADE: Final = "made.json"


class Silence(Truth):
    """What must come of the payments, not kept: the peers and the product are held against each other."""

    def record(self, table: str, rows: pd.DataFrame) -> None:
        """Let go of it."""


def main() -> None:
    """Make one month where it was told to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inbox", type=Path, help="an empty folder, or one with the same month in it")
    parser.add_argument("--payments", type=int, default=100_000, help="about how many payments the month has")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    make(asked.inbox, asked.payments, asked.seed)
    Console().print(f"{sum(1 for _ in asked.inbox.iterdir())} files in {asked.inbox}")


def make(inbox: Path, payments: int, seed: int = SEED) -> None:
    """Write the month to ``inbox``, unless just this month is there already; a half-made one is an error."""
    told = {"payments": payments, "seed": seed, "month": MONTH, "block": BLOCK}
    mark = inbox.parent / f"{inbox.name}.{MADE}"
    if mark.exists() and json.loads(mark.read_text()) == told:
        return
    inbox.mkdir(parents=True, exist_ok=True)
    if any(inbox.iterdir()):
        message = f"{inbox} has other files in it, or a month half made; empty it first"
        raise FileExistsError(message)
    registrants = max(1, round(payments / PAYMENTS_A_REGISTRANT))
    blocks = -(-registrants // BLOCK)
    if blocks > SERIALS // SERIALS_A_BLOCK:
        message = "more blocks than serial numbers of an NSS"
        raise ValueError(message)
    box, serials = files.Inbox(inbox, Silence()), ledger.Serials()
    for block in range(blocks):
        _lay_out(box, serials, block, (registrants + block) // blocks, seed)
    box.put(*noise.empty_file(_month()), 0, 0)
    mark.write_text(json.dumps(told) + "\n")


def _month() -> int:
    return int(np.datetime64(MONTH, "M").astype(np.int64))


def _lay_out(box: files.Inbox, serials: ledger.Serials, block: int, registrants: int, seed: int) -> None:
    """One block: its registry, its lines, its payments and what settles them."""
    month, stamp = _month(), f"{MONTH}-c{block:03}"
    members = _members(np.random.default_rng([seed, 0, block]), block, registrants)
    registry = people.registry(members, int(first_day(np.array(month))))
    files.put_registry(box, _in_parts(registry), "registrants", stamp)
    rng = np.random.default_rng([seed, 1, month, block])
    cases = lines.issue(rng, members, serials.lines(registrants), month).assign(case=np.arange(registrants))
    book = ledger.Ledger(month, block, (month, month), rng, serials, box.truth, cases)
    for _ in scenarios.play_all(book):
        pass
    files.put_registry(box, _in_parts(book.line_registry()), "capture_lines", stamp)
    payments = pd.concat([*book.rows, noise.phantoms(month, block)], ignore_index=True)
    payments, made = settlements.assign(payments, stamp.replace("-", ""))
    files.put_settlements(box, settlements.rows(made), stamp)
    payments = pd.concat([payments, settlements.deposits(made, box.truth)], ignore_index=True)
    names = files.put_payments(box, payments.assign(written_month=month), stamp)
    if block == 0:
        for outcome, found in (
            ("repeated", noise.repeat_files(box.folder, names)),
            ("refused", noise.refused_files(month)),
        ):
            for name, content in found.items():
                box.put(name, content, 0, 0, outcome)


def _members(rng: np.random.Generator, block: int, registrants: int) -> pd.DataFrame:
    """People whose numbers no other block has: the serial of their NSS is moved on, its check digit made anew."""
    members = people.populate(rng, registrants)
    bodies = members["nss"].str.slice(0, 10).astype("int64").to_numpy()
    serial = bodies % SERIALS
    # A block uses fewer serials of one head than it has for itself, from a first one that depends on the head.
    moved: Ints = bodies - serial + (serial + block * SERIALS_A_BLOCK) % SERIALS
    nss = from_codes(identifiers.with_luhn_digit(moved))
    if nss.duplicated().any():
        message = "two registrants with one NSS"
        raise AssertionError(message)
    return members.assign(nss=nss, person=members["person"] + block * BLOCK)


def _in_parts(registry: pd.DataFrame) -> pd.DataFrame:
    """The main list of a registry in files of at most so many rows; the last one where a list was cut is shorter."""
    rows = registry.reset_index(drop=True)
    listed = rows["part"].eq("lista")
    number = (listed.cumsum() - 1).clip(lower=0).to_numpy() // ROWS_A_REGISTRY_FILE
    return rows.assign(part=rows["part"].mask(listed, "lista" + figures(number + 1, 2)))


if __name__ == "__main__":
    main()
