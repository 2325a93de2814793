"""Typed rows of remittance company files (CONTRACT §3)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import CivilDate, Instant, OptionalWhole, Text, Whole, centavos, civil_date, count, instant, text
from schemas.table import Table


class RemittanceRow(Table):
    """One sound row of a remittance file: the state of one remittance."""

    _key: ClassVar[tuple[str, ...]] = ("sha256", "sheet", "row")

    file_name: Text = text("Name of the accepted file the row stands in", "nombre del archivo")
    sha256: Text = text("SHA-256 of the file's bytes, hexadecimal")
    sheet: Text = text("Sheet of a workbook; empty for other files", "hoja")
    row: Whole = count("Line on which the record starts; the header of a canonical file is 1", "renglón")
    received_at: Instant = instant("When the file was received")
    company: Text = text("Remittance company", "empresa remesadora")
    remittance_id: Text = text("The company's number of the remittance", "folio de la remesa")
    settlement_id: Text = text("The settlement that paid it in; empty until settled", "liquidación")
    status: Text = text("pending, paid, cancelled or refunded", allowed=("pending", "paid", "cancelled", "refunded"))
    sent_at: Instant = instant("When the payer paid")
    sent_written_on: CivilDate = civil_date("Date of sent_at as written, in the source's own offset")
    sender_name: Text = text("Name of the payer")
    send_amount: Text = text("Amount handed over, in send_currency, as written")
    send_currency: Text = text("Currency handed over")
    fx_rate: Text = text("Rate of exchange as written", "tipo de cambio")
    pay_amount_centavos: Whole = centavos("Amount that counts towards the line, in hundredths of pay_currency")
    pay_currency: Text = text("Currency paid out", "moneda")
    fee_centavos: OptionalWhole = centavos(
        "What the company keeps from its deposit; empty is unknown, in the end 0",
        "comisión",
        optional=True,
    )
    capture_line: Text = text("Capture line as the payer gave it", "línea de captura")
    nss: Text = text("Social security number as the payer gave it", "número de seguridad social")
    curp: Text = text("Population registry code as the payer gave it", "CURP")
    message: Text = text("Free text of the payer", "mensaje")
