"""Coverage exceptions (CONTRACT §10, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, Whole, centavos, month, text
from schemas.table import Table


class CoverageException(Table):
    """One issued line due in the month that activates nobody."""

    _key: ClassVar[tuple[str, ...]] = ("capture_line",)

    coverage_month: Text = month("Month not covered", "mes de cobertura")
    nss: Text = text("Registrant of the line")
    capture_line: Text = text("The line", "línea de captura")
    amount_due_centavos: Whole = centavos("Amount due")
    reason: Text = text(
        "First reason that applies",
        allowed=("unknown_registrant", "already_covered", "held", "late", "short", "returned", "unpaid"),
    )
    month: Text = month("Payment month", "mes de pago")
