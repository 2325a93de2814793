"""Typed rows of capture line files (CONTRACT §3)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import CivilDate, Instant, Text, Whole, centavos, civil_date, count, instant, month, text
from schemas.table import Table


class CaptureLineRow(Table):
    """One sound row of a capture line file."""

    _key: ClassVar[tuple[str, ...]] = ("sha256", "sheet", "row")

    file_name: Text = text("Name of the accepted file the row stands in", "nombre del archivo")
    sha256: Text = text("SHA-256 of the file's bytes, hexadecimal")
    sheet: Text = text("Sheet of a workbook; empty for other files", "hoja")
    row: Whole = count("Line on which the record starts; the header of a canonical file is 1", "renglón")
    received_at: Instant = instant("When the file was received")
    capture_line: Text = text("Issued payment reference, normalised", "línea de captura")
    capture_line_written: Text = text("The reference as written in the file")
    nss: Text = text("Social security number of the registrant", "número de seguridad social")
    coverage_month: Text = month("Month the line covers", "mes de cobertura")
    amount_due_centavos: Whole = centavos("Amount due", "importe a pagar")
    issued_on: CivilDate = civil_date("Date of issue")
    expires_on: CivilDate = civil_date("Date of expiry; informs only", "vigencia", optional=True)
    status: Text = text("issued or cancelled", allowed=("issued", "cancelled"))
    updated_at: Instant = instant("When the sender last changed the row")
