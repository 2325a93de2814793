"""Decisions (CONTRACT §8): what a person decided of what is held, and which decisions do not count (ADR 0020)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules.decision_chain import decision_ids, first_seen
from pipelines.rules.facts import facts_at, facts_digest
from pipelines.rules.keys import NOWHERE, among, positions, taken
from schemas.tables.decisions import Decision
from schemas.tables.rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN_TO_MATCH: Final = ("held", "unmatched")
REFUNDABLE: Final = ("held", "unmatched", "confirmed")
STALE: Final = "stale"
WIPING: Final = ("refund", "undo")
"""Actions after which nothing that was decided before stands."""

PLACE: Final = ["sha256", "sheet", "row"]
ORDER: Final = [
    "payment_id", "decided_at", "received_at", "action", "capture_line", "reason", "decided_by", "approved_by",
    "decision_id",
]  # fmt: skip


class Evidence(NamedTuple):
    """What decisions are held against.

    ``standing``: payment_id, bucket, currency of each payment before decisions; ``named``: payment_id and the NSS of
    each registrant whom it names (:func:`pipelines.rules.persons.named`); then Finding, Payment, PaymentRow,
    BankTransferRow, RemittanceRow, CaptureLine, Registrant.
    """

    standing: pd.DataFrame
    named: pd.DataFrame
    findings: pd.DataFrame
    payments: pd.DataFrame
    payment_rows: pd.DataFrame
    bank_rows: pd.DataFrame
    remittance_rows: pd.DataFrame
    lines: pd.DataFrame
    registrants: pd.DataFrame


class Decided(NamedTuple):
    """What stands: ``matched`` (payment_id, capture_line), payments to refund and accepted late; Decision, Rejection.

    ``decisions`` has those on unknown payments too, without a month.
    """

    matched: pd.DataFrame
    refunds: frozenset[str]
    accepted_late: frozenset[str]
    decisions: pd.DataFrame
    rejections: pd.DataFrame


def decide(decision_rows: pd.DataFrame, evidence: Evidence) -> Decided:
    """DecisionRow → what is decided. Of one decision that came several times, the row that came first is judged."""
    judged = _judged(_with_context(first_seen(decision_rows), evidence))
    applied = judged[judged["status"].eq("applied")]
    matched = applied[applied["action"].eq("match")]
    told = _told(decision_rows, judged)
    return Decided(
        matched[["payment_id", "capture_line"]].reset_index(drop=True),
        frozenset(applied.loc[applied["action"].eq("refund"), "payment_id"]),
        frozenset(applied.loc[applied["action"].eq("accept_late"), "payment_id"]),
        Decision.conform(told),
        _rejected(told[told["why"].ne("")]),
    )


def _with_context(rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """The rows with what the rules of ``REJECTED`` look at."""
    payment = rows["payment_id"]
    at = positions(payment, evidence.standing["payment_id"])
    known = rows.assign(
        is_known=at != NOWHERE,
        bucket=taken(evidence.standing["bucket"], at, "").set_axis(rows.index),
        currency=taken(evidence.standing["currency"], at, "").set_axis(rows.index),
        month=taken(evidence.payments["month"], positions(payment, evidence.payments["payment_id"]), "").to_numpy(),
    ).astype({"month": "str"})
    line = positions(rows["capture_line"], evidence.lines["capture_line"])
    nss = taken(evidence.lines["nss"], line, "").set_axis(rows.index)
    is_issued = taken(evidence.lines["status"], line, "").eq("issued").to_numpy() & among(
        nss, evidence.registrants["nss"]
    )
    findings = evidence.findings.take(np.flatnonzero(among(evidence.findings["payment_id"], payment)))
    found = findings.loc[findings["reason"].eq(""), ["payment_id", "capture_line"]]
    found = found[~found["payment_id"].duplicated(keep=False)]
    pair = ["payment_id", "capture_line"]
    return known.assign(
        **_digests(known, evidence),
        line_is_issued=is_issued,
        is_found=among(known[pair], found[pair]),
        names_others=among(payment, evidence.named["payment_id"])
        & ~(is_issued & among([payment, nss], evidence.named[["payment_id", "nss"]])),
    )


def _digests(rows: pd.DataFrame, evidence: Evidence) -> dict[str, pd.Series[str]]:
    """The facts that each decision cites, and those of its payment today."""
    if rows.empty:  # of most months, and of most payments that are explained
        nothing = pd.Series([], index=rows.index, dtype="str")
        return {"facts_digest": nothing, "facts_today": nothing}
    places = evidence.payment_rows.loc[among(evidence.payment_rows["payment_id"], rows["payment_id"]), PLACE]
    bank, remittances = (_at(places, of) for of in (evidence.bank_rows, evidence.remittance_rows))
    today = facts_digest(bank, remittances).reindex(rows["payment_id"], fill_value="").set_axis(rows.index)
    moments = rows[["payment_id", "received_at"]].rename(columns={"received_at": "moment"})
    seen = facts_at(bank, remittances, moments)
    return {"facts_digest": rows["facts"].where(rows["facts"].ne(""), seen), "facts_today": today}


def _at(places: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that stand at these places; whole numbers first, so that few texts of many are compared."""
    near = rows[rows["row"].isin(places["row"])]
    return near[among(near[PLACE], places)].reset_index(drop=True)


