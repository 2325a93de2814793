"""Payment facts: what the rows of one natural key agree on (CONTRACT §5)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import CivilDate, Flag, Instant, Text, Whole, centavos, civil_date, count, flag, instant, text
from schemas.table import Table


class PaymentFact(Table):
    """One payment and its facts, before any date or decision."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id",)

    payment_id: Text = text("Channel and natural key joined by |")
    channel: Text = text("bank_transfer or remittance", "canal")
    institution: Text = text("Sender bank or remittance company")
    natural_key: Text = text("Parts of the natural key joined by |")
    amount_centavos: Whole = centavos("Amount in hundredths of the currency")
    currency: Text = text("Currency code")
    status: Text = text("Latest status seen")
    is_conflicting: Flag = flag("Two rows contradict each other")
    is_ever_paid: Flag = flag("A row says paid or refunded")
    made_at: Instant = instant("When the payer paid; empty where only a returned row was seen", optional=True)
    operating_date: CivilDate = civil_date("The bank's operating day; empty for a remittance", optional=True)
    written_from_on: CivilDate = civil_date(
        "Earliest date written in any of its rows, in the source's own offset",
        optional=True,
    )
    written_to_on: CivilDate = civil_date("Latest such date", optional=True)
    fee_centavos: Whole = centavos("What the company keeps; 0 where no row says")
    settlement_id: Text = text("Settlement that paid it in; empty if none")
    tracking_key: Text = text("Tracking key of a bank transfer; else empty", "clave de rastreo")
    source_file: Text = text("File of the row that carries it")
    source_sha256: Text = text("SHA-256 of that file")
    source_sheet: Text = text("Sheet of a workbook")
    source_row: Whole = count("Physical row that carries it")
