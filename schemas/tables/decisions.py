"""Decisions: every one ever landed, and whether it counts (CONTRACT §8)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Instant, Text, Whole, count, instant, month, text
from schemas.table import Table


class Decision(Table):
    """One row of a decisions file about a payment of the month; decisions on unknown payments are rejections only."""

    _key: ClassVar[tuple[str, ...]] = ("sha256", "sheet", "row")

    decision_id: Text = text("SHA-256 of what it says, wherever it stands")
    payment_id: Text = text("The payment decided on")
    action: Text = text(
        "match, accept_late or refund; undo leaves the payment to the rules again",
        allowed=("match", "accept_late", "refund", "undo"),
    )
    capture_line: Text = text("The line to confirm it to, normalised; for match only", "línea de captura")
    reason: Text = text("Why, in the words of who decided", "motivo")
    decided_by: Text = text("Who decided", "decidió")
    approved_by: Text = text("Who approved; someone else", "autorizó")
    decided_at: Instant = instant("When it was decided")
    received_at: Instant = instant("When its file was received")
    file_name: Text = text("Name of the accepted file the row stands in", "nombre del archivo")
    sha256: Text = text("SHA-256 of the file's bytes, hexadecimal")
    sheet: Text = text("Sheet of a workbook; empty for other files", "hoja")
    row: Whole = count("Physical row", "renglón")
    status: Text = text(
        "applied; superseded by a later decision; undone by a later undo; repeated: it had come before; stale: the "
        "payment's facts have changed since; rejected",
        allowed=("applied", "superseded", "undone", "repeated", "stale", "rejected"),
    )
    why: Text = text("The rule that rejects it; stale where it is stale; else empty")
    facts_digest: Text = text("Digest of the payment's facts that it was decided on")
    month: Text = month("Month of the payment")
