"""Small bank transfer files, made up, for the tests of reading."""

from __future__ import annotations

HEADER = (
    "operating_date,credited_at,tracking_key,sender_bank,sender_account,sender_name,"
    "receiver_account,amount,currency,numeric_reference,concept,status"
)
FIELDS = {
    "operating_date": "2026-10-14",
    "credited_at": "2026-10-14T14:02:11-06:00",
    "tracking_key": "K1",
    "sender_bank": "40012",
    "sender_account": "",
    "sender_name": "ELENA VARA",
    "receiver_account": "",
    "amount": "10.00",
    "currency": "MXN",
    "numeric_reference": "",
    "concept": "PAGO",
    "status": "credited",
}


def row(**fields: str) -> str:
    """One record in the order of the header, as it stands in a file (quote what needs it yourself)."""
    return ",".join((FIELDS | fields).values())


def content(*records: str, header: str = HEADER, end: str = "\n") -> bytes:
    """A whole file."""
    return end.join([header, *records, ""]).encode()
