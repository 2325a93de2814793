"""A made-up October 2026 for the page: a few payments of every kind, and the document that certifies them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow

from pipelines.outputs.report import LAST_MONTH
from tests.unit.outputs.made import activation, change, table

Tables = dict[str, pyarrow.Table]

PAYMENTS: Sequence[tuple[str, str, int, str, int, Sequence[tuple[str, str, int]]]] = (
    ("P1", "bank_transfer", 145_000, "MXN", 3, [("applied", "", 145_000)]),
    ("P2", "bank_transfer", 200_001, "MXN", 15, [("applied", "", 145_000), ("surplus", "", 55_001)]),
    ("P3", "remittance", 145_000, "MXN", 16, [("late", "", 145_000)]),
    ("P4", "remittance", 90_000, "MXN", 16, [("held", "unsettled", 90_000)]),
    ("P5", "bank_transfer", 70_000, "MXN", 30, [("held", "amount_mismatch", 70_000)]),
    ("P6", "bank_transfer", 60_000, "MXN", 24, [("unmatched", "", 60_000)]),
    ("P7", "bank_transfer", 30_000, "MXN", 20, [("returned", "", 30_000)]),
    ("P8", "remittance", 20_000, "MXN", 20, [("pending", "", 20_000)]),
    ("P9", "bank_transfer", 140_000, "MXN", 17, [("settlement", "", 140_000)]),
    ("P10", "remittance", 8_000, "USD", 1, [("held", "foreign_currency", 8_000)]),
)
"""payment_id, channel, amount, currency, day, parts (bucket, reason, amount)."""

LATE = ("P3", "P4", "P5", "P6")


def tables() -> Tables:
    """Every table that the page takes, and the activations of the month before."""
    payments = [
        {"payment_id": name, "channel": channel, "amount_centavos": amount, "currency": currency}
        | {"paid_on": date(2026, 10, day)}
        for name, channel, amount, currency, day, _ in PAYMENTS
    ]
    parts = [
        {"payment_id": name, "channel": channel, "currency": currency}
        | {"bucket": bucket, "reason": reason, "amount_centavos": part}
        for name, channel, _, currency, _, found in PAYMENTS
        for bucket, reason, part in found
    ]
    return {
        "payments": table("payments", *payments),
        "dispositions": table("dispositions", *parts),
        "payment_flags": table("payment_flags", *({"payment_id": name, "flag": "late"} for name in LATE)),
        "settlements": table("settlements", *_settlements()),
        "coverage_activations": table("coverage_activations", activation("1", "UMF 12"), activation("2", "")),
        LAST_MONTH: table("coverage_activations", *(activation(nss, "UMF 12") for nss in ("2", "3", "4"))),
        "coverage_exceptions": table(
            "coverage_exceptions",
            {"reason": "unpaid", "amount_due_centavos": 145_000},
            {"reason": "late", "amount_due_centavos": 120_000},
            {"reason": "unpaid", "amount_due_centavos": 145_000},
        ),
        "coverage_changes": table(
            "coverage_changes", change("1", "activated", "new_file"), change("5", "revoked", "later_status")
        ),
        "receipts": table("receipts", *_receipts()),
        "rejections": table("rejections", *({"rule": "amount", "column": "pay_amount", "row": row} for row in (2, 9))),
    }


def document(**other: Any) -> dict[str, Any]:
    """The certificate document of that month."""
    checks = [
        {"check": check, "scope": scope, "expected": 1, "found": 1, "passed": True}
        for check in ("rows", "centavos", "activations", "lines", "settlements")
        for scope in ("a", "b")
    ]
    policy = {"due_day": 15, "due_day_roll": "none", "timezone": "America/Mexico_City"}
    digests = {"digest": "d" * 64, "content_digest": "c" * 64, "policy_digest": "b" * 64}
    told = {"month": "2026-10", "publication": 2, "checks": checks, "policy": policy, "inputs": ["a" * 64] * 3}
    return {**told, **digests, "code_version": "0.1.0", "before": {"publication": 1, "digest": "e" * 64}, **other}


def empty() -> Tables:
    """The same tables without a row, and nothing of the month before."""
    return {name: found.slice(0, 0) for name, found in tables().items() if name != LAST_MONTH}


def _settlements() -> list[dict[str, Any]]:
    return [
        {"company": "GIROS", "settlement_id": "L1", "status": "balanced", "settled_on": date(2026, 10, 17)},
        {"company": "GIROS", "settlement_id": "L2", "status": "unbalanced", "settled_on": date(2026, 10, 18)}
        | {"deposit_centavos": 89_000, "net_centavos": 90_000, "difference_centavos": -1_000, "differences": "deposit"},
    ]


def _receipts() -> list[dict[str, Any]]:
    at = datetime(2026, 11, 1, 5, 59, tzinfo=UTC)  # still 31 October in Mexico City
    return [
        {"file_name": "bank_transfers_1.csv", "outcome": "accepted", "received_at": at, "amount_centavos": 705_001},
        {"file_name": "notes.csv", "outcome": "refused", "received_at": at, "reason": "no layout has its name"},
    ]
