"""A small October 2026 with a payment of every kind that a person decides on, as tables made up for these tests."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pyarrow

from schemas.tables.suggestions import Suggestion
from schemas.working.open_payments import OpenPayment
from schemas.working.people import Person
from tests.unit.outputs.made import activation, change, table

MONTH: Final = "2026-10"
POLICY: Final = {
    "effective_from": "2026-01",
    "due_day": 15,
    "due_day_roll": "none",
    "timezone": "America/Mexico_City",
    "paid_on": "made",
    "tolerance_centavos": 0,
    "require_settlement": True,
    "window_months": 2,
}
CHECK: Final = {"check": "rows", "scope": "bank_transfers_1.csv", "expected": 6, "found": 6, "passed": True}
DOCUMENT: Final[dict[str, Any]] = {
    "month": MONTH,
    "publication": 3,
    "policy": POLICY,
    "checks": [CHECK],
    "inputs": ["aa"],
    "digest": "d1",
    "content_digest": "d2",
    "policy_digest": "d3",
    "code_version": "1.0",
}

HELD, UNMATCHED, LATE, REFUNDED, MATCHED, ACCEPTED, DOLLARS, APPLIED = (
    f"bank_transfer|2026-10-{day:02d}|40012|K{day}" for day in (3, 24, 20, 8, 9, 21, 12, 5)
)
BUCKETS: Final = {
    HELD: ("held", "amount_mismatch"),
    UNMATCHED: ("unmatched", ""),
    LATE: ("late", ""),
    REFUNDED: ("refund_due", ""),
    MATCHED: ("applied", ""),
    ACCEPTED: ("late", "accept_late"),
    DOLLARS: ("held", "foreign_currency"),
    APPLIED: ("applied", ""),
}
TEXT: Final = "=1+1 pago\r\nde  mi _x0041_ seguro"
"""A text with all that a spreadsheet may take amiss: a formula, line ends, two spaces, what looks like an escape."""


def _payment(payment_id: str) -> dict[str, Any]:
    key = payment_id.removeprefix("bank_transfer|")
    common = {"payment_id": payment_id, "channel": "bank_transfer", "natural_key": key, "month": MONTH}
    return common | {"amount_centavos": 145050, "currency": "USD" if payment_id == DOLLARS else "MXN"}


def _suggestion(line: str, rank: int, likeness: int, **more: Any) -> dict[str, Any]:
    said = {"payment_id": HELD, "capture_line": line, "rank": rank, "likeness": likeness, "differs": "", "others": 0}
    return {**said, "basis": "one_character", "month": MONTH, **more}


def tables() -> dict[str, pyarrow.Table]:
    """The tables published, and the material of the workbook."""
    payments = [
        {**_payment(payment), "institution": "40012", "paid_on": date.fromisoformat(payment.split("|")[1])}
        for payment in BUCKETS
    ]
    parts = [{**_payment(payment), "bucket": bucket, "reason": why} for payment, (bucket, why) in BUCKETS.items()]
    found = {"payment_id": HELD, "capture_line": "LINEA0001", "reason": "amount_mismatch"}
    cancelled = {"payment_id": UNMATCHED, "capture_line": "LINEA0008", "reason": "line_cancelled"}
    late = {"payment_id": LATE, "capture_line": "LINEA0003", "rule": "text"}
    decided = {"payment_id": MATCHED, "capture_line": "LINEA0009", "rule": "decision"}
    unpaid = {"nss": "00260100102", "capture_line": "LINEA0001", "amount_due_centavos": 145000, "reason": "unpaid"}
    lump = {"company": "GIROS", "settlement_id": "L1", "status": "unbalanced", "difference_centavos": -2000}
    refused = {"file_name": "notas.csv", "sha256": "ff", "outcome": "refused", "reason": "found a name"}
    row = {"file_name": "b.csv", "sha256": "ee", "row": 7, "column": "amount", "rule": "amount", "reason": "expected"}
    suggestions = [
        _suggestion("LINEA0001", 1, 985),
        _suggestion("LINEA0002", 2, 900, others=4, differs="character 9: O for 0; paid already; odd words"),
        _suggestion("LINEA0004+LINEA0005", 3, 1000, basis="family_sum"),
        _suggestion(
            "LINEA0007", 1, 920, payment_id=UNMATCHED, differs="character 9: O for 0; registrant not registered"
        ),
    ]
    said = [
        {"payment_id": payment, "reference": "", "text": TEXT, "sender_name": "ZOILA MADE UP", "facts": "ab" * 32}
        for payment in BUCKETS
    ]
    return {
        "payments": table("payments", *payments),
        "dispositions": table("dispositions", *parts),
        "findings": table("findings", found, cancelled),
        "matches": table("matches", late, decided),
        "payment_flags": table("payment_flags"),
        "settlements": table("settlements", lump, {**lump, "settlement_id": "L0", "status": "balanced"}),
        "receipts": table("receipts", refused, {"file_name": "b.csv", "sha256": "ee", "outcome": "accepted"}),
        "rejections": table("rejections", row),
        "coverage_activations": table("coverage_activations", activation("00260100201", "UMF 12")),
        "coverage_exceptions": table("coverage_exceptions", unpaid),
        "coverage_changes": table("coverage_changes", change("00260100201", "activated", "new_file")),
        "suggestions": pyarrow.Table.from_pylist(suggestions, Suggestion.arrow_schema()),
        "open_payments": pyarrow.Table.from_pylist(said, OpenPayment.arrow_schema()),
        "people": pyarrow.Table.from_pylist(
            [{"nss": "00260100102", "full_name": "ROE MADE UP"}], Person.arrow_schema()
        ),
    }
