"""Decisions as text (CONTRACT §3, §8): what a person decided about what is held."""

from __future__ import annotations

from schemas.columns import Text
from schemas.files.base import CanonicalFile
from schemas.files.fields import field


class DecisionsFile(CanonicalFile):
    """One row of a `decisions_*` file, every field as text."""

    payment_id: Text = field("code", "The payment decided on")
    action: Text = field("status", "What is decided", allowed=("match", "accept_late", "refund"), elsewhere=("undo",))
    capture_line: Text = field(
        "text", "The line to confirm it to; for match only", "línea de captura", may_be_empty=True
    )
    reason: Text = field("text", "Why", "motivo")
    decided_by: Text = field("text", "Who decided")
    approved_by: Text = field("text", "Who approved; someone else")
    decided_at: Text = field("instant", "When it was decided")
    facts: Text = field(
        "code", "Digest of the facts that the decider saw; only the workbook says it", may_be_empty=True, in_file=False
    )
