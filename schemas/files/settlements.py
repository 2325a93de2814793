"""Settlements as text (CONTRACT §3): lump deposits of remittance companies."""

from __future__ import annotations

from schemas.columns import Text
from schemas.files.base import CanonicalFile
from schemas.files.fields import field


class SettlementsFile(CanonicalFile):
    """One row of a `settlements_*` file, every field as text."""

    company: Text = field("key_part", "Remittance company", "empresa remesadora")
    settlement_id: Text = field("code", "The company's number of the settlement", "liquidación")
    settled_on: Text = field("date", "Civil date of the lump deposit", "fecha de liquidación")
    items: Text = field("count", "Number of remittances settled", "número de remesas")
    gross_amount: Text = field("amount", "Sum of the remittances", "importe bruto")
    fee_amount: Text = field("amount_or_zero", "What the company keeps", "comisión")
    net_amount: Text = field("amount", "What it deposits", "importe neto")
    currency: Text = field("code", "Currency code", "moneda")
    sender_bank: Text = field("key_part", "Bank that sent the deposit", "banco emisor")
    bank_tracking_key: Text = field("key_part", "Tracking key of the deposit", "clave de rastreo")
