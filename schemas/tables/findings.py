"""Findings: what the deciding step of matching found, confirmed or not (CONTRACT §7, §10)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, month, text
from schemas.table import Table


class Finding(Table):
    """One line or registrant found for one payment."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id", "capture_line", "nss")

    payment_id: Text = text("Channel and natural key joined by |")
    capture_line: Text = text("Line found; empty where only a registrant was")
    nss: Text = text("Registrant found")
    rule: Text = text("The deciding step")
    reason: Text = text("What holds it; empty when it would be confirmed")
    month: Text = month("Month of the payment")
