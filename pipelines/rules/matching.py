"""Matching (CONTRACT §7): confirm, or hold and say why. The first step with an answer decides; nothing is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipelines.rules.calendar import month_numbers
from pipelines.rules.holds import first_reason, with_context
from pipelines.rules.keys import among, kept, key_taken, positions, taken
from pipelines.rules.settlement import is_balanced
from pipelines.rules.steps import STEPS, Question
from schemas.tables.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipelines.rules.policy import PolicyBook


def find(  # noqa: PLR0913, PLR0917 - one argument a table
    facts: pd.DataFrame,
    all_claims: pd.DataFrame,
    payments: pd.DataFrame,
    deposits: pd.DataFrame,
    settlements: pd.DataFrame,
    lines: pd.DataFrame,
    registrants: pd.DataFrame,
    policy: PolicyBook,
) -> pd.DataFrame:
    """PaymentFact, Claim, Payment, Deposit, Settlement, CaptureLine, Registrant → Finding of who names somebody.

    Lump deposits and announcements never paid are not asked, unless they are held: for their rows or their currency.
    """
    question = pose(facts, all_claims, payments, deposits, settlements, lines, registrants, policy)
    claims = question.claims
    found = pd.concat([answer for _, answer in answers(question)], ignore_index=True)
    found = found.assign(reason=first_reason(with_context(found, question)))
    subject = found["subject"].to_numpy(dtype=np.int64)
    if (subject[1:] < subject[:-1]).any():
        found = found.take(np.argsort(subject, kind="stable")).reset_index(drop=True)
    subject = found["subject"].to_numpy(dtype=np.int64)
    told = found.assign(
        payment_id=key_taken(claims["payment_id"], subject),
        month=taken(claims["payment_month"], subject, ""),
        capture_line=key_taken(lines["capture_line"], found["line"].to_numpy(dtype=np.int64)),
    )
    # Only a payment with several claims or several found rows can say one thing twice.
    payment = positions(told["payment_id"], payments["payment_id"])
    repeated = np.bincount(payment, minlength=1)[payment] > 1
    twice = told[repeated].duplicated(Finding.key())
    is_new = np.ones(len(told), dtype=bool)
    is_new[twice.index[twice]] = False
    return Finding.conform(kept(told, is_new, "payment_id", "capture_line"))


def pose(  # noqa: PLR0913, PLR0917 - one argument a table
    facts: pd.DataFrame,
    all_claims: pd.DataFrame,
    payments: pd.DataFrame,
    deposits: pd.DataFrame,
    settlements: pd.DataFrame,
    lines: pd.DataFrame,
    registrants: pd.DataFrame,
    policy: PolicyBook,
) -> Question:
    """The question that the steps are asked: the claims of the payments that may name somebody, and the registries."""
    claims = _claims(facts, all_claims, payments, _is_asked(facts, payments, deposits), settlements, policy)
    return Question(claims, lines, registrants)


def _is_asked(facts: pd.DataFrame, payments: pd.DataFrame, deposits: pd.DataFrame) -> NDArray[np.bool_]:
    """For each payment, whether it waits for a line or a person, or went back and might have had a line."""
    conflicting = among(payments["payment_id"], facts.loc[facts["is_conflicting"], "payment_id"])
    foreign = payments["status"].isin(["credited", "paid"]) & payments["currency"].ne("MXN")
    lump = among(payments["payment_id"], deposits["payment_id"])
    return np.asarray(conflicting | foreign | (payments["status"].ne("pending") & ~lump), dtype=bool)


def _claims(
    facts: pd.DataFrame,
    claims: pd.DataFrame,
    payments: pd.DataFrame,
    is_asked: NDArray[np.bool_],
    settlements: pd.DataFrame,
    policy: PolicyBook,
) -> pd.DataFrame:
    """The claims of the payments asked for, with their month as a number and what the reasons need."""
    payment = positions(claims["payment_id"], payments["payment_id"])
    asked = np.append(is_asked, False)[payment]
    claims, payment = kept(claims, asked, "payment_id"), payment[asked]
    month = taken(payments["month"], payment, "")
    months = month_numbers(month)
    fact = positions(claims["payment_id"], facts["payment_id"])
    is_remitted = taken(payments["channel"], payment, "").eq("remittance").to_numpy(dtype=bool)
    waits = policy.values("require_settlement", months).astype(bool) & is_remitted
    waits[waits] = ~is_balanced(facts[["institution", "settlement_id"]].take(fact[waits]), settlements)
    return claims.assign(
        payment_month=month,
        month=months,
        window_months=policy.values("window_months", months),
        waits_for_settlement=waits,
    )


def answers(question: Question) -> Iterator[tuple[str, pd.DataFrame]]:
    """The name of each step in order, and what it finds, asked only what no earlier one answered."""
    is_open = np.ones(len(question.claims), dtype=bool)
    for step in STEPS:
        found = step(question, np.flatnonzero(is_open))
        yield (
            step.__name__,
            found.astype({"subject": "int64", "line": "int64", "nss": "str", "rule": "str", "problem": "str"}),
        )
        is_open[found["subject"].to_numpy(dtype=np.int64)] = False
