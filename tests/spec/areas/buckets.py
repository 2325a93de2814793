from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rule

RETURNED: Row = {"operating_date": "2026-10-05", "credited_at": "2026-10-08T09:00:00-06:00", "status": "returned"}
LUMP: Row = {"key": "LUMP-S1", "sender_bank": "ROJO"}
S1: list[Row] = [{"key": "S1"}]


def one(payment: str, bucket: str, reason: str = "") -> dict[str, list[Row]]:
    """The whole payment in one bucket."""
    return {"dispositions": [{"payment": payment, "bucket": bucket, "reason": reason, "line": ""}]}


AREA = Area(
    "The first bucket that applies",
    "Before its money is spread over lines, every payment is asked these questions in this order. The first yes "
    "decides.",
    (
        Rule(
            "Do its rows contradict each other?",
            "§5",
            "Then it is held as `conflicting_rows`.",
            (
                Case(
                    "Two amounts.",
                    {"remittances": [{"key": "R1"}, {"key": "R1", "pay_amount": "1.00"}]},
                    one("R1", "held", "conflicting_rows"),
                ),
                Case(
                    "Before `returned`: the bank took back another amount.",
                    {"bank_transfers": [{"key": "T1"}, {"key": "T1", **RETURNED, "amount": "1.00"}]},
                    one("T1", "held", "conflicting_rows"),
                ),
                Case(
                    "Before `pending`.",
                    {
                        "remittances": [
                            {"key": "R1", "status": "pending"},
                            {"key": "R1", "status": "pending", "pay_amount": "1.00"},
                        ]
                    },
                    one("R1", "held", "conflicting_rows"),
                ),
                Case(
                    "Before `foreign_currency`.",
                    {"bank_transfers": [{"key": "T1", "currency": "USD"}, {"key": "T1", "currency": "EUR"}]},
                    one("T1", "held", "conflicting_rows"),
                ),
                Case(
                    "Before `settlement`.",
                    {"settlements": S1, "bank_transfers": [LUMP, {**LUMP, "amount": "501.00"}]},
                    one("LUMP-S1", "held", "conflicting_rows"),
                ),
            ),
            entry="buckets.held:conflicting_rows",
        ),
        Rule(
            "Was it given back?",
            "§5",
            "Returned by the bank, cancelled or refunded by the company: bucket `returned`.",
            (
                Case(
                    "Returned.",
                    {
                        "bank_transfers": [
                            {"key": "T1", "concept": "ANAOCT26"},
                            {"key": "T1", "concept": "ANAOCT26", **RETURNED},
                        ]
                    },
                    one("T1", "returned"),
                ),
                Case(
                    "Cancelled.",
                    {"remittances": [{"key": "R1", "status": "cancelled", "capture_line": "ANAOCT26"}]},
                    one("R1", "returned"),
                ),
                Case(
                    "Refunded.",
                    {"remittances": [{"key": "R1", "status": "refunded", "capture_line": "ANAOCT26"}]},
                    one("R1", "returned"),
                ),
                Case(
                    "Before `foreign_currency`.",
                    {"remittances": [{"key": "R1", "status": "cancelled", "pay_currency": "USD"}]},
                    one("R1", "returned"),
                ),
                Case(
                    "Before `settlement`: a lump deposit that came back.",
                    {"settlements": S1, "bank_transfers": [{**LUMP, **RETURNED}]},
                    one("LUMP-S1", "returned"),
                ),
            ),
            entry="buckets.returned",
        ),
        Rule(
            "Was it never more than announced?",
            "§5",
            "Bucket `pending`.",
            (
                Case(
                    "Announced.",
                    {"remittances": [{"key": "R1", "status": "pending", "capture_line": "ANAOCT26"}]},
                    one("R1", "pending"),
                ),
                Case(
                    "Before `foreign_currency`.",
                    {"remittances": [{"key": "R1", "status": "pending", "pay_currency": "USD"}]},
                    one("R1", "pending"),
                ),
            ),
            entry="buckets.pending",
        ),
        Rule(
            "Is it in another currency?",
            "§5",
            "Anything but `MXN` is held as `foreign_currency`, and never summed with pesos.",
            (
                Case(
                    "Dollars, for a known line.",
                    {"bank_transfers": [{"key": "T1", "currency": "USD", "concept": "ANAOCT26"}]},
                    one("T1", "held", "foreign_currency"),
                ),
                Case(
                    "A currency nobody knows is not pesos.",
                    {"remittances": [{"key": "R1", "pay_currency": "mxn", "capture_line": "ANAOCT26"}]},
                    one("R1", "held", "foreign_currency"),
                ),
                Case(
                    "Before `settlement`.",
                    {"settlements": S1, "bank_transfers": [{**LUMP, "currency": "USD"}]},
                    one("LUMP-S1", "held", "foreign_currency"),
                ),
                Case(
                    "Before what matching says: an unknown line.",
                    {"bank_transfers": [{"key": "T1", "currency": "USD"}]},
                    one("T1", "held", "foreign_currency"),
                ),
            ),
            entry="buckets.held:foreign_currency",
        ),
        Rule(
            "Is it the deposit of a settlement?",
            "§6",
            "Bucket `settlement`: its remittances stand in their own buckets.",
            (
                Case(
                    "The lump deposit, although its text names Ana's line.",
                    {"settlements": S1, "bank_transfers": [{**LUMP, "concept": "ANAOCT26"}]},
                    one("LUMP-S1", "settlement"),
                ),
            ),
            entry="buckets.settlement",
        ),
        Rule(
            "Is it confirmed?",
            "§7, §9",
            "Its money is spread over its lines (next chapters).",
            (
                Case(
                    "Ana's line is named.",
                    {"bank_transfers": [{"key": "T1", "concept": "ANAOCT26"}]},
                    {"payment_standings": [{"payment": "T1", "bucket": "confirmed", "reason": ""}]},
                ),
            ),
            entry="buckets.confirmed",
        ),
        Rule(
            "Did a step find something that does not do?",
            "§7",
            "Bucket `held`, with the reason of matching. What is left is `unmatched`.",
            (
                Case(
                    "T1 waits, T2 names nobody.",
                    {"bank_transfers": [{"key": "T1", "concept": "<carla.nss>"}, {"key": "T2", "concept": "gracias"}]},
                    {
                        "payment_standings": [
                            {"payment": "T1", "bucket": "held", "reason": "no_line_for_month"},
                            {"payment": "T2", "bucket": "unmatched", "reason": ""},
                        ]
                    },
                ),
            ),
            entry="buckets.held",
        ),
    ),
)
