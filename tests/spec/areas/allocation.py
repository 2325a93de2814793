from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rule

ANA: Row = {"line": "ANA-OCT26", "of": "ana"}
SECOND: Row = {"line": "ANA-OCT-2B", "of": "ana"}
LATE_ON = "2026-10-20T12:00:00-06:00"
ACCEPT: list[Row] = [{"payment": "R9", "action": "accept_late"}]


def pays(key: str, amount: str, on: str = "05", line: str = "ANAOCT26") -> Row:
    """A remittance of October for a line."""
    return {"key": key, "sent_at": f"2026-10-{on}T12:00:00-06:00", "pay_amount": amount, "capture_line": line}


def part(payment: str, bucket: str, amount: str, line: str = "ANAOCT26", reason: str = "") -> Row:
    """A part of a payment."""
    return {"payment": payment, "bucket": bucket, "amount": amount, "line": line, "reason": reason}


AREA = Area(
    "Allocation",
    "Confirmed money is spread over its line in order of payment; every centavo stands in exactly one bucket. The "
    "line of the "
    "cases is Ana's, of 500.00, due in October: on time until the 15th.",
    (
        Rule(
            "Paid on time",
            "§9",
            "What was paid on time reaches the amount due: up to it the money is `applied`, everything more, late "
            "or not, is `surplus`.",
            (
                Case(
                    "Exactly.",
                    {"remittances": [pays("R1", "500.00", "15")]},
                    {"dispositions": [part("R1", "applied", "500.00")]},
                ),
                Case(
                    "One centavo more.",
                    {"remittances": [pays("R1", "500.01")]},
                    {"dispositions": [part("R1", "applied", "500.00"), part("R1", "surplus", "0.01")]},
                ),
                Case(
                    "In three parts, in order of payment: the third completes the line, what it does not need is "
                    "surplus.",
                    {
                        "remittances": [
                            pays("R3", "200.00", "12"),
                            pays("R1", "200.00", "03"),
                            pays("R2", "200.00", "10"),
                        ]
                    },
                    {
                        "dispositions": [
                            part("R1", "applied", "200.00"),
                            part("R2", "applied", "200.00"),
                            part("R3", "applied", "100.00"),
                            part("R3", "surplus", "100.00"),
                        ],
                        "coverage_activations": [
                            {"who": "ana", "line": "ANAOCT26", "amount_applied": "500.00", "paid_on": "2026-10-12"}
                        ],
                    },
                ),
                Case(
                    "At one instant a bank transfer comes before a remittance, and the smaller natural key first.",
                    {
                        "remittances": [pays("R1", "300.00")],
                        "bank_transfers": [
                            {"key": "T2", "amount": "200.00", "concept": "ANAOCT26"},
                            {"key": "T1", "amount": "200.00", "concept": "ANAOCT26"},
                        ],
                    },
                    {
                        "dispositions": [
                            part("T1", "applied", "200.00"),
                            part("T2", "applied", "200.00"),
                            part("R1", "applied", "100.00"),
                            part("R1", "surplus", "200.00"),
                        ]
                    },
                ),
                Case(
                    "Paid twice: the second payment is all surplus, and so is late money.",
                    {"remittances": [pays("R1", "500.00"), pays("R2", "500.00", "06"), pays("R3", "500.00", "20")]},
                    {
                        "dispositions": [
                            part("R1", "applied", "500.00"),
                            part("R2", "surplus", "500.00"),
                            part("R3", "surplus", "500.00"),
                        ]
                    },
                ),
            ),
        ),
        Rule(
            "Short",
            "§9",
            "On time, but the line is not fully paid.",
            (
                Case(
                    "Two parts on time, one centavo lacks.",
                    {"remittances": [pays("R1", "300.00"), pays("R2", "199.99")]},
                    {
                        "dispositions": [part("R1", "short", "300.00"), part("R2", "short", "199.99")],
                        "coverage_activations": [],
                    },
                ),
            ),
        ),
        Rule(
            "Late",
            "§9",
            "Late money up to what is lacking is `late`, and more than that `surplus`. It activates nothing by itself.",
            (
                Case(
                    "300.00 on time, 300.00 late: 200.00 lacked.",
                    {"remittances": [pays("R1", "300.00", "15"), pays("R2", "300.00", "16")]},
                    {
                        "dispositions": [
                            part("R1", "short", "300.00"),
                            part("R2", "late", "200.00"),
                            part("R2", "surplus", "100.00"),
                        ],
                        "coverage_activations": [],
                    },
                ),
                Case(
                    "Late money in two parts, after what was on time whatever the order of the rows.",
                    {"remittances": [pays("R3", "300.00", "25"), pays("R2", "300.00", "20"), pays("R1", "100.00")]},
                    {
                        "dispositions": [
                            part("R1", "short", "100.00"),
                            part("R2", "late", "300.00"),
                            part("R3", "late", "100.00"),
                            part("R3", "surplus", "200.00"),
                        ]
                    },
                ),
            ),
        ),
        Rule(
            "Tolerance",
            "§2, §9",
            "A line counts as paid when it lacks at most `tolerance_centavos`. The tolerance pays nothing: only "
            "what came is `applied`.",
            (
                Case(
                    "Tolerance 0.05: 499.95 is enough, 499.94 is not.",
                    {"remittances": [pays("R1", "499.95"), pays("R2", "499.94", line="BETOOCT26")]},
                    {
                        "dispositions": [part("R1", "applied", "499.95"), part("R2", "short", "499.94", "BETOOCT26")],
                        "coverage_activations": [{"who": "ana", "amount_due": "500.00", "amount_applied": "499.95"}],
                    },
                    policy={"tolerance_centavos": "5"},
                ),
                Case(
                    "Money up to the amount due is `applied` even after the tolerance was reached; the line was "
                    "full with R1.",
                    {"remittances": [pays("R1", "499.95"), pays("R2", "1.00", "06")]},
                    {
                        "dispositions": [
                            part("R1", "applied", "499.95"),
                            part("R2", "applied", "0.05"),
                            part("R2", "surplus", "0.95"),
                        ],
                        "coverage_activations": [{"who": "ana", "amount_applied": "500.00", "paid_on": "2026-10-05"}],
                    },
                    policy={"tolerance_centavos": "5"},
                ),
                Case(
                    "Enough with the tolerance: what comes late is surplus, the lacking centavos too.",
                    {"remittances": [pays("R1", "499.95"), pays("R2", "0.05", "20")]},
                    {"dispositions": [part("R1", "applied", "499.95"), part("R2", "surplus", "0.05")]},
                    policy={"tolerance_centavos": "5"},
                ),
                Case(
                    "The default tolerance is 0: one centavo lacks.",
                    {"remittances": [pays("R1", "499.99")]},
                    {"dispositions": [part("R1", "short", "499.99")]},
                ),
            ),
        ),
        Rule(
            "Two lines of one person for one month",
            "§9",
            "Both full: the one that was full first stands, then the smaller capture line; all money of the other "
            "is `surplus`.",
            (
                Case(
                    "ANAOCT2B was full on the 4th, ANAOCT26 on the 5th.",
                    {
                        "capture_lines": [ANA, SECOND],
                        "remittances": [pays("R1", "500.00", "05"), pays("R2", "500.00", "04", "ANAOCT2B")],
                    },
                    {
                        "dispositions": [
                            part("R1", "surplus", "500.00"),
                            part("R2", "applied", "500.00", "ANAOCT2B"),
                        ],
                        "coverage_activations": [{"who": "ana", "line": "ANAOCT2B"}],
                        "coverage_exceptions": [{"line": "ANAOCT26", "reason": "already_covered"}],
                    },
                ),
                Case(
                    "First begun is not first full: R1 began ANAOCT26, R3 completed it last.",
                    {
                        "capture_lines": [ANA, SECOND],
                        "remittances": [
                            pays("R1", "400.00", "01"),
                            pays("R2", "500.00", "04", "ANAOCT2B"),
                            pays("R3", "100.00", "06"),
                        ],
                    },
                    {
                        "dispositions": [
                            part("R1", "surplus", "400.00"),
                            part("R2", "applied", "500.00", "ANAOCT2B"),
                            part("R3", "surplus", "100.00"),
                        ]
                    },
                ),
                Case(
                    "Full at the same instant: the smaller capture line.",
                    {
                        "capture_lines": [ANA, SECOND],
                        "remittances": [pays("R1", "500.00", line="ANAOCT2B"), pays("R2", "500.00")],
                    },
                    {"coverage_activations": [{"who": "ana", "line": "ANAOCT26"}]},
                ),
                Case(
                    "One full, the other short: its money stays `short`.",
                    {
                        "capture_lines": [ANA, SECOND],
                        "remittances": [pays("R1", "500.00"), pays("R2", "200.00", "03", "ANAOCT2B")],
                    },
                    {"dispositions": [part("R1", "applied", "500.00"), part("R2", "short", "200.00", "ANAOCT2B")]},
                ),
                Case(
                    "Two months are no rivals.",
                    {
                        "capture_lines": [ANA, {**SECOND, "coverage_month": "2026-12"}],
                        "remittances": [pays("R1", "500.00"), pays("R2", "500.00", line="ANAOCT2B")],
                    },
                    {"dispositions": [part("R1", "applied", "500.00"), part("R2", "applied", "500.00", "ANAOCT2B")]},
                ),
                Case(
                    "One full late and accepted, the other full on time before it: the late one is surplus.",
                    {
                        "capture_lines": [ANA, SECOND],
                        "remittances": [pays("R9", "500.00", "20"), pays("R2", "500.00", "14", "ANAOCT2B")],
                        "decisions": ACCEPT,
                    },
                    {"dispositions": [part("R9", "surplus", "500.00"), part("R2", "applied", "500.00", "ANAOCT2B")]},
                ),
            ),
        ),
        Rule(
            "One payment for several lines",
            "§7, §9",
            "Each line gets its own amount due, and is late or on time by its own due month.",
            (
                Case(
                    "800.00 for 500.00 and 300.00. Ana's line was paid before, so her share is surplus.",
                    {
                        "capture_lines": [ANA, {"line": "BETO-OCT26", "of": "beto", "amount_due": "300.00"}],
                        "remittances": [pays("R1", "500.00", "02")],
                        "bank_transfers": [{"key": "T1", "amount": "800.00", "concept": "ANAOCT26, BETOOCT26"}],
                    },
                    {
                        "dispositions": [
                            part("R1", "applied", "500.00"),
                            part("T1", "surplus", "500.00"),
                            part("T1", "applied", "300.00", "BETOOCT26"),
                        ]
                    },
                ),
                Case(
                    "Made on 20 October for October's and November's lines: late for the one, on time for the other.",
                    {
                        "capture_lines": [ANA, {**SECOND, "coverage_month": "2026-12"}],
                        "bank_transfers": [
                            {"key": "T1", "credited_at": LATE_ON, "amount": "1000.00", "concept": "ANAOCT26 ANAOCT2B"}
                        ],
                    },
                    {"dispositions": [part("T1", "late", "500.00"), part("T1", "applied", "500.00", "ANAOCT2B")]},
                ),
            ),
        ),
        Rule(
            "Late money that a decision accepts",
            "§8, §9, §10",
            "With `accept_late` the line activates when what was on time and what was accepted are enough. What "
            "was on time is "
            "`applied`; accepted money up to what lacked stays in bucket `late` with reason `accept_late`; the "
            "rest is `surplus`.",
            (
                Case(
                    "300.00 on time, 300.00 late and accepted.",
                    {"remittances": [pays("R1", "300.00"), pays("R9", "300.00", "20")], "decisions": ACCEPT},
                    {
                        "dispositions": [
                            part("R1", "applied", "300.00"),
                            part("R9", "late", "200.00", reason="accept_late"),
                            part("R9", "surplus", "100.00"),
                        ],
                        "coverage_activations": [{"who": "ana", "amount_applied": "500.00", "paid_on": "2026-10-20"}],
                    },
                ),
                Case(
                    "Accepted, but not enough: nothing changes.",
                    {"remittances": [pays("R1", "300.00"), pays("R9", "100.00", "20")], "decisions": ACCEPT},
                    {
                        "dispositions": [part("R1", "short", "300.00"), part("R9", "late", "100.00")],
                        "coverage_activations": [],
                    },
                ),
                Case(
                    "Only R9 is accepted, and it is enough without R2, which is surplus although it came first.",
                    {
                        "remittances": [pays("R1", "300.00"), pays("R2", "100.00", "18"), pays("R9", "200.00", "20")],
                        "decisions": ACCEPT,
                    },
                    {
                        "dispositions": [
                            part("R1", "applied", "300.00"),
                            part("R2", "surplus", "100.00"),
                            part("R9", "late", "200.00", reason="accept_late"),
                        ]
                    },
                ),
                Case(
                    "Only R9 is accepted, and not enough without R2, which nobody accepted.",
                    {
                        "remittances": [pays("R1", "300.00"), pays("R2", "100.00", "18"), pays("R9", "100.00", "20")],
                        "decisions": ACCEPT,
                    },
                    {
                        "dispositions": [
                            part("R1", "short", "300.00"),
                            part("R2", "late", "100.00"),
                            part("R9", "late", "100.00"),
                        ],
                        "coverage_exceptions": [
                            {"line": "ANAOCT26", "reason": "late"},
                            {"line": "BETOOCT26", "reason": "unpaid"},
                        ],
                    },
                ),
                Case(
                    "A line that was paid on time needs no late money, accepted or not.",
                    {"remittances": [pays("R1", "500.00"), pays("R9", "100.00", "20")], "decisions": ACCEPT},
                    {"dispositions": [part("R1", "applied", "500.00"), part("R9", "surplus", "100.00")]},
                ),
            ),
        ),
    ),
)
