"""Coverage changes (CONTRACT §10, §12)."""

from __future__ import annotations

from typing import ClassVar, Final

from schemas.columns import Text, month, text
from schemas.table import Table

CAUSES: Final = ("first_publication", "later_status", "decision", "new_file", "policy", "code")
"""Why coverage changed; between two publications nothing else can differ."""


class CoverageChange(Table):
    """What this publication changes for one registrant against the one before it, and why."""

    _key: ClassVar[tuple[str, ...]] = ("nss", "change")

    coverage_month: Text = month("Month covered")
    nss: Text = text("Registrant")
    change: Text = text("What changed", allowed=("activated", "revoked", "amended"))
    cause: Text = text("Why: what is new since the publication before", allowed=CAUSES)
    month: Text = month("Payment month")
    capture_line: Text = text("Line that activates now; of one revoked, the line that did", "línea de captura")
    payments: Text = text("Payments concerned, by payment_id, separated by '; '", "pagos")
    detail: Text = text(
        "Revoked: why the line activates nobody now, or line_not_issued; activated: why it did not before, empty if "
        "it was not due then; amended: the columns that differ, separated by a space"
    )
