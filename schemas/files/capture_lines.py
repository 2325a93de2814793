"""Capture lines as text (CONTRACT §3): payment references issued, one row a change."""

from __future__ import annotations

from schemas.columns import Text
from schemas.files.base import CanonicalFile
from schemas.files.fields import field


class CaptureLinesFile(CanonicalFile):
    """One row of a `capture_lines_*` file, every field as text."""

    capture_line: Text = field(
        "capture_line", "Payment reference, 8 to 60 letters and digits once normalised", "línea de captura"
    )
    nss: Text = field("nss", "Social security number of the registrant", "número de seguridad social")
    coverage_month: Text = field("month", "Month the line covers", "mes de cobertura")
    amount_due: Text = field("amount", "Amount due in pesos", "importe a pagar")
    issued_on: Text = field("date", "Date of issue", "fecha de emisión")
    expires_on: Text = field("date", "Date of expiry; informs only", "vigencia", may_be_empty=True)
    status: Text = field("status", "What became of the line", allowed=("issued", "cancelled"))
    updated_at: Text = field("instant", "When the sender last changed the row")
