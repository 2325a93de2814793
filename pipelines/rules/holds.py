"""What holds a payment although a step found its line (CONTRACT §7): the ordered list of reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from pipelines.rules.calendar import month_numbers
from pipelines.rules.steps import NO_LINE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.rules.steps import Question


def first_reason(found: pd.DataFrame) -> pd.Series[str]:
    """For each found row, the first reason that holds its subject, on any of its lines; empty where it is confirmed.

    ``found`` has the columns of :func:`with_context`.
    """
    reason = pd.Series("", index=found.index, dtype="str")
    for name, applies in HOLDS.items():
        held = applies(found).groupby(found["subject"]).transform("any") if len(found) else reason.eq("x")
        reason = reason.mask(held & reason.eq(""), name)
    return reason


def with_context(found: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The found rows with what the reasons look at: the line, its registrant, the claim."""
    claims, lines, registrants = question.claims, question.lines, question.registrants
    subject, line = found["subject"].to_numpy(dtype=np.int64), found["line"].to_numpy(dtype=np.int64)
    registrant = pd.Index(registrants["nss"]).get_indexer(found["nss"])
    due = _of_line(pd.Series(month_numbers(lines["due_month"]), dtype="int64"), line, -1)
    return found.assign(
        has_line=line != NO_LINE,
        line_status=_of_line(lines["status"], line, ""),
        is_registered=registrant >= 0,
        line_curp=_of_line(registrants["curp"], registrant, ""),
        nss_filled=claims["nss"].ne("").to_numpy()[subject],
        curp_filled=claims["curp"].ne("").to_numpy()[subject],
        nss_token=question.nss_tokens.to_numpy()[subject],
        curp_token=question.curp_tokens.to_numpy()[subject],
        nss_in_text=_only_named(question).reindex(subject, fill_value="").to_numpy(),
        months_away=np.where(due >= 0, np.abs(due - claims["month"].to_numpy()[subject]), 0),
        window_months=claims["window_months"].to_numpy()[subject],
        waits_for_settlement=claims["waits_for_settlement"].to_numpy()[subject],
    )


def _of_line(column: pd.Series[Any], positions: Any, missing: Any) -> Any:  # noqa: ANN401 - any dtype
    """Values of ``column`` at ``positions``; ``missing`` where the position is −1."""
    if len(column) == 0:
        return np.full(len(positions), missing)
    return np.where(positions >= 0, column.to_numpy()[positions], missing)


def _only_named(question: Question) -> pd.Series[str]:
    """NSS of the only registrant whom a text names, by subject; none where the text names nobody or several."""
    named = question.named_by_text
    alone = named[~named["subject"].duplicated(keep=False)]
    nss = question.registrants["nss"].to_numpy()[alone["registrant"]]
    return pd.Series(nss, index=alone["subject"].to_numpy(), dtype="str")


def _registry_conflict(found: pd.DataFrame) -> pd.Series[bool]:
    return found["line_status"].eq("conflict")


def _line_cancelled(found: pd.DataFrame) -> pd.Series[bool]:
    return found["line_status"].eq("cancelled")


def _identity_conflict(found: pd.DataFrame) -> pd.Series[bool]:
    """A filled NSS or CURP field is not the line's; or, without fields, the only registrant in the text is not."""
    other_nss = found["nss_filled"] & found["nss_token"].ne(found["nss"])
    other_curp = found["curp_filled"] & (found["curp_token"].ne(found["line_curp"]) | found["line_curp"].eq(""))
    no_field = ~(found["nss_filled"] | found["curp_filled"])
    other_in_text = no_field & found["nss_in_text"].ne("") & found["nss_in_text"].ne(found["nss"])
    return found["has_line"] & (other_nss | other_curp | other_in_text)


def _problem(name: str) -> Callable[[pd.DataFrame], pd.Series[bool]]:
    return lambda found: found["problem"].eq(name)


def _out_of_window(found: pd.DataFrame) -> pd.Series[bool]:
    return found["has_line"] & found["months_away"].gt(found["window_months"])


def _unknown_registrant(found: pd.DataFrame) -> pd.Series[bool]:
    return found["has_line"] & ~found["is_registered"]


def _unsettled(found: pd.DataFrame) -> pd.Series[bool]:
    return found["waits_for_settlement"]


HOLDS: Final[dict[str, Callable[[pd.DataFrame], pd.Series[bool]]]] = {
    "registry_conflict": _registry_conflict,
    "line_cancelled": _line_cancelled,
    "identity_conflict": _identity_conflict,
    "several_lines": _problem("several_lines"),
    "several_registrants": _problem("several_registrants"),
    "no_line_for_month": _problem("no_line_for_month"),
    "amount_mismatch": _problem("amount_mismatch"),
    "out_of_window": _out_of_window,
    "unknown_registrant": _unknown_registrant,
    "unsettled": _unsettled,
}
"""Reason → whether it applies to a found row; in order, the first that applies holds the payment."""
