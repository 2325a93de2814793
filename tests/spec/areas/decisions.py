from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rule

HELD: Row = {"key": "T1", "concept": "<carla.nss>"}
MATCH: Row = {"payment": "T1", "action": "match", "capture_line": "ANAOCT26"}
REFUND: Row = {"payment": "T1", "action": "refund"}


def rejected(why: str, rule: str, column: str, decision: Row, *transfers: Row) -> Case:
    """A case whose one decision does not count."""
    return Case(
        why,
        {"bank_transfers": list(transfers) or [HELD], "decisions": [decision]},
        {"decision_rejections": [{"row": "2", "column": column, "rule": rule}]},
    )


AREA = Area(
    "Decisions",
    "A person decides what is held; another one approves it. (A decision without a reason does not read: its row "
    "is rejected "
    "with the file.)",
    (
        Rule(
            "match",
            "§8",
            "Confirms a held or unmatched payment to a line.",
            (
                Case(
                    "A held and an unmatched payment, both for Ana.",
                    {
                        "bank_transfers": [HELD | {"amount": "300.00"}, {"key": "T2", "amount": "200.00"}],
                        "decisions": [MATCH, {**MATCH, "payment": "T2"}],
                    },
                    {
                        "matches": [
                            {"payment": "T1", "line": "ANAOCT26", "who": "ana", "rule": "decision"},
                            {"payment": "T2", "line": "ANAOCT26", "who": "ana", "rule": "decision"},
                        ],
                        "dispositions": [
                            {"payment": "T1", "bucket": "applied", "amount": "300.00"},
                            {"payment": "T2", "bucket": "applied", "amount": "200.00"},
                        ],
                        "decision_rejections": [],
                    },
                ),
                Case(
                    "A payment whose text names two lines, decided to be all Ana's: what she does not need is surplus.",
                    {
                        "bank_transfers": [{"key": "T1", "concept": "ANAOCT26 BETOOCT26", "amount": "900.00"}],
                        "decisions": [MATCH],
                    },
                    {
                        "dispositions": [
                            {"payment": "T1", "bucket": "applied", "amount": "500.00", "line": "ANAOCT26"},
                            {"payment": "T1", "bucket": "surplus", "amount": "400.00", "line": "ANAOCT26"},
                        ]
                    },
                ),
                Case(
                    "A person may confirm what waits for a settlement.",
                    {
                        "remittances": [{"key": "R1", "capture_line": "BETOOCT26"}],
                        "decisions": [{**MATCH, "payment": "R1", "capture_line": "BETOOCT26"}],
                    },
                    {"dispositions": [{"payment": "R1", "bucket": "applied", "line": "BETOOCT26"}]},
                    policy={"require_settlement": "true"},
                ),
            ),
        ),
        Rule(
            "refund",
            "§8",
            "Moves the whole payment to bucket `refund_due`.",
            (
                Case(
                    "Confirmed, and to be paid back: it confirms nothing any more, and the line is unpaid.",
                    {"bank_transfers": [{"key": "T1", "concept": "ANAOCT26"}], "decisions": [REFUND]},
                    {
                        "dispositions": [{"payment": "T1", "bucket": "refund_due", "amount": "500.00", "line": ""}],
                        "matches": [],
                        "coverage_exceptions": [
                            {"line": "ANAOCT26", "reason": "unpaid"},
                            {"line": "BETOOCT26", "reason": "unpaid"},
                        ],
                    },
                ),
                Case(
                    "Dollars go back as dollars.",
                    {"bank_transfers": [{"key": "T1", "currency": "USD"}], "decisions": [REFUND]},
                    {
                        "dispositions": [
                            {"payment": "T1", "bucket": "refund_due", "amount": "500.00", "currency": "USD"}
                        ]
                    },
                ),
            ),
        ),
        Rule(
            "accept_late",
            "§8, §10",
            "Lets late money activate its line (see Allocation).",
            (
                Case(
                    "Paid on the 20th, accepted.",
                    {
                        "bank_transfers": [
                            {
                                "key": "T1",
                                "credited_at": "2026-10-20T12:00:00-06:00",
                                "operating_date": "2026-10-05",
                                "concept": "ANAOCT26",
                            }
                        ],
                        "decisions": [{"payment": "T1", "action": "accept_late"}],
                    },
                    {
                        "dispositions": [
                            {"payment": "T1", "bucket": "late", "reason": "accept_late", "amount": "500.00"}
                        ],
                        "coverage_activations": [{"who": "ana", "paid_on": "2026-10-20", "amount_applied": "500.00"}],
                    },
                ),
            ),
        ),
        Rule(
            "The latest stands",
            "§8",
            "Of the decisions where a payment goes (`match`, `refund`), the one with the latest `decided_at`, "
            "whatever the "
            "order of the rows.",
            (
                Case(
                    "First to Ana, then to Beto: undoing is a later decision.",
                    {
                        "bank_transfers": [HELD],
                        "decisions": [
                            {**MATCH, "capture_line": "BETOOCT26", "decided_at": "2026-10-22T12:00:00Z"},
                            MATCH,
                        ],
                    },
                    {"matches": [{"payment": "T1", "line": "BETOOCT26"}], "decision_rejections": []},
                ),
                Case(
                    "To be paid back, then matched after all.",
                    {"bank_transfers": [HELD], "decisions": [{**MATCH, "decided_at": "2026-10-22T12:00:00Z"}, REFUND]},
                    {"dispositions": [{"payment": "T1", "bucket": "applied", "line": "ANAOCT26"}]},
                ),
                Case(
                    "A later decision that does not count undoes nothing.",
                    {
                        "bank_transfers": [HELD],
                        "decisions": [MATCH, {**REFUND, "approved_by": "Diana", "decided_at": "2026-10-22T12:00:00Z"}],
                    },
                    {
                        "dispositions": [{"payment": "T1", "bucket": "applied", "line": "ANAOCT26"}],
                        "decision_rejections": [{"row": "3", "rule": "same_signer"}],
                    },
                ),
            ),
        ),
        Rule(
            "Rejected: same_signer",
            "§8",
            "`approved_by` is someone other than `decided_by`; spaces around and capital letters do not make "
            "another person.",
            (
                rejected("Diana approves herself.", "same_signer", "approved_by", {**MATCH, "approved_by": "Diana"}),
                rejected("So does ` DIANA`.", "same_signer", "approved_by", {**MATCH, "approved_by": " DIANA"}),
                rejected(
                    "It comes before an unknown payment.",
                    "same_signer",
                    "approved_by",
                    {**MATCH, "payment": "T9", "approved_by": "Diana"},
                ),
            ),
            entry="decisions.same_signer",
        ),
        Rule(
            "Rejected: unknown_payment",
            "§8",
            "No file holds the payment.",
            (
                rejected("There is no T9.", "unknown_payment", "payment_id", {**REFUND, "payment": "T9"}),
                rejected(
                    "For accept_late too.", "unknown_payment", "payment_id", {"payment": "T9", "action": "accept_late"}
                ),
                rejected(
                    "It comes before `line_not_issued`.",
                    "unknown_payment",
                    "payment_id",
                    {**MATCH, "payment": "T9", "capture_line": "NOSUCHLINE"},
                ),
            ),
            entry="decisions.unknown_payment",
        ),
        Rule(
            "Rejected: not_open",
            "§8",
            "`match` confirms what is held or unmatched, in pesos; `refund` pays back what is held, unmatched or "
            "confirmed.",
            (
                rejected(
                    "Already confirmed by the rules.",
                    "not_open",
                    "payment_id",
                    MATCH,
                    {"key": "T1", "concept": "BETOOCT26"},
                ),
                rejected("Dollars pay no line.", "not_open", "payment_id", MATCH, {"key": "T1", "currency": "USD"}),
                rejected(
                    "Nor do dollars of contradicting rows.",
                    "not_open",
                    "payment_id",
                    MATCH,
                    {"key": "T1", "currency": "USD"},
                    {"key": "T1", "currency": "USD", "amount": "600.00"},
                ),
                rejected(
                    "What the bank took back cannot be paid back again.",
                    "not_open",
                    "payment_id",
                    REFUND,
                    {"key": "T1", "operating_date": "2026-10-05", "status": "returned"},
                ),
                rejected(
                    "It comes before `line_not_issued`.",
                    "not_open",
                    "payment_id",
                    {**MATCH, "capture_line": "NOSUCHLINE"},
                    {"key": "T1", "concept": "BETOOCT26"},
                ),
            ),
            entry="decisions.not_open",
        ),
        Rule(
            "Rejected: line_not_issued",
            "§8",
            "The line is not an issued line of a registered NSS.",
            (
                rejected("No such line.", "line_not_issued", "capture_line", {**MATCH, "capture_line": "NOSUCHLINE"}),
                Case(
                    "Cancelled; and a line of somebody who is not registered.",
                    {
                        "registrants": [{"who": "ana"}],
                        "capture_lines": [
                            {"line": "ANA-OCT26", "of": "ana", "status": "cancelled"},
                            {"line": "BETO-OCT26", "of": "beto"},
                        ],
                        "bank_transfers": [HELD],
                        "decisions": [MATCH, {**MATCH, "capture_line": "BETOOCT26"}],
                    },
                    {
                        "decision_rejections": [
                            {"row": "2", "rule": "line_not_issued"},
                            {"row": "3", "rule": "line_not_issued"},
                        ]
                    },
                ),
            ),
            entry="decisions.line_not_issued",
        ),
    ),
)
