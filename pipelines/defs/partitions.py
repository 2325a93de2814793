"""The one set of partitions: payment months (mes de pago), to the one in progress (docs/decisions/0005)."""

from __future__ import annotations

from typing import Final

import dagster as dg

TIMEZONE: Final = "America/Mexico_City"
FIRST_MONTH: Final = "2024-01"
"""The first month that the programme's policy governs; an earlier one has no rules to run on."""

MONTHS: Final = dg.MonthlyPartitionsDefinition(
    start_date=FIRST_MONTH,
    fmt="%Y-%m",
    timezone=TIMEZONE,
    end_offset=1,
)
"""No asset has a backfill policy: a backfill is one run a month."""
