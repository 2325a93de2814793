"""Certificate: the proofs of a publication (CONTRACT §11, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Flag, Text, Whole, centavos, flag, month, text
from schemas.table import Table


class CertificateLine(Table):
    """One figure of one proof."""

    _key: ClassVar[tuple[str, ...]] = ("check", "scope")

    check: Text = text("The proof")
    scope: Text = text("What it was taken over: a file, a channel and currency, a month")
    expected: Whole = centavos("The figure expected")
    found: Whole = centavos("The figure found")
    passed: Flag = flag("Whether they agree")
    month: Text = month("Payment month")
