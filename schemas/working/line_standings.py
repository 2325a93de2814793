"""Line standings: what became of each line that has confirmed money (CONTRACT §9)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import CivilDate, Flag, Text, Whole, centavos, civil_date, flag, month, text
from schemas.table import Table


class LineStanding(Table):
    """One line and its money."""

    _key: ClassVar[tuple[str, ...]] = ("capture_line",)

    capture_line: Text = text("Line, normalised")
    nss: Text = text("Its registrant")
    due_month: Text = month("Month it is due")
    amount_due_centavos: Whole = centavos("Amount due")
    on_time_centavos: Whole = centavos("Confirmed on time")
    late_centavos: Whole = centavos("Confirmed late")
    applied_centavos: Whole = centavos("Applied, or accepted late")
    is_paid: Flag = flag("Full on time, or with money accepted late")
    stands: Flag = flag("Paid, and first of its registrant's lines for the month")
    is_full_with_late: Flag = flag("Full only with its late money")
    full_on: CivilDate = civil_date("Civil date of the payment that made it full; empty if not paid", optional=True)
