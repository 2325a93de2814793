"""The bulk of a month: lines paid in full and on time, and lines nobody pays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.sample import ledger as books
from pipelines.sample.ledger import Ledger
from pipelines.sample.text import Ints, day_of

_ANNOUNCED_EVERY, _REPEATED_EVERY, _EMPTIED_EVERY = 10, 150, 3


def due(cases: pd.DataFrame) -> Ints:
    """Centavos due of each case."""
    return cases["due_centavos"].to_numpy(dtype=np.int64)


def turns(cases: pd.DataFrame, count: int) -> list[pd.DataFrame]:
    """The cases dealt out in `count` hands: by position, for variants and for the members of a group."""
    return [cases.iloc[turn::count].reset_index(drop=True) for turn in range(count)]


def pay_in_full(
    ledger: Ledger, cases: pd.DataFrame, *named: str, local: Ints | None = None, terms: books.Terms = books.ORDINARY
) -> pd.DataFrame:
    """Each case pays what is due, on time (or at `local`, which must be on time): all of it is applied."""
    moment = ledger.on_time(len(cases)) if local is None else local
    paid = ledger.pay(cases, due(cases), moment, ledger.said(cases, *named), terms)
    ledger.truth.confirmed(paid, "applied", due(cases))
    ledger.truth.activated(cases, day_of(moment))
    return paid


class PaidInFull:
    """Lines paid in full on time, naming in these ways; some rows come announced first or once more."""

    def __init__(self, *named: str) -> None:
        self.named = named

    def __call__(self, ledger: Ledger, cases: pd.DataFrame) -> None:
        """Pay what is due; every tenth remittance is announced, every 150th payment comes again."""
        paid = pay_in_full(ledger, cases, *self.named)
        serial = paid["serial"].to_numpy()
        announced = paid[~paid["bank"].to_numpy() & (serial % _ANNOUNCED_EVERY == 0)]
        ledger.again(announced, "avisos", status="pending", announced=True)
        repeated = paid[serial % _REPEATED_EVERY == 1]
        emptied = repeated["serial"] // _REPEATED_EVERY % _EMPTIED_EVERY == 0
        ledger.again(repeated[~emptied], offset=-6)
        ledger.again(repeated[emptied], text="")


def unpaid(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Nobody pays."""
    ledger.truth.excepted(cases, "unpaid")


def unmatched(ledger: Ledger, cases: pd.DataFrame) -> None:
    """Money that names nobody, or only almost: one character off never confirms."""
    said = ledger.said(cases, "almost", "nobody_bank", "wrong_digit", "almost", "nobody_remittance", "almost")
    paid = ledger.pay(cases, due(cases), ledger.any_time(len(cases)), said)
    ledger.truth.unconfirmed(paid, "unmatched")
    ledger.truth.excepted(cases, "unpaid")
