"""Matches: what is confirmed (CONTRACT §7, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, month, text
from schemas.table import Table


class Match(Table):
    """One line to which one payment is confirmed."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id", "capture_line")

    payment_id: Text = text("Channel and natural key joined by |")
    capture_line: Text = text("Line, normalised", "línea de captura")
    nss: Text = text("The line's registrant", "número de seguridad social")
    rule: Text = text(
        "The rule that confirmed it",
        allowed=("exact", "normalised", "text", "text_many", "nss", "curp", "decision"),
    )
    month: Text = month("Month of the payment")
