"""What every peer must know of the contract and nothing of any engine: the columns of the files, the policy, the texts.

A peer is ``python -m tests.benchmarks.peers.NAME INBOX MONTH OUTPUT``. It reads the canonical files of INBOX as text,
checks every field (CONTRACT §3), lets the latest registry rows stand, makes payments of rows (§5), compares settlements
with deposits (§6), matches (§7), allocates (§9), covers (§10), and writes the dispositions, matches, activations and
exceptions of MONTH to OUTPUT as Parquet. It keeps no receipts, provenance, rejections, proofs, flags, suggestions,
decisions or history, and knows the default policy only: it does less than the product, on purpose.

Two things are as near as they need be for the files of the benchmark: rows that contradict each other are told apart by
amount, instant and currency and not by every column after them, and the civil clock has been UTC-6 since the last
summer time of 2022, which is what the engines' own time zones say too.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final, NamedTuple

FIELDS: Final[dict[str, dict[str, str]]] = {
    "registrants": {
        "nss": "nss!", "curp": "curp!", "full_name": "text!", "email": "text", "postal_code": "text", "state": "text",
        "municipality": "text", "umf": "code", "monthly_income": "amount", "occupation": "text",
        "registered_on": "date!", "updated_at": "instant!",
    },
    "capture_lines": {
        "capture_line": "line!", "nss": "nss!", "coverage_month": "month!", "amount_due": "amount!",
        "issued_on": "date!", "expires_on": "date", "status": "status!", "updated_at": "instant!",
    },
    "bank_transfers": {
        "operating_date": "date!", "credited_at": "instant!", "tracking_key": "key!", "sender_bank": "key!",
        "sender_account": "code", "sender_name": "text", "receiver_account": "code", "amount": "amount!",
        "currency": "code!", "numeric_reference": "code", "concept": "text", "status": "status!",
    },
    "remittances": {
        "company": "key!", "remittance_id": "key!", "settlement_id": "code", "status": "status!", "sent_at": "instant!",
        "sender_name": "text", "send_amount": "amount", "send_currency": "code", "fx_rate": "rate",
        "pay_amount": "amount!", "pay_currency": "code!", "fee": "amount_or_zero", "capture_line": "text",
        "nss": "text", "curp": "text", "message": "text",
    },
    "settlements": {
        "company": "key!", "settlement_id": "code!", "settled_on": "date!", "items": "count!",
        "gross_amount": "amount!", "fee_amount": "amount_or_zero!", "net_amount": "amount!", "currency": "code!",
        "sender_bank": "key!",
        "bank_tracking_key": "key!",
    },
}  # fmt: skip
"""Kind of file → its columns → what a field is; ``!`` where it may not be empty."""

STATUSES: Final[dict[str, tuple[str, ...]]] = {
    "capture_lines": ("issued", "cancelled"),
    "bank_transfers": ("credited", "returned"),
    "remittances": ("pending", "paid", "cancelled", "refunded"),
}

AMOUNT: Final = r"^[0-9]{1,10}\.[0-9]{2}$"
DATE: Final = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
MONTH: Final = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"
CLOCK: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]"
INSTANT: Final = DATE[:-1] + "T" + CLOCK + r":[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]" + CLOCK + ")$"
RATE: Final = r"^[0-9]{1,10}(\.[0-9]{1,8})?$"
COUNT: Final = r"^[0-9]{1,9}$"
NSS: Final = r"^[0-9]{11}$"
CURP: Final = r"^[0-9A-ZÑ]{17}[0-9]$"
SPREADSHEET_NUMBER: Final = r"^[0-9](\.[0-9]+)?[Ee][+][0-9]+$"
CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}]"
UNSEEN: Final = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"
FIELD_BYTES: Final = 1024
SHORTEST_LINE, LONGEST_LINE, LONGEST_RUN = 8, 60, 8

CURP_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"

LEVELS: Final = {"pending": 0, "credited": 0, "paid": 1, "returned": 1, "cancelled": 2, "refunded": 2}
LATEST_ORDER: Final = ("pending", "credited", "paid", "returned", "cancelled", "refunded")
PRIMARY: Final = ("pending", "credited", "paid")
NEVER_KEPT: Final = ("returned", "cancelled", "refunded")

TIMEZONE: Final = "America/Mexico_City"
DUE_DAY: Final = 15
WINDOW_MONTHS: Final = 2
PESOS: Final = "MXN"

HOLDS: Final = (
    "registry_conflict", "line_cancelled", "identity_conflict", "several_lines", "several_registrants",
    "no_line_for_month", "amount_mismatch", "out_of_window", "unknown_registrant", "unsettled",
)  # fmt: skip
"""In order; the first that applies holds the payment."""


class Asked(NamedTuple):
    """What a peer is asked: where the files are, for which month, where the answers go."""

    inbox: Path
    month: str
    output: Path


def asked(about: str | None) -> Asked:
    """The three arguments of a peer; the folder of the answers is made."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("inbox", type=Path)
    parser.add_argument("month")
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    return Asked(given.inbox, given.month, given.output)


def files(inbox: Path, kind: str) -> list[Path]:
    """The files of a kind, in order of name."""
    return sorted(inbox.glob(f"{kind}_*.csv"))


def is_text_of(kind: str, header: list[str]) -> bool:
    """Whether a header has exactly the columns of the kind, in any order."""
    return sorted(header) == sorted(FIELDS[kind])


def month_number(month: str) -> int:
    """``2026-10`` → 24321."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


def next_month(month: str) -> str:
    """The coverage month of a payment month."""
    return f"{(month_number(month) + 1) // 12:04d}-{(month_number(month) + 1) % 12 + 1:02d}"
