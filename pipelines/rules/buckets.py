"""The first bucket that applies to each payment (CONTRACT §5, §8): which money goes on to be allocated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from pipelines.rules.keys import NOWHERE, among, kept, positions, taken
from pipelines.rules.words import first_place, worded
from schemas.tables.matches import Match
from schemas.working.payment_standings import PaymentStanding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipelines.rules.decisions import Decided

CONFIRMED: Final = "confirmed"
"""Not a bucket: the money of a confirmed payment is spread over buckets by allocation (CONTRACT §9)."""

NEVER_KEPT: Final = ("returned", "cancelled", "refunded")


class Standing(NamedTuple):
    """PaymentStanding of each payment, Match of each confirmed one."""

    payments: pd.DataFrame
    matches: pd.DataFrame


def stand(
    before: pd.DataFrame,
    findings: pd.DataFrame,
    payments: pd.DataFrame,
    lines: pd.DataFrame,
    decided: Decided,
) -> Standing:
    """What :func:`first_bucket` gives, Finding, Payment, CaptureLine, what is decided → where every payment stands."""
    identity = before["payment_id"]
    refunded, matched = among(identity, _texts(decided.refunds)), among(identity, decided.matched["payment_id"])
    after = before.assign(
        bucket=before["bucket"].mask(matched, CONFIRMED).mask(refunded, "refund_due"),
        reason=before["reason"].mask(matched, "").mask(refunded, "decision"),
        is_accepted_late=among(identity, _texts(decided.accepted_late)),
    )
    matches = _matches(after, findings, decided, payments, lines)
    return Standing(PaymentStanding.conform(after), matches)


def first_bucket(facts: pd.DataFrame, deposits: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """PaymentFact, Deposit, Finding → payment_id, currency, bucket, reason: the first of ``BUCKETS`` that applies."""
    look = with_context(facts, deposits, findings)
    place = first_place([condition(look) for _, _, condition in BUCKETS])
    fixed = worded(place, [*(reason or "" for _, reason, _ in BUCKETS), ""])
    by_matching = [reason is None for _, reason, _ in BUCKETS].index(True)
    return pd.DataFrame(
        {
            "payment_id": facts["payment_id"],
            "currency": facts["currency"],
            "bucket": worded(place, [*(bucket for bucket, _, _ in BUCKETS), "unmatched"], facts.index),
            "reason": fixed.set_axis(facts.index).mask(place == by_matching, look["found"]),
        }
    )


def with_context(facts: pd.DataFrame, deposits: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """PaymentFact, Deposit, Finding → the facts with what the conditions of ``BUCKETS`` look at.

    ``is_found``: a step found somebody; ``found``: what holds it.
    """
    finding = positions(facts["payment_id"], findings["payment_id"])
    found = taken(findings["reason"], finding, "").set_axis(facts.index)
    is_deposit = among(facts["payment_id"], deposits["payment_id"])
    return facts.assign(is_deposit=is_deposit, is_found=finding != NOWHERE, found=found)


def _matches(
    standing: pd.DataFrame, findings: pd.DataFrame, decided: Decided, payments: pd.DataFrame, lines: pd.DataFrame
) -> pd.DataFrame:
    """Match: what the steps confirmed and what a decision did."""
    place = positions(findings["payment_id"], standing["payment_id"])
    is_confirmed = taken(standing["bucket"], place, "").eq(CONFIRMED).to_numpy()
    confirmed = standing.loc[standing["bucket"].eq(CONFIRMED), "payment_id"]
    by_person = decided.matched[among(decided.matched["payment_id"], confirmed)]
    is_by_step = is_confirmed & ~among(findings["payment_id"], by_person["payment_id"])
    by_step = kept(findings, is_by_step, "payment_id", "capture_line")
    if by_person.empty:
        return Match.conform(by_step)
    told = by_person.merge(lines[["capture_line", "nss"]]).merge(payments[["payment_id", "month"]])
    return Match.conform(
        pd.concat([by_step, told.assign(rule="decision").astype({"rule": "str"})])[list(Match.kinds())]
    )


def _texts(values: Iterable[str]) -> pd.Series[str]:
    return pd.Series(sorted(values), dtype="str")


def _is_held(look: pd.DataFrame) -> pd.Series[bool]:
    return look["is_found"] & look["found"].ne("")


def _is_confirmed(look: pd.DataFrame) -> pd.Series[bool]:
    return look["is_found"] & look["found"].eq("")


BUCKETS: Final[tuple[tuple[str, str | None, Callable[[pd.DataFrame], pd.Series[bool]]], ...]] = (
    ("held", "conflicting_rows", lambda look: look["is_conflicting"]),
    ("returned", "", lambda look: look["status"].isin(NEVER_KEPT)),
    ("pending", "", lambda look: look["status"].eq("pending")),
    ("held", "foreign_currency", lambda look: look["currency"].ne("MXN")),
    ("settlement", "", lambda look: look["is_deposit"]),
    (CONFIRMED, "", _is_confirmed),
    ("held", None, _is_held),
)
"""Bucket, reason (``None``: what matching found), condition; the first that applies; nothing: ``unmatched``."""
