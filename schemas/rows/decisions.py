"""Typed rows of decision files (CONTRACT §3, §8)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Instant, Text, Whole, count, instant, text
from schemas.table import Table


class DecisionRow(Table):
    """One sound row of a decisions file."""

    _key: ClassVar[tuple[str, ...]] = ("sha256", "sheet", "row")

    file_name: Text = text("Name of the accepted file the row stands in", "nombre del archivo")
    sha256: Text = text("SHA-256 of the file's bytes, hexadecimal")
    sheet: Text = text("Sheet of a workbook; empty for other files", "hoja")
    row: Whole = count("Line on which the record starts; the header of a canonical file is 1", "renglón")
    received_at: Instant = instant("When the file was received")
    payment_id: Text = text("The payment decided on")
    action: Text = text(
        "match, accept_late or refund; undo leaves the payment to the rules again",
        allowed=("match", "accept_late", "refund", "undo"),
    )
    capture_line: Text = text("The line to confirm it to, normalised; for match only", "línea de captura")
    reason: Text = text("Why")
    decided_by: Text = text("Who decided")
    approved_by: Text = text("Who approved; someone else")
    decided_at: Instant = instant("When it was decided")
    facts: Text = text("Digest of the payment's facts as the decider saw them; empty where the file does not say")
