"""Coverage changes (CONTRACT §10, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, month, text
from schemas.table import Table


class CoverageChange(Table):
    """What this publication changes for one registrant."""

    _key: ClassVar[tuple[str, ...]] = ("nss", "change")

    coverage_month: Text = month("Month covered")
    nss: Text = text("Registrant")
    change: Text = text("What changed", allowed=("activated", "revoked", "amended"))
    cause: Text = text("Why")
    month: Text = month("Payment month")
