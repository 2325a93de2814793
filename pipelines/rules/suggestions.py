"""Suggestions (CONTRACT §7): which lines a waiting payment might be meant for. They confirm nothing.

Nothing in the product depends on them: they are for the person who decides. docs/decisions/0019 says what they weigh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules import families, names, references
from pipelines.rules.calendar import month_name, month_number, month_numbers
from pipelines.rules.candidates import BASES, LINES, Waiting
from pipelines.rules.differences import told_differences
from pipelines.rules.keys import among, positions, taken
from schemas.tables.suggestions import Suggestion

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

    from pipelines.rules.policy import PolicyBook

SHOWN: Final = 3
"""Suggestions of one payment."""

OTHER_AMOUNT: Final = 100
"""What likeness loses where the amount is not the one due."""

EACH_MONTH: Final = 20
"""What it loses for each month between the payment and the line."""

PAID_ALREADY: Final = 200
"""What it loses where the line is paid."""

NAMING_A_LINE: Final = ("exact", "normalised", "text", "text_many")
PLACE: Final = ["sha256", "sheet", "row"]


class Evidence(NamedTuple):
    """What a suggestion may rest on."""

    payments: pd.DataFrame
    standings: pd.DataFrame
    claims: pd.DataFrame
    findings: pd.DataFrame
    matches: pd.DataFrame
    line_standings: pd.DataFrame
    lines: pd.DataFrame
    registrants: pd.DataFrame
    bank_rows: pd.DataFrame
    remittance_rows: pd.DataFrame


def suggest(month: str, policy: PolicyBook, evidence: Evidence) -> pd.DataFrame:
    """Suggestion rows for the payments of ``month`` that wait for a person, in pesos.

    Issued lines due within the policy's window around ``month`` are looked at. A remittance that waits for nothing
    but its settlement names its line: it is not asked.
    """
    number = month_number(month)
    senders = senders_of(evidence.bank_rows, evidence.remittance_rows)
    window_months = int(policy.values("window_months", np.array([number]))[0])
    waiting = _waiting(number, window_months, evidence, senders)
    told = references.of_lines(waiting)
    by_person, by_name = references.of_persons(waiting, number), names.of_names(waiting)
    by_family = families.of_sums(waiting, _paid_before(number, evidence, senders, waiting))
    every = pd.concat([told.candidates, by_person, by_family, by_name], ignore_index=True)
    return _written(_best(_weighed(every, waiting, number)), told.texts, waiting, number)


def senders_of(bank_rows: pd.DataFrame, remittance_rows: pd.DataFrame) -> pd.DataFrame:
    """Every row of a payment: its place, ``sender_name`` and ``payer`` (account; else institution and name)."""
    bank = bank_rows.rename(columns={"sender_bank": "institution"})
    remittances = remittance_rows.rename(columns={"company": "institution"}).assign(sender_account="")
    columns = [*PLACE, "institution", "sender_account", "sender_name"]
    rows = pd.concat([bank[columns], remittances[columns]], ignore_index=True)
    codes, distinct = pd.factorize(rows["sender_name"])
    called = pd.Series([*names.fold(pd.Series(distinct, dtype="str")).to_pylist()], dtype="str").reindex(codes)
    by_name = (rows["institution"] + "|" + called.to_numpy()).mask(called.eq("").to_numpy(), "")
    payer = ("|" + rows["sender_account"]).where(rows["sender_account"].ne(""), by_name)
    return rows[[*PLACE, "sender_name"]].assign(payer=payer.astype("str"))


def with_sender(payments: pd.DataFrame, senders: pd.DataFrame) -> pd.DataFrame:
    """The payments with what the row that carries each says of its sender."""
    places = dict(zip(("source_sha256", "source_sheet", "source_row"), PLACE, strict=True))
    named = payments.rename(columns=places)
    row = positions(named[PLACE], senders[PLACE])
    told = senders[["sender_name", "payer"]].take(row[row >= 0]).set_axis(named.index[row >= 0])
    return named[row >= 0].assign(sender_name=told["sender_name"], payer=told["payer"])


def are_asked(month: int, payments: pd.DataFrame, standings: pd.DataFrame) -> NDArray[np.bool_]:
    """For each payment, whether it is of the month, in pesos, and waits for a person."""
    waits = standings["bucket"].isin(["held", "unmatched"]) & standings["reason"].ne("unsettled")
    asked = among(payments["payment_id"], standings.loc[waits, "payment_id"])
    of_month = payments["month"].eq(month_name(month)) & payments["currency"].eq("MXN")
    return np.asarray(asked & of_month, dtype=bool)


def _waiting(month: int, window_months: int, evidence: Evidence, senders: pd.DataFrame) -> Waiting:
    findings = evidence.findings
    names_line = findings["rule"].isin(NAMING_A_LINE)
    asked = evidence.payments[are_asked(month, evidence.payments, evidence.standings)]
    payments = with_sender(asked, senders).sort_values("payment_id", ignore_index=True)
    payments["names_line"] = among(payments["payment_id"], findings.loc[names_line, "payment_id"])
    payments["names_person"] = among(payments["payment_id"], findings.loc[~names_line, "payment_id"])
    position = positions(evidence.claims["payment_id"], payments["payment_id"])
    claims = evidence.claims.assign(payment=position)[position >= 0].reset_index(drop=True)
    return Waiting(payments, claims, _lines(month, window_months, evidence), evidence.registrants)


def _lines(month: int, window_months: int, evidence: Evidence) -> pd.DataFrame:
    """Issued lines due within the window, in order."""
    lines = evidence.lines.assign(due=month_numbers(evidence.lines["due_month"]))
    lines = lines[lines["status"].eq("issued") & lines["due"].between(month - window_months, month + window_months)]
    lines = lines.sort_values("capture_line", ignore_index=True)
    standing = positions(lines["capture_line"], evidence.line_standings["capture_line"])
    return lines.assign(
        registrant=positions(lines["nss"], evidence.registrants["nss"]),
        is_paid=taken(evidence.line_standings["is_paid"], standing, missing=False).to_numpy(),
    )


def _paid_before(month: int, evidence: Evidence, senders: pd.DataFrame, waiting: Waiting) -> pd.DataFrame:
    """For whom the payers of the waiting payments have been confirmed to pay, up to the month: ``payer``, ``nss``."""
    known = senders[among(senders["payer"], waiting.payments["payer"]) & senders["payer"].ne("")]
    places = ["source_sha256", "source_sheet", "source_row"]
    row = positions(evidence.payments[places], known[PLACE])
    # Of all payments only those of these payers are looked at.
    earlier = (row >= 0) & evidence.payments["month"].le(month_name(month)).to_numpy(dtype=bool)
    paid = evidence.payments.loc[earlier, ["payment_id"]].assign(payer=taken(known["payer"], row[earlier], "").array)
    matches = evidence.matches.loc[among(evidence.matches["payment_id"], paid["payment_id"]), ["payment_id", "nss"]]
    return paid.merge(matches, on="payment_id")


def _weighed(every: pd.DataFrame, waiting: Waiting, month: int) -> pd.DataFrame:
    """The candidates with what they cost in likeness: ``amount`` over what is due, ``months`` away, ``is_paid``.

    ``is_registered``, whether every line's registrant is, costs nothing: it says what a decision has to wait for.
    """
    lines = waiting.lines
    places = every[LINES].to_numpy()
    due = np.append(lines["amount_due_centavos"].to_numpy(), 0)[places].sum(axis=1)
    paid = waiting.payments["amount_centavos"].to_numpy()[every["payment"].to_numpy()]
    weighed = every.assign(
        amount=paid - due,
        months=lines["due"].to_numpy()[places[:, 0]] - month,
        is_paid=np.append(lines["is_paid"].to_numpy(), False)[places].any(axis=1),
        is_registered=np.append(lines["registrant"].to_numpy() >= 0, True)[places].all(axis=1),
    )
    cost = OTHER_AMOUNT * weighed["amount"].ne(0) + EACH_MONTH * weighed["months"].abs()
    return weighed.assign(likeness=(every["likeness"] - cost - PAID_ALREADY * weighed["is_paid"]).clip(lower=1))


def _best(weighed: pd.DataFrame) -> pd.DataFrame:
    """At most three a payment in order, each line once, with their ``rank`` and how many ``others`` are as alike."""
    order = ["payment", "cost", *LINES, "basis", "kind", "place", "wrote", "meant"]
    costed = weighed.assign(cost=-weighed["likeness"])
    ordered = weighed.iloc[np.lexsort([costed[name] for name in reversed(order)])].drop_duplicates(["payment", *LINES])
    as_alike = ordered.groupby(["payment", "likeness"])["line"].transform("size") - 1
    ranked = ordered.assign(rank=ordered.groupby("payment").cumcount() + 1, others=as_alike)
    return ranked[ranked["rank"].le(SHOWN)].reset_index(drop=True)


def _written(best: pd.DataFrame, texts: pyarrow.LargeStringArray, waiting: Waiting, month: int) -> pd.DataFrame:
    """Suggestion rows of the candidates chosen."""
    parts = np.append("+" + waiting.lines["capture_line"], "").astype(object)
    joined = pd.Series([""] * len(best), dtype="str")
    for name in LINES:
        joined += pd.Series(parts[best[name].to_numpy()], dtype="str")
    return Suggestion.conform(
        pd.DataFrame(
            {
                "payment_id": waiting.payments["payment_id"].iloc[best["payment"]].array,
                "capture_line": joined.str.slice(1),
                "likeness": best["likeness"].astype("int64"),
                "differs": told_differences(best, texts, waiting.lines["capture_line"]),
                "rank": best["rank"],
                "basis": pd.Series(np.array(BASES)[best["basis"].to_numpy()], dtype="str"),
                "others": best["others"],
                "month": pd.Series(month_name(month), index=best.index, dtype="str"),
            }
        )
    )
