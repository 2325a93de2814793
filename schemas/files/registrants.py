"""Registrants as text (CONTRACT §3): people who registered, one row a change."""

from __future__ import annotations

from schemas.columns import Text
from schemas.files.base import CanonicalFile
from schemas.files.fields import field


class RegistrantsFile(CanonicalFile):
    """One row of a `registrants_*` file, every field as text."""

    nss: Text = field("nss", "Social security number, 11 digits with a right check digit", "número de seguridad social")
    curp: Text = field("curp", "Population registry code with a right check digit", "CURP")
    full_name: Text = field("text", "Name as written", "nombre completo")
    email: Text = field("text", "E-mail address", "correo electrónico", may_be_empty=True)
    postal_code: Text = field("text", "Postal code of the home in Mexico", "código postal", may_be_empty=True)
    state: Text = field("text", "State of the home in Mexico", "entidad federativa", may_be_empty=True)
    municipality: Text = field("text", "Municipality of the home in Mexico", "municipio", may_be_empty=True)
    umf: Text = field("code", "Family medicine unit, once assigned", "unidad de medicina familiar", may_be_empty=True)
    monthly_income: Text = field(
        "amount", "Average monthly income in pesos", "ingreso mensual promedio", may_be_empty=True
    )
    occupation: Text = field("text", "Occupation", "ocupación", may_be_empty=True)
    registered_on: Text = field("date", "Date of registration", "fecha de registro")
    updated_at: Text = field("instant", "When the sender last changed the row")
