"""Matching (CONTRACT §7): confirm, or hold and say why. The first step with an answer decides; nothing is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipelines.rules.calendar import month_numbers
from pipelines.rules.holds import first_reason, with_context
from pipelines.rules.settlement import is_balanced
from pipelines.rules.steps import STEPS, Question
from schemas.tables.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    subject, line = found["subject"].to_numpy(dtype=np.int64), found["line"].to_numpy(dtype=np.int64)
    written = np.append(lines["capture_line"].to_numpy(), "")[line]
    told = found.assign(
        payment_id=claims["payment_id"].to_numpy()[subject],
        month=claims["payment_month"].to_numpy()[subject],
        capture_line=written,
    ).sort_values("subject", kind="stable")
    texts = dict.fromkeys(Finding.kinds(), "str")
    return Finding.conform(told.drop_duplicates(Finding.key())[list(texts)].astype(texts))


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
    claims = _claims(facts, all_claims, payments[_is_asked(facts, payments, deposits)], settlements, policy)
    return Question(claims, lines, registrants)


def _is_asked(facts: pd.DataFrame, payments: pd.DataFrame, deposits: pd.DataFrame) -> pd.Series[bool]:
    """For each payment, whether it waits for a line or a person, or went back and might have had a line."""
    conflicting = payments["payment_id"].isin(facts.loc[facts["is_conflicting"], "payment_id"])
    foreign = payments["status"].isin(["credited", "paid"]) & payments["currency"].ne("MXN")
    lump = payments["payment_id"].isin(deposits["payment_id"])
    return conflicting | foreign | (payments["status"].ne("pending") & ~lump)


def _claims(
    facts: pd.DataFrame, claims: pd.DataFrame, payments: pd.DataFrame, settlements: pd.DataFrame, policy: PolicyBook
) -> pd.DataFrame:
    """The claims of the payments asked for, with their month as a number and what the reasons need."""
    under = facts[["payment_id", "institution", "settlement_id"]]
    dated = payments[["payment_id", "channel", "month"]].merge(under, on="payment_id")
    months = month_numbers(dated["month"])
    required = policy.values("require_settlement", months) & dated["channel"].eq("remittance").to_numpy()
    known = pd.DataFrame(
        {
            "payment_id": dated["payment_id"],
            "payment_month": dated["month"],
            "month": months,
            "window_months": policy.values("window_months", months),
            "waits_for_settlement": required & ~is_balanced(dated, settlements).to_numpy(),
        }
    )
    return claims.merge(known, on="payment_id")


def answers(question: Question) -> Iterator[tuple[str, pd.DataFrame]]:
    """The name of each step in order, and what it finds, asked only what no earlier one answered."""
    open_subjects = np.arange(len(question.claims), dtype=np.int64)
    for step in STEPS:
        found = step(question, open_subjects)
        yield (
            step.__name__,
            found.astype({"subject": "int64", "line": "int64", "nss": "str", "rule": "str", "problem": "str"}),
        )
        open_subjects = np.setdiff1d(open_subjects, found["subject"].to_numpy(dtype=np.int64))
