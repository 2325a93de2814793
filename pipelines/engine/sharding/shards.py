"""One shard: the stages of a month, unchanged, on a closed world of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.engine import stages
from pipelines.engine.sharding import reducing, settling, spill
from pipelines.engine.sharding.jobs import ROUTED, rows_of
from pipelines.rules import changes
from schemas.catalog import WORKING
from schemas.tables.receipts import Receipt

if TYPE_CHECKING:
    from pipelines.engine.figures import Figures
    from pipelines.engine.sharding.jobs import Job
    from pipelines.engine.stages import Tables

ROWS: Final = {kind: name for kind, name in ROUTED.items() if name in stages.ROW_TABLES.values()}
"""Kind → its table of rows, of those that are laid apart."""

BEGUN: Final = (
    *("registrants", "capture_lines", "registry_rejections"),
    *("payment_facts", "claims", "payments", "payment_rows"),
)
"""What :func:`begin` leaves for :func:`finish`."""

FINISHED: Final = (
    *("findings", "payment_standings", "matches", "decisions", "decision_rejections", "parts", "line_standings"),
    *("dispositions", "payment_flags", "coverage_activations", "coverage_exceptions", "coverage_changes"),
    "certificate",
)

WHOLE: Final = ("settlement_rows", "landed_receipts", "read_rejections")
"""What is laid down for every shard before the first step."""


def begin(job: Job, number: int) -> dict[str, Figures]:
    """Register and identify, and send on what settlements need; give the figures of what is laid down."""
    known = _rows(job, number) | {"settlement_rows": spill.load(job.shared, "settlement_rows")}
    known |= stages.register(known)
    known |= stages.identify(known, job.policy)
    told = {name: spill.save(job.shard(number), name, known[name]) for name in BEGUN}
    settling.send(job, number, known)
    if job.earlier:
        reducing.lay_down_news(job, number, known)
    return told


def finish(job: Job, number: int) -> dict[str, Figures]:
    """All that follows on the settlements; only the suggestions, which look at all lines, are left. As ``begin``."""
    folder = job.shard(number)
    known = _rows(job, number) | {name: spill.load(folder, name) for name in BEGUN}
    known |= {name: spill.load(job.shared, name) for name in ("settlement_rows", "deposits", "settlements")}
    known |= stages.match(known, job.policy)
    known |= stages.allocate(known, job.policy)
    known |= stages.flag(known, job.policy)
    known |= stages.cover(known, job.month)
    known |= _compare(job, number, known)
    known |= _prove(job, number, known)
    told = {name: spill.save(folder, name, known[name]) for name in FINISHED}
    reducing.lay_down_rejected_lines(job, number, known)
    reducing.lay_down_for_suggestions(job, number, known)
    return told


def _rows(job: Job, number: int) -> Tables:
    return {name: rows_of(job, number, kind) for kind, name in ROWS.items()}


def _compare(job: Job, number: int, known: Tables) -> Tables:
    """What changed since the publication before; sister remittances stand in other shards too."""
    if not job.earlier:
        return stages.compare(known, None)
    earlier = job.earlier
    before = changes.Before(
        rows_of(job, number, "activations_before"),
        rows_of(job, number, "exceptions_before"),
        earlier.inputs,
        is_same_policy=earlier.is_same_policy,
        is_same_code=earlier.is_same_code,
    )
    told = stages.compare(known | reducing.with_news(job, known), before)["coverage_changes"]
    # Nothing near the registrant explains it, and the news is in another shard.
    is_elsewhere = told["cause"].eq("code") & (earlier.is_same_policy and earlier.is_same_code and earlier.is_news)
    return {"coverage_changes": told.assign(cause=told["cause"].mask(is_elsewhere, "new_file"))}


def _prove(job: Job, number: int, known: Tables) -> Tables:
    """The certificate of the shard. What is of no shard is proven in the first."""
    of_none = {name: spill.load(job.shared, name) for name in WHOLE} | {"settlements": known["settlements"]}
    if number:
        receipts = of_none["landed_receipts"]
        of_none = {name: WORKING[name].empty() for name in of_none}
        of_none["landed_receipts"] = Receipt.conform(receipts.assign(rows=receipts["rows"] * 0))
    proven = known | of_none
    proven |= stages.account(proven)
    return stages.prove(proven, job.month, job.policy)
