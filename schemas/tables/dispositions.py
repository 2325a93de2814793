"""Dispositions: one bucket for every centavo (CONTRACT §9, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, Whole, centavos, month, text
from schemas.table import Table


class Disposition(Table):
    """One part of one payment and the bucket it stands in."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id", "capture_line", "bucket")

    payment_id: Text = text("Channel and natural key joined by |")
    channel: Text = text("bank_transfer or remittance", "canal")
    natural_key: Text = text("Parts of the natural key joined by |")
    bucket: Text = text(
        "The bucket",
        allowed=(
            "applied",
            "short",
            "late",
            "surplus",
            "held",
            "unmatched",
            "returned",
            "refund_due",
            "settlement",
            "pending",
        ),
    )
    reason: Text = text("Why it waits, where it does")
    amount_centavos: Whole = centavos("The part, in hundredths of the currency", "importe")
    currency: Text = text("Currency code", "moneda")
    capture_line: Text = text("Line it is confirmed to; else empty")
    nss: Text = text("That line's registrant")
    coverage_month: Text = month("That line's coverage month")
    month: Text = month("Month of the payment")
