"""Payment rows: what every row of a payment is to it (CONTRACT §5, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, Whole, count, month, text
from schemas.table import Table


class PaymentRow(Table):
    """One row of a file and its role in its payment."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id", "sha256", "sheet", "row")

    payment_id: Text = text("Channel and natural key joined by |")
    sha256: Text = text("SHA-256 of the file")
    row: Whole = count("Physical row")
    role: Text = text("payment, repeat, status or conflict", allowed=("payment", "repeat", "status", "conflict"))
    month: Text = month("Month of the payment's civil date")
    file_name: Text = text("Name of the file")
    sheet: Text = text("Sheet of a workbook")
