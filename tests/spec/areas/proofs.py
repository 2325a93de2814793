from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from tests.spec.case import Area, Case, Damage, Proof

if TYPE_CHECKING:
    from collections.abc import Callable

LATE_ON = "2026-10-20T12:00:00-06:00"

GOOD_MONTH: Final = Case(
    "A month with every kind of row: repeats, a return, a conflict, registry rows in conflict, settlements, decisions.",
    {
        "registrants": [{"who": "ana"}, {"who": "beto"}, {"who": "carla"}, {"who": "carla", "umf": "31"}],
        "capture_lines": [
            {"line": "ANA-OCT26", "of": "ana"},
            {"line": "BETO-OCT26", "of": "beto"},
            {"line": "CARLA-OCT26", "of": "carla"},
        ],
        "bank_transfers": [
            {"key": "T1", "concept": "ANAOCT26", "amount": "500.50"},
            {"key": "T1", "concept": "ANAOCT26", "amount": "500.50"},
            {"key": "T2"},
            {"key": "T2", "status": "returned", "operating_date": "2026-10-05"},
            {"key": "T3"},
            {"key": "T3", "amount": "600.00"},
            {"key": "T4", "currency": "USD"},
            {"key": "T5"},
            {"key": "LUMP-S1", "sender_bank": "ROJO"},
        ],
        "remittances": [
            {"key": "R1", "settlement_id": "S1", "sent_at": LATE_ON, "capture_line": "BETOOCT26"},
            {"key": "R2", "settlement_id": "S2"},
            {"key": "R3", "settlement_id": "S3"},
        ],
        "settlements": [{"key": "S1"}, {"key": "S2"}, {"key": "S3"}],
        "decisions": [
            {"payment": "R1", "action": "accept_late"},
            {"payment": "T5", "action": "refund"},
            {"payment": "T5", "action": "match", "approved_by": "Diana"},
        ],
    },
    {"certificate": []},
)


