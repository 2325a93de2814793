"""The log of decisions: append-only and hash-chained (CONTRACT §8)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Instant, Text, Whole, count, instant, text
from schemas.table import Table


class DecisionLogEntry(Table):
    """One decision in the order of first appearance; each entry holds the digest of the one before it.

    ``digest`` is the SHA-256 of the JSON list of position, decision_id, received_at (UTC, microseconds), sha256, sheet,
    row and previous.
    """

    _key: ClassVar[tuple[str, ...]] = ("position",)

    position: Whole = count("Place in the log, from 1")
    decision_id: Text = text("SHA-256 of what the decision says")
    received_at: Instant = instant("When its file was received")
    sha256: Text = text("SHA-256 of the file in which it first came")
    sheet: Text = text("Sheet of a workbook; empty for other files", "hoja")
    row: Whole = count("Physical row", "renglón")
    previous: Text = text("Digest of the entry before it; empty for the first")
    digest: Text = text("Digest of this entry")
