"""Coverage (CONTRACT §10): who is covered from the first day of the next month, and why other lines are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules.calendar import last_day, shift_month
from pipelines.rules.keys import NOWHERE, among, kept, positions, rows_taken, taken
from pipelines.rules.words import everywhere, first_of, worded
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
    standings = evidence.line_standings
    is_due = standings["due_month"].eq(month) & standings["stands"]
    due = kept(standings, is_due.to_numpy(dtype=bool), "nss", "capture_line")
    person = positions(due["nss"], evidence.registrants["nss"])
    registered = np.flatnonzero(person != NOWHERE)
    # Registrants come in order of their NSS.
    ordered = registered[np.argsort(person[registered], kind="stable")]
    covered = rows_taken(due, ordered, "nss", "capture_line")
    known = {name: taken(evidence.registrants[name], person[ordered], "") for name in ("curp", "full_name", "umf")}
    covered = covered.assign(**known)
    coverage = shift_month(month, 1)
    return CoverageActivation.conform(
        covered.assign(
            coverage_month=everywhere(coverage, covered.index),
            clinic_status=worded(covered["umf"].eq("").to_numpy(dtype=np.int8), ["assigned", "pending"], covered.index),
            coverage_start=pd.Timestamp(f"{coverage}-01").as_unit("s"),
            coverage_end=last_day(coverage).as_unit("s"),
            amount_applied_centavos=covered["applied_centavos"],
            paid_on=covered["full_on"],
            month=everywhere(month, covered.index),
        )
    )


def except_(month: str, activations: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """CoverageException: every other issued line due in ``month``, with the first reason that applies."""
    lines = evidence.lines
    is_due = lines["due_month"].eq(month) & lines["status"].eq("issued")
    due = kept(lines, is_due.to_numpy(dtype=bool), "capture_line")
    is_covered = among(due["capture_line"], activations["capture_line"])
    uncovered = kept(due, ~is_covered, "capture_line").sort_values("capture_line")
    context = with_context(uncovered, month, activations, evidence)
    reason = first_of([condition(context) for condition in REASONS.values()], list(REASONS), "unpaid")
    return CoverageException.conform(
        context.assign(reason=reason.set_axis(context.index), month=everywhere(month, context.index))
    )


def with_context(uncovered: pd.DataFrame, month: str, activations: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Lines not covered, with what the reasons look at."""
    findings, line = evidence.findings, uncovered["capture_line"]
    stands_in = taken(
        evidence.standing["bucket"], positions(findings["payment_id"], evidence.standing["payment_id"]), ""
    )
    held = findings[stands_in.eq("held").to_numpy()]
    returned = findings[stands_in.eq("returned").to_numpy() & findings["reason"].eq("")]
    # Money in another currency would have been held, not confirmed.
    foreign = evidence.payments.loc[evidence.payments["currency"].ne("MXN"), "payment_id"]
    returned = returned[~among(returned["payment_id"], foreign)]
    registrant_held = held[held["capture_line"].eq("") & held["month"].eq(month)]
    money = positions(line, evidence.line_standings["capture_line"])
    return uncovered.assign(
        is_registered=among(uncovered["nss"], evidence.registrants["nss"]),
        is_covered=among(uncovered["nss"], activations["nss"]),
        is_held=among(line, held["capture_line"]) | among(uncovered["nss"], registrant_held["nss"]),
        is_full_with_late=taken(evidence.line_standings["is_full_with_late"], money, missing=False).to_numpy(),
        has_money=money != NOWHERE,
        is_returned=among(line, returned["capture_line"]),
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
