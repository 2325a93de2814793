"""Typed rows of bank files (CONTRACT §3)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import CivilDate, Instant, Text, Whole, centavos, civil_date, count, instant, text
from schemas.table import Table


class BankTransferRow(Table):
    """One sound row of a bank file: a credit, or its return."""

    _key: ClassVar[tuple[str, ...]] = ("sha256", "sheet", "row")

    file_name: Text = text("Name of the accepted file the row stands in", "nombre del archivo")
    sha256: Text = text("SHA-256 of the file's bytes, hexadecimal")
    sheet: Text = text("Sheet of a workbook; empty for other files", "hoja")
    row: Whole = count("Line on which the record starts; the header of a canonical file is 1", "renglón")
    received_at: Instant = instant("When the file was received")
    operating_date: CivilDate = civil_date("The bank's operating day", "fecha de operación")
    credited_at: Instant = instant("When the account was credited; of a returned row the moment of return")
    credited_written_on: CivilDate = civil_date("Date of credited_at as written, in the source's own offset")
    tracking_key: Text = text("Key unique per sender bank and operating day", "clave de rastreo")
    sender_bank: Text = text("Institution that sent the transfer", "banco emisor")
    sender_account: Text = text("Account of the sender")
    sender_name: Text = text("Name of the sender")
    receiver_account: Text = text("Account credited", "cuenta CLABE receptora")
    amount_centavos: Whole = centavos("Amount in hundredths of the currency", "importe")
    currency: Text = text("Currency code", "moneda")
    numeric_reference: Text = text("Reference of up to 7 digits", "referencia numérica")
    concept: Text = text("Free text of the payer", "concepto")
    status: Text = text("credited or returned", allowed=("credited", "returned"))
