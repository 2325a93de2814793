"""Payments that wait for a person or a settlement, one scenario a reason (CONTRACT §5, §7)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.sample import ledger as books
from pipelines.sample import moments, ways
from pipelines.sample.ledger import COMPANIES, Ledger, Terms
from pipelines.sample.scenarios.amounts import together
from pipelines.sample.scenarios.ordinary import due, pay_in_full, turns
from pipelines.sample.text import HOUR, Ints

_BLOCK = 3  # remittances under a settlement that goes wrong
_KINDS = np.array(
    [
        books.AWAITING, books.OFF_BY_ONE, books.WRONG_ITEMS, books.TWO_VERSIONS, books.RETURNED_DEPOSIT,
        books.NONE, books.UNLISTED,
    ]
)  # fmt: skip


def _held(
    ledger: Ledger, cases: pd.DataFrame, reason: str, said: pd.DataFrame, *, amount: Ints | None = None,
    terms: Terms = books.ORDINARY,
) -> pd.DataFrame:  # fmt: skip
    """One payment a case, held for a reason; by default of what is due, at any time of the month."""
    money = due(cases) if amount is None else amount
    paid = ledger.pay(cases, money, ledger.any_time(len(cases)), said, terms)
    ledger.truth.unconfirmed(paid, "held", reason)
    return paid


def conflicting_rows(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Two files disagree on one fact; the payment carries its smallest row."""
    amounts, instants, returns, remittances = turns(cases, 4)
    unsettled = Terms(settlement=books.NONE)
    paid = _held(ledger, amounts, "conflicting_rows", ledger.said(amounts, "concept"))
    ledger.again(paid, amount=paid["amount"] + 10_000)
    paid = _held(ledger, instants, "conflicting_rows", ledger.said(instants, "concept"))
    ledger.again(paid, local=paid["local"] + HOUR)
    paid = _held(ledger, returns, "conflicting_rows", ledger.said(returns, "concept"))
    ledger.again(paid, "devoluciones", status="returned", amount=paid["amount"] - 1, local=paid["local"] + HOUR)
    paid = _held(ledger, remittances, "conflicting_rows", ledger.said(remittances, "exact", "message"), terms=unsettled)
    ledger.again(paid, amount=paid["amount"] + 1)
    ledger.truth.excepted(cases, "held")


