"""Parts: confirmed money by line and bucket (CONTRACT §9)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, Whole, centavos, text
from schemas.table import Table


class Part(Table):
    """What one payment gives to one line, in one bucket."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id", "capture_line", "bucket")

    payment_id: Text = text("Channel and natural key joined by |")
    capture_line: Text = text("Line, normalised")
    bucket: Text = text("applied, short, late or surplus")
    reason: Text = text("accept_late where a decision lets late money count")
    amount_centavos: Whole = centavos("The part")
