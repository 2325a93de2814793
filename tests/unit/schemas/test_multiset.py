from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.multiset import Multiset, hashes_of

SCHEMA = pyarrow.schema(
    [
        ("key", pyarrow.large_string()),
        ("text", pyarrow.string()),
        ("centavos", pyarrow.int64()),
        ("fee", pyarrow.int64()),
        ("paid_at", pyarrow.timestamp("us", "UTC")),
        ("paid_on", pyarrow.date32()),
    ]
)
ROW: dict[str, Any] = {
    "key": "K1",
    "text": "PAGO IMSS",
    "centavos": 125_000,
    "fee": None,
    "paid_at": dt.datetime(2026, 10, 15, 6, tzinfo=dt.UTC),
    "paid_on": dt.date(2026, 10, 14),
}

texts = st.text("ab\x00ñ", max_size=20)
rows = st.fixed_dictionaries(
    {
        "key": texts,
        "text": texts,
        "centavos": st.integers(-(2**63), 2**63 - 1),
        "fee": st.none() | st.integers(-1, 1),
        "paid_at": st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2199, 12, 31), timezones=st.just(dt.UTC)),  # noqa: DTZ001 - the zone is drawn
        "paid_on": st.dates(),
    }
)


def table(*found: dict[str, Any]) -> pyarrow.Table:
    return pyarrow.Table.from_pylist(list(found), schema=SCHEMA)


def digest(*tables: pyarrow.Table) -> str:
    multiset = Multiset()
    for each in tables:
        multiset.add(each)
    return multiset.digest()


@given(st.lists(rows, max_size=12), st.randoms(), st.integers(0, 12), st.integers(0, 12))
@settings(max_examples=100, deadline=None)
def test_order_chunks_and_blocks_do_not_count(found: list[dict[str, Any]], chance: Any, cut: int, other: int) -> None:
    whole = table(*found)
    shuffled = table(*chance.sample(found, len(found)))
    chunked = pyarrow.concat_tables([shuffled.slice(0, cut), shuffled.slice(cut)])
    assert digest(whole) == digest(chunked) == digest(chunked.slice(0, other), chunked.slice(other))


@given(st.lists(rows, min_size=1, max_size=6), st.lists(rows, max_size=6))
@settings(max_examples=200, deadline=None)
def test_two_multisets_have_one_digest_only_where_they_are_one(
    found: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    def in_order(multiset: list[dict[str, Any]]) -> list[str]:
        return sorted(repr(sorted(row.items())) for row in multiset)

    assert (digest(table(*found)) == digest(table(*others))) is (in_order(found) == in_order(others))
    assert digest(table(*found, *others)) == digest(table(*others, *found))


@pytest.mark.parametrize(
    "changed",
    [
        {"centavos": 125_001},
        {"centavos": -125_000},
        {"fee": 0},
        {"fee": 1},
        {"key": "K1PAGO IMSS", "text": ""},
        {"key": "", "text": "K1PAGO IMSS"},
        {"key": "PAGO IMSS", "text": "K1"},
        {"key": "K1P", "text": "AGO IMSS"},
        {"key": "K1\x00"},
        {"key": "\x00K1"},
        {"text": "PAGO IMSS\x00"},
        {"text": "PAGO IMS"},
        {"text": "PAGO IMST"},
        {"text": "PAGO IMSS" + " " * 7},
        {"paid_at": dt.datetime(2026, 10, 15, 6, 0, 0, 1, tzinfo=dt.UTC)},
        {"paid_on": dt.date(2026, 10, 15)},
    ],
)
def test_a_row_that_differs_in_anything_is_another_row(changed: dict[str, Any]) -> None:
    assert digest(table(ROW)) != digest(table(ROW | changed))
    assert digest(table(ROW, ROW)) != digest(table(ROW, ROW | changed))


@pytest.mark.parametrize("width", range(18))
def test_a_text_of_any_length_differs_from_the_one_that_ends_in_a_nul(width: int) -> None:
    given_text = "a" * width
    assert digest(table(ROW | {"key": given_text})) != digest(table(ROW | {"key": given_text + "\x00"}))


def test_values_that_changed_places_between_two_rows_are_other_rows() -> None:
    one, two = ROW | {"key": "K1", "centavos": 1}, ROW | {"key": "K2", "centavos": 2}
    swapped = [one | {"centavos": 2}, two | {"centavos": 1}]
    assert digest(table(one, two)) != digest(table(*swapped))


def test_how_often_a_row_stands_there_counts() -> None:
    assert len({digest(table(*[ROW] * times)) for times in range(5)}) == 5


def test_nothing_added_is_told_from_one_empty_row_and_has_no_digest() -> None:
    empty = pyarrow.table({"key": pyarrow.array([""], pyarrow.large_string())})
    assert digest() == digest(empty.slice(0, 0)) == ""
    assert digest(empty)


def test_short_and_large_strings_of_one_text_are_one() -> None:
    large = pyarrow.table({"key": pyarrow.array(["a", "", "ñandú y más"], pyarrow.large_string())})
    assert digest(large) == digest(large.cast(pyarrow.schema([("key", pyarrow.string())])))


def test_hashes_tell_rows_apart_in_both_lanes() -> None:
    found = table(*[ROW | {"centavos": number} for number in range(1000)])
    assert [len(set(lane.tolist())) for lane in hashes_of(found)] == [1000, 1000]


@pytest.mark.parametrize("width", [9, 16, 20, 40])
def test_keys_that_differ_a_little_in_two_places_are_told_apart(width: int) -> None:
    letters = "0123456789ABCDEFGHIJ"
    keys = [f"{one}{'0' * 7}{two}".ljust(width, "0") for one in letters for two in letters]
    for lane in hashes_of(table(*[ROW | {"key": key} for key in keys])):
        assert len(set(lane.tolist())) == len(keys)


def test_amounts_that_differ_a_little_in_two_columns_are_told_apart() -> None:
    amounts = [*range(10), *(sign * step for step in (65_536, 65_537, 131_072, 131_073) for sign in (1, -1))]
    found = table(*[ROW | {"centavos": 1_000_000 + one, "fee": 1_000_000 + two} for one in amounts for two in amounts])
    for lane in hashes_of(found):
        assert len(set(lane.tolist())) == len(amounts) ** 2
