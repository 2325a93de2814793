"""Capture lines as they stand: the latest row of each line (CONTRACT §3)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, Whole, centavos, month, text
from schemas.table import Table


class CaptureLine(Table):
    """One line of the registry; in conflict it has no registrant, month or amount."""

    _key: ClassVar[tuple[str, ...]] = ("capture_line",)

    capture_line: Text = text("The line, normalised", "línea de captura")
    capture_line_written: Text = text("As its standing row writes it; empty in conflict")
    nss: Text = text("Its registrant; empty in conflict", "número de seguridad social")
    coverage_month: Text = month("Month it covers; empty in conflict")
    due_month: Text = month("Coverage month less one; empty in conflict", "mes de vencimiento")
    amount_due_centavos: Whole = centavos("Amount due; 0 in conflict")
    status: Text = text("issued, cancelled or conflict", allowed=("issued", "cancelled", "conflict"))
