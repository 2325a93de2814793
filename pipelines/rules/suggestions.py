"""Suggestions (CONTRACT §7): which lines a waiting payment might be meant for. They confirm nothing.

Nothing in the product depends on them: they are for the person who decides. docs/decisions/0019 says what they weigh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.rules import crowds, families, name_words, shortlists
from pipelines.rules.calendar import month_name, month_number
from pipelines.rules.keys import among, positions, taken
from pipelines.rules.words import joined
from schemas.octets import LARGE_TEXT, as_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.rules.policy import PolicyBook

NAMING_A_LINE: Final = ("exact", "normalised", "text", "text_many")
PLACE: Final = ["sha256", "sheet", "row"]
_NOBODY: Final = pyarrow.scalar("", LARGE_TEXT)
PAYMENT: Final = ["payment_id", "amount_centavos", "sender_name", "payer", "names_line", "names_person"]
CLAIM: Final = ["payment", "text", "capture_line", "nss", "curp"]


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
    """Suggestion rows for the payments of ``month`` that wait for a person, in pesos; all lines are one block.

    Issued lines due within the policy's window around ``month`` are looked at. A remittance that waits for nothing
    but its settlement names its line: it is not asked.
    """
    number = month_number(month)
    who = asked(number, evidence)
    block = shortlists.block_of(
        number, window_of(number, policy), evidence.lines, evidence.line_standings, evidence.registrants
    )
    looked = shortlists.look(number, who, block)
    best = shortlists.shortlist(looked, crowds.too_large(looked.crowds))
    sums = shortlists.of_families(number, who, shortlists.lines_of_families(who, block))
    return shortlists.told(number, who, shortlists.together([best, sums]))


def window_of(month: int, policy: PolicyBook) -> int:
    """How many months before or after a month number a line may be due."""
    return int(policy.values("window_months", np.array([month]))[0])


def asked(month: int, evidence: Evidence, paid: pd.DataFrame | None = None) -> shortlists.Asked:
    """The payments of a month number that wait for a person, what they claim, and for whom their payers have paid.

    Lines and registrants need not be there. ``paid``: what :func:`paid_for` gives of all payments; then only those that
    wait need be there.
    """
    senders = senders_of(evidence.bank_rows, evidence.remittance_rows)
    findings = evidence.findings
    waits = evidence.payments.take(np.flatnonzero(are_asked(month, evidence.payments, evidence.standings)))
    payments = with_sender(waits, senders).sort_values("payment_id", ignore_index=True)
    finding = np.flatnonzero(among(findings["payment_id"], payments["payment_id"]))
    findings = findings[["payment_id", "rule"]].take(finding)
    names_line = findings["rule"].isin(NAMING_A_LINE)
    payments["names_line"] = among(payments["payment_id"], findings.loc[names_line, "payment_id"])
    payments["names_person"] = among(payments["payment_id"], findings.loc[~names_line, "payment_id"])
    position = positions(evidence.claims["payment_id"], payments["payment_id"])
    told = np.flatnonzero(position >= 0)
    claims = evidence.claims.take(told).assign(payment=position[told]).reset_index(drop=True)
    payers = pd.Series(pd.unique(payments["payer"][payments["payer"].ne("")]), dtype="str")
    if paid is None:
        theirs = senders.take(np.flatnonzero(among(senders["payer"], payers)))
        paid = paid_for(month, evidence.payments, evidence.matches, theirs)
    few = families.few(paid[among(paid["payer"], payers)])
    return shortlists.Asked(payments[PAYMENT], claims[CLAIM], few)


def senders_of(bank_rows: pd.DataFrame, remittance_rows: pd.DataFrame) -> pd.DataFrame:
    """Every row of a payment: its place, ``sender_name`` and ``payer`` (account; else institution and name)."""
    bank = bank_rows.rename(columns={"sender_bank": "institution"})
    remittances = remittance_rows.rename(columns={"company": "institution"}).assign(sender_account="")
    columns = [*PLACE, "institution", "sender_account", "sender_name"]
    rows = pd.concat([bank[columns], remittances[columns]], ignore_index=True)
    return rows[[*PLACE, "sender_name"]].assign(payer=_payers(rows))


def _payers(rows: pd.DataFrame) -> pd.Series[str]:
    """Account, with an empty institution; without one institution and name, folded; empty where there is neither."""
    account, institution, name = (as_array(rows[column]) for column in ("sender_account", "institution", "sender_name"))
    has_account = pc.not_equal(account, "").to_numpy(zero_copy_only=False)
    by_account = joined("", account.filter(pyarrow.array(has_account)))
    unknown = pyarrow.array(~has_account)
    encoded = name.filter(unknown).dictionary_encode()
    called = name_words.fold(encoded.dictionary).take(encoded.indices)
    by_name = pc.if_else(pc.equal(called, ""), _NOBODY, joined(institution.filter(unknown), called))
    place = np.where(has_account, np.cumsum(has_account) - 1, len(by_account) + np.cumsum(~has_account) - 1)
    every = pyarrow.concat_arrays([by_account, by_name])
    return pd.Series(every.take(pyarrow.array(place)), index=rows.index, dtype="str")


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


def paid_for(month: int, payments: pd.DataFrame, matches: pd.DataFrame, senders: pd.DataFrame) -> pd.DataFrame:
    """``payer``, ``nss``: for whom the payers of ``senders`` have been confirmed to pay up to the month.

    Few of each payer (``families.few``): what some payments give and what the others give is, together, enough.
    """
    row = positions(payments[["source_sha256", "source_sheet", "source_row"]], senders[PLACE])
    # Of all payments only those of these payers are looked at.
    earlier = (row >= 0) & payments["month"].le(month_name(month)).to_numpy(dtype=bool)
    paid = payments.loc[earlier, ["payment_id"]].assign(payer=taken(senders["payer"], row[earlier], "").array)
    match = np.flatnonzero(among(matches["payment_id"], paid["payment_id"]))
    return families.few(paid.merge(matches[["payment_id", "nss"]].take(match), on="payment_id"))
