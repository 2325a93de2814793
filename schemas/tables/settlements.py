"""Settlements (CONTRACT §6, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import CivilDate, Text, Whole, centavos, civil_date, count, month, text
from schemas.table import Table


class Settlement(Table):
    """One settlement and whether it balances."""

    _key: ClassVar[tuple[str, ...]] = ("company", "settlement_id")

    company: Text = text("Remittance company")
    settlement_id: Text = text("The company's number", "liquidación")
    status: Text = text(
        "balanced, awaiting_deposit, unbalanced or conflicting_rows",
        allowed=("balanced", "awaiting_deposit", "unbalanced", "conflicting_rows"),
    )
    deposit_centavos: Whole = centavos("Good deposits seen")
    net_centavos: Whole = centavos("Net amount stated")
    gross_centavos: Whole = centavos("Gross amount stated")
    fee_centavos: Whole = centavos("Fees stated", "comisión")
    difference_centavos: Whole = centavos("Deposit less net amount")
    settled_on: CivilDate = civil_date("Civil date stated")
    items: Whole = count("Remittances stated")
    remittances_centavos: Whole = centavos("Sum of the remittances ever paid under it")
    remittances_fee_centavos: Whole = centavos("Sum of their fees")
    remittances_items: Whole = count("Number of them")
    differences: Text = text("Every difference by name, separated by a space; empty when balanced or only awaited")
    month: Text = month("Month in which it is listed")
