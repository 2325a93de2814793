"""Coverage activations (CONTRACT §10, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import CivilDate, Text, Whole, centavos, civil_date, month, text
from schemas.table import Table


class CoverageActivation(Table):
    """One registrant covered for one coverage month."""

    _key: ClassVar[tuple[str, ...]] = ("nss",)

    coverage_month: Text = month("Month covered", "mes de cobertura")
    nss: Text = text("Social security number", "número de seguridad social")
    curp: Text = text("Population registry code", "CURP")
    full_name: Text = text("Name as written")
    umf: Text = text("Family medicine unit; empty while pending", "unidad de medicina familiar")
    clinic_status: Text = text("assigned or pending", allowed=("assigned", "pending"))
    coverage_start: CivilDate = civil_date("First day covered")
    coverage_end: CivilDate = civil_date("Last day covered")
    capture_line: Text = text("Line paid", "línea de captura")
    amount_due_centavos: Whole = centavos("Amount due")
    amount_applied_centavos: Whole = centavos("Money applied, or accepted late")
    paid_on: CivilDate = civil_date("Civil date of the payment that made the line full")
    month: Text = month("Payment month", "mes de pago")
