"""Deposits: the bank transfers that are lump deposits of settlements (CONTRACT §6)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Flag, Text, flag, text
from schemas.table import Table


class Deposit(Table):
    """One bank transfer that is the deposit of a settlement."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id",)

    payment_id: Text = text("Channel and natural key joined by |")
    is_good: Flag = flag("Neither conflicting, returned nor in another currency")
