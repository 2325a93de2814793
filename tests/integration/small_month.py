# ruff: noqa: E501 - a record of a file stands on one line
"""A small October 2026 for tests of the whole: seven files of a few rows, with canaries in every personal column.

NSS, CURP and CLABE are published examples of right check digits; names are made up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

MONTH: Final = "2026-10"
RECEIVED_AT: Final = datetime(2026, 11, 1, 6, tzinfo=UTC)

CANARIES: Final = (
    "92919084431",
    "12345678903",
    "48979152914",
    "BOXW310820HNERXN09",
    "BAUM690216HMSLRG18",
    "QUETZALLI ZUMAYA",
    "TIMOTEO ALCARAVAN",
    "002010077777777771",
    "zumaya@example.org",
    "recado de Quetzalli",
)
"""Text of rows that must be found in tables and outbox, and nowhere in the run history."""

FILES: Final[Mapping[str, str]] = {
    "registrants_1.csv": """\
nss,curp,full_name,email,postal_code,state,municipality,umf,monthly_income,occupation,registered_on,updated_at
92919084431,BOXW310820HNERXN09,QUETZALLI ZUMAYA,zumaya@example.org,06600,CDMX,Cuauhtemoc,UMF 12,12000.00,COCINERA,2026-01-05,2026-01-05T10:00:00-06:00
12345678903,BAUM690216HMSLRG18,TIMOTEO ALCARAVAN,,,,,,,,2026-01-05,2026-01-05T10:00:00-06:00
""",
    "capture_lines_1.csv": """\
capture_line,nss,coverage_month,amount_due,issued_on,expires_on,status,updated_at
LINEA00001,92919084431,2026-11,1450.00,2026-09-25,,issued,2026-09-25T10:00:00-06:00
LINEA00002,12345678903,2026-11,1450.00,2026-09-25,,issued,2026-09-25T10:00:00-06:00
LINEA00003,48979152914,2026-11,1200.00,2026-09-25,,issued,2026-09-25T10:00:00-06:00
""",
    "bank_transfers_1.csv": """\
operating_date,credited_at,tracking_key,sender_bank,sender_account,sender_name,receiver_account,amount,currency,numeric_reference,concept,status
2026-10-06,2026-10-06T10:00:00-06:00,TK0001,BANCO AZUL,002010077777777771,QUETZALLI ZUMAYA,,1450.00,MXN,,recado de Quetzalli LINEA00001,credited
2026-10-07,2026-10-07T10:00:00-06:00,TK0002,BANCO AZUL,002010077777777771,TIMOTEO ALCARAVAN,,300.00,MXN,,recado de Quetzalli,credited
2026-10-14,2026-10-14T10:00:00-06:00,TK0003,BANCO ROJO,,,,1430.00,MXN,,LIQ 1,credited
2026-10-14,2026-10-14T10:00:00-06:00,TK0004,BANCO ROJO,,,,1e3,MXN,,48979152914,credited
2026-10-15,2026-10-15T10:00:00-06:00,TK0005,BANCO ROJO,,,,80.00,48979152914,,,credited
""",
    "remittances_1.csv": """\
company,remittance_id,settlement_id,status,sent_at,sender_name,send_amount,send_currency,fx_rate,pay_amount,pay_currency,fee,capture_line,nss,curp,message
GIROS,R1,L1,paid,2026-10-10T09:00:00-05:00,TIMOTEO ALCARAVAN,80.00,USD,18.125,1450.00,MXN,20.00,LINEA00002,12345678903,,recado de Quetzalli
""",
    "settlements_1.csv": """\
company,settlement_id,settled_on,items,gross_amount,fee_amount,net_amount,currency,sender_bank,bank_tracking_key
GIROS,L1,2026-10-14,1,1450.00,20.00,1430.00,MXN,BANCO ROJO,TK0003
""",
    "bank_transfers_broken.csv": "operating_date,QUETZALLI ZUMAYA\n92919084431\n",
    "notes.csv": "BOXW310820HNERXN09\n",
}

LATER: Final[Mapping[str, str]] = {
    "bank_transfers_2.csv": """\
operating_date,credited_at,tracking_key,sender_bank,sender_account,sender_name,receiver_account,amount,currency,numeric_reference,concept,status
2026-10-08,2026-10-08T10:00:00-06:00,TK0009,BANCO AZUL,,,,1200.00,MXN,,LINEA00003,credited
""",
}
"""A file that arrives after the first publication."""


def offer(inbox: Path, files: Mapping[str, str] = FILES) -> Path:
    """Put files into an inbox."""
    inbox.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (inbox / name).write_text(content, "utf-8")
    return inbox


def digests(folder: Path) -> dict[str, str]:
    """Relative path → SHA-256 of every file under a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
