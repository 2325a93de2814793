"""Identify, settle, match, allocate, flag, cover: from rows to one bucket for every centavo (CONTRACT §§5-10)."""

from pipelines.defs.resources import Programme
from pipelines.defs.tables import FIRST, Given, makes
from pipelines.engine import stages


@makes(
    "identify",
    takes=["bank_transfer_rows", "remittance_rows", "settlement_rows"],
    gives=["payment_facts", "claims", "payments", "payment_rows"],
)
def identify(programme: Programme, tables: Given) -> Given:
    """Rows with one natural key become one payment (CONTRACT §5)."""
    return programme.run(stages.identify, tables, programme.policy)


@makes(
    "settle",
    takes=["settlement_rows", "payment_facts", "claims", "payments"],
    gives=["deposits", "settlements"],
)
def settle(programme: Programme, tables: Given) -> Given:
    """Lump deposits are compared with what they settle (CONTRACT §6)."""
    return programme.run(stages.settle, tables)


@makes(
    "match",
    takes=[
        "payment_facts",
        "claims",
        "payments",
        "deposits",
        "settlements",
        "capture_lines",
        "registrants",
        "decision_rows",
        "payment_rows",
        "bank_transfer_rows",
        "remittance_rows",
    ],
    gives=["findings", "payment_standings", "matches", "decisions", "decision_rejections", "decision_log"],
)
def match(programme: Programme, tables: Given) -> Given:
    """Payments are confirmed to lines, or held with a reason (CONTRACT §§7, 8)."""
    return programme.run(stages.match, tables, programme.policy)


@makes(
    "allocate",
    takes=["matches", "payments", "payment_standings", "capture_lines"],
    gives=["parts", "line_standings", "dispositions"],
)
def allocate(programme: Programme, tables: Given) -> Given:
    """Every centavo gets its bucket (CONTRACT §9)."""
    return programme.run(stages.allocate, tables, programme.policy)


@makes(
    "flag",
    takes=["payment_facts", "payments", "dispositions", "matches", "capture_lines"],
    gives=["payment_flags"],
    tags=FIRST,
)
def flag(programme: Programme, tables: Given) -> Given:
    """Payments that deserve a second look are flagged (CONTRACT §9)."""
    return programme.run(stages.flag, tables, programme.policy)


@makes(
    "cover",
    takes=["line_standings", "findings", "payment_standings", "payments", "capture_lines", "registrants"],
    gives=["coverage_activations", "coverage_exceptions"],
)
def cover(programme: Programme, tables: Given) -> Given:
    """Who is covered next month, and why every other line is not (CONTRACT §10)."""
    return programme.run(stages.cover, tables, programme.month)


@makes("cover", takes=[*stages.COMPARED], gives=["coverage_changes"])
def compare(programme: Programme, tables: Given) -> Given:
    """What changed since last published, and why (CONTRACT §10)."""
    return programme.run(stages.compare, tables, programme.before())
