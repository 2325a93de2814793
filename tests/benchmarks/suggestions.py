"""How fast suggestions are made: 100,000 payments that wait against 1,000,000 lines, in this process, on one core.

`python -m tests.benchmarks.suggestions [--waiting N] [--lines N] [--dense]`. With ``--dense`` the lines are numbered
without gaps, so that every slip has dozens of neighbours. Nothing is asserted: numbers depend on the machine.
"""

from __future__ import annotations

import argparse
import resource
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from rich.console import Console

from pipelines.rules import suggestions
from pipelines.rules.policy import parse_policy
from schemas.catalog import WORKING
from schemas.columns import KINDS
from tests.spec.build import POLICY, policy_toml

if TYPE_CHECKING:
    from numpy.typing import NDArray

MONTH = "2026-10"
DUE = ["2026-08", "2026-09", "2026-10", "2026-11", "2026-12"]
SLIPS = ("wrong", "swapped", "missing", "cut", "look", "nss", "name", "nothing")
GIVEN = ["ANA", "LUZ", "EVA", "JUAN", "JOSE", "MARIA", "ROSA", "HUGO", "IVAN", "ELSA", "RAUL", "SARA", "OMAR", "PAZ"]
BEGINS = ["BA", "CE", "DO", "FU", "GA", "HE", "LI", "MO"]
SURNAMES = [begin + end for begin in BEGINS for end in ("RROS", "LLA", "NDEZ", "RRA", "SCO", "TIS", "MO", "LES")]