def without(column: str, value: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """The table without its first row that has the value."""
    return lambda table: table.drop(index=table.index[table[column].astype("str").str.endswith(value)][0])


def twice(column: str, value: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """The table with its first row that has the value once more."""
    return lambda table: pd.concat(
        [table, table[table[column].astype("str").str.endswith(value)].head(1)], ignore_index=True
    )


def changed(column: str, value: str, name: str, to: str | int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """The table with one value changed in its first row that has the value."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        damaged = table.copy()
        damaged.loc[table.index[table[column].astype("str").str.endswith(value)][0], name] = to
        return damaged

    return change


AREA = Area(
    "Proofs",
    "Checked before anything is published. Good tables pass them all; each damage below, done to the tables of a "
    "good month, must "
    "be noticed: one failure, and nothing is published.",
    (
        Proof(
            "rows",
            "§11.1",
            "Every data row of every accepted file is exactly one of payment, repeat, status, conflict, registry, "
            "settlement, "
            "decision, rejected.",
            (
                Damage("A row of a bank file is lost.", "payment_rows", without("role", "repeat"), ("rows",)),
                Damage("A row has two roles.", "payment_rows", twice("role", "status"), ("rows",)),
                Damage(
                    "A row of a payment is among the rejections too.",
                    "rejections",
                    lambda table: pd.concat(
                        [table, table.head(1).assign(sha256="bank_transfers", row=2)], ignore_index=True
                    ),
                    ("rows",),
                ),
                Damage(
                    "A role names a row that no file has.",
                    "payment_rows",
                    changed("role", "repeat", "row", 99),
                    ("rows",),
                ),
                Damage(
                    "A settlement's row is rejected without being left out.",
                    "rejections",
                    lambda table: pd.concat(
                        [table, table.head(1).assign(sha256="settlements", row=2)], ignore_index=True
                    ),
                    ("rows",),
                ),
            ),
            entry="proofs.rows",
        ),
        Proof(
            "centavos",
            "§11.2",
            "Per file, channel, currency and month, what the rows of the files pay is what the buckets hold.",
            (
                Damage("A disposition is lost.", "dispositions", without("bucket", "unmatched"), ("centavos",)),
                Damage(
                    "A disposition has one centavo more.",
                    "dispositions",
                    changed("bucket", "unmatched", "amount_centavos", 50001),
                    ("centavos",),
                ),
                Damage("A disposition stands twice.", "dispositions", twice("bucket", "returned"), ("centavos",)),
                Damage(
                    "Dollars became pesos.",
                    "dispositions",
                    changed("currency", "USD", "currency", "MXN"),
                    ("centavos",),
                ),
                Damage(
                    "A disposition is of another month.",
                    "dispositions",
                    changed("bucket", "held", "month", "2026-09"),
                    ("centavos",),
                ),
                Damage(
                    "A disposition is of a payment that no file holds.",
                    "dispositions",
                    changed("bucket", "unmatched", "payment_id", "remittance|NORTE|R9"),
                    ("centavos",),
                ),
            ),
            entry="proofs.centavos",
        ),
        Proof(
            "activations",
            "§11.3",
            "Every activation cites parts, applied or accepted late, that sum to at least due − tolerance; no "
            "part is cited twice.",
            (
                Damage(
                    "An activation stands twice.",
                    "coverage_activations",
                    twice("capture_line", "ANAOCT26"),
                    ("activations", "lines"),
                ),
                Damage(
                    "Its amount is not the sum of its parts.",
                    "coverage_activations",
                    changed("capture_line", "ANAOCT26", "amount_applied_centavos", 49999),
                    ("activations",),
                ),
                Damage(
                    "Its line's money is in another bucket.",
                    "dispositions",
                    changed("bucket", "applied", "bucket", "surplus"),
                    ("activations",),
                ),
                Damage(
                    "Its late money was accepted by nobody.",
                    "dispositions",
                    changed("reason", "accept_late", "reason", ""),
                    ("activations",),
                ),
                Damage(
                    "A part is cited twice.", "dispositions", twice("bucket", "applied"), ("activations", "centavos")
                ),
                Damage(
                    "More is due than its parts sum to.",
                    "coverage_activations",
                    changed("capture_line", "ANAOCT26", "amount_due_centavos", 50001),
                    ("activations",),
                ),
            ),
            entry="proofs.activations",
        ),
        Proof(
            "lines",
            "§11.4",
            "Activations and exceptions together are the issued lines due in the month, one to one.",
            (
                Damage(
                    "An exception is missing.", "coverage_exceptions", without("capture_line", "CARLAOCT26"), ("lines",)
                ),
                Damage(
                    "An exception stands twice.", "coverage_exceptions", twice("capture_line", "CARLAOCT26"), ("lines",)
                ),
                Damage(
                    "An activated line is an exception too.",
                    "coverage_exceptions",
                    changed("capture_line", "CARLAOCT26", "capture_line", "ANAOCT26"),
                    ("lines",),
                ),
                Damage(
                    "An activation is missing.", "coverage_activations", without("capture_line", "ANAOCT26"), ("lines",)
                ),
            ),
            entry="proofs.lines",
        ),
        Proof(
            "settlements",
            "§11.5",
            "Every settlement is balanced or listed with its difference.",
            (
                Damage(
                    "Said to be balanced, and its deposit never came.",
                    "settlements",
                    changed("settlement_id", "S2", "status", "balanced"),
                    ("settlements",),
                ),
                Damage(
                    "Said to be balanced, and one remittance lacks.",
                    "settlements",
                    changed("settlement_id", "S1", "remittances_items", 0),
                    ("settlements",),
                ),
                Damage(
                    "Said to be awaited, and its deposit is there.",
                    "settlements",
                    changed("settlement_id", "S1", "status", "awaiting_deposit"),
                    ("settlements",),
                ),
                Damage(
                    "Unbalanced without saying why.",
                    "settlements",
                    changed("settlement_id", "S2", "status", "unbalanced"),
                    ("settlements",),
                ),
                Damage("A settlement is not listed.", "settlements", without("settlement_id", "S2"), ("settlements",)),
            ),
            entry="proofs.settlements",
        ),
    ),
)
