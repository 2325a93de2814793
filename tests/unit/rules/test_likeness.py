from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.rules import likeness

NONE: list[str] = []


def column(*texts: str) -> pd.Series[str]:
    return pd.Series(texts, dtype="str")


def told(pairs: pd.DataFrame) -> list[tuple[int, int, int, int, str, str]]:
    """Positions, kind, place and the two characters."""
    return [
        (written, key, kind, place, chr(wrote).strip("\0"), chr(meant).strip("\0"))
        for written, key, kind, place, wrote, meant in pairs.astype(int).to_numpy().tolist()
    ]


@pytest.mark.parametrize(
    ("wrote", "meant", "kind", "place", "characters"),
    [
        ("ABCDX", "ABCDE", likeness.WRONG, 5, ("X", "E")),
        ("XBCDE", "ABCDE", likeness.WRONG, 1, ("X", "A")),
        ("BACDE", "ABCDE", likeness.SWAPPED, 1, ("B", "A")),
        ("ABCED", "ABCDE", likeness.SWAPPED, 4, ("E", "D")),
        ("BCDE", "ABCDE", likeness.MISSING, 1, ("", "A")),
        ("ABCD", "ABCDE", likeness.MISSING, 5, ("", "E")),
        ("ABCDEF", "ABCDE", likeness.SURPLUS, 6, ("F", "")),
        ("FABCDE", "ABCDE", likeness.SURPLUS, 1, ("F", "")),
        ("AABB", "AAABB", likeness.MISSING, 3, ("", "A")),
        ("A" * 61, "A" * 60, likeness.SURPLUS, 61, ("A", "")),
    ],
)
def test_one_error_is_told_with_its_place(
    wrote: str, meant: str, kind: int, place: int, characters: tuple[str, str]
) -> None:
    assert told(likeness.one_error(column(wrote), column(meant))) == [(0, 0, kind, place, *characters)]


@pytest.mark.parametrize(
    ("wrote", "meant"),
    [("ABCDE", "ABCDE"), ("XBCDX", "ABCDE"), ("BCA", "ABC"), ("CBA", "ABC"), ("ABC", "ABCDE"), ("ABXY", "ABCDE")],
)
def test_no_error_or_two_are_no_likeness(wrote: str, meant: str) -> None:
    assert likeness.one_error(column(wrote), column(meant)).empty


def test_keys_of_several_lengths_are_compared_at_once() -> None:
    found = likeness.one_error(column("ABCDEF", "ZZZ"), column("ABCDEX", "ABCDE", "ABCDEFG", "Q"))
    assert {(row[1], row[2]) for row in told(found)} == {
        (0, likeness.WRONG),
        (1, likeness.SURPLUS),
        (2, likeness.MISSING),
    }


def test_look_alikes_may_stand_in_any_number_of_places() -> None:
    found = likeness.look_alikes(column("AOI0", "A010", "A01O"), column("A010"))
    assert [(row[0], row[2]) for row in told(found)] == [(0, likeness.LOOKS), (2, likeness.LOOKS)]


def test_a_beginning_tells_how_much_of_the_whole_is_there() -> None:
    found = likeness.beginnings(
        column("ABCDEFGH", "ABCDEFG", "ABCDEFGHXY"), column("ABCDEFGHXY"), np.zeros(1, np.int64)
    )
    assert [(row.written, row.place, row.meant) for row in found.pairs.itertuples()] == [(0, 8, 10)]


def test_a_beginning_that_many_of_one_group_share_tells_nothing() -> None:
    keys = column(*(f"ABCDEFGH{number:02d}" for number in range(21)))
    groups = np.array([0] * 11 + [1] * 10)
    found = likeness.beginnings(column("ABCDEFGH"), keys, groups)
    assert sorted(found.pairs["key"]) == list(range(11, 21))
    assert found.crowds.to_numpy().tolist() == [[0, 0, 11], [0, 1, 10]]
    assert found.pairs["crowd"].unique().tolist() == [1]


def test_nothing_is_like_nothing() -> None:
    for written, keys in ((NONE, ["ABCDEFGHI"]), (["ABCDEFGH"], NONE), (NONE, NONE)):
        assert likeness.one_error(column(*written), column(*keys)).empty
        assert likeness.look_alikes(column(*written), column(*keys)).empty
        assert likeness.beginnings(column(*written), column(*keys), np.zeros(len(keys), np.int64)).pairs.empty


def test_more_pairs_than_are_compared_at_once_are_all_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "_AT_ONCE", 3)
    keys = column(*(f"ABC{letter}EFGH" for letter in "ABCEFGHIJ"))
    assert len(likeness.one_error(column("ABCDEFGH"), keys)) == len(keys)


def test_keys_whose_hashes_collide_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "_POWERS", np.ones(likeness.LONGEST, np.uint64))
    found = likeness.one_error(column("ABCDEFGH"), column("HGFEDCBA", "ABCDEFGX"))
    assert [row[1] for row in told(found)] == [1]
    assert likeness.look_alikes(column("A0BC"), column("BOCA")).empty
    assert likeness.beginnings(column("ABCDEFGH"), column("HGFEDCBAX"), np.zeros(1, np.int64)).pairs.empty
