from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rule

LATE: Row = {"credited_at": "2026-10-16T00:00:00-06:00"}


def on(payment: str, *flags: str) -> list[Row]:
    """The flags of a payment."""
    return [{"payment": payment, "flag": flag} for flag in flags]


AREA = Area(
    "Flags",
    "What an analyst should see beside the bucket. None on `settlement`, `pending` and `returned`.",
    (
        Rule(
            "late",
            "§9",
            "Its civil date is after the cut-off of the due month of the line it is confirmed to (of one of them, "
            "if several), "
            "or, confirmed to none, after the cut-off of its own month.",
            (
                Case(
                    "T1 on the 15th, T2 at midnight after it.",
                    {
                        "bank_transfers": [
                            {"key": "T1", "credited_at": "2026-10-15T12:00:00-06:00", "concept": "ANAOCT26"},
                            {"key": "T2", **LATE, "concept": "BETOOCT26"},
                        ]
                    },
                    {"payment_flags": [{"payment": "T2", "flag": "late", "detail": "cut_off 2026-10-15"}]},
                ),
                Case(
                    "Nobody can be named: T1 is after its own month's cut-off, T2 is not.",
                    {"bank_transfers": [{"key": "T1", **LATE}, {"key": "T2"}]},
                    {"payment_flags": [{"payment": "T1", "flag": "late", "detail": "cut_off 2026-10-15"}]},
                ),
                Case(
                    "Held for Beto, so confirmed to none: its own month decides.",
                    {"bank_transfers": [{"key": "T1", **LATE, "concept": "BETOOCT26 <ana.nss>"}]},
                    {"payment_flags": on("T1", "late")},
                ),
                Case(
                    "Made on 20 October for November's line: not late.",
                    {
                        "capture_lines": [{"line": "ANA-NOV26", "of": "ana", "coverage_month": "2026-12"}],
                        "bank_transfers": [
                            {"key": "T1", "credited_at": "2026-11-05T12:00:00-06:00", "concept": "ANANOV26"}
                        ],
                    },
                    {"payment_flags": []},
                ),
                Case(
                    "Announced, given back, lump deposit: no flags, however late.",
                    {
                        "settlements": [{"key": "S1"}],
                        "bank_transfers": [
                            {"key": "LUMP-S1", "sender_bank": "ROJO", **LATE},
                            {"key": "T1", **LATE},
                            {"key": "T1", **LATE, "status": "returned"},
                        ],
                        "remittances": [{"key": "R1", "status": "pending", "sent_at": "2026-10-20T12:00:00-06:00"}],
                    },
                    {"payment_flags": []},
                ),
            ),
            es="extemporáneo",
        ),
        Rule(
            "early",
            "§9",
            "Confirmed, and before the first day of the due month.",
            (
                Case(
                    "30 September is early for a line due in October, 1 October is not.",
                    {
                        "bank_transfers": [
                            {"key": "T1", "credited_at": "2026-09-30T12:00:00-06:00", "concept": "ANAOCT26"},
                            {"key": "T2", "credited_at": "2026-10-01T00:00:00-06:00", "concept": "BETOOCT26"},
                        ]
                    },
                    {"payment_flags": [{"payment": "T1", "flag": "early", "detail": "due_from 2026-10-01"}]},
                ),
                Case(
                    "For two lines, late for the one and early for the other.",
                    {
                        "capture_lines": [
                            {"line": "ANA-OCT26", "of": "ana"},
                            {"line": "ANA-NOV26", "of": "ana", "coverage_month": "2026-12"},
                        ],
                        "bank_transfers": [{"key": "T1", **LATE, "amount": "1000.00", "concept": "ANAOCT26 ANANOV26"}],
                    },
                    {"payment_flags": on("T1", "early", "late")},
                ),
            ),
        ),
        Rule(
            "boundary",
            "§9",
            "Confirmed, and on time or late, for one of its lines, depends on which date is taken: the civil date "
            "in Mexico "
            "City, the date as written with the source's own offset in any of its rows, the bank's operating date.",
            (
                Case(
                    "23:30 of the 15th in Los Angeles is the 16th in Mexico City: late, and at the boundary.",
                    {
                        "remittances": [
                            {"key": "R1", "sent_at": "2026-10-15T23:30:00-07:00", "capture_line": "ANAOCT26"}
                        ]
                    },
                    {"payment_flags": on("R1", "boundary", "late")},
                ),
                Case(
                    "01:00 of the 16th in New York is the 15th in Mexico City: on time, and at the boundary.",
                    {
                        "remittances": [
                            {"key": "R1", "sent_at": "2026-10-16T01:00:00-04:00", "capture_line": "ANAOCT26"}
                        ]
                    },
                    {"payment_flags": on("R1", "boundary")},
                ),
                Case(
                    "22:30 in Chicago: the 15th on both clocks.",
                    {
                        "remittances": [
                            {"key": "R1", "sent_at": "2026-10-15T22:30:00-05:00", "capture_line": "ANAOCT26"}
                        ]
                    },
                    {"payment_flags": []},
                ),
                Case(
                    "One instant, two offsets: the date written in the second row is the 16th.",
                    {
                        "remittances": [
                            {"key": "R1", "sent_at": "2026-10-15T23:30:00-06:00", "capture_line": "ANAOCT26"},
                            {"key": "R1", "sent_at": "2026-10-16T05:30:00Z", "capture_line": "ANAOCT26"},
                        ]
                    },
                    {"payment_flags": on("R1", "boundary")},
                ),
                Case(
                    "Made on the evening of the 15th, operating date the 16th.",
                    {
                        "bank_transfers": [
                            {
                                "key": "T1",
                                "credited_at": "2026-10-15T19:30:00-06:00",
                                "operating_date": "2026-10-16",
                                "concept": "ANAOCT26",
                            }
                        ]
                    },
                    {"payment_flags": on("T1", "boundary")},
                ),
                Case(
                    "The dates differ, but not at the cut-off.",
                    {
                        "bank_transfers": [
                            {
                                "key": "T1",
                                "credited_at": "2026-10-14T19:30:00-06:00",
                                "operating_date": "2026-10-15",
                                "concept": "ANAOCT26",
                            }
                        ]
                    },
                    {"payment_flags": []},
                ),
                Case(
                    "At the boundary of its own month, but confirmed to none.",
                    {"remittances": [{"key": "R1", "sent_at": "2026-10-16T01:00:00-04:00"}]},
                    {"payment_flags": []},
                ),
                Case(
                    "By operating date it is the 16th and late; it was made on the 15th.",
                    {
                        "bank_transfers": [
                            {
                                "key": "T1",
                                "credited_at": "2026-10-15T19:30:00-06:00",
                                "operating_date": "2026-10-16",
                                "concept": "ANAOCT26",
                            }
                        ]
                    },
                    {"payment_flags": on("T1", "boundary", "late")},
                    policy={"paid_on": "operating_date"},
                ),
            ),
        ),
        Rule(
            "over_paid, part_paid",
            "§9",
            "A part of it is `surplus`; a part of it is `short`.",
            (
                Case(
                    "T1 paid 0.50 too much for Ana, T2 not enough for Beto.",
                    {
                        "bank_transfers": [
                            {"key": "T1", "amount": "500.50", "concept": "ANAOCT26"},
                            {"key": "T2", "amount": "499.00", "concept": "BETOOCT26"},
                        ]
                    },
                    {
                        "payment_flags": [
                            {"payment": "T1", "flag": "over_paid", "detail": "50 centavos"},
                            {"payment": "T2", "flag": "part_paid", "detail": "49900 centavos"},
                        ]
                    },
                ),
            ),
        ),
    ),
)
