"""Who belongs to a payer's family, told from some payments at a time."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules import families

PAIRS = st.lists(st.tuples(st.sampled_from(["ana", "beto", "shop"]), st.integers(0, 11).map(lambda nss: f"{nss:011d}")))


def paid(pairs: list[tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["payer", "nss"], dtype="str")


def family(told: pd.DataFrame) -> set[tuple[str, str]]:
    return set(families.of_payers(told).itertuples(index=False, name=None))


def by_hand(pairs: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """The slow twin: two to eight different persons are a family."""
    of = {payer: {nss for other, nss in pairs if other == payer} for payer, _ in pairs}
    return {(payer, nss) for payer, persons in of.items() if 2 <= len(persons) <= 8 for nss in persons}


@given(st.lists(PAIRS, min_size=1, max_size=4))
def test_few_of_each_part_tell_the_families_that_all_tell(parts: list[list[tuple[str, str]]]) -> None:
    whole = [pair for part in parts for pair in part]
    told = families.few(pd.concat([families.few(paid(part)) for part in parts], ignore_index=True))
    assert family(told) == family(paid(whole)) == by_hand(whole)


@given(PAIRS)
def test_few_are_in_order_and_no_more_than_tell_a_shop(pairs: list[tuple[str, str]]) -> None:
    told = families.few(paid(pairs))
    rows = list(told.itertuples(index=False, name=None))
    assert rows == sorted(set(rows))
    assert all(told["payer"].value_counts().le(families.LARGEST + 1))


def test_a_shop_of_which_every_part_is_small_enough_for_a_family_is_a_shop() -> None:
    parts = [[("shop", f"{nss:011d}") for nss in range(start, start + 6)] for start in (0, 6)]
    assert all(len(family(paid(part))) == 6 for part in parts)
    assert family(pd.concat([families.few(paid(part)) for part in parts])) == set()
