"""Landings: the log of what was offered and how it read, from which receipts are derived (CONTRACT §4)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Instant, Text, Whole, centavos, count, instant, text
from schemas.table import Table


class Landing(Table):
    """One file offered under one name with one content, and what its reader made of it."""

    _key: ClassVar[tuple[str, ...]] = ("file_name", "sha256")

    file_name: Text = text("Name under which the file was offered", "nombre del archivo")
    sha256: Text = text("SHA-256 of its bytes; empty where it could not be read")
    layout: Text = text("Layout that its name chose; empty where none has it", "formato")
    kind: Text = text("Canonical file its rows are of; empty where it was refused")
    received_at: Instant = instant("When it was received")
    refusal: Text = text("Why it was refused; empty where it reads")
    rows: Whole = count("Data rows in the file")
    rejected_rows: Whole = count("Rows of it that did not read")
    amount_centavos: Whole = centavos("Sum of its main amount over sound rows in pesos")
    rows_digest: Text = text("Digest of the multiset of its rows; empty without rows")
    months: Text = text("Months its rows touch, separated by a space")
