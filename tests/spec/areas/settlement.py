from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rule

S1: Row = {"key": "S1", "items": "2", "gross_amount": "1000.00", "fee_amount": "10.00", "net_amount": "990.00"}
LUMP: Row = {"key": "LUMP-S1", "sender_bank": "ROJO", "amount": "990.00"}
TWO: list[Row] = [
    {"key": "R1", "settlement_id": "S1", "fee": "10.00"},
    {"key": "R2", "settlement_id": "S1"},
]


def differs(
    why: str, named: str, *, stated: Row | None = None, lump: Row | None = None, sent: list[Row] | None = None
) -> Case:
    """A case in which one thing is not as it should be."""
    return Case(
        why,
        {"settlements": [S1 | (stated or {})], "bank_transfers": [LUMP | (lump or {})], "remittances": sent or TWO},
        {"settlements": [{"key": "S1", "status": "unbalanced", "differences": named}]},
    )


AREA = Area(
    "Settlements",
    "A remittance company pays many remittances in with one lump deposit, less its fees. Every centavo must agree.",
    (
        Rule(
            "Balanced",
            "§6",
            "Its one deposit is there, and deposit = net = gross − fees; gross, fees and number of items are "
            "those of the "
            "remittances under it that were ever paid.",
            (
                Case(
                    "Two remittances of 500.00, a fee of 10.00: 990.00 reach the account.",
                    {"settlements": [S1], "bank_transfers": [LUMP], "remittances": TWO},
                    {
                        "settlements": [
                            {
                                "key": "S1",
                                "status": "balanced",
                                "deposit": "990.00",
                                "net": "990.00",
                                "gross": "1000.00",
                                "fee": "10.00",
                                "difference": "0.00",
                                "differences": "",
                            }
                        ],
                    },
                ),
                Case(
                    "A remittance that was paid and later refunded was ever paid: it counts.",
                    {
                        "settlements": [S1],
                        "bank_transfers": [LUMP],
                        "remittances": [*TWO, {"key": "R2", "settlement_id": "S1", "status": "refunded"}],
                    },
                    {"settlements": [{"key": "S1", "status": "balanced"}]},
                ),
                Case(
                    "Announced or cancelled without having been paid: neither counts.",
                    {
                        "settlements": [S1],
                        "bank_transfers": [LUMP],
                        "remittances": [
                            *TWO,
                            {"key": "R3", "settlement_id": "S1", "status": "pending"},
                            {"key": "R4", "settlement_id": "S1", "status": "cancelled"},
                        ],
                    },
                    {"settlements": [{"key": "S1", "status": "balanced"}]},
                ),
                Case(
                    "The same row twice is one settlement.",
                    {"settlements": [S1, S1], "bank_transfers": [LUMP], "remittances": TWO},
                    {"settlements": [{"key": "S1", "status": "balanced"}]},
                ),
            ),
            es="liquidación",
        ),
        Rule(
            "Awaiting its deposit",
            "§6",
            "No deposit was seen, good or bad.",
            (
                Case(
                    "The deposit of 990.00 has not arrived.",
                    {"settlements": [S1], "remittances": TWO},
                    {
                        "settlements": [
                            {"key": "S1", "status": "awaiting_deposit", "deposit": "0.00", "difference": "-990.00"}
                        ]
                    },
                ),
                Case(
                    "A transfer of the same key from another bank is not its deposit.",
                    {"settlements": [S1], "remittances": TWO, "bank_transfers": [{**LUMP, "sender_bank": "AZUL"}]},
                    {"settlements": [{"key": "S1", "status": "awaiting_deposit"}]},
                ),
            ),
        ),
        Rule(
            "Unbalanced, with every difference named",
            "§6",
            "What does not agree stands in `differences`, and the remittances under it wait.",
            (
                differs("One centavo lacks in the deposit.", "deposit_net", lump={"amount": "989.99"}),
                differs(
                    "Stated net and stated gross less fees differ.",
                    "deposit_net net_gross_fee",
                    stated={"net_amount": "991.00"},
                ),
                differs(
                    "A third remittance was paid that the settlement does not count.",
                    "gross_remittances items_remittances",
                    sent=[*TWO, {"key": "R3", "settlement_id": "S1"}],
                ),
                differs(
                    "The fees of the remittances sum to 15.00.",
                    "fee_remittances",
                    sent=[TWO[0], {**TWO[1], "fee": "5.00"}],
                ),
                differs("It says three items.", "items_remittances", stated={"items": "3"}),
                differs("The deposit came back: it is no good deposit.", "bad_deposit", lump={"status": "returned"}),
                differs(
                    "The deposit is in another currency: no good deposit.", "bad_deposit", lump={"currency": "USD"}
                ),
                Case(
                    "Two rows contradict each other about the deposit: no good deposit.",
                    {
                        "settlements": [S1],
                        "bank_transfers": [LUMP, {**LUMP, "amount": "991.00"}],
                        "remittances": TWO,
                    },
                    {"settlements": [{"key": "S1", "status": "unbalanced", "differences": "bad_deposit"}]},
                ),
                Case(
                    "Two good deposits with its key, on two operating days.",
                    {
                        "settlements": [S1],
                        "bank_transfers": [LUMP, {**LUMP, "operating_date": "2026-10-06"}],
                        "remittances": TWO,
                    },
                    {
                        "settlements": [
                            {"key": "S1", "deposit": "1980.00", "differences": "several_deposits deposit_net"}
                        ]
                    },
                ),
                Case(
                    "Two settlements name one deposit: both are unbalanced.",
                    {
                        "settlements": [S1, {**S1, "key": "S2", "bank_tracking_key": "LUMP-S1"}],
                        "bank_transfers": [LUMP],
                        "remittances": [
                            *TWO,
                            *({**row, "key": f"{row['key']}X", "settlement_id": "S2"} for row in TWO),
                        ],
                    },
                    {
                        "settlements": [
                            {"key": "S1", "status": "unbalanced", "differences": "shared_deposit"},
                            {"key": "S2", "status": "unbalanced", "differences": "shared_deposit"},
                        ]
                    },
                ),
                Case(
                    "Two versions of one settlement, which differ in the day only: it has a status of its own.",
                    {
                        "settlements": [S1, {**S1, "settled_on": "2026-10-10"}],
                        "bank_transfers": [LUMP],
                        "remittances": TWO,
                    },
                    {"settlements": [{"key": "S1", "status": "conflicting_rows", "differences": "conflicting_rows"}]},
                ),
                differs(
                    "A remittance in dollars stands under it. Dollars are never summed with pesos.",
                    "gross_remittances foreign_remittance",
                    sent=[TWO[0], {**TWO[1], "pay_currency": "USD"}],
                ),
                differs(
                    "A remittance under it has two rows that contradict each other.",
                    "conflicting_remittance",
                    sent=[*TWO, {**TWO[1], "message": "uno"}, {**TWO[1], "message": "dos"}],
                ),
                differs(
                    "A settlement in dollars never balances against pesos.",
                    "foreign_currency",
                    stated={"currency": "USD"},
                ),
            ),
        ),
        Rule(
            "Where it is listed",
            "§6",
            "In every month in which it was settled, or in which one of its remittances ever paid has its civil date.",
            (
                Case(
                    "Settled in November; R1 was sent in October, R2 in November. R3 of September was only announced.",
                    {
                        "settlements": [{**S1, "settled_on": "2026-11-03"}],
                        "bank_transfers": [LUMP],
                        "remittances": [
                            {**TWO[0], "sent_at": "2026-10-31T20:00:00-06:00"},
                            {**TWO[1], "sent_at": "2026-11-02T12:00:00-06:00"},
                            {
                                "key": "R3",
                                "settlement_id": "S1",
                                "status": "pending",
                                "sent_at": "2026-09-30T12:00:00-06:00",
                            },
                        ],
                    },
                    {
                        "settlements": [
                            {"key": "S1", "month": "2026-10", "status": "balanced"},
                            {"key": "S1", "month": "2026-11", "status": "balanced"},
                        ]
                    },
                ),
            ),
        ),
    ),
)
