"""Claims: what a payment says of whom it is for (CONTRACT §5, §7)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, Whole, centavos, count, text
from schemas.table import Table


class Claim(Table):
    """One set of naming facts: one a payment, or one a row where its rows conflict."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id", "claim")

    payment_id: Text = text("Channel and natural key joined by |")
    claim: Whole = count("Number of the claim within the payment, from 0")
    amount_centavos: Whole = centavos("Amount in hundredths of the currency")
    settlement_id: Text = text("Settlement named; empty if none")
    capture_line: Text = text("Capture line field as written")
    nss: Text = text("NSS field as written")
    curp: Text = text("CURP field as written")
    text: Text = text("Concept of a bank transfer, message of a remittance", "concepto o mensaje")