def main() -> None:
    """Make the tables, suggest, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", type=int, default=100_000, help="payments that wait for a person")
    parser.add_argument("--lines", type=int, default=1_000_000, help="issued lines within the window")
    parser.add_argument("--dense", action="store_true", help="lines numbered without gaps")
    arguments = parser.parse_args()
    evidence = make(arguments.waiting, arguments.lines, is_dense=arguments.dense)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, cpu = time.perf_counter(), time.process_time()
    found = suggestions.suggest(MONTH, parse_policy(policy_toml(POLICY)), evidence)
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console = Console(highlight=False)
    console.print(f"{arguments.waiting:,} payments, {arguments.lines:,} lines, dense: {arguments.dense}")
    console.print(f"{wall:.1f} s wall, {used:.1f} s CPU, peak {peak:,.0f} MiB ({before:,.0f} MiB were the tables)")
    console.print(f"{len(found):,} suggestions for {found['payment_id'].nunique():,} payments")
    console.print(found["basis"].value_counts().to_string())


def make(waiting: int, lines: int, *, is_dense: bool) -> suggestions.Evidence:
    """Tables of a month in which every payment but one in eight is a slip away from a line."""
    chance = np.random.default_rng(4)
    people = lines // len(DUE)
    registrants = _registrants(chance, people)
    numbers = np.arange(lines) if is_dense else np.sort(chance.choice(10**11, lines, replace=False))
    written = _texts(f"QN{number:018d}" for number in numbers)
    due = np.tile(DUE, people)
    standing = _table(
        "capture_lines",
        capture_line=written,
        capture_line_written=written,
        nss=registrants["nss"].to_numpy().repeat(len(DUE)),
        coverage_month=due,
        due_month=due,
        amount_due_centavos=(5_000 + chance.integers(0, 300, lines)) * 10,
        status=np.full(lines, "issued"),
    )
    meant = chance.integers(0, people, waiting) * len(DUE) + DUE.index(MONTH)
    return _evidence(chance, standing, registrants, meant)


def _registrants(chance: np.random.Generator, people: int) -> pd.DataFrame:
    serial = chance.choice(10**9, people, replace=False)
    name = [chance.choice(GIVEN, people), chance.choice(GIVEN, people), *(chance.choice(SURNAMES, (2, people)))]
    return _table(
        "registrants",
        nss=_texts(f"{number:011d}" for number in serial * 10),
        curp=_texts(f"BEXA{number:09d}MDFX8" for number in serial),
        full_name=_texts(" ".join(words) for words in zip(*name, strict=True)),
        umf=np.full(people, "1"),
    )


def _evidence(
    chance: np.random.Generator, lines: pd.DataFrame, registrants: pd.DataFrame, meant: NDArray[np.int64]
) -> suggestions.Evidence:
    """Each payment means one line; a fifth of the payers paid for four registrants before."""
    waiting, history = len(meant), len(meant) // 5 * 4
    slips = np.array(SLIPS)[np.arange(waiting) % len(SLIPS)]
    known = registrants.iloc[meant // len(DUE)].reset_index(drop=True)
    line = lines["capture_line"].iloc[meant].tolist()
    concept = [
        slipped(slip, written, nss, name)
        for slip, written, nss, name in zip(slips, line, known["nss"], known["full_name"], strict=True)
    ]
    total = waiting + history
    identity = _texts(f"bank_transfer|2026-10-05|AZUL|T{number:08d}" for number in range(total))
    payer = np.append(np.arange(waiting), np.arange(history) % max(1, waiting // 5))
    amount = np.append(lines["amount_due_centavos"].to_numpy()[meant], np.full(history, 50_000))
    texts = {"payment_id": identity, "channel": np.full(total, "bank_transfer"), "currency": np.full(total, "MXN")}
    rows = _table(
        "bank_transfer_rows",
        length=total,
        sha256=np.full(total, "a" * 64),
        row=np.arange(2, total + 2),
        sender_bank=np.full(total, "AZUL"),
        sender_account=_texts(f"{number:018d}" for number in payer),
        sender_name=np.append(known["full_name"].to_numpy(), np.full(history, "")),
    )
    payments = _table(
        "payments",
        length=total,
        amount_centavos=amount,
        month=np.full(total, MONTH),
        source_sha256=np.full(total, "a" * 64),
        source_row=np.arange(2, total + 2),
        **texts,
    )
    bucket = np.append(np.full(waiting, "unmatched"), np.full(history, "confirmed"))
    paid = lines.iloc[chance.integers(0, len(lines), history)]
    matches = _table(
        "matches", length=history, payment_id=identity[waiting:], capture_line=paid["capture_line"], nss=paid["nss"]
    )
    return suggestions.Evidence(
        payments=payments,
        standings=_table("payment_standings", length=total, payment_id=identity, bucket=bucket),
        claims=_table("claims", length=waiting, payment_id=identity[:waiting], text=_texts(concept)),
        findings=WORKING["findings"].empty(),
        matches=matches,
        line_standings=_table("line_standings", length=history, capture_line=paid["capture_line"]),
        lines=lines,
        registrants=registrants,
        bank_rows=rows,
        remittance_rows=WORKING["remittance_rows"].empty(),
    )


def slipped(slip: str, line: str, nss: str, name: str) -> str:
    """What the payer wrote instead of the line."""
    return {
        "wrong": f"PAGO SEGURO {line[:16]}X{line[17:]}",
        "swapped": f"PAGO {line[:17]}{line[18]}{line[17]}{line[19:]}",
        "missing": f"SEGURO IMSS {line[:14]}{line[15:]}",
        "cut": f"PAGO OCTUBRE {line[:18]}",
        "look": f"{line[:2]}-{line[2:].replace('0', 'O', 5)} GRACIAS",
        "nss": f"SEGURO {nss[:4]}{(int(nss[4]) + 1) % 10}{nss[5:]}",
        "name": f"PAGO OCTUBRE {name}",
        "nothing": "PAGO DEL SEGURO DE OCTUBRE GRACIAS",
    }[slip]


def _texts(texts: Any) -> pd.Series[str]:
    return pd.Series(list(texts), dtype="str")


def _table(name: str, *, length: int = 0, **given: Any) -> pd.DataFrame:
    """A table of which only some columns matter; the others are empty."""
    number = length or len(next(iter(given.values())))
    columns = {}
    for column, kind in WORKING[name].kinds().items():
        dtype = KINDS[kind].pandas
        blank = "" if dtype == "str" else pd.NaT if "datetime" in dtype else 0
        values = np.asarray(given[column]) if column in given else [blank] * number
        columns[column] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(columns)


if __name__ == "__main__":
    main()
