from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rule

HELD: Row = {"key": "T1", "concept": "<ana.nss>", "amount": "300.00"}
OPEN: Row = {"key": "T1", "concept": "gracias"}
MATCH: Row = {"payment": "T1", "action": "match", "capture_line": "ANAOCT26"}
REFUND: Row = {"payment": "T1", "action": "refund"}


LATER: Row = {"decided_at": "2026-10-22T12:00:00Z"}
LAST: Row = {"decided_at": "2026-10-24T12:00:00Z"}
UNDO: Row = {"payment": "T1", "action": "undo"}
ACCEPT: Row = {"payment": "T1", "action": "accept_late"}
AFTER: Row = {"received_at": "2026-11-02T06:00:00Z"}
"""Received a day after all that says nothing of it."""


def stands(why: str, transfers: list[Row], decisions: list[Row], *statuses: str, **bucket: str) -> Case:
    """A case of decisions on one transfer: what becomes of each, and where the payment stands."""
    told = [{"row": str(row), "status": status} for row, status in enumerate(statuses, start=2)]
    given = {"bank_transfers": transfers, "decisions": decisions}
    return Case(why, given, {"decisions": told, **({"dispositions": [bucket]} if bucket else {})})


def rejected(why: str, rule: str, column: str, decision: Row, *transfers: Row) -> Case:
    """A case whose one decision does not count."""
    return Case(
        why,
        {"bank_transfers": list(transfers) or [OPEN], "decisions": [decision]},
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
                        "bank_transfers": [HELD, {"key": "T2", "amount": "200.00"}],
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
            "Of the decisions on one payment, by `decided_at`, whatever the order of the rows; of two of one moment "
            "the one received later. A `refund` ends all that was decided before, and any later decision ends a "
            "refund. `match` and `accept_late` stand side by side.",
            (
                Case(
                    "First to Ana, then to Beto: undoing is a later decision.",
                    {
                        "bank_transfers": [OPEN],
                        "decisions": [{**MATCH, "capture_line": "BETOOCT26", **LATER}, MATCH],
                    },
                    {
                        "matches": [{"payment": "T1", "line": "BETOOCT26"}],
                        "decision_rejections": [],
                        "decisions": [{"row": "2", "status": "applied"}, {"row": "3", "status": "superseded"}],
                    },
                ),
                stands(
                    "To be paid back, then matched after all.",
                    [OPEN],
                    [{**MATCH, **LATER}, REFUND],
                    "applied",
                    "superseded",
                    payment="T1",
                    bucket="applied",
                    line="ANAOCT26",
                ),
                stands(
                    "Matched, then to be paid back.",
                    [OPEN],
                    [MATCH, {**REFUND, **LATER}],
                    "superseded",
                    "applied",
                    payment="T1",
                    bucket="refund_due",
                    line="",
                ),
                stands(
                    "Of one day, from two files: what came later stands.",
                    [OPEN],
                    [{**REFUND, "received_at": "2026-11-02T06:00:00Z"}, {**MATCH, "reason": "first"}],
                    "applied",
                    "superseded",
                    payment="T1",
                    bucket="refund_due",
                ),
                stands(
                    "Nobody was named and the money was late: both decisions are needed.",
                    [OPEN | {"credited_at": "2026-10-20T12:00:00-06:00", "operating_date": "2026-10-05"}],
                    [ACCEPT, {**MATCH, **LATER}],
                    "applied",
                    "applied",
                    payment="T1",
                    bucket="late",
                    reason="accept_late",
                ),
                stands(
                    "What a refund ended does not come back with the decision that ends the refund.",
                    [OPEN | {"credited_at": "2026-10-20T12:00:00-06:00", "operating_date": "2026-10-05"}],
                    [ACCEPT, {**REFUND, **LATER}, {**MATCH, **LAST}],
                    "superseded",
                    "superseded",
                    "applied",
                    payment="T1",
                    bucket="late",
                    reason="",
                ),
                Case(
                    "A later decision that does not count undoes nothing.",
                    {
                        "bank_transfers": [OPEN],
                        "decisions": [MATCH, {**REFUND, "approved_by": "Diana", **LATER}],
                    },
                    {
                        "dispositions": [{"payment": "T1", "bucket": "applied", "line": "ANAOCT26"}],
                        "decision_rejections": [{"row": "3", "rule": "same_signer"}],
                        "decisions": [{"row": "2", "status": "applied"}, {"row": "3", "status": "rejected"}],
                    },
                ),
            ),
        ),
        Rule(
            "undo",
            "§8",
            "Leaves the payment to the rules again: nothing that was decided before stands. Only the analyst's "
            "workbook has this action; a canonical file decides otherwise instead.",
            (
                stands(
                    "Matched, then undone: it waits again, for its own reason.",
                    [HELD],
                    [MATCH, {**UNDO, **LATER}],
                    "undone",
                    "applied",
                    payment="T1",
                    bucket="held",
                    reason="amount_mismatch",
                ),
                stands(
                    "A refund undone: what the rules confirm is confirmed.",
                    [{"key": "T1", "concept": "ANAOCT26"}],
                    [REFUND, {**UNDO, **LATER}],
                    "undone",
                    "applied",
                    payment="T1",
                    bucket="applied",
                ),
                stands(
                    "Money accepted late, undone.",
                    [
                        {"key": "T1", "concept": "ANAOCT26", "operating_date": "2026-10-05"}
                        | {"credited_at": "2026-10-20T12:00:00-06:00"}
                    ],
                    [ACCEPT, {**UNDO, **LATER}],
                    "undone",
                    "applied",
                    payment="T1",
                    bucket="late",
                    reason="",
                ),
                stands(
                    "Undone, and decided anew.",
                    [OPEN],
                    [REFUND, {**UNDO, **LATER}, {**MATCH, **LAST}],
                    "undone",
                    "applied",
                    "applied",
                    payment="T1",
                    bucket="applied",
                    line="ANAOCT26",
                ),
            ),
        ),
        Rule(
            "The same decision again",
            "§8",
            "A row that says what an earlier one said, in whatever file, is the same decision: it counts once, from "
            "when it first came.",
            (
                stands(
                    "A file that repeats all decisions so far.",
                    [OPEN],
                    [MATCH, {**MATCH, **AFTER}],
                    "applied",
                    "repeated",
                    payment="T1",
                    bucket="applied",
                ),
                stands(
                    "Sent again after the facts have changed, it is as stale as it was.",
                    [OPEN, OPEN | {"amount": "600.00"} | AFTER],
                    [MATCH, {**MATCH, "received_at": "2026-11-03T06:00:00Z"}],
                    "stale",
                    "stale",
                    payment="T1",
                    bucket="held",
                    reason="conflicting_rows",
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
            "Rejected: stale",
            "§5, §8",
            "The facts of the payment have changed since: they are not those known from the rows received when the "
            "decision first came, or not those that the workbook showed. It is ignored and listed; who still wants "
            "it decides anew. A repeat and a later status change no fact.",
            (
                rejected(
                    "Another amount came a day later.",
                    "stale",
                    "payment_id",
                    MATCH,
                    OPEN,
                    OPEN | {"amount": "600.00"} | AFTER,
                ),
                rejected(
                    "What was empty is filled in: that may have been what mattered.",
                    "stale",
                    "payment_id",
                    MATCH,
                    OPEN | {"concept": ""},
                    OPEN | AFTER,
                ),
                rejected("The workbook showed other facts.", "stale", "payment_id", {**MATCH, "facts": "0" * 64}),
                rejected(
                    "It comes before `not_open`.",
                    "stale",
                    "payment_id",
                    {**MATCH, "facts": "0" * 64},
                    {"key": "T1", "concept": "BETOOCT26"},
                ),
                stands(
                    "Contradicting rows that were known when it was decided: that is what was decided.",
                    [OPEN, OPEN | {"amount": "600.00"}],
                    [MATCH],
                    "applied",
                    payment="T1",
                    bucket="applied",
                    amount="500.00",
                ),
                stands(
                    "The same again, in a later file.",
                    [OPEN, OPEN | {"credited_at": "2026-10-05T18:00:00Z", "operating_date": "2026-10-05"} | AFTER],
                    [MATCH],
                    "applied",
                    payment="T1",
                    bucket="applied",
                ),
                Case(
                    "A later status, with a fee of nothing filled in, leaves the facts as they were.",
                    {
                        "remittances": [
                            {"key": "R1", "status": "pending"},
                            {"key": "R1", "fee": "0.00"} | AFTER,
                        ],
                        "decisions": [{**MATCH, "payment": "R1"}],
                    },
                    {"decisions": [{"row": "2", "status": "applied"}]},
                ),
                stands(
                    "Decided before any file held the payment: it counts, on the facts as they first came.",
                    [OPEN | AFTER],
                    [MATCH],
                    "applied",
                    payment="T1",
                    bucket="applied",
                ),
            ),
            entry="decisions.stale",
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
                stands(
                    "Confirmed by the rules meanwhile, to the very line that was decided: it stands.",
                    [{"key": "T1", "concept": "ANAOCT26"}],
                    [MATCH],
                    "applied",
                    payment="T1",
                    bucket="applied",
                    line="ANAOCT26",
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
                        "bank_transfers": [OPEN],
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
        Rule(
            "Rejected: other_registrant",
            "§7, §8",
            "The payment names registrants, and the line is of none of them: by its `nss` and `curp` fields, or "
            "without them by its text, or as the registrant of a line that it names. Where it names nobody, any line "
            "may be meant.",
            (
                rejected(
                    "The text names Beto, and the line is Ana's.",
                    "other_registrant",
                    "capture_line",
                    MATCH,
                    {"key": "T1", "concept": "<beto.nss>", "amount": "300.00"},
                ),
                rejected(
                    "It names a line of Beto's, too far away.",
                    "other_registrant",
                    "capture_line",
                    MATCH,
                    {"key": "T1", "concept": "BETOOCT26", "credited_at": "2027-05-05T12:00:00-06:00"}
                    | {"operating_date": "2026-10-05"},
                ),
                Case(
                    "The line is Beto's and the field names Ana: a line of either may be meant, one of Carla's not.",
                    {
                        "capture_lines": [
                            {"line": "ANA-OCT26", "of": "ana"},
                            {"line": "BETO-OCT26", "of": "beto"},
                            {"line": "CARLA-OCT26", "of": "carla"},
                        ],
                        "remittances": [
                            {"key": key, "capture_line": "BETOOCT26", "nss": "<ana.nss>"} for key in ("R1", "R2", "R3")
                        ],
                        "decisions": [
                            {**MATCH, "payment": "R1"},
                            {**MATCH, "payment": "R2", "capture_line": "BETOOCT26"},
                            {**MATCH, "payment": "R3", "capture_line": "CARLAOCT26"},
                        ],
                    },
                    {
                        "decision_rejections": [{"row": "4", "column": "capture_line", "rule": "other_registrant"}],
                        "dispositions": [
                            {"payment": "R1", "bucket": "applied", "line": "ANAOCT26"},
                            {"payment": "R2", "bucket": "applied", "line": "BETOOCT26"},
                            {"payment": "R3", "bucket": "held", "line": ""},
                        ],
                    },
                ),
                Case(
                    "Who is named but not registered is nobody.",
                    {
                        "registrants": [{"who": "ana"}],
                        "capture_lines": [
                            {"line": "ANA-OCT26", "of": "ana"},
                            {"line": "BETO-OCT26", "of": "beto"},
                        ],
                        "bank_transfers": [{"key": "T1", "concept": "BETOOCT26"}],
                        "decisions": [MATCH],
                    },
                    {"dispositions": [{"payment": "T1", "bucket": "applied", "line": "ANAOCT26"}]},
                ),
            ),
            entry="decisions.other_registrant",
        ),
    ),
)