def _judged(context: pd.DataFrame) -> pd.DataFrame:
    """The decisions with ``why`` they do not count, and their ``status``."""
    why = pd.Series("", index=context.index, dtype="str")
    for rule, (applies, _, _) in REJECTED.items():
        why = why.mask(why.eq("") & applies(context), rule)
    status = pd.Series(np.where(why.eq(STALE), STALE, "rejected"), index=context.index, dtype="str")
    status.update(_standing(context[why.eq("")]))
    return context.assign(why=why, status=status)


def _standing(sound: pd.DataFrame) -> pd.Series[str]:
    """Of the decisions that count: applied, superseded or undone, by index. The latest word on a payment stands."""
    told = sound.sort_values(ORDER)
    order = pd.Series(np.arange(len(told)), index=told.index)
    last_wipe = _last(order[told["action"].isin(WIPING)], told)
    last_undo = _last(order[told["action"].eq("undo")], told)
    is_last = ~told.duplicated("payment_id", keep="last")
    is_last_of_its_kind = ~told.duplicated(["payment_id", "action"], keep="last")
    action = told["action"]
    applies = (
        (action.isin(["match", "accept_late"]) & is_last_of_its_kind & order.gt(last_wipe))
        | (action.eq("refund") & is_last)
        | (action.eq("undo") & order.eq(last_wipe))
    )
    status = np.select([applies, order.lt(last_undo) & action.ne("undo")], ["applied", "undone"], "superseded")
    return pd.Series(status, index=told.index, dtype="str")


def _last(places: pd.Series[int], told: pd.DataFrame) -> pd.Series[int]:
    """For each decision, the last of these places among the decisions of its payment; before all where none is."""
    payments = told["payment_id"]
    return payments.map(places.groupby(payments.loc[places.index]).max()).fillna(-1).astype("int64")


def _told(rows: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Every row with what became of its decision; ``repeated`` where the decision had come before and was sound."""
    what = judged[["decision_id", "status", "why", "facts_digest", "month"]]
    told = rows.assign(decision_id=decision_ids(rows)).merge(what, on="decision_id")
    places = pd.MultiIndex.from_frame(told[PLACE])
    is_first = places.isin(pd.MultiIndex.from_frame(judged[PLACE]))
    return told.assign(status=told["status"].mask(~is_first & told["why"].eq(""), "repeated"))


def _rejected(told: pd.DataFrame) -> pd.DataFrame:
    columns = told["why"].map({rule: column for rule, (_, column, _) in REJECTED.items()})
    reasons = told["why"].map({rule: reason for rule, (_, _, reason) in REJECTED.items()})
    texts = {"column": columns.astype("str"), "rule": told["why"], "reason": reasons.astype("str")}
    return Rejection.conform(told.drop(columns="reason").assign(**texts))


def _same_signer(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["decided_by"].str.strip().str.casefold().eq(rows["approved_by"].str.strip().str.casefold())


def _unknown_payment(rows: pd.DataFrame) -> pd.Series[bool]:
    return ~rows["is_known"]


def _stale(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["facts_digest"].ne(rows["facts_today"])


def _not_open(rows: pd.DataFrame) -> pd.Series[bool]:
    """A payment that the rules have come to confirm to the very line decided on is no fault of the decision."""
    is_done = rows["bucket"].eq("confirmed") & rows["is_found"]
    unmatchable = (~rows["bucket"].isin(OPEN_TO_MATCH) & ~is_done) | rows["currency"].ne("MXN")
    unrefundable = rows["action"].eq("refund") & ~rows["bucket"].isin(REFUNDABLE)
    return (rows["action"].eq("match") & unmatchable) | unrefundable


def _line_not_issued(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["action"].eq("match") & ~rows["line_is_issued"]


def _other_registrant(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["action"].eq("match") & rows["names_others"]


REJECTED: Final[dict[str, tuple[Callable[[pd.DataFrame], pd.Series[bool]], str, str]]] = {
    "same_signer": (
        _same_signer,
        "approved_by",
        "expected an approver other than who decided; let another person approve it",
    ),
    "unknown_payment": (
        _unknown_payment,
        "payment_id",
        "expected a payment that some file holds; copy its payment_id from the tables",
    ),
    STALE: (
        _stale,
        "payment_id",
        "expected the payment as it was when decided on, its facts have changed since; look at it and decide anew",
    ),
    "not_open": (
        _not_open,
        "payment_id",
        "expected a payment that this action can move; look up its bucket and reason first",
    ),
    "line_not_issued": (
        _line_not_issued,
        "capture_line",
        "expected an issued line of a registered NSS; correct the capture_line",
    ),
    "other_registrant": (
        _other_registrant,
        "capture_line",
        "expected a line of a registrant whom the payment names; correct the capture_line, or refund the payment",
    ),
}
"""Rule → when it applies, the column told, and what was expected; the first that applies rejects the decision."""
