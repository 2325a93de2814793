"""Payment standings: the first bucket that applies to each payment (CONTRACT §5, §8)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Flag, Text, flag, text
from schemas.table import Table


class PaymentStanding(Table):
    """Where one payment stands before its money is spread over lines."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id",)

    payment_id: Text = text("Channel and natural key joined by |")
    bucket: Text = text(
        "The bucket of the whole payment, or confirmed where its money goes on to be allocated",
        allowed=("confirmed", "held", "unmatched", "returned", "refund_due", "settlement", "pending"),
    )
    reason: Text = text("Why it waits, where it does")
    is_accepted_late: Flag = flag("A decision lets its late money count")
