from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rows, Rule

ANA: Row = {"line": "ANA-OCT26", "of": "ana"}
COVERED: Row = {"who": "ana", "line": "ANAOCT26"}
UNCOVERED: Row = {"exception": "ANAOCT26", "reason": "unpaid"}
NOBODY: Row = {"none": ""}
PAID: Row = {"key": "T1", "concept": "ANAOCT26"}
BACK: Row = {**PAID, "operating_date": "2026-10-05", "status": "returned", "file": "new"}
LATE: Row = {**PAID, "credited_at": "2026-10-20T12:00:00-06:00"}
MATCH: Row = {"payment": "T1", "action": "match", "capture_line": "ANAOCT26", "file": "new"}
ACCEPT: Row = {
    "payment": "T1",
    "payment_id": "bank_transfer|2026-10-20|AZUL|T1",
    "action": "accept_late",
    "file": "new",
}
LATER = "2026-11-02T06:00:00Z"
SENT: Row = {"key": "R1", "capture_line": "ANAOCT26", "settlement_id": "S1"}
DEPOSIT: Row = {"key": "LUMP-S1", "sender_bank": "ROJO"}
STRICT: Row = {"require_settlement": "true"}


def told(why: str, given: Rows, before: tuple[Row, ...], expected: Row, policy: Row | None = None) -> Case:
    """A case about what is told of Ana."""
    rows = [{"who": "ana", **expected}] if expected else []
    return Case(why, given, {"coverage_changes": rows}, before=before, policy=policy or {})


def change(kind: str, cause: str, detail: str, payments: str) -> Row:
    """One change."""
    return {"change": kind, "cause": cause, "detail": detail, "payments": payments}


