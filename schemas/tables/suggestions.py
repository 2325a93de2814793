"""Suggestions: what a payment is like (CONTRACT §7, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, month, text
from schemas.table import Table


class Suggestion(Table):
    """One line that a payment might be meant for; it confirms nothing."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id", "capture_line")

    payment_id: Text = text("Channel and natural key joined by |")
    capture_line: Text = text("Line it is like")
    likeness: Text = text("Kind of likeness")
    differs: Text = text("What differs")
    month: Text = month("Month of the payment")
