"""Suggest: what a waiting payment might be meant for (CONTRACT §7). No other stage takes it; it is only published."""

from pipelines.defs.resources import Programme
from pipelines.defs.tables import FIRST, Given, makes
from pipelines.engine import stages


@makes(
    "suggest",
    takes=[
        *("payments", "payment_standings", "claims", "findings", "matches", "line_standings", "capture_lines"),
        *("registrants", "bank_transfer_rows", "remittance_rows"),
    ],
    gives=["suggestions"],
    tags=FIRST,
)
def suggest(programme: Programme, tables: Given) -> Given:
    """The lines that a payment waiting for a person might be meant for, with what differs (CONTRACT §7)."""
    return programme.run(stages.suggest, tables, programme.month, programme.policy)
