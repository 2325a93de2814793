"""Payments (CONTRACT §5, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import CivilDate, Instant, Text, Whole, centavos, civil_date, count, instant, month, text
from schemas.table import Table


class Payment(Table):
    """One payment: all rows of one natural key."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id",)

    payment_id: Text = text("Channel and natural key joined by |")
    channel: Text = text("bank_transfer or remittance", "canal", allowed=("bank_transfer", "remittance"))
    institution: Text = text("Sender bank or remittance company")
    natural_key: Text = text("Parts of the natural key joined by |")
    amount_centavos: Whole = centavos("Amount in hundredths of the currency", "importe")
    currency: Text = text("Currency code", "moneda")
    paid_at: Instant = instant("Instant of the basis that the policy's paid_on chooses")
    paid_on: CivilDate = civil_date("Civil date of paid_at in the programme's time zone", "fecha de pago")
    status: Text = text("Latest status seen")
    source_file: Text = text("File of the row that carries it")
    source_row: Whole = count("Physical row that carries it")
    month: Text = month("Month of paid_on", "mes de pago")
    source_sha256: Text = text("SHA-256 of that file")
    source_sheet: Text = text("Sheet of a workbook")
