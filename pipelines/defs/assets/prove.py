"""Prove: receipts are complete, and five proofs stand between a month and its publication (CONTRACT §11)."""

from collections.abc import Iterator
from typing import Final

import dagster as dg

from pipelines.defs import checks
from pipelines.defs.guarding import stage
from pipelines.defs.partitions import MONTHS
from pipelines.defs.progress import tell_certificate
from pipelines.defs.resources import Programme
from pipelines.defs.tables import LAST, Given, Takers, hand_over, makes, specs
from pipelines.engine import stages

PROVEN: Final = (
    *("receipts", "rejections", *stages.ROW_TABLES.values(), "payment_rows", "payments", "settlements"),
    *("dispositions", "capture_lines", "coverage_activations", "coverage_exceptions"),
)
"""What the proofs are about."""


@makes(
    "prove",
    takes=["landed_receipts", "capture_line_rows", "read_rejections", "registry_rejections", "decision_rejections"],
    gives=["receipts", "rejections"],
    tags=LAST,
)
def account(programme: Programme, tables: Given) -> Given:
    """Senders are told of every file and every row that did not flow on (CONTRACT §4)."""
    return programme.run(stages.account, tables)


@dg.multi_asset(
    name="prove",
    specs=specs("prove", "certificate", takes=PROVEN),
    check_specs=checks.SPECS,
    partitions_def=MONTHS,
)
def prove(programme: Programme, takers: Takers) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Certify the tables about to be published; one failure ends the run before anything is."""
    with stage(programme.month, "prove"):
        proven = programme.run(stages.prove, programme.tables.take(*PROVEN), programme.month, programme.policy)
        tell_certificate(proven["certificate"])
        results = checks.results(proven["certificate"])
        # Also of a failed month: the UI shows as current only the checks of the run that materialized last.
        yield from hand_over(programme, takers, proven)
        yield from results
        checks.stop_on_failure(results)
