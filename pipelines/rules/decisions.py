"""Decisions (CONTRACT §8): what a person decided of what is held, and which decisions do not count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from schemas.tables.rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN_TO_MATCH: Final = ("held", "unmatched")
REFUNDABLE: Final = ("held", "unmatched", "confirmed")
PLACE: Final = ["file_name", "sha256", "sheet", "row"]


class Decided(NamedTuple):
    """What stands: ``matched`` (payment_id, capture_line), payments to refund and accepted late, and the rejections."""

    matched: pd.DataFrame
    refunds: frozenset[str]
    accepted_late: frozenset[str]
    rejections: pd.DataFrame


def decide(
    decision_rows: pd.DataFrame, standing: pd.DataFrame, lines: pd.DataFrame, registrants: pd.DataFrame
) -> Decided:
    """DecisionRow, bucket and currency of each payment before decisions → what is decided; the latest stands."""
    context = _with_context(decision_rows, standing, lines, registrants)
    broken = pd.Series("", index=context.index, dtype="str")
    for rule, (applies, _) in REJECTED.items():
        broken = broken.mask(broken.eq("") & applies(context), rule)
    sound = context[broken.eq("")].sort_values(["payment_id", "decided_at", "action", "capture_line", *PLACE[1:]])
    disposing = sound[sound["action"].isin(["match", "refund"])].drop_duplicates("payment_id", keep="last")
    matched = disposing[disposing["action"].eq("match")]
    return Decided(
        matched[["payment_id", "capture_line"]].reset_index(drop=True),
        frozenset(disposing.loc[disposing["action"].eq("refund"), "payment_id"]),
        frozenset(sound.loc[sound["action"].eq("accept_late"), "payment_id"]),
        _rejected(context[broken.ne("")], broken[broken.ne("")]),
    )


def _with_context(
    rows: pd.DataFrame, standing: pd.DataFrame, lines: pd.DataFrame, registrants: pd.DataFrame
) -> pd.DataFrame:
    known = rows.merge(standing[["payment_id", "bucket", "currency"]], how="left")
    issued = lines[lines["status"].eq("issued") & lines["nss"].isin(registrants["nss"])]
    return known.assign(line_is_issued=known["capture_line"].isin(issued["capture_line"]))


def _rejected(rows: pd.DataFrame, rules: pd.Series[str]) -> pd.DataFrame:
    reasons = {rule: reason for rule, (_, reason) in REJECTED.items()}
    columns = {"same_signer": "approved_by", "line_not_issued": "capture_line"}
    told = rows[PLACE].assign(
        column=rules.map(lambda rule: columns.get(rule, "payment_id")).astype("str"),
        rule=rules,
        reason=rules.map(reasons).astype("str"),
    )
    return Rejection.conform(told)


def _same_signer(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["decided_by"].str.strip().str.casefold().eq(rows["approved_by"].str.strip().str.casefold())


def _unknown_payment(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["bucket"].isna()


def _not_open(rows: pd.DataFrame) -> pd.Series[bool]:
    unmatchable = rows["action"].eq("match") & (~rows["bucket"].isin(OPEN_TO_MATCH) | rows["currency"].ne("MXN"))
    return unmatchable | (rows["action"].eq("refund") & ~rows["bucket"].isin(REFUNDABLE))


def _line_not_issued(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["action"].eq("match") & ~rows["line_is_issued"]


REJECTED: Final[dict[str, tuple[Callable[[pd.DataFrame], pd.Series[bool]], str]]] = {
    "same_signer": (_same_signer, "expected an approver other than who decided; let another person approve it"),
    "unknown_payment": (
        _unknown_payment,
        "expected a payment that some file holds; copy its payment_id from the tables",
    ),
    "not_open": (_not_open, "expected a payment that this action can move; look up its bucket and reason first"),
    "line_not_issued": (_line_not_issued, "expected an issued line of a registered NSS; correct the capture_line"),
}
"""Rule → when it applies, and what was expected; the first that applies rejects the decision."""
