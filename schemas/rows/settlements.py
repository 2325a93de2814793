"""Typed rows of settlement files (CONTRACT §3)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import CivilDate, Instant, Text, Whole, centavos, civil_date, count, instant, text
from schemas.table import Table


class SettlementRow(Table):
    """One sound row of a settlement file."""

    _key: ClassVar[tuple[str, ...]] = ("sha256", "sheet", "row")

    file_name: Text = text("Name of the accepted file the row stands in", "nombre del archivo")
    sha256: Text = text("SHA-256 of the file's bytes, hexadecimal")
    sheet: Text = text("Sheet of a workbook; empty for other files", "hoja")
    row: Whole = count("Line on which the record starts; the header of a canonical file is 1", "renglón")
    received_at: Instant = instant("When the file was received")
    company: Text = text("Remittance company", "empresa remesadora")
    settlement_id: Text = text("The company's number of the settlement", "liquidación")
    settled_on: CivilDate = civil_date("Civil date of the lump deposit")
    items: Whole = count("Number of remittances settled")
    gross_centavos: Whole = centavos("Sum of the remittances")
    fee_centavos: Whole = centavos("What the company keeps", "comisión")
    net_centavos: Whole = centavos("What it deposits")
    currency: Text = text("Currency code", "moneda")
    sender_bank: Text = text("Bank that sent the deposit", "banco emisor")
    bank_tracking_key: Text = text("Tracking key of the deposit", "clave de rastreo")
