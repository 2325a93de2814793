from __future__ import annotations

from tests.spec.case import Area, Case, Rule

RETURNED = {"operating_date": "2026-10-05", "credited_at": "2026-10-08T09:00:00-06:00", "status": "returned"}

AREA = Area(
    "Rows become payments",
    "Banks and companies send the same payment again and again. All rows with one natural key are one payment.",
    (
        Rule(
            "Same facts again: a repeat",
            "§5",
            "Whatever file the row comes in, and however its instant is written.",
            (
                Case(
                    "The bank lists the transfer twice.",
                    {"bank_transfers": [{"key": "T1", "concept": "hola"}, {"key": "T1", "concept": "hola"}]},
                    {
                        "payments": [{"payment": "T1", "amount": "500.00", "status": "credited"}],
                        "payment_rows": [
                            {"payment": "T1", "row": "2", "role": "payment"},
                            {"payment": "T1", "row": "3", "role": "repeat"},
                        ],
                    },
                ),
                Case(
                    "12:00 in Mexico City and 18:00 UTC are the same instant.",
                    {
                        "remittances": [
                            {"key": "R1", "sent_at": "2026-10-05T12:00:00-06:00"},
                            {"key": "R1", "sent_at": "2026-10-05T18:00:00Z"},
                        ]
                    },
                    {
                        "payment_rows": [{"row": "2", "role": "payment"}, {"row": "3", "role": "repeat"}],
                        "payment_facts": [{"payment": "R1", "is_conflicting": "no"}],
                    },
                ),
                Case(
                    "Another sender's name is no fact of the payment.",
                    {
                        "remittances": [
                            {"key": "R1", "sender_name": "A. Alba"},
                            {"key": "R1", "sender_name": "Ana Alba"},
                        ],
                    },
                    {
                        "payment_rows": [{"row": "2", "role": "payment"}, {"row": "3", "role": "repeat"}],
                        "payment_facts": [{"payment": "R1", "is_conflicting": "no"}],
                    },
                ),
            ),
        ),
        Rule(
            "Equal, but two payments",
            "§5",
            "Two real payments with equal amount and date but different natural keys are two payments.",
            (
                Case(
                    "Same bank, same instant, same amount, same text; two tracking keys.",
                    {"bank_transfers": [{"key": "T1"}, {"key": "T2"}]},
                    {
                        "payments": [{"payment": "T1", "amount": "500.00"}, {"payment": "T2", "amount": "500.00"}],
                        "payment_rows": [{"row": "2", "role": "payment"}, {"row": "3", "role": "payment"}],
                    },
                ),
                Case(
                    "A tracking key is unique per sending bank and operating day only: three payments.",
                    {
                        "bank_transfers": [
                            {"key": "T1"},
                            {"key": "T1", "sender_bank": "ROJO"},
                            {"key": "T1", "operating_date": "2026-10-06"},
                        ]
                    },
                    {
                        "payments": [
                            {"natural_key": "2026-10-05|AZUL|T1"},
                            {"natural_key": "2026-10-05|ROJO|T1"},
                            {"natural_key": "2026-10-06|AZUL|T1"},
                        ]
                    },
                ),
                Case(
                    "Two companies may use one number.",
                    {"remittances": [{"key": "R1"}, {"key": "R1", "company": "SUR"}]},
                    {"payments": [{"natural_key": "NORTE|R1"}, {"natural_key": "SUR|R1"}]},
                ),
            ),
        ),
        Rule(
            "A later status",
            "§5",
            "`pending` → `paid` → `cancelled` or `refunded`; `credited` → `returned`. A refund implies it was "
            "once paid.",
            (
                Case(
                    "Announced, paid, refunded: one payment with the status seen last; it was once paid.",
                    {
                        "remittances": [
                            {"key": "R1", "status": "refunded"},
                            {"key": "R1", "status": "pending"},
                            {"key": "R1", "status": "paid"},
                        ]
                    },
                    {
                        "payment_facts": [{"payment": "R1", "status": "refunded", "is_ever_paid": "yes"}],
                        "payment_rows": [
                            {"row": "2", "role": "status"},
                            {"row": "3", "role": "payment"},
                            {"row": "4", "role": "status"},
                        ],
                    },
                ),
                Case(
                    "A refund alone says that it was paid; a cancellation does not.",
                    {"remittances": [{"key": "R1", "status": "refunded"}, {"key": "R2", "status": "cancelled"}]},
                    {
                        "payment_facts": [
                            {"payment": "R1", "status": "refunded", "is_ever_paid": "yes"},
                            {"payment": "R2", "status": "cancelled", "is_ever_paid": "no"},
                        ]
                    },
                ),
                Case(
                    "Credited, then returned three days later: the payment keeps the instant of its credit. The second "
                    "return is a repeat.",
                    {"bank_transfers": [{"key": "T1"}, {"key": "T1", **RETURNED}, {"key": "T1", **RETURNED}]},
                    {
                        "payments": [{"payment": "T1", "status": "returned", "paid_on": "2026-10-05"}],
                        "payment_rows": [
                            {"row": "2", "role": "payment"},
                            {"row": "3", "role": "status"},
                            {"row": "4", "role": "repeat"},
                        ],
                    },
                ),
                Case(
                    "Only the return was seen: the instant is the operating date at 00:00, not the moment of return.",
                    {"bank_transfers": [{"key": "T1", **RETURNED}]},
                    {
                        "payments": [
                            {
                                "payment": "T1",
                                "status": "returned",
                                "paid_at": "2026-10-05T06:00:00Z",
                                "paid_on": "2026-10-05",
                            }
                        ],
                        "payment_rows": [{"row": "2", "role": "payment"}],
                    },
                ),
            ),
        ),
        Rule(
            "An empty fact is filled in",
            "§5",
            "A fact empty in one row and filled in another is no contradiction.",
            (
                Case(
                    "The second row adds the NSS; the payment has it.",
                    {"remittances": [{"key": "R1"}, {"key": "R1", "nss": "<ana.nss>"}]},
                    {
                        "payment_rows": [{"row": "2", "role": "payment"}, {"row": "3", "role": "repeat"}],
                        "claims": [{"payment": "R1", "who": "ana"}],
                    },
                ),
                Case(
                    "The settlement becomes known when the remittance is paid.",
                    {
                        "remittances": [
                            {"key": "R1", "status": "pending"},
                            {"key": "R1", "status": "paid", "settlement_id": "S1", "fee": "5.00"},
                        ]
                    },
                    {
                        "payment_facts": [
                            {"payment": "R1", "settlement_id": "S1", "fee": "5.00", "is_conflicting": "no"}
                        ],
                        "payment_rows": [{"row": "2", "role": "payment"}, {"row": "3", "role": "status"}],
                    },
                ),
                Case(
                    "An empty fee is unknown, so 0.00 fills it in. Where no row says, it is 0.",
                    {"remittances": [{"key": "R1"}, {"key": "R1", "fee": "0.00"}, {"key": "R2"}]},
                    {
                        "payment_facts": [
                            {"payment": "R1", "fee": "0.00", "is_conflicting": "no"},
                            {"payment": "R2", "fee": "0.00", "is_conflicting": "no"},
                        ]
                    },
                ),
                Case(
                    "Facts are read from credited, pending and paid rows only: what the cancellation adds is left out.",
                    {"remittances": [{"key": "R1"}, {"key": "R1", "status": "cancelled", "capture_line": "ANAOCT26"}]},
                    {"claims": [{"payment": "R1", "line": ""}]},
                ),
                Case(
                    "Without such a row they are read from the others.",
                    {
                        "remittances": [
                            {"key": "R1", "status": "refunded"},
                            {"key": "R1", "status": "cancelled", "capture_line": "ANAOCT26"},
                        ]
                    },
                    {"claims": [{"payment": "R1", "line": "ANAOCT26"}]},
                ),
            ),
        ),
        Rule(
            "Two values of one fact: held",
            "§5",
            "The payment carries the facts of its smallest row (amount, instant, then its columns; a row of a later "
            "status only where there is no other), the others stand as `conflict`.",
            (
                Case(
                    "Two amounts: it carries the smaller, and waits.",
                    {"bank_transfers": [{"key": "T1", "amount": "600.00"}, {"key": "T1", "amount": "500.00"}]},
                    {
                        "dispositions": [
                            {"payment": "T1", "bucket": "held", "reason": "conflicting_rows", "amount": "500.00"}
                        ],
                        "payment_rows": [{"row": "2", "role": "conflict"}, {"row": "3", "role": "payment"}],
                    },
                ),
                Case(
                    "Equal amounts, two instants: it carries the earlier. A third row that only repeats is in the "
                    "conflict too.",
                    {
                        "remittances": [
                            {"key": "R1", "sent_at": "2026-10-06T12:00:00-06:00"},
                            {"key": "R1", "sent_at": "2026-10-05T12:00:00-06:00"},
                            {"key": "R1", "sent_at": "2026-10-05T12:00:00-06:00"},
                        ]
                    },
                    {
                        "payments": [{"payment": "R1", "paid_on": "2026-10-05"}],
                        "payment_rows": [
                            {"row": "2", "role": "conflict"},
                            {"row": "3", "role": "payment"},
                            {"row": "4", "role": "conflict"},
                        ],
                    },
                ),
                Case(
                    "A return of another amount. It carries the credited row although the return is smaller.",
                    {"bank_transfers": [{"key": "T1"}, {"key": "T1", **RETURNED, "amount": "400.00"}]},
                    {
                        "dispositions": [
                            {"payment": "T1", "bucket": "held", "reason": "conflicting_rows", "amount": "500.00"}
                        ],
                        "payment_rows": [{"row": "2", "role": "payment"}, {"row": "3", "role": "conflict"}],
                    },
                ),
                Case(
                    "A cancellation in another currency contradicts.",
                    {"remittances": [{"key": "R1"}, {"key": "R1", "status": "cancelled", "pay_currency": "USD"}]},
                    {"dispositions": [{"payment": "R1", "bucket": "held", "reason": "conflicting_rows"}]},
                ),
                Case(
                    "A cancellation with another message does not: beside a paid row it contradicts by amount or "
                    "currency alone.",
                    {
                        "remittances": [
                            {"key": "R1", "message": "octubre"},
                            {"key": "R1", "status": "cancelled", "message": "cancelada"},
                        ]
                    },
                    {"dispositions": [{"payment": "R1", "bucket": "returned", "reason": ""}]},
                ),
                Case(
                    "Without a paid row the facts are those of the later rows, and these two disagree.",
                    {
                        "remittances": [
                            {"key": "R1", "status": "cancelled", "message": "octubre"},
                            {"key": "R1", "status": "refunded", "message": "noviembre"},
                        ]
                    },
                    {"dispositions": [{"payment": "R1", "bucket": "held", "reason": "conflicting_rows"}]},
                ),
                Case(
                    "A fee of 0.00 and a fee of 5.00 are two values.",
                    {"remittances": [{"key": "R1", "fee": "0.00"}, {"key": "R1", "fee": "5.00"}]},
                    {"payment_facts": [{"payment": "R1", "is_conflicting": "yes"}]},
                ),
                Case(
                    "Each of the facts counts: currency, concept; settlement, line, NSS, CURP, message.",
                    {
                        "bank_transfers": [
                            {"key": "T1"},
                            {"key": "T1", "currency": "USD"},
                            {"key": "T2", "concept": "uno"},
                            {"key": "T2", "concept": "dos"},
                        ],
                        "remittances": [
                            {"key": "R1", "settlement_id": "S1"},
                            {"key": "R1", "settlement_id": "S2"},
                            {"key": "R2", "capture_line": "ANAOCT26"},
                            {"key": "R2", "capture_line": "ANA-OCT26"},
                            {"key": "R3", "nss": "<ana.nss>"},
                            {"key": "R3", "nss": "<beto.nss>"},
                            {"key": "R4", "curp": "<ana.curp>"},
                            {"key": "R4", "curp": "<beto.curp>"},
                            {"key": "R5", "message": "uno"},
                            {"key": "R5", "message": "dos"},
                        ],
                    },
                    {
                        "payment_facts": [
                            {"payment": payment, "is_conflicting": "yes"}
                            for payment in ("T1", "T2", "R1", "R2", "R3", "R4", "R5")
                        ]
                    },
                ),
                Case(
                    "For the exceptions it names what any of its rows names: both lines wait with it.",
                    {
                        "bank_transfers": [{"key": "T1", "concept": "ANAOCT26"}, {"key": "T1", "concept": "BETOOCT26"}],
                    },
                    {
                        "dispositions": [{"payment": "T1", "bucket": "held", "line": ""}],
                        "coverage_exceptions": [
                            {"line": "ANAOCT26", "reason": "held"},
                            {"line": "BETOOCT26", "reason": "held"},
                        ],
                    },
                ),
                Case(
                    "So does a payment that was only announced, with two amounts.",
                    {
                        "remittances": [
                            {"key": "R1", "status": "pending", "capture_line": "ANAOCT26"},
                            {"key": "R1", "status": "pending", "capture_line": "ANAOCT26", "pay_amount": "600.00"},
                        ],
                    },
                    {
                        "dispositions": [{"payment": "R1", "bucket": "held", "reason": "conflicting_rows"}],
                        "coverage_exceptions": [
                            {"line": "ANAOCT26", "reason": "held"},
                            {"line": "BETOOCT26", "reason": "unpaid"},
                        ],
                    },
                ),
            ),
        ),
    ),
)
