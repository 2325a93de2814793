"""Lines paid in parts, too little, too much or twice; and one payment for the lines of a family."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipelines.sample import moments, ways
from pipelines.sample.ledger import Ledger, for_line
from pipelines.sample.scenarios.ordinary import due, pay_in_full, turns
from pipelines.sample.text import Ints, day_of, spaced

_FIRST_DAYS, _NEXT_DAYS = (1, 7), (8, 14)
_EXTRA = 5_013  # centavos


def _between(ledger: Ledger, days: tuple[int, int], cases: pd.DataFrame) -> Ints:
    return moments.between(ledger.rng, ledger.month, days, len(cases))


def _pay(ledger: Ledger, cases: pd.DataFrame, amount: Ints, local: Ints) -> pd.DataFrame:
    return ledger.pay(cases, amount, local, ledger.said(cases, *ways.DIRECT))


def two_parts(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Two payments on time make the line full; the second gives the date."""
    part, last = due(cases) * 2 // 5, _between(ledger, _NEXT_DAYS, cases)
    first = _pay(ledger, cases, part, _between(ledger, _FIRST_DAYS, cases))
    second = _pay(ledger, cases, due(cases) - part, last)
    ledger.truth.confirmed(first, "applied", part)
    ledger.truth.confirmed(second, "applied", due(cases) - part)
    ledger.truth.activated(cases, day_of(last))


