"""Receipts: one for every file offered (CONTRACT §4, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Instant, Text, Whole, centavos, count, instant, text
from schemas.table import Table


class Receipt(Table):
    """What became of one file offered."""

    _key: ClassVar[tuple[str, ...]] = ("received_at", "file_name", "sha256")

    file_name: Text = text("Name under which the file was offered", "nombre del archivo")
    sha256: Text = text("SHA-256 of its bytes; empty where it could not be read")
    layout: Text = text("Layout that its name chose; empty where none has it", "formato")
    outcome: Text = text("What became of it", allowed=("accepted", "repeated", "held", "refused"))
    reason: Text = text("Why, where it is not accepted; else what is worth a look, if anything")
    received_at: Instant = instant("When it was received")
    rows: Whole = count("Data rows in the file")
    rejected_rows: Whole = count("Rows of it among the rejections")
    amount_centavos: Whole = centavos("Sum of its main amount over sound rows in pesos")
