"""Open payments: what a person who decides wants to know of a payment, besides what is published of it."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, text
from schemas.table import Table


class OpenPayment(Table):
    """One payment that waits for a decision, or has one."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id",)

    payment_id: Text = text("Channel and natural key joined by |")
    reference: Text = text("Capture line, NSS and CURP fields as the payer gave them", "referencia")
    sender_name: Text = text("Name of the sender in the row that carries the payment", "remitente")
    facts: Text = text("Digest of its facts, by which a decision on older ones is noticed")
    text: Text = text("Concept of a bank transfer, message of a remittance", "concepto o mensaje")
