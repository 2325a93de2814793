"""Money announced and never paid, or taken back by its sender."""

from __future__ import annotations

import pandas as pd

from pipelines.sample import ledger as books
from pipelines.sample.ledger import Ledger, Terms
from pipelines.sample.scenarios.ordinary import due, turns
from pipelines.sample.text import DAY, day_of

_FIELDS = ("exact", "normalised", "message")


def pending(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Announced and never paid: it holds nothing up and covers nobody."""
    terms = Terms(status="pending", settlement=books.NONE)
    paid = ledger.pay(cases, due(cases), ledger.any_time(len(cases)), ledger.said(cases, *_FIELDS), terms)
    ledger.truth.unconfirmed(paid, "pending")
    ledger.truth.excepted(cases, "unpaid")


def cancelled(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Cancelled after it was paid (it stays in its settlement), or while it was only announced (it has none)."""
    after_paid, announced = turns(cases, 2)
    paid = ledger.pay(after_paid, due(after_paid), ledger.on_time(len(after_paid)), ledger.said(after_paid, *_FIELDS))
    ledger.again(paid, "devoluciones", status="cancelled")
    ledger.truth.unconfirmed(paid, "returned")
    ledger.truth.excepted(after_paid, "returned")
    terms = Terms(status="pending", settlement=books.NONE)
    said = ledger.said(announced, *_FIELDS)
    never = ledger.pay(announced, due(announced), ledger.on_time(len(announced)), said, terms)
    ledger.again(never, "devoluciones", status="cancelled")
    ledger.truth.unconfirmed(never, "returned")
    ledger.truth.excepted(announced, "unpaid")


def refunded(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Refunded: after a row that says paid, or with no row but the refund, which implies it was paid once."""
    after_paid, only = turns(cases, 2)
    paid = ledger.pay(after_paid, due(after_paid), ledger.on_time(len(after_paid)), ledger.said(after_paid, *_FIELDS))
    ledger.again(paid, "devoluciones", status="refunded")
    terms = Terms(status="refunded")
    alone = ledger.pay(only, due(only), ledger.on_time(len(only)), ledger.said(only, *_FIELDS), terms)
    for rows, hand in ((paid, after_paid), (alone, only)):
        ledger.truth.unconfirmed(rows, "returned")
        ledger.truth.excepted(hand, "returned")


def bank_returned(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Credited and returned two days later; or only the return was seen, and the operating date gives the moment."""
    seen, only = turns(cases, 2)
    local = ledger.on_time(len(seen))
    paid = ledger.pay(seen, due(seen), local, ledger.said(seen, "concept"))
    ledger.again(paid, "devoluciones", status="returned", local=local + 2 * DAY)
    back = ledger.on_time(len(only))
    terms = Terms(status="returned", operating_on=day_of(back))
    alone = ledger.pay(only, due(only), back, ledger.said(only, "concept"), terms)
    for rows, hand in ((paid, seen), (alone, only)):
        ledger.truth.unconfirmed(rows, "returned")
        ledger.truth.excepted(hand, "returned")
