from __future__ import annotations

from tests.spec.case import Area, Case, Rule

EVENING = {"credited_at": "2026-10-15T19:30:00-06:00", "operating_date": "2026-10-16"}
RETURNED = {"operating_date": "2026-10-05", "credited_at": "2026-10-08T09:00:00-06:00", "status": "returned"}
SETTLED = {"key": "S1", "settled_on": "2026-10-19"}
SENT = {"key": "R1", "sent_at": "2026-10-15T22:00:00-06:00"}

AREA = Area(
    "When a payment was made",
    "The civil date of a payment decides its month and whether it is late. The policy's `paid_on` chooses its basis.",
    (
        Rule(
            "made: when the payer paid",
            "§2",
            "`credited_at` of a bank transfer, `sent_at` of a remittance.",
            (
                Case(
                    "A credit of the evening of the 15th, which the bank books on the 16th, was made on the 15th.",
                    {"bank_transfers": [{"key": "T1", **EVENING}]},
                    {"payments": [{"payment": "T1", "paid_at": "2026-10-16T01:30:00Z", "paid_on": "2026-10-15"}]},
                ),
                Case(
                    "Sent on the 15th, settled on the 19th: made on the 15th.",
                    {"remittances": [{**SENT, "settlement_id": "S1"}], "settlements": [SETTLED]},
                    {"payments": [{"payment": "R1", "paid_on": "2026-10-15"}]},
                ),
                Case(
                    "Half past eleven at night of the 15th in Los Angeles is the 16th in Mexico City.",
                    {"remittances": [{"key": "R1", "sent_at": "2026-10-15T23:30:00-07:00"}]},
                    {"payments": [{"payment": "R1", "paid_on": "2026-10-16"}]},
                ),
                Case(
                    "The last half hour of the year is December's; half an hour later is January's.",
                    {
                        "remittances": [
                            {"key": "R1", "sent_at": "2027-01-01T05:30:00Z"},
                            {"key": "R2", "sent_at": "2027-01-01T06:00:00Z"},
                        ]
                    },
                    {
                        "payments": [
                            {"payment": "R1", "paid_on": "2026-12-31", "month": "2026-12"},
                            {"payment": "R2", "paid_on": "2027-01-01", "month": "2027-01"},
                        ]
                    },
                ),
            ),
        ),
        Rule(
            "credited: when the money reached the account",
            "§2",
            "`credited_at` of a bank transfer; of a remittance the `settled_on` of its settlement at 00:00, "
            "without one "
            "its `sent_at`.",
            (
                Case(
                    "Of the bank transfer nothing changes.",
                    {"bank_transfers": [{"key": "T1", **EVENING}]},
                    {"payments": [{"payment": "T1", "paid_on": "2026-10-15"}]},
                    policy={"paid_on": "credited"},
                ),
                Case(
                    "R1 has a settlement. R2 has none, R3 names one that nobody has seen: their `sent_at` counts.",
                    {
                        "remittances": [
                            {**SENT, "settlement_id": "S1"},
                            {**SENT, "key": "R2"},
                            {**SENT, "key": "R3", "settlement_id": "S9"},
                        ],
                        "settlements": [SETTLED],
                    },
                    {
                        "payments": [
                            {"payment": "R1", "paid_at": "2026-10-19T06:00:00Z", "paid_on": "2026-10-19"},
                            {"payment": "R2", "paid_at": "2026-10-16T04:00:00Z", "paid_on": "2026-10-15"},
                            {"payment": "R3", "paid_at": "2026-10-16T04:00:00Z", "paid_on": "2026-10-15"},
                        ]
                    },
                    policy={"paid_on": "credited"},
                ),
                Case(
                    "Another company's settlement of the same number is not its settlement.",
                    {"remittances": [{**SENT, "settlement_id": "S1"}], "settlements": [{**SETTLED, "company": "SUR"}]},
                    {"payments": [{"payment": "R1", "paid_on": "2026-10-15"}]},
                    policy={"paid_on": "credited"},
                ),
                Case(
                    "Only the return was seen: the operating date at 00:00.",
                    {"bank_transfers": [{"key": "T1", **RETURNED}]},
                    {"payments": [{"payment": "T1", "paid_at": "2026-10-05T06:00:00Z"}]},
                    policy={"paid_on": "credited"},
                ),
            ),
        ),
        Rule(
            "operating_date: the bank's operating day",
            "§2",
            "Of a bank transfer its operating date at 00:00; a remittance as in `credited`.",
            (
                Case(
                    "The credit of the evening of the 15th counts on the 16th.",
                    {"bank_transfers": [{"key": "T1", **EVENING}]},
                    {"payments": [{"payment": "T1", "paid_at": "2026-10-16T06:00:00Z", "paid_on": "2026-10-16"}]},
                    policy={"paid_on": "operating_date"},
                ),
                Case(
                    "Remittances with and without a settlement.",
                    {
                        "remittances": [{**SENT, "settlement_id": "S1"}, {**SENT, "key": "R2"}],
                        "settlements": [SETTLED],
                    },
                    {
                        "payments": [
                            {"payment": "R1", "paid_on": "2026-10-19"},
                            {"payment": "R2", "paid_on": "2026-10-15"},
                        ]
                    },
                    policy={"paid_on": "operating_date"},
                ),
            ),
        ),
        Rule(
            "When the basis changes",
            "§2",
            "The entry that governs the month in which the payment was made, on the programme's clock, chooses "
            "its basis.",
            (
                Case(
                    "From November on the operating date counts. T1 was made on the evening of 31 October (already "
                    "November in UTC), so October's rule dates it; T2 was made in November.",
                    {
                        "bank_transfers": [
                            {"key": "T1", "credited_at": "2026-10-31T20:00:00-06:00", "operating_date": "2026-11-03"},
                            {"key": "T2", "credited_at": "2026-11-05T20:00:00-06:00", "operating_date": "2026-11-06"},
                        ]
                    },
                    {
                        "payments": [
                            {"payment": "T1", "paid_on": "2026-10-31", "month": "2026-10"},
                            {"payment": "T2", "paid_on": "2026-11-06", "month": "2026-11"},
                        ]
                    },
                    later_policy={"effective_from": "2026-11", "paid_on": "operating_date"},
                ),
                Case(
                    "The cut-off is that of the line's due month: paid on 18 October, with `due_day` 20 from "
                    "November on, "
                    "T1 is late for October's line and T2 on time for November's.",
                    {
                        "capture_lines": [
                            {"line": "ANA-OCT26", "of": "ana"},
                            {"line": "ANA-NOV26", "of": "ana", "coverage_month": "2026-12"},
                        ],
                        "bank_transfers": [
                            {"key": "T1", "credited_at": "2026-10-18T12:00:00-06:00", "concept": "ANAOCT26"},
                            {"key": "T2", "credited_at": "2026-11-18T12:00:00-06:00", "concept": "ANANOV26"},
                        ],
                    },
                    {
                        "dispositions": [
                            {"payment": "T1", "bucket": "late", "line": "ANAOCT26"},
                            {"payment": "T2", "bucket": "applied", "line": "ANANOV26"},
                        ]
                    },
                    later_policy={"effective_from": "2026-11", "due_day": "20"},
                ),
                Case(
                    "A payment older than the first entry does not stop the others: the first entry governs it.",
                    {"bank_transfers": [{"key": "T1", "credited_at": "2019-03-05T12:00:00-06:00"}]},
                    {"dispositions": [{"payment": "T1", "bucket": "unmatched", "month": "2019-03"}]},
                ),
            ),
        ),
    ),
)
