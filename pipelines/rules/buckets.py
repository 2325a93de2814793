"""The first bucket that applies to each payment (CONTRACT §5, §8): which money goes on to be allocated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from schemas.tables.matches import Match
from schemas.working.payment_standings import PaymentStanding

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

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
    refunded, matched = identity.isin(decided.refunds), identity.isin(decided.matched["payment_id"])
    after = before.assign(
        bucket=before["bucket"].mask(matched, CONFIRMED).mask(refunded, "refund_due"),
        reason=before["reason"].mask(matched, "").mask(refunded, "decision"),
        is_accepted_late=identity.isin(decided.accepted_late),
    )
    matches = _matches(after, findings, decided, payments, lines)
    return Standing(PaymentStanding.conform(after), matches)


def first_bucket(facts: pd.DataFrame, deposits: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """PaymentFact, Deposit, Finding → payment_id, currency, bucket, reason: the first of ``BUCKETS`` that applies."""
    look = with_context(facts, deposits, findings)
    applies = [np.asarray(condition(look), dtype=bool) for _, _, condition in BUCKETS]
    choices: list[Any] = [np.full(len(look), bucket) for bucket, _, _ in BUCKETS]
    reasons = [look["found"].to_numpy() if reason is None else np.full(len(look), reason) for _, reason, _ in BUCKETS]
    return pd.DataFrame(
        {
            "payment_id": facts["payment_id"],
            "currency": facts["currency"],
            "bucket": pd.Series(np.select(applies, choices, "unmatched"), index=facts.index, dtype="str"),
            "reason": pd.Series(_choose(applies, reasons), index=facts.index, dtype="str"),
        }
    )


def with_context(facts: pd.DataFrame, deposits: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """PaymentFact, Deposit, Finding → the facts with what the conditions of ``BUCKETS`` look at."""
    found = findings.drop_duplicates("payment_id").set_index("payment_id")["reason"]
    return facts.assign(
        is_deposit=facts["payment_id"].isin(deposits["payment_id"]), found=facts["payment_id"].map(found)
    )


def _choose(applies: list[NDArray[np.bool_]], values: list[NDArray[Any]]) -> NDArray[Any]:
    return np.select(applies, [np.asarray(value, dtype=object) for value in values], "")


def _matches(
    standing: pd.DataFrame, findings: pd.DataFrame, decided: Decided, payments: pd.DataFrame, lines: pd.DataFrame
) -> pd.DataFrame:
    """Match: what the steps confirmed and what a decision did."""
    confirmed = standing.loc[standing["bucket"].eq(CONFIRMED), "payment_id"]
    by_person = decided.matched[decided.matched["payment_id"].isin(confirmed)]
    by_step = findings[findings["payment_id"].isin(confirmed) & ~findings["payment_id"].isin(by_person["payment_id"])]
    told = by_person.merge(lines[["capture_line", "nss"]]).merge(payments[["payment_id", "month"]])
    return Match.conform(
        pd.concat([by_step, told.assign(rule="decision").astype({"rule": "str"})])[list(Match.kinds())]
    )


def _is_held(look: pd.DataFrame) -> pd.Series[bool]:
    return look["found"].notna() & look["found"].ne("")


def _is_confirmed(look: pd.DataFrame) -> pd.Series[bool]:
    return look["found"].eq("")


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