def short(ledger: Ledger, cases: pd.DataFrame) -> None:
    """On time and not enough: by one centavo, or by half."""
    lack = np.where(np.arange(len(cases)) % 2 == 0, 1, due(cases) // 2)
    paid = _pay(ledger, cases, due(cases) - lack, ledger.on_time(len(cases)))
    ledger.truth.confirmed(paid, "short", due(cases) - lack)
    ledger.truth.excepted(cases, "short")


def late(ledger: Ledger, cases: pd.DataFrame) -> None:
    """All of it after the cut-off."""
    paid = _pay(ledger, cases, due(cases), moments.overdue(ledger.rng, ledger.month, len(cases)))
    ledger.truth.confirmed(paid, "late", due(cases))
    ledger.truth.excepted(cases, "late")


def late_and_short(ledger: Ledger, cases: pd.DataFrame) -> None:
    """After the cut-off, and not enough even so."""
    amount = due(cases) // 3
    paid = _pay(ledger, cases, amount, moments.overdue(ledger.rng, ledger.month, len(cases)))
    ledger.truth.confirmed(paid, "late", amount)
    ledger.truth.excepted(cases, "short")


def late_and_over(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Half on time; the rest after the cut-off, in every second case with more than what lacked."""
    part = due(cases) // 2
    lack, extra = due(cases) - part, np.arange(len(cases)) % 2 * _EXTRA
    first = _pay(ledger, cases, part, ledger.on_time(len(cases)))
    second = _pay(ledger, cases, lack + extra, moments.overdue(ledger.rng, ledger.month, len(cases)))
    ledger.truth.confirmed(first, "short", part)
    ledger.truth.confirmed(second, "late", lack)
    ledger.truth.confirmed(second[extra > 0], "surplus", extra[extra > 0])
    ledger.truth.excepted(cases, "late")


def overpaid(ledger: Ledger, cases: pd.DataFrame) -> None:
    """One payment on time of more than is due."""
    local = ledger.on_time(len(cases))
    paid = _pay(ledger, cases, due(cases) + _EXTRA, local)
    ledger.truth.confirmed(paid, "applied", due(cases))
    ledger.truth.confirmed(paid, "surplus", np.full(len(cases), _EXTRA))
    ledger.truth.activated(cases, day_of(local))


def paid_twice(ledger: Ledger, cases: pd.DataFrame) -> None:
    """The full amount twice: the first activates, the second, on time or late, is surplus."""
    in_time, too_late = turns(cases, 2)
    for hand, days, flags in ((in_time, _NEXT_DAYS, ()), (too_late, (17, 27), ("late",))):
        pay_in_full(ledger, hand, *ways.DIRECT, local=_between(ledger, _FIRST_DAYS, hand))
        second = _pay(ledger, hand, due(hand), _between(ledger, days, hand))
        ledger.truth.confirmed(second, "surplus", due(hand), *flags)


def together(ledger: Ledger, members: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """What payments say that name the line of every member: bank concept and remittance message in turn."""
    texts = [ways.line_text(ledger.rng, member) for member in members]
    text = spaced(texts)
    return ledger.said(members[0], "concept", "message").assign(text=ways.framed(ledger.rng, text))


class Family:
    """One payment for the lines of several people, to the centavo the sum of what is due."""

    def __init__(self, members: int) -> None:
        self.members = members

    def __call__(self, ledger: Ledger, cases: pd.DataFrame) -> None:
        """Pay for each group at once; every line gets its own."""
        members = turns(cases, self.members)
        local = ledger.on_time(len(members[0]))
        amount = np.asarray(sum(due(member) for member in members), dtype=np.int64)
        paid = ledger.pay(members[0], amount, local, together(ledger, members))
        for member in members:
            ledger.truth.confirmed(for_line(paid, member), "applied", due(member), rule="text_many")
            ledger.truth.activated(member, day_of(local))


def second_line(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Registrants with two lines for one month: each variant of which one stands."""
    both_full, one_unpaid, same_instant, nss_only, first_short = turns(cases, 5)
    _both_full(ledger, both_full)
    pay_in_full(ledger, one_unpaid, *ways.DIRECT)
    ledger.truth.excepted(ledger.extra_lines(one_unpaid, ledger.month), "already_covered")
    _same_instant(ledger, same_instant)
    _nss_only(ledger, nss_only)
    other = ledger.extra_lines(first_short, ledger.month)
    paid = _pay(ledger, first_short, due(first_short) // 2, _between(ledger, _FIRST_DAYS, first_short))
    ledger.truth.confirmed(paid, "short", due(first_short) // 2)
    ledger.truth.excepted(first_short, "already_covered")
    pay_in_full(ledger, other, *ways.DIRECT)


def _surplus_line(ledger: Ledger, cases: pd.DataFrame, local: Ints) -> None:
    paid = _pay(ledger, cases, due(cases), local)
    ledger.truth.confirmed(paid, "surplus", due(cases))
    ledger.truth.excepted(cases, "already_covered")


def _both_full(ledger: Ledger, cases: pd.DataFrame) -> None:
    """The line that is full first stands; all the money of the other is surplus."""
    pay_in_full(ledger, cases, *ways.DIRECT, local=_between(ledger, _FIRST_DAYS, cases))
    _surplus_line(ledger, ledger.extra_lines(cases, ledger.month), _between(ledger, _NEXT_DAYS, cases))


def _same_instant(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Full at the same instant: the smaller capture line stands."""
    other, local = ledger.extra_lines(cases, ledger.month), ledger.on_time(len(cases))
    smaller = (cases["line"] < other["line"]).to_numpy()
    for standing, beaten, chosen in ((cases, other, smaller), (other, cases, ~smaller)):
        pay_in_full(ledger, standing[chosen].reset_index(drop=True), *ways.DIRECT, local=local[chosen])
        _surplus_line(ledger, beaten[chosen].reset_index(drop=True), local[chosen])


def _nss_only(ledger: Ledger, cases: pd.DataFrame) -> None:
    """The NSS alone cannot say which of two lines is meant."""
    other = ledger.extra_lines(cases, ledger.month)
    said = ledger.said(cases, "nss_text", "nss_field")
    paid = ledger.pay(cases, due(cases), ledger.on_time(len(cases)), said)
    ledger.truth.unconfirmed(paid, "held", "several_lines")
    ledger.truth.excepted(pd.concat([cases, other]), "held")
