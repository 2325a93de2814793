"""What the shards found as one: tables put together, certificates added up, and what is of no shard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.engine import stages
from pipelines.engine.sharding import spill
from pipelines.engine.sharding.tables import ShardedTable
from pipelines.rules import decision_chain, keys
from schemas.octets import as_array
from schemas.remembered import forget
from schemas.tables.certificate import CertificateLine
from schemas.tables.decision_log import DecisionLogEntry

if TYPE_CHECKING:
    from pipelines.engine.sharding.jobs import Job

APART: Final = {
    "payments": "payment_id",
    "capture_lines": "capture_line",
    "registrants": "nss",
    "coverage_activations": "nss",
    "coverage_exceptions": "capture_line",
}
"""Table → the column no value of which may be in two shards."""

_LINE: Final = ["check", "scope", "month", "turn"]


class NotApartError(RuntimeError):
    """Two shards hold rows that belong together: their tables are not those of one month."""


def check_apart(job: Job) -> None:
    """Raise ``NotApartError`` where two shards hold rows of one payment, line or registrant.

    Hashes are compared, and values only of those that stand twice: all values of ten million payments are not held.
    """
    for name, column in APART.items():
        found = np.sort(np.concatenate([_hashes(job, number, name, column) for number in range(job.shards)]))
        twice = np.unique(found[1:][found[1:] == found[:-1]])
        if len(twice) and not _are_distinct(job, name, column, twice):
            message = f"a value of {column} is in {name} of two shards"
            raise NotApartError(message)


def _hashes(job: Job, number: int, name: str, column: str) -> keys.Words:
    values = spill.read(job.shard(number) / f"{name}.arrow", [column])[column]
    try:
        return keys.hashes(as_array(values))
    finally:
        forget()


def _are_distinct(job: Job, name: str, column: str, twice: keys.Words) -> bool:
    """Whether no value stands twice, of those that have one of these hashes."""
    doubtful = []
    for number in range(job.shards):
        values = spill.read(job.shard(number) / f"{name}.arrow", [column])[column]
        doubtful.append(as_array(values.filter(np.isin(_hashes(job, number, name, column), twice))))
    whole = pyarrow.concat_arrays(doubtful)
    return len(pc.unique(whole)) == len(whole)


def table(job: Job, name: str) -> pd.DataFrame:
    """A table of all shards."""
    return ShardedTable(name, tuple(str(job.shard(number) / f"{name}.arrow") for number in range(job.shards))).read()


def account(job: Job) -> stages.Tables:
    """Receipts and rejections of the whole home; of lines only the rows that a rule rejected are looked at."""
    known = {name: table(job, name) for name in ("registry_rejections", "decision_rejections")}
    known |= {name: spill.load(job.shared, name) for name in ("landed_receipts", "read_rejections")}
    return stages.account({**known, "capture_line_rows": rejected_lines(job)})


def rejected_lines(job: Job) -> pd.DataFrame:
    """The rows of lines that a rule rejected."""
    return ShardedTable("capture_line_rows", tuple(map(str, job.paths("rejected_lines", range(job.shards))))).read()


def certificate(job: Job) -> pd.DataFrame:
    """The certificates of all shards, figure by figure: passed where every shard did and the sums agree.

    Rows of a file are counted in many shards and expected in the first.
    """
    told = []
    for number in range(job.shards):
        lines = spill.load(job.shard(number), "certificate")
        # Two files of one name have a figure each.
        told.append(lines.assign(turn=lines.groupby(["check", "scope"]).cumcount()))
    figures = pd.concat(told, ignore_index=True)
    figures["passed"] |= figures["check"].eq("rows")
    sums = figures.groupby(_LINE, sort=False, as_index=False).agg({"expected": "sum", "found": "sum", "passed": "all"})
    return CertificateLine.conform(sums.assign(passed=sums["passed"] & sums["expected"].eq(sums["found"])))


def decision_log(job: Job) -> pd.DataFrame:
    """The log of decisions, as if it began today."""
    rows = spill.load(job.shared, "decision_rows")
    return decision_chain.extend(DecisionLogEntry.empty(), decision_chain.first_seen(rows))
