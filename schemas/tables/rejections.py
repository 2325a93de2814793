"""Rejections: rows that did not flow on (CONTRACT §4, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, Whole, count, text
from schemas.table import Table


class Rejection(Table):
    """One row of a sound file that could not be used."""

    _key: ClassVar[tuple[str, ...]] = ("sha256", "sheet", "row")

    file_name: Text = text("Name of the file")
    sha256: Text = text("SHA-256 of its bytes")
    sheet: Text = text("Sheet of a workbook", "hoja")
    row: Whole = count("Physical row", "renglón")
    column: Text = text("Column that failed; empty where the whole row did")
    rule: Text = text("The rule it broke")
    reason: Text = text("What was expected and what to do; never the value")
