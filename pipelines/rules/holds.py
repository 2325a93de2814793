"""What holds a payment although a step found its line (CONTRACT §7): the ordered list of reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from pipelines.rules.keys import positions, taken
from pipelines.rules.steps import NO_LINE
from pipelines.rules.words import first_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pipelines.rules.steps import Question


def first_reason(found: pd.DataFrame) -> pd.Series[str]:
    """For each found row, the first reason that holds its subject, on any of its lines; empty where it is confirmed.

    ``found`` has the columns of :func:`with_context`.
    """
    subject = found["subject"].to_numpy(dtype=np.int64)
    return first_of([_any(applies(found), subject) for applies in HOLDS.values()], list(HOLDS), "")


def _any(applies: pd.Series[bool], subject: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each row, whether the condition applies to one of the rows of its subject."""
    held = np.zeros(int(subject.max(initial=0)) + 1, dtype=bool)
    held[subject[applies.to_numpy(dtype=bool)]] = True
    return held[subject]


def with_context(found: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The found rows with what the reasons look at: the line, its registrant, the claim."""
    claims, lines, registrants = question.claims, question.lines, question.registrants
    subject, line = found["subject"].to_numpy(dtype=np.int64), found["line"].to_numpy(dtype=np.int64)
    registrant = _registrants(found, question)
    due = np.append(question.due_months, -1)[line]
    return found.reset_index(drop=True).assign(
        has_line=line != NO_LINE,
        line_status=taken(lines["status"], line, ""),
        is_registered=registrant >= 0,
        line_curp=taken(registrants["curp"], registrant, ""),
        nss_filled=claims["nss"].ne("").to_numpy()[subject],
        curp_filled=claims["curp"].ne("").to_numpy()[subject],
        nss_token=taken(question.nss_tokens, subject, ""),
        curp_token=taken(question.curp_tokens, subject, ""),
        nss_in_text=taken(registrants["nss"], _only_named(question)[subject], ""),
        months_away=np.where(due >= 0, np.abs(due - claims["month"].to_numpy()[subject]), 0),
        window_months=claims["window_months"].to_numpy()[subject],
        waits_for_settlement=claims["waits_for_settlement"].to_numpy()[subject],
    )


def _registrants(found: pd.DataFrame, question: Question) -> NDArray[np.int64]:
    """Where the registrant of each found row stands: the line's, or without one who was found; −1 for nobody."""
    line = found["line"].to_numpy(dtype=np.int64)
    registrant: NDArray[np.int64] = np.append(question.registrant_of_line, -1)[line]
    without = line == NO_LINE
    registrant[without] = positions(found["nss"][without], question.registrants["nss"])
    return registrant


def _only_named(question: Question) -> NDArray[np.int64]:
    """Of each subject the only registrant whom its text names; −1 where the text names nobody or several."""
    named = question.named_by_text
    alone = named[~named["subject"].duplicated(keep=False)]
    only = np.full(len(question.claims), -1, dtype=np.int64)
    only[alone["subject"].to_numpy(dtype=np.int64)] = alone["registrant"].to_numpy(dtype=np.int64)
    return only


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
