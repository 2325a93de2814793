"""Sums of a family's lines: one payment for several registrants for whom its payer has paid before (CONTRACT §7).

No file says who belongs together, so payments do: a payer's family are the registrants whose lines the same sender
(account; without one, name at the same institution) has been confirmed to pay, up to the payment's month.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from pipelines.rules.candidates import BASES, SUMMED, candidates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.rules.candidates import Waiting

LIKENESS: Final = 750
LARGEST: Final = 8
"""A payer for more registrants, or with more of their lines in a month, is a shop and no family."""

IN_A_SUM: Final = (2, 3, 4)
"""How many lines a sum may have."""

_AT_ONCE: Final = 1 << 15


def of_sums(waiting: Waiting, paid: pd.DataFrame) -> pd.DataFrame:
    """Candidates: lines of one month, of different registrants of one family, that sum exactly to the payment.

    ``paid``: payer and nss of what is confirmed, up to the month.
    """
    family = of_payers(paid)
    lines = waiting.lines[["nss", "due", "amount_due_centavos"]].rename_axis("line").reset_index()
    payers = waiting.payments[["payer", "amount_centavos"]].rename_axis("payment").reset_index()
    owed = payers.merge(family, on="payer").merge(lines, on="nss").sort_values(["payment", "due", "line"])
    size = owed.groupby(["payment", "due"])["line"].transform("size")
    found = [_sums_of(owed[size == number], number) for number in range(2, LARGEST + 1)]
    return pd.concat([candidates(0), *found], ignore_index=True)


def of_payers(paid: pd.DataFrame) -> pd.DataFrame:
    """payer, nss of the families among those for whom payers have paid."""
    family = paid[["payer", "nss"]].drop_duplicates()
    return family[family.groupby("payer")["nss"].transform("size").between(2, LARGEST)]


def few(paid: pd.DataFrame) -> pd.DataFrame:
    """payer, nss, each pair once and in order: of one payer no more than it takes to see that it is no family."""
    ordered = paid[["payer", "nss"]].drop_duplicates().sort_values(["payer", "nss"])
    return ordered[ordered.groupby("payer").cumcount().le(LARGEST)].reset_index(drop=True)


def _sums_of(owed: pd.DataFrame, number: int) -> pd.DataFrame:
    """Sums among groups of ``number`` lines each, lying one behind the other; a bounded number of groups at a time."""
    step = _AT_ONCE * number
    return pd.concat([candidates(0)] + [_sums(owed[at : at + step], number) for at in range(0, len(owed), step)])


def _sums(owed: pd.DataFrame, number: int) -> pd.DataFrame:
    chosen = [members for count in IN_A_SUM for members in combinations(range(number), count)]
    is_member = np.array([[place in members for members in chosen] for place in range(number)], dtype=np.int64)
    due = owed["amount_due_centavos"].to_numpy().reshape(-1, number)
    group, which = np.nonzero(due @ is_member == owed["amount_centavos"].to_numpy()[::number, None])
    # Lines lie in order within a group; a place that a shorter sum does not fill holds none.
    places = np.array([[*members, *[-1] * (4 - len(members))] for members in chosen])[which]
    persons = _taken(pd.factorize(owed["nss"])[0].reshape(-1, number), group, places)
    lines = _taken(owed["line"].to_numpy().reshape(-1, number), group, places)
    ordered = np.sort(persons, axis=1)
    ok = ~((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any(axis=1)
    names = dict(zip(("line", "second", "third", "fourth"), lines[ok].T, strict=True))
    payment = owed["payment"].to_numpy()[::number][group[ok]]
    told = {"basis": BASES.index("family_sum"), "likeness": LIKENESS, "kind": SUMMED}
    return candidates(int(ok.sum()), payment=payment, place=(places[ok] >= 0).sum(axis=1), **names, **told)


def _taken(table: NDArray[np.int64], group: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each group, the values at its places; −1 where there is no place."""
    return np.where(places >= 0, table[group[:, None], places], -1)
