"""Identify, settle, match, allocate, flag, cover: from rows to one bucket for every centavo (CONTRACT §§5-10)."""

import dagster as dg
import pandas as pd

from pipelines.defs.guarding import stage
from pipelines.defs.partitions import MONTHS
from pipelines.defs.resources import Programme
from pipelines.defs.tables import FIRST, Handed, gives, hand_over, takes
from pipelines.engine import publishing, stages


@dg.multi_asset(
    name="identify",
    ins=takes("bank_transfer_rows", "remittance_rows", "settlement_rows"),
    outs=gives("identify", "payment_facts", "claims", "payments", "payment_rows"),
    partitions_def=MONTHS,
    can_subset=True,
)
@stage("identify")
def identify(programme: Programme, **tables: pd.DataFrame) -> Handed:
    """Rows with one natural key become one payment (CONTRACT §5)."""
    yield from hand_over(programme.run(stages.identify, tables, programme.policy))


@dg.multi_asset(
    name="settle",
    ins=takes("settlement_rows", "payment_facts", "claims", "payments"),
    outs=gives("settle", "deposits", "settlements"),
    partitions_def=MONTHS,
    can_subset=True,
)
@stage("settle")
def settle(programme: Programme, **tables: pd.DataFrame) -> Handed:
    """Lump deposits are compared with what they settle (CONTRACT §6)."""
    yield from hand_over(programme.run(stages.settle, tables))


@dg.multi_asset(
    name="match",
    ins=takes(
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
    ),
    outs=gives("match", "findings", "payment_standings", "matches", "decisions", "decision_rejections", "decision_log"),
    partitions_def=MONTHS,
    can_subset=True,
)
@stage("match")
def match(programme: Programme, **tables: pd.DataFrame) -> Handed:
    """Payments are confirmed to lines, or held with a reason (CONTRACT §§7, 8)."""
    yield from hand_over(programme.run(stages.match, tables, programme.policy))


@dg.multi_asset(
    name="allocate",
    ins=takes("matches", "payments", "payment_standings", "capture_lines"),
    outs=gives("allocate", "parts", "line_standings", "dispositions"),
    partitions_def=MONTHS,
    can_subset=True,
)
@stage("allocate")
def allocate(programme: Programme, **tables: pd.DataFrame) -> Handed:
    """Every centavo gets its bucket (CONTRACT §9)."""
    yield from hand_over(programme.run(stages.allocate, tables, programme.policy))


@dg.multi_asset(
    name="flag",
    ins=takes("payment_facts", "payments", "dispositions", "matches", "capture_lines"),
    outs=gives("flag", "payment_flags"),
    partitions_def=MONTHS,
    op_tags=FIRST,
)
@stage("flag")
def flag(programme: Programme, **tables: pd.DataFrame) -> Handed:
    """Payments that deserve a second look are flagged (CONTRACT §9)."""
    yield from hand_over(programme.run(stages.flag, tables, programme.policy))


@dg.multi_asset(
    name="cover",
    ins=takes("line_standings", "findings", "payment_standings", "payments", "capture_lines", "registrants"),
    outs=gives("cover", "coverage_activations", "coverage_exceptions"),
    partitions_def=MONTHS,
    can_subset=True,
)
@stage("cover")
def cover(programme: Programme, **tables: pd.DataFrame) -> Handed:
    """Who is covered next month, and why every other line is not (CONTRACT §10)."""
    yield from hand_over(programme.run(stages.cover, tables, programme.month))


@dg.multi_asset(
    name="compare",
    ins=takes(*stages.COMPARED),
    outs=gives("cover", "coverage_changes"),
    partitions_def=MONTHS,
)
@stage("cover")
def compare(programme: Programme, **tables: pd.DataFrame) -> Handed:
    """What changed since last published, and why (CONTRACT §10)."""
    before = publishing.last_published(programme.home, programme.month, programme.policy)
    yield from hand_over(programme.run(stages.compare, tables, before))
