"""Suggest: what a waiting payment might be meant for (CONTRACT §7). No other stage takes it; it is only published."""

import dagster as dg
import pandas as pd

from pipelines.defs.guarding import stage
from pipelines.defs.partitions import MONTHS
from pipelines.defs.resources import Programme
from pipelines.defs.tables import FIRST, Handed, gives, hand_over, takes
from pipelines.engine import stages


@dg.multi_asset(
    name="suggest",
    ins=takes(
        *("payments", "payment_standings", "claims", "findings", "matches", "line_standings", "capture_lines"),
        *("registrants", "bank_transfer_rows", "remittance_rows"),
    ),
    outs=gives("suggest", "suggestions"),
    partitions_def=MONTHS,
    op_tags=FIRST,
)
@stage("suggest")
def suggest(programme: Programme, **tables: pd.DataFrame) -> Handed:
    """The lines that a payment waiting for a person might be meant for, with what differs (CONTRACT §7)."""
    yield from hand_over(programme.run(stages.suggest, tables, programme.month, programme.policy))
