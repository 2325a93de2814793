"""How fast the analyst's workbook is written: a made-up month of 200,000 payments, 5,000 of them held.

`python -m tests.benchmarks.reconciliation --payments 200000 --held 5000`, in a process of its own for its peak memory.
Nothing is asserted: numbers depend on the machine.
"""

from __future__ import annotations

import argparse
import resource
import time
from datetime import UTC, date, datetime
from typing import Any

import pyarrow
from rich.console import Console

from pipelines.outputs import reconciliation
from pipelines.outputs.labels import EXCEPTIONS, HOLDS
from pipelines.readers import read_file
from schemas.catalog import PUBLISHED
from schemas.table import Table
from schemas.tables.suggestions import Suggestion

MONTH = "2026-10"
POLICY = {
    "effective_from": "2026-01",
    "due_day": 15,
    "due_day_roll": "none",
    "timezone": "America/Mexico_City",
    "paid_on": "made",
    "tolerance_centavos": 0,
    "require_settlement": True,
    "window_months": 2,
}
FILLED: dict[Any, Any] = {
    pyarrow.string(): "",
    pyarrow.int64(): 0,
    pyarrow.bool_(): True,
    pyarrow.date32(): date(2026, 10, 5),
    pyarrow.timestamp("us", "UTC"): datetime(2026, 10, 5, 12, tzinfo=UTC),
}


def main() -> None:
    """Make the tables, write the workbook, read it back, print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=200_000)
    parser.add_argument("--held", type=int, default=5_000)
    asked = parser.parse_args()
    tables = month(asked.payments, asked.held)
    document = {"month": MONTH, "publication": 1, "policy": POLICY, "checks": [], "inputs": []}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    content = reconciliation.encode(tables, document)
    written = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    found = read_file("reconciliation.xlsx", content)
    read = time.perf_counter() - began
    Console().print(
        f"{asked.payments:,} payments, {asked.held:,} held: written in {written:.1f} s, {len(content) / 1e6:.1f} MB; "
        f"peak {peak:.0f} MiB (tables alone {before:.0f}); read back in {read:.1f} s, {found.data_rows} rows decided "
        f"{found.refusal}"
    )


def month(payments: int, held: int) -> dict[str, pyarrow.Table]:
    """The tables of a month in which everybody paid one line and ``held`` payments wait, each with two suggestions."""
    ids = [f"bank_transfer|2026-10-05|40012|K{number:09d}" for number in range(payments)]
    keys = [payment.removeprefix("bank_transfer|") for payment in ids]
    days = [date(2026, 10, 1 + number % 28) for number in range(payments)]
    lines = [f"QNC2026{number:010d}" for number in range(payments)]
    reasons = list(HOLDS)
    paid = {"payment_id": ids, "channel": "bank_transfer", "natural_key": keys, "amount_centavos": 145000}
    buckets = {
        "bucket": ["held" if number < held else "applied" for number in range(payments)],
        "reason": [reasons[number % len(reasons)] if number < held else "" for number in range(payments)],
        "currency": "MXN",
    }
    nss = [f"{number:011d}" for number in range(payments)]
    unpaid = {"nss": nss[: 3 * held], "capture_line": lines[: 3 * held], "amount_due_centavos": 145000}
    suggested = {
        "payment_id": [payment for payment in ids[:held] for _ in range(2)],
        "capture_line": lines[: 2 * held],
        "basis": "one_character",
        "differs": "position 7",
        "likeness": 985,
        "rank": [1, 2] * held,
    }
    told = {name: _table(PUBLISHED[name].model) for name in PUBLISHED}
    return told | {
        "payments": _table(PUBLISHED["payments"].model, **paid, currency="MXN", paid_on=days),
        "dispositions": _table(PUBLISHED["dispositions"].model, **paid, **buckets),
        "coverage_activations": _table(PUBLISHED["coverage_activations"].model, nss=nss[held:]),
        "coverage_changes": _table(PUBLISHED["coverage_changes"].model, nss=nss[held:], change="activated"),
        "coverage_exceptions": _table(
            PUBLISHED["coverage_exceptions"].model, **unpaid, reason=(list(EXCEPTIONS) * held)[: 3 * held]
        ),
        "suggestions": _table(Suggestion, **suggested),
        "open_payments": _table(
            reconciliation.MATERIAL["open_payments"], payment_id=ids[:held], text="Pago de mi seguro", facts="ab" * 32
        ),
    }


def _table(model: type[Table], **columns: Any) -> pyarrow.Table:
    """A table of a model: columns given whole or as one value, all others filled in."""
    schema = model.arrow_schema()
    rows = max((len(values) for values in columns.values() if isinstance(values, list)), default=0)
    whole = {}
    for field in schema:
        said = columns.get(field.name, FILLED[field.type])
        whole[field.name] = pyarrow.array(said if isinstance(said, list) else [said] * rows, field.type)
    return pyarrow.table(whole, schema=schema)


if __name__ == "__main__":
    main()
