"""Payment flags (CONTRACT §9, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, month, text
from schemas.table import Table


class PaymentFlag(Table):
    """One flag on one payment."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id", "flag")

    payment_id: Text = text("Channel and natural key joined by |")
    natural_key: Text = text("Parts of the natural key joined by |")
    flag: Text = text("The flag", allowed=("late", "early", "boundary", "over_paid", "part_paid"))
    detail: Text = text("What decided it")
    month: Text = month("Month of the payment")
