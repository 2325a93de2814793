"""How fast the page of a month is written: made-up tables of about a million payments, straight from memory.

`python -m tests.benchmarks.report --payments 100000 --output report.html`. Nothing is asserted: numbers depend on the
machine.
"""

from __future__ import annotations

import argparse
import resource
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow
from rich.console import Console

from pipelines.outputs import report
from pipelines.outputs.labels import BUCKETS, EXCEPTIONS, HOLDS
from pipelines.outputs.labels_report import CAUSES, CHANGES, SETTLEMENTS
from schemas.catalog import PUBLISHED

SHARES: Final = (70, 3, 5, 2, 6, 4, 2, 1, 5, 2)
"""Percent of the payments in each bucket."""

FILLED: Final[dict[Any, Any]] = {
    pyarrow.string(): "",
    pyarrow.int64(): 0,
    pyarrow.bool_(): True,
    pyarrow.date32(): date(2026, 10, 5),
    pyarrow.timestamp("us", "UTC"): datetime(2026, 11, 1, 6, tzinfo=UTC),
}


def main() -> None:
    """Make the tables, write the page, print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=1_000_000, help="how many payments the month has")
    parser.add_argument("--output", type=Path, help="where to keep the page")
    given = parser.parse_args()
    tables = month(given.payments)
    before, began = peak(), time.perf_counter()
    page = report.page(tables, DOCUMENT, "es")
    wall = time.perf_counter() - began
    Console().print(
        f"{given.payments:,} payments: {wall:.1f} s, {len(page):,} bytes, "
        f"{peak() - before:,.0f} MiB more than the tables ({before:,.0f} MiB)"
    )
    if given.output:
        given.output.write_bytes(page)


def month(payments: int) -> dict[str, pyarrow.Table]:
    """Every table that the page takes."""
    chance = np.random.default_rng(7)
    names = pyarrow.array([f"bank_transfer|2026-10-05|BANCO|TK{at:010d}" for at in range(payments)])
    bucket = chance.choice(list(BUCKETS), payments, p=np.array(SHARES) / 100)
    reason = np.where(bucket == "held", chance.choice(list(HOLDS), payments), "")
    day = np.minimum(chance.integers(1, 32, payments), chance.integers(8, 32, payments))
    told = {
        "payment_id": names,
        "channel": chance.choice(["bank_transfer", "remittance"], payments, p=[0.6, 0.4]),
        "amount_centavos": chance.integers(100_000, 200_000, payments),
        "currency": np.where(reason == "foreign_currency", "USD", "MXN"),
    }
    days = pyarrow.array([date(2026, 10, at) for at in range(1, 32)])
    late = names.filter(pyarrow.array(day > 15))
    return {
        "payments": table("payments", payments, **told, paid_on=days.take(pyarrow.array(day - 1))),
        "dispositions": table("dispositions", payments, **told, bucket=bucket, reason=reason),
        "payment_flags": table("payment_flags", len(late), payment_id=late, flag=["late"] * len(late)),
        **_coverage(chance, payments),
        **_files(chance, payments),
    }


def _coverage(chance: np.random.Generator, payments: int) -> dict[str, pyarrow.Table]:
    covered, missed, changed = payments * 7 // 10, payments // 5, payments // 50
    persons = pyarrow.array([f"{at:011d}" for at in range(payments)])
    due = np.full(payments, 145_000)
    clinic = chance.choice(["assigned", "pending"], payments, p=[0.9, 0.1])
    everybody = table("coverage_activations", payments, nss=persons, clinic_status=clinic, amount_due_centavos=due)
    reasons, changes = chance.choice(list(EXCEPTIONS), missed), chance.choice(list(CHANGES), changed)
    causes = chance.choice(list(CAUSES)[1:], changed)
    return {
        "coverage_activations": everybody.slice(0, covered),
        report.LAST_MONTH: everybody.slice(payments // 20, covered),
        "coverage_exceptions": table("coverage_exceptions", missed, reason=reasons, amount_due_centavos=due[:missed]),
        "coverage_changes": table("coverage_changes", changed, change=changes, cause=causes),
    }


def _files(chance: np.random.Generator, payments: int) -> dict[str, pyarrow.Table]:
    settled, rejected, files = payments // 500, payments // 100, max(payments // 5_000, 4)
    company = chance.choice(["GIROS DEL NORTE", "ENVIOS DEL SUR"], settled)
    status = chance.choice(list(SETTLEMENTS), settled, p=[0.9, 0.04, 0.05, 0.01])
    difference = np.where(status == "balanced", 0, chance.integers(-90_000, 90_000, settled))
    numbers = [f"L-{at:06d}" for at in range(settled)]
    outcome = chance.choice(["accepted", "repeated", "held", "refused"], files, p=[0.9, 0.04, 0.02, 0.04])
    return {
        "settlements": table(
            "settlements",
            settled,
            company=company,
            settlement_id=numbers,
            status=status,
            difference_centavos=difference,
        ),
        "receipts": table("receipts", files, file_name=[f"file_{at}.csv" for at in range(files)], outcome=outcome),
        "rejections": table("rejections", rejected, rule=chance.choice(["amount", "date", "check_digit"], rejected)),
    }


def table(name: str, rows: int, **columns: Any) -> pyarrow.Table:
    """A published table of so many rows; columns not given hold one value throughout."""
    schema = PUBLISHED[name].model.arrow_schema()
    arrays = [
        pyarrow.array(columns[field.name], field.type)
        if field.name in columns
        else pyarrow.repeat(pyarrow.scalar(FILLED[field.type], field.type), rows)
        for field in schema
    ]
    return pyarrow.Table.from_arrays(arrays, schema=schema)


def peak() -> float:
    """Mebibytes that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


DOCUMENT: Final = {
    "month": "2026-10",
    "publication": 3,
    "checks": [
        {"check": check, "scope": str(at), "passed": True}
        for check in ("rows", "centavos", "activations", "lines", "settlements")
        for at in range(200)
    ],
    "inputs": ["a" * 64] * 200,
    "policy": {"due_day": 15, "due_day_roll": "none", "timezone": "America/Mexico_City"},
    "digest": "d" * 64,
}
"""What certifies the month, as far as the page tells of it."""


if __name__ == "__main__":
    main()
