"""Prove: receipts are complete, and five proofs stand between a month and its publication (CONTRACT §11)."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from pipelines.defs import checks
from pipelines.defs.guarding import stage
from pipelines.defs.partitions import MONTHS
from pipelines.defs.resources import Programme
from pipelines.defs.tables import LAST, Handed, gives, hand_over, takes
from pipelines.engine import stages


@dg.multi_asset(
    name="account",
    ins=takes("landed_receipts", "capture_line_rows", "read_rejections", "registry_rejections", "decision_rejections"),
    outs=gives("prove", "receipts", "rejections"),
    partitions_def=MONTHS,
    can_subset=True,
    op_tags=LAST,
)
@stage("prove")
def account(programme: Programme, **tables: pd.DataFrame) -> Handed:
    """Senders are told of every file and every row that did not flow on (CONTRACT §4)."""
    yield from hand_over(programme.run(stages.account, tables))


@dg.multi_asset(
    name="prove",
    ins=takes(
        *("receipts", "rejections", *stages.ROW_TABLES.values(), "payment_rows", "payments", "settlements"),
        *("dispositions", "capture_lines", "coverage_activations", "coverage_exceptions"),
    ),
    outs=gives("prove", "certificate"),
    check_specs=checks.SPECS,
    partitions_def=MONTHS,
)
@stage("prove")
def prove(programme: Programme, **tables: pd.DataFrame) -> Iterator[dg.Output[pd.DataFrame] | dg.AssetCheckResult]:
    """Certify the tables about to be published; one failure ends the run before anything is."""
    proven = programme.run(stages.prove, tables, programme.month, programme.policy)
    results = checks.results(proven["certificate"])
    # Also of a failed month: the UI shows as current only the checks of the run that materialized last.
    yield from hand_over(proven)
    yield from results
    checks.stop_on_failure(results)
