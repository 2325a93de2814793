"""Coverage (CONTRACT §10): who is covered from the first day of the next month, and why other lines are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules.calendar import last_day, shift_month
from schemas.tables.coverage_activations import CoverageActivation
from schemas.tables.coverage_exceptions import CoverageException

if TYPE_CHECKING:
    from collections.abc import Callable


class Evidence(NamedTuple):
    """What decides about the lines due in a month."""

    line_standings: pd.DataFrame
    findings: pd.DataFrame
    standing: pd.DataFrame
    payments: pd.DataFrame
    lines: pd.DataFrame
    registrants: pd.DataFrame


def activate(month: str, evidence: Evidence) -> pd.DataFrame:
    """CoverageActivation: the registrants whose line due in ``month`` is paid and stands."""
    due = evidence.line_standings[evidence.line_standings["due_month"].eq(month) & evidence.line_standings["stands"]]
    covered = due.merge(evidence.registrants, on="nss").sort_values("nss")
    coverage = shift_month(month, 1)
    texts = {"coverage_month": "str", "clinic_status": "str", "month": "str"}
    return CoverageActivation.conform(
        covered.assign(
            coverage_month=coverage,
            clinic_status=np.where(covered["umf"].ne(""), "assigned", "pending"),
            coverage_start=pd.Timestamp(f"{coverage}-01").as_unit("s"),
            coverage_end=last_day(coverage).as_unit("s"),
            amount_applied_centavos=covered["applied_centavos"],
            paid_on=covered["full_on"],
            month=month,
        ).astype(texts)
    )


def except_(month: str, activations: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """CoverageException: every other issued line due in ``month``, with the first reason that applies."""
    lines = evidence.lines
    due = lines[lines["due_month"].eq(month) & lines["status"].eq("issued")]
    uncovered = due[~due["capture_line"].isin(activations["capture_line"])].sort_values("capture_line")
    context = with_context(uncovered, month, activations, evidence)
    applies = [np.asarray(condition(context), dtype=bool) for condition in REASONS.values()]
    reason = np.select(applies, [np.full(len(context), name) for name in REASONS], "unpaid")
    return CoverageException.conform(
        context.assign(reason=pd.Series(reason, index=context.index, dtype="str"), month=month).astype({"month": "str"})
    )


def with_context(uncovered: pd.DataFrame, month: str, activations: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Lines not covered, with what the reasons look at."""
    known = evidence.findings.merge(
        evidence.standing[["payment_id", "bucket"]].rename(columns={"bucket": "stands_in"}), on="payment_id"
    )
    # Money in another currency would have been held, not confirmed.
    foreign = evidence.payments.loc[evidence.payments["currency"].ne("MXN"), "payment_id"]
    held = known[known["stands_in"].eq("held")]
    returned = known[known["stands_in"].eq("returned") & ~known["payment_id"].isin(foreign)]
    registrant_held = held[held["capture_line"].eq("") & held["month"].eq(month)]
    money = evidence.line_standings.set_index("capture_line")
    line = uncovered["capture_line"]
    return uncovered.assign(
        is_registered=uncovered["nss"].isin(evidence.registrants["nss"]),
        is_covered=uncovered["nss"].isin(activations["nss"]),
        is_held=line.isin(held["capture_line"]) | uncovered["nss"].isin(registrant_held["nss"]),
        is_full_with_late=line.isin(money.index[money["is_full_with_late"]]),
        has_money=line.isin(money.index),
        is_returned=line.isin(returned.loc[returned["reason"].eq(""), "capture_line"]),
    )


REASONS: Final[dict[str, Callable[[pd.DataFrame], pd.Series[bool]]]] = {
    "unknown_registrant": lambda line: ~line["is_registered"],
    "already_covered": lambda line: line["is_covered"],
    "held": lambda line: line["is_held"],
    "late": lambda line: line["is_full_with_late"],
    "short": lambda line: line["has_money"],
    "returned": lambda line: line["is_returned"],
}
"""Reason → when it applies to an issued line that activates nobody; in order; nothing: ``unpaid``."""
