"""Typed rows of registrant files (CONTRACT §3)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import CivilDate, Instant, Text, Whole, civil_date, count, instant, text
from schemas.table import Table


class RegistrantRow(Table):
    """One sound row of a registrant file."""

    _key: ClassVar[tuple[str, ...]] = ("sha256", "sheet", "row")

    file_name: Text = text("Name of the accepted file the row stands in", "nombre del archivo")
    sha256: Text = text("SHA-256 of the file's bytes, hexadecimal")
    sheet: Text = text("Sheet of a workbook; empty for other files", "hoja")
    row: Whole = count("Line on which the record starts; the header of a canonical file is 1", "renglón")
    received_at: Instant = instant("When the file was received")
    nss: Text = text("Social security number, 11 digits", "número de seguridad social")
    curp: Text = text("Population registry code, 18 characters", "CURP")
    full_name: Text = text("Name as written")
    email: Text = text("E-mail address")
    postal_code: Text = text("Postal code of the home in Mexico", "código postal")
    state: Text = text("State of the home in Mexico")
    municipality: Text = text("Municipality of the home in Mexico")
    umf: Text = text("Family medicine unit; empty until assigned", "unidad de medicina familiar")
    monthly_income: Text = text("Average monthly income in pesos as written")
    occupation: Text = text("Occupation")
    registered_on: CivilDate = civil_date("Date of registration")
    updated_at: Instant = instant("When the sender last changed the row")
