"""Twelve made-up persons in October 2026: one is covered at once, of the others everything waits for the analyst.

Person ``n`` (1 to 12) has the line ``LINEA000nn`` of 1,450.00 due in October. NSS and CURP have right check digits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from pipelines.sample.identifiers import with_curp_digit, with_luhn_digit

PERSONS: Final = range(1, 13)
NSS: Final = {n: bytes(with_luhn_digit(np.array([26900000 + n]))[0]).decode() for n in PERSONS}
LINE: Final = {n: f"LINEA000{n:02d}" for n in PERSONS}
_TRANSFERS: Final = (
    "operating_date,credited_at,tracking_key,sender_bank,sender_account,sender_name,receiver_account,amount,currency,"
    "numeric_reference,concept,status"
)


def _curp(n: int) -> str:
    body = f"AX{'BCDFGHJKLMNP'[n - 1]}X900101HDFRXN0"
    return bytes(with_curp_digit(np.frombuffer(body.encode(), np.uint8)[None, :])[0]).decode()


PAYMENTS: Final[dict[str, tuple[str, str, str]]] = {
    "PAID": ("05", "1450.00", LINE[11]),
    "MISMATCH": ("06", "1500.00", f"soy {NSS[1]}"),
    "NOBODY": ("07", "1450.00", "pago de mi seguro"),
    "LATE": ("20", "1450.00", LINE[3]),
    "LINES": ("08", "1450.00", f"{LINE[4]} o {LINE[12]}"),
    "PERSONS": ("09", "1450.00", f"{NSS[5]} {NSS[6]}"),
    "REFUND": ("10", "99.00", "me equivoqué"),
    "WINDOW": ("11", "1450.00", "LINEAVIEJA07"),
    "CANCELLED": ("12", "1450.00", "LINEABAJA08"),
    "SIGNER": ("13", "1450.00", "no sé qué poner"),
    "REASON": ("14", "1450.00", "gracias"),
}
"""Tracking key → day of October, amount, concept."""


def payment_id(key: str) -> str:
    """The identifier of a payment by its tracking key."""
    return f"bank_transfer|2026-10-{PAYMENTS[key][0]}|BANCO AZUL|{key}"


def offer(inbox: Path) -> None:
    """Put the month's files into an inbox."""
    inbox.mkdir(parents=True, exist_ok=True)
    people = [f"{NSS[n]},{_curp(n)},PERSONA {n},,,,,UMF 12,,,2026-01-05,2026-01-05T10:00:00-06:00" for n in PERSONS]
    lines = [_line(LINE[n], n, "2026-11", "issued") for n in PERSONS]
    lines += [_line("LINEAVIEJA07", 7, "2026-05", "issued"), _line("LINEABAJA08", 8, "2026-11", "cancelled")]
    transfers = [
        f"2026-10-{day},2026-10-{day}T10:00:00-06:00,{key},BANCO AZUL,,PAGADOR {key},,{amount},MXN,,{said},credited"
        for key, (day, amount, said) in PAYMENTS.items()
    ]
    files = {
        "registrants_1.csv": [
            "nss,curp,full_name,email,postal_code,state,municipality,umf,monthly_income,occupation,registered_on,updated_at",
            *people,
        ],
        "capture_lines_1.csv": [
            "capture_line,nss,coverage_month,amount_due,issued_on,expires_on,status,updated_at",
            *lines,
        ],
        "bank_transfers_1.csv": [_TRANSFERS, *transfers],
    }
    for name, rows in files.items():
        (inbox / name).write_text("\n".join(rows) + "\n", "utf-8")


def _line(line: str, n: int, coverage_month: str, status: str) -> str:
    return f"{line},{NSS[n]},{coverage_month},1450.00,2026-04-01,,{status},2026-04-01T10:00:00-06:00"