AREA = Area(
    "Changes of coverage",
    "What a publication changes against the one before it of its month, and why. What differs near the registrant is "
    "the cause: new rows of the payments that name her line, decisions on them, her registry, their settlement; then "
    "the policy, then the code. Rows are new where their file says `file new`: the publication before did not have it.",
    (
        Rule(
            "What is told",
            "§10",
            "`activated`, `revoked` or `amended`, with the line, the payments concerned, and as detail: why the line "
            "had activated nobody, why it does not now, or the columns that differ.",
            (
                told(
                    "The first publication of the month.",
                    {"bank_transfers": [PAID]},
                    (),
                    {**change("activated", "first_publication", "", "T1"), "line": "ANAOCT26", "month": "2026-10"},
                ),
                told("Nothing changed.", {"bank_transfers": [PAID]}, (COVERED,), {}),
                told(
                    "A line that was not due in the publication before.",
                    {"bank_transfers": [{**PAID, "file": "new"}]},
                    (NOBODY,),
                    {**change("activated", "new_file", "", "T1"), "coverage_month": "2026-11"},
                ),
                told(
                    "Two payments made her line full; another one, in vain, names it too.",
                    {
                        "bank_transfers": [
                            {**PAID, "amount": "200.00"},
                            {**PAID, "key": "T2", "amount": "300.00", "file": "new"},
                            {"key": "T3", "concept": "ANAOCT26 <beto.nss>"},
                        ]
                    },
                    ({**UNCOVERED, "reason": "short"},),
                    change("activated", "new_file", "short", "T2"),
                ),
                told(
                    "Her other line was full first: the money of both is concerned.",
                    {
                        "capture_lines": [ANA, {**ANA, "line": "ANA-OCT-2B"}],
                        "bank_transfers": [
                            PAID,
                            {**PAID, "key": "T2", "concept": "ANAOCT2B", "credited_at": "2026-10-04T12:00:00-06:00"},
                        ],
                    },
                    (COVERED, {"other": "policy"}),
                    {**change("amended", "policy", "capture_line paid_on", "T2; T1"), "line": "ANAOCT2B"},
                ),
            ),
            es="cambio de cobertura",
        ),
        Rule(
            "later_status",
            "§5, §10",
            "A new row tells of a later status of a payment; or, after all that is nearer, of its deposit.",
            (
                told(
                    "The payment came back after the activation.",
                    {"bank_transfers": [PAID, BACK]},
                    (COVERED,),
                    change("revoked", "later_status", "returned", "T1"),
                ),
                told(
                    "Announced, now paid.",
                    {"remittances": [{**SENT, "status": "pending"}, {**SENT, "file": "new"}]},
                    (UNCOVERED,),
                    change("activated", "later_status", "unpaid", "R1"),
                ),
                told(
                    "Before `decision`: the payment of a decided line came back.",
                    {
                        "bank_transfers": [{**PAID, "concept": ""}, {**BACK, "concept": ""}],
                        "decisions": [MATCH],
                    },
                    (COVERED,),
                    {"change": "revoked", "cause": "later_status", "payments": "T1"},
                ),
                told(
                    "The deposit of her remittance's settlement came back.",
                    {
                        "remittances": [SENT],
                        "settlements": [{"key": "S1"}],
                        "bank_transfers": [DEPOSIT, {**BACK, **DEPOSIT, "concept": ""}],
                    },
                    (COVERED,),
                    change("revoked", "later_status", "held", "R1"),
                    STRICT,
                ),
            ),
        ),
        Rule(
            "decision",
            "§8, §10",
            "A decision that counts is new for a payment that names the line, or that the decision names it for.",
            (
                told(
                    "An unmatched payment is matched.",
                    {"bank_transfers": [{**PAID, "concept": ""}], "decisions": [MATCH]},
                    (UNCOVERED,),
                    change("activated", "decision", "unpaid", "T1"),
                ),
                told(
                    "Late money is accepted.",
                    {
                        "bank_transfers": [LATE],
                        "decisions": [ACCEPT],
                    },
                    ({**UNCOVERED, "reason": "late"},),
                    change("activated", "decision", "late", "T1"),
                ),
                told(
                    "Undone: it is to be paid back after all.",
                    {
                        "bank_transfers": [{**PAID, "concept": ""}],
                        "decisions": [
                            {**MATCH, "file": ""},
                            {**MATCH, "action": "refund", "capture_line": "", "decided_at": "2026-10-21T12:00:00Z"},
                        ],
                    },
                    (COVERED,),
                    change("revoked", "decision", "unpaid", "T1"),
                ),
                told(
                    "It turned stale: the payment's facts are no longer those it was decided on.",
                    {
                        "bank_transfers": [
                            {**PAID, "concept": ""},
                            {**PAID, "concept": "", "amount": "900.00", "file": "new", "received_at": LATER},
                        ],
                        "decisions": [{**MATCH, "file": ""}],
                    },
                    (COVERED,),
                    {"change": "revoked", "cause": "decision", "payments": "T1"},
                ),
                told(
                    "One that is rejected changes nothing: it was the policy.",
                    {"bank_transfers": [PAID], "decisions": [{**MATCH, "approved_by": "Diana"}]},
                    (UNCOVERED, {"other": "policy"}),
                    change("activated", "policy", "unpaid", "T1"),
                ),
            ),
        ),
        Rule(
            "new_file",
            "§10",
            "A new file brought the payment, contradicts it, or says otherwise of her, her line or the settlement.",
            (
                told(
                    "The payment.",
                    {"bank_transfers": [{**PAID, "file": "new"}]},
                    (UNCOVERED,),
                    change("activated", "new_file", "unpaid", "T1"),
                ),
                told(
                    "A row that contradicts it.",
                    {"bank_transfers": [PAID, {**PAID, "amount": "900.00", "file": "new"}]},
                    (COVERED,),
                    change("revoked", "new_file", "held", "T1"),
                ),
                told(
                    "She was registered since.",
                    {"registrants": [{"who": "ana", "file": "new"}], "bank_transfers": [PAID]},
                    ({**UNCOVERED, "reason": "unknown_registrant"},),
                    change("activated", "new_file", "unknown_registrant", "T1"),
                ),
                told(
                    "Her line was cancelled since.",
                    {
                        "capture_lines": [
                            ANA,
                            {**ANA, "status": "cancelled", "updated_at": "2026-10-09T12:00:00Z", "file": "new"},
                        ],
                        "bank_transfers": [PAID],
                    },
                    (COVERED,),
                    change("revoked", "new_file", "line_not_issued", ""),
                ),
                told(
                    "She was given another clinic.",
                    {
                        "registrants": [
                            {"who": "ana"},
                            {"who": "ana", "umf": "31", "updated_at": "2026-10-09T12:00:00Z", "file": "new"},
                        ],
                        "bank_transfers": [PAID],
                    },
                    (COVERED,),
                    change("amended", "new_file", "umf", "T1"),
                ),
                told(
                    "The deposit that her remittance waited for.",
                    {
                        "remittances": [SENT],
                        "settlements": [{"key": "S1"}],
                        "bank_transfers": [{**DEPOSIT, "file": "new"}],
                    },
                    ({**UNCOVERED, "reason": "held"},),
                    change("activated", "new_file", "held", "R1"),
                    STRICT,
                ),
                told(
                    "The settlement that it waited for.",
                    {
                        "remittances": [SENT],
                        "settlements": [{"key": "S1", "file": "new"}],
                        "bank_transfers": [DEPOSIT],
                    },
                    ({**UNCOVERED, "reason": "held"},),
                    change("activated", "new_file", "held", "R1"),
                    STRICT,
                ),
                told(
                    "A repeat that says which line, where the first row did not.",
                    {"remittances": [{**SENT, "capture_line": ""}, {**SENT, "file": "new"}]},
                    (UNCOVERED,),
                    change("activated", "new_file", "unpaid", "R1"),
                ),
                told(
                    "Nothing near her: a line issued since, of another person, is named as well by her payment.",
                    {
                        "capture_lines": [ANA, {"line": "BETO-OCT26", "of": "beto", "file": "new"}],
                        "bank_transfers": [{**PAID, "concept": "ANAOCT26 BETOOCT26"}],
                    },
                    (COVERED,),
                    change("revoked", "new_file", "held", ""),
                ),
            ),
        ),
        Rule(
            "policy",
            "§2, §10",
            "Nothing near her differs, and the policy does.",
            (
                told(
                    "The cut-off is another day; a new file is about somebody else.",
                    {"bank_transfers": [LATE, {"key": "T2", "concept": "hola", "file": "new"}]},
                    (COVERED, {"other": "policy"}),
                    change("revoked", "policy", "late", "T1"),
                ),
            ),
        ),
        Rule(
            "code",
            "§10",
            "Nothing else differs.",
            (
                told(
                    "Another version.",
                    {"bank_transfers": [PAID]},
                    (UNCOVERED, {"other": "code"}),
                    change("activated", "code", "unpaid", "T1"),
                ),
                told(
                    "No file, no policy, no version: the program itself was altered.",
                    {"bank_transfers": [PAID]},
                    (UNCOVERED,),
                    change("activated", "code", "unpaid", "T1"),
                    {"window_months": "1"},  # a world of its own: in that of the others there are new files
                ),
            ),
        ),
    ),
)
