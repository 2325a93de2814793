from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rule

ANA_TWICE: list[Row] = [
    {"line": "ANA-OCT26", "of": "ana"},
    {"line": "ANA-NOV26", "of": "ana", "coverage_month": "2026-12"},
]
TWINS: list[Row] = [{"who": "ana"}, {"who": "beto", "curp": "<ana.curp>"}]


def named(payment: str, line: str, who: str, rule: str, reason: str = "") -> Row:
    """What the deciding step found."""
    return {"payment": payment, "line": line, "who": who, "rule": rule, "reason": reason}


AREA = Area(
    "Matching",
    "Which line a payment is for. The steps are asked in this order; the first with an answer decides, and "
    "nothing is guessed.",
    (
        Rule(
            "Step 1. The line field of a remittance",
            "§7.1",
            "It equals a registry line as written in its standing row (`exact`), or after normalising both "
            "(`normalised`).",
            (
                Case(
                    "Written as in the registry.",
                    {"remittances": [{"key": "R1", "capture_line": "ANA-OCT26"}]},
                    {
                        "matches": [{"payment": "R1", "line": "ANAOCT26", "who": "ana", "rule": "exact"}],
                        "dispositions": [{"payment": "R1", "bucket": "applied"}],
                    },
                ),
                Case(
                    "Written otherwise, the same after normalising.",
                    {"remittances": [{"key": "R1", "capture_line": "ana oct26"}]},
                    {"matches": [{"payment": "R1", "line": "ANAOCT26", "who": "ana", "rule": "normalised"}]},
                ),
                Case(
                    "The field decides before the message, even where the message names another line.",
                    {"remittances": [{"key": "R1", "capture_line": "ANA-OCT26", "message": "BETOOCT26"}]},
                    {"findings": [named("R1", "ANAOCT26", "ana", "exact")]},
                ),
                Case(
                    "A field that equals no line gives no answer: the message is asked.",
                    {"remittances": [{"key": "R1", "capture_line": "ANA-OCT2", "message": "BETOOCT26"}]},
                    {"findings": [named("R1", "BETOOCT26", "beto", "text")]},
                ),
            ),
            entry="steps.by_line_field",
        ),
        Rule(
            "Step 2. The text",
            "§7.2",
            "The concept of a bank transfer, or the message of a remittance, names exactly one line (`text`); or "
            "several, "
            "whose amounts due sum exactly to the payment (`text_many`: each line gets its own).",
            (
                Case(
                    "The bank ran the line into its own text, between separators.",
                    {"bank_transfers": [{"key": "T1", "concept": "SPEI RECIBIDO/0118 ANA-OCT26"}]},
                    {"matches": [{"payment": "T1", "line": "ANAOCT26", "who": "ana", "rule": "text"}]},
                ),
                Case(
                    "1,000.00 for two lines of 500.00: each gets its own.",
                    {"bank_transfers": [{"key": "T1", "amount": "1000.00", "concept": "ANAOCT26 y BETOOCT26"}]},
                    {
                        "matches": [
                            {"payment": "T1", "line": "ANAOCT26", "who": "ana", "rule": "text_many"},
                            {"payment": "T1", "line": "BETOOCT26", "who": "beto", "rule": "text_many"},
                        ],
                        "dispositions": [
                            {"payment": "T1", "bucket": "applied", "line": "ANAOCT26", "amount": "500.00"},
                            {"payment": "T1", "bucket": "applied", "line": "BETOOCT26", "amount": "500.00"},
                        ],
                    },
                ),
                Case(
                    "One centavo less, and the whole payment waits.",
                    {"bank_transfers": [{"key": "T1", "amount": "999.99", "concept": "ANAOCT26 y BETOOCT26"}]},
                    {
                        "findings": [
                            named("T1", "ANAOCT26", "ana", "text_many", "several_lines"),
                            named("T1", "BETOOCT26", "beto", "text_many", "several_lines"),
                        ],
                        "matches": [],
                    },
                ),
                Case(
                    "The line in the text decides before the NSS in it.",
                    {"bank_transfers": [{"key": "T1", "concept": "<ana.nss> ANANOV26"}], "capture_lines": ANA_TWICE},
                    {"findings": [named("T1", "ANANOV26", "ana", "text")]},
                ),
                Case(
                    "The line in the message decides before the NSS field, which must agree.",
                    {
                        "remittances": [{"key": "R1", "nss": "<ana.nss>", "message": "ANANOV26"}],
                        "capture_lines": ANA_TWICE,
                    },
                    {"findings": [named("R1", "ANANOV26", "ana", "text")]},
                ),
            ),
            entry="steps.by_line_in_text",
        ),
        Rule(
            "Step 3. The registrant",
            "§7.3",
            "The `nss` and `curp` fields, or where both are empty the tokens of the text, name exactly one "
            "registrant, who has "
            "exactly one issued line due in the payment's month, and the amount equals its amount due.",
            (
                Case(
                    "An NSS in the concept.",
                    {"bank_transfers": [{"key": "T1", "concept": "cuota <ana.nss>"}]},
                    {"matches": [{"payment": "T1", "line": "ANAOCT26", "who": "ana", "rule": "nss"}]},
                ),
                Case(
                    "A CURP in the concept.",
                    {"bank_transfers": [{"key": "T1", "concept": "cuota <ana.curp>"}]},
                    {"matches": [{"payment": "T1", "line": "ANAOCT26", "who": "ana", "rule": "curp"}]},
                ),
                Case(
                    "NSS and CURP of one person: `nss` is the rule.",
                    {"bank_transfers": [{"key": "T1", "concept": "<ana.curp> <ana.nss>"}]},
                    {"matches": [{"payment": "T1", "line": "ANAOCT26", "who": "ana", "rule": "nss"}]},
                ),
                Case(
                    "A field is one token: its separators are removed.",
                    {
                        "remittances": [
                            {"key": "R1", "nss": "<ana.nss.parted>"},
                            {"key": "R2", "curp": " <beto.curp> "},
                        ]
                    },
                    {
                        "matches": [
                            {"payment": "R1", "line": "ANAOCT26", "who": "ana", "rule": "nss"},
                            {"payment": "R2", "line": "BETOOCT26", "who": "beto", "rule": "curp"},
                        ]
                    },
                ),
                Case(
                    "Where a field is filled the text is not asked for persons.",
                    {"remittances": [{"key": "R1", "nss": "<ana.nss>", "message": "<beto.nss>"}]},
                    {"findings": [named("R1", "ANAOCT26", "ana", "nss")]},
                ),
                Case(
                    "A CURP that two registrants bear names both; the NSS field says which of them is meant.",
                    {
                        "registrants": TWINS,
                        "remittances": [
                            {"key": "R1", "curp": "<ana.curp>", "nss": "<beto.nss>"},
                            {"key": "R2", "curp": "<ana.curp>"},
                        ],
                    },
                    {
                        "findings": [
                            named("R1", "BETOOCT26", "beto", "nss"),
                            named("R2", "", "ana", "curp", "several_registrants"),
                            named("R2", "", "beto", "curp", "several_registrants"),
                        ]
                    },
                ),
                Case(
                    "Fields of two persons name both.",
                    {"remittances": [{"key": "R1", "nss": "<ana.nss>", "curp": "<beto.curp>"}]},
                    {
                        "findings": [
                            named("R1", "", "ana", "nss", "several_registrants"),
                            named("R1", "", "beto", "curp", "several_registrants"),
                        ]
                    },
                ),
                Case(
                    "Every filled field must name somebody: an NSS with a wrong digit names nobody, so the two "
                    "together do not.",
                    {
                        "remittances": [
                            {"key": "R1", "nss": "12345678901", "curp": "<ana.curp>", "message": "<ana.nss>"}
                        ]
                    },
                    {"findings": [], "dispositions": [{"payment": "R1", "bucket": "unmatched"}]},
                ),
                Case(
                    "Lines that are cancelled, or due in another month, do not count: one is left.",
                    {
                        "capture_lines": [
                            *ANA_TWICE,
                            {"line": "ANA-OLD26", "of": "ana", "status": "cancelled"},
                        ],
                        "bank_transfers": [{"key": "T1", "concept": "<ana.nss>"}],
                    },
                    {"matches": [{"payment": "T1", "line": "ANAOCT26", "who": "ana", "rule": "nss"}]},
                ),
                Case(
                    "The payment's month counts, not today's: made in November, it is for November's line.",
                    {
                        "capture_lines": ANA_TWICE,
                        "bank_transfers": [
                            {"key": "T1", "credited_at": "2026-11-05T12:00:00-06:00", "concept": "<ana.nss>"}
                        ],
                    },
                    {"matches": [{"payment": "T1", "line": "ANANOV26", "who": "ana", "rule": "nss"}]},
                ),
            ),
            entry="steps.by_registrant",
        ),
        Rule(
            "None of these",
            "§7.4",
            "Nobody can be named: the payment is `unmatched`. Likeness never confirms.",
            (
                Case(
                    "One character off, a name and the right amount, an NSS that nobody registered.",
                    {
                        "bank_transfers": [
                            {"key": "T1", "concept": "ANAOCT27"},
                            {"key": "T2", "concept": "Ana Alba"},
                            {"key": "T3", "concept": "12345678903"},
                        ]
                    },
                    {
                        "findings": [],
                        "dispositions": [
                            {"payment": "T1", "bucket": "unmatched", "line": ""},
                            {"payment": "T2", "bucket": "unmatched", "line": ""},
                            {"payment": "T3", "bucket": "unmatched", "line": ""},
                        ],
                    },
                ),
                Case(
                    "Empty registries name nobody.",
                    {
                        "registrants": [],
                        "capture_lines": [],
                        "bank_transfers": [{"key": "T1", "concept": "ANAOCT26 <ana.nss>"}],
                        "remittances": [{"key": "R1", "capture_line": "ANAOCT26", "nss": "<ana.nss>"}],
                    },
                    {
                        "dispositions": [
                            {"payment": "R1", "bucket": "unmatched"},
                            {"payment": "T1", "bucket": "unmatched"},
                        ],
                        "coverage_exceptions": [],
                    },
                ),
            ),
        ),
    ),
)
