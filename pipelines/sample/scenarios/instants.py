"""Payments at the limits of time: the cut-off instant, other months, the operating day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.sample import moments, ways
from pipelines.sample.ledger import Ledger, Terms
from pipelines.sample.scenarios.ordinary import due, turns
from pipelines.sample.text import HOUR, Ints, day_of

_WINDOW = 2  # months (CONTRACT §2, default)


def _offsets(count: int) -> Ints:
    """Z, -06:00, -07:00, -08:00, each for a bank transfer and a remittance in turn."""
    return np.resize(np.repeat(moments.OFFSETS, 2), count)


def _pay(ledger: Ledger, cases: pd.DataFrame, local: Ints, operating_on: Ints) -> pd.DataFrame:
    terms = Terms(offset=_offsets(len(cases)), operating_on=operating_on)
    return ledger.pay(cases, due(cases), local, ledger.said(cases, "concept", "exact"), terms)


def last_instant(ledger: Ledger, cases: pd.DataFrame) -> None:
    """The last microsecond of the 15th: on time, though UTC or the bank may write the 16th."""
    local = np.full(len(cases), moments.day_start(ledger.month, moments.CUTOFF_DAY + 1) - 1)
    paid = _pay(ledger, cases, local, day_of(local) + np.arange(len(cases)) // 4 % 2)
    written_later = day_of(paid["utc"].to_numpy() + paid["offset"].to_numpy() * HOUR) > day_of(local)
    at_bank = paid["bank"].to_numpy() & (paid["operating_on"].to_numpy() > day_of(local))
    ledger.truth.confirmed(paid, "applied", due(cases))
    ledger.truth.flagged(paid[written_later | at_bank], "boundary")
    ledger.truth.activated(cases, day_of(local))


def first_late_instant(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Midnight of the 16th: late, though further west it is still the 15th."""
    local = np.full(len(cases), moments.day_start(ledger.month, moments.CUTOFF_DAY + 1))
    paid = _pay(ledger, cases, local, day_of(local))
    written_earlier = day_of(paid["utc"].to_numpy() + paid["offset"].to_numpy() * HOUR) < day_of(local)
    ledger.truth.confirmed(paid, "late", due(cases))
    ledger.truth.flagged(paid[written_earlier], "boundary")
    ledger.truth.excepted(cases, "late")


def next_operating_day(ledger: Ledger, cases: pd.DataFrame) -> None:
    """A transfer of the evening of the 15th that the bank books on the 16th: on time, and on the boundary."""
    local = moments.day_start(ledger.month, moments.CUTOFF_DAY) + 20 * HOUR + np.arange(len(cases), dtype=np.int64)
    terms = Terms(offset=np.full(len(cases), -6), operating_on=day_of(local) + 1)
    paid = ledger.pay(cases, due(cases), local, ledger.said(cases, "concept"), terms)
    ledger.truth.confirmed(paid, "applied", due(cases), "boundary")
    ledger.truth.activated(cases, day_of(local))


def month_edge(ledger: Ledger, cases: pd.DataFrame) -> None:
    """The last microsecond before the due month is early; midnight of its first day is not."""
    before, after = turns(cases, 2)
    start = moments.day_start(ledger.month, 1)
    for hand, moment, flags in ((before, start - 1, ("early",)), (after, start, ())):
        local = np.full(len(hand), moment)
        paid = _pay(ledger, hand, local, day_of(local))
        ledger.truth.confirmed(paid, "applied", due(hand), *flags)
        ledger.truth.activated(hand, day_of(local))


def early(ledger: Ledger, cases: pd.DataFrame) -> None:
    """One month before the due month, or two, which is as far as the window reaches."""
    for months, hand in enumerate(turns(cases, _WINDOW), start=1):
        local = moments.between(ledger.rng, ledger.month - months, (2, 27), len(hand))
        paid = ledger.pay(hand, due(hand), local, ledger.said(hand, *ways.DIRECT))
        ledger.truth.confirmed(paid, "applied", due(hand), "early")
        ledger.truth.activated(hand, day_of(local))


def months_later(ledger: Ledger, cases: pd.DataFrame) -> None:
    """One or two months after the due month: late, in the window."""
    for months, hand in enumerate(turns(cases, _WINDOW), start=1):
        local = moments.between(ledger.rng, ledger.month + months, (2, 27), len(hand))
        paid = ledger.pay(hand, due(hand), local, ledger.said(hand, *ways.DIRECT))
        ledger.truth.confirmed(paid, "late", due(hand))
        ledger.truth.excepted(hand, "late")


def out_of_window(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Another line of the registrant, due three months outside the sample, is paid beside the one of the month."""
    first, last = ledger.span
    for hand, due_month in zip(turns(cases, 2), (first - _WINDOW - 1, last + _WINDOW + 1), strict=True):
        far = ledger.extra_lines(hand, due_month)
        paid = ledger.pay(far, due(far), ledger.any_time(len(far)), ledger.said(far, *ways.DIRECT))
        ledger.truth.unconfirmed(paid, "held", "out_of_window")
        ledger.truth.excepted(far, "held")
        local = ledger.on_time(len(hand))
        own = ledger.pay(hand, due(hand), local, ledger.said(hand, "concept"))
        ledger.truth.confirmed(own, "applied", due(hand))
        ledger.truth.activated(hand, day_of(local))
