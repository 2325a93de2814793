"""Registrants as they stand: the latest row of each NSS (CONTRACT §3)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, text
from schemas.table import Table


class Registrant(Table):
    """One registrant, not in conflict."""

    _key: ClassVar[tuple[str, ...]] = ("nss",)

    nss: Text = text("Social security number", "número de seguridad social")
    curp: Text = text("Population registry code", "CURP")
    full_name: Text = text("Name as written")
    umf: Text = text("Family medicine unit; empty until assigned", "unidad de medicina familiar")