def conflicting_lines(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Two files disagree on whose line is paid: the payment names both."""
    one, other = turns(cases, 2)
    paid = _held(ledger, one, "conflicting_rows", ledger.said(one, "concept"))
    ledger.again(paid, text=ledger.said(other, "concept")["text"])
    ledger.truth.excepted(cases, "held")


def foreign_currency(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Dollars, never summed with pesos."""
    terms = Terms(currency="USD", settlement=books.NONE)
    said = ledger.said(cases, "concept", "exact", "message")
    _held(ledger, cases, "foreign_currency", said, amount=due(cases) // 18, terms=terms)
    ledger.truth.excepted(cases, "held")


def unsettled(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Remittances whose settlement has no deposit, does not balance, is not listed, or is not named at all."""
    block = np.arange(len(cases)) // _BLOCK
    terms = Terms(settlement=_KINDS[block % len(_KINDS)], block=block, company=block % len(COMPANIES))
    local = moments.between(ledger.rng, ledger.month, (2, 9), len(cases))
    said = ledger.said(cases, "exact", "normalised", "message")
    paid = ledger.pay(cases, due(cases), local, said, terms)
    ledger.truth.unconfirmed(paid, "held", "unsettled")
    ledger.truth.excepted(cases, "held")


def line_cancelled(ledger: Ledger, cases: pd.DataFrame) -> None:
    """The line was cancelled: it is no longer issued, so it is no exception either."""
    ledger.cancel(cases)
    _held(ledger, cases, "line_cancelled", ledger.said(cases, *ways.DIRECT))


def family_cancelled(ledger: Ledger, cases: pd.DataFrame) -> None:
    """One payment for two lines, one of them cancelled: the whole of it is held, whatever the sum."""
    members = turns(cases, 2)
    ledger.cancel(members[1])
    _held(ledger, members[0], "line_cancelled", together(ledger, members), amount=due(members[0]) + due(members[1]))
    ledger.truth.excepted(members[0], "held")


def registry_conflict(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Two newest rows of the line disagree: it is not an issued line, and no exception."""
    ledger.contradict(cases)
    _held(ledger, cases, "registry_conflict", ledger.said(cases, *ways.DIRECT))


def identity_conflict(ledger: Ledger, cases: pd.DataFrame) -> None:
    """The line of one person with the NSS or CURP of another, who pays for their own line as well."""
    owners, others = turns(cases, 2)
    pay_in_full(ledger, others, "concept", "exact")
    variant = np.arange(len(owners)) % 3
    said = ledger.said(owners, "exact", "exact", "concept")
    said["nss_field"] = others["nss"].where(pd.Series(variant == 0), "")
    said["curp_field"] = others["curp"].where(pd.Series(variant == 1), "")
    said["text"] = (said["text"] + " NSS " + others["nss"]).where(pd.Series(variant == 2), said["text"])  # noqa: PLR2004
    _held(ledger, owners, "identity_conflict", said)
    ledger.truth.excepted(owners, "held")


def several_lines(ledger: Ledger, cases: pd.DataFrame) -> None:
    """The text names the lines of two people, and the amount is one centavo off their sum."""
    members = turns(cases, 2)
    amount = due(members[0]) + due(members[1]) + np.resize([1, -1], len(members[0]))
    _held(ledger, members[0], "several_lines", together(ledger, members), amount=amount)
    ledger.truth.excepted(cases, "held")


def several_registrants(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Two people are named and no line: in the text, or one by each field."""
    one, other = turns(cases, 2)
    in_text = pd.Series(np.arange(len(one)) % 2 == 0)
    said = ledger.said(one, "nss_text", "nss_field")
    said["text"] = (said["text"] + " Y NSS " + other["nss"]).where(in_text, said["text"])
    said["curp_field"] = other["curp"].where(~in_text, "")
    _held(ledger, one, "several_registrants", said)
    ledger.truth.excepted(cases, "held")


def no_line_for_month(ledger: Ledger, cases: pd.DataFrame) -> None:
    """A registrant is named who has no issued line in the month: none at all, or a cancelled one."""
    never, taken_back = turns(cases, 2)
    ledger.never_issue(never)
    ledger.cancel(taken_back)
    for hand in (never, taken_back):
        _held(ledger, hand, "no_line_for_month", ledger.said(hand, "nss_text", "curp_field"))


def amount_mismatch(ledger: Ledger, cases: pd.DataFrame) -> None:
    """A registrant is named and no line, and the amount is not that of their line."""
    amount = due(cases) + np.resize([-1, 1, 25_000], len(cases))
    said = ledger.said(cases, "nss_text", "nss_field", "curp_text", "curp_field")
    _held(ledger, cases, "amount_mismatch", said, amount=amount)
    ledger.truth.excepted(cases, "held")


def not_registered(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Lines whose NSS is not registered: paid by line, not paid, or paid naming an NSS that names nobody."""
    by_line, nobody_pays, by_nss = turns(cases, 3)
    _held(ledger, by_line, "unknown_registrant", ledger.said(by_line, *ways.DIRECT))
    ledger.truth.excepted(pd.concat([by_line, nobody_pays, by_nss]), "unknown_registrant")
    paid = ledger.pay(by_nss, due(by_nss), ledger.any_time(len(by_nss)), ledger.said(by_nss, "nss_text", "nss_field"))
    ledger.truth.unconfirmed(paid, "unmatched")


def shared_curp(ledger: Ledger, cases: pd.DataFrame) -> None:
    """A CURP that two registrants bear names both of them."""
    one, _ = turns(cases, 2)
    _held(ledger, one, "several_registrants", ledger.said(one, "curp_field", "curp_text"))
    ledger.truth.excepted(cases, "held")
