from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import patch

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import digest
from schemas.digest import content_digest, sort_rows, sort_wanted

SCHEMA = pyarrow.schema(
    [
        ("name", pyarrow.string()),
        ("number", pyarrow.int64()),
        ("is_it", pyarrow.bool_()),
        ("day", pyarrow.date32()),
        ("moment", pyarrow.timestamp("us", "UTC")),
    ]
)
ROW = {
    "name": "Ñandú",
    "number": -3,
    "is_it": True,
    "day": date(2026, 10, 15),
    "moment": datetime(2026, 10, 15, 6, 0, 0, 7, UTC),
}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["", "a", "ab", "b", "ñ"]),
            "number": st.integers(-2, 2),
            "is_it": st.booleans(),
            "day": st.dates(date(2026, 1, 1), date(2026, 1, 2)),
            "moment": st.sampled_from([ROW["moment"], datetime(2026, 1, 1, tzinfo=UTC)]),
        }
    ),
    max_size=8,
)


def made(rows: list[dict[str, Any]]) -> pyarrow.Table:
    return pyarrow.Table.from_pylist(rows, SCHEMA)


def slowly(rows: list[dict[str, Any]]) -> str:
    """The digest, value by value."""
    ordered = sorted(rows, key=lambda row: tuple(value_key(row[name]) for name in SCHEMA.names))
    digest = hashlib.sha256(str(len(rows)).encode())
    for field in SCHEMA:
        values = [row[field.name] for row in ordered]
        digest.update(f"\n{field.name}:{field.type}\n".encode() + bytes(value is not None for value in values))
        if field.name == "name":
            texts = [(value or "").encode() for value in values]
            digest.update(b"".join(len(text).to_bytes(8, "little") for text in texts) + b"".join(texts))
        else:
            numbers = pyarrow.array(values, field.type)
            wide = numbers.cast(pyarrow.int32()) if field.name == "day" else numbers
            plain = [value or 0 for value in wide.cast(pyarrow.int64()).to_pylist()]
            digest.update(b"".join(number.to_bytes(8, "little", signed=True) for number in plain))
    return digest.hexdigest()


def value_key(value: Any) -> tuple[bool, Any]:
    return (value is None, b"" if value is None else value.encode() if isinstance(value, str) else value)


@settings(deadline=None)
@given(ROWS)
def test_the_digest_is_what_is_computed_value_by_value(rows: list[dict[str, Any]]) -> None:
    assert content_digest(made(rows)) == slowly(rows)


@settings(deadline=None)
@given(ROWS)
def test_so_it_is_where_text_is_too_much_to_be_kept(rows: list[dict[str, Any]]) -> None:
    with patch.object(digest, "_KEPT_BYTES", 1):
        assert content_digest(made(rows)) == slowly(rows)


@settings(deadline=None)
@given(ROWS, st.sampled_from(SCHEMA.names), st.integers(0, 7))
def test_so_it_is_where_a_value_is_missing(rows: list[dict[str, Any]], name: str, place: int) -> None:
    holed = [{**row, name: None} if number == place else row for number, row in enumerate(rows)]
    assert content_digest(made(holed)) == slowly(holed)


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_neither_order_nor_chunks_count(rows: list[dict[str, Any]], chance: Any) -> None:
    shuffled = chance.sample(rows, len(rows))
    chunked = pyarrow.concat_tables([made(shuffled[:3]), made(shuffled[3:])])
    assert content_digest(chunked) == content_digest(made(rows))
    assert sort_rows(chunked).equals(sort_rows(made(rows)))


@settings(deadline=None)
@given(ROWS)
def test_rows_are_ordered_by_all_columns_from_first_to_last(rows: list[dict[str, Any]]) -> None:
    found = sort_rows(made(rows)).to_pylist()
    assert found == sorted(rows, key=lambda row: tuple(value_key(row[name]) for name in SCHEMA.names))


@settings(deadline=None)
@given(ROWS)
def test_rows_in_order_are_not_touched(rows: list[dict[str, Any]]) -> None:
    ordered = sort_rows(made(rows))
    assert sort_rows(ordered) is ordered


@settings(deadline=None)
@given(ROWS, st.lists(st.booleans(), min_size=8, max_size=8), st.booleans(), st.sampled_from([0.0, 0.8]))
def test_wanted_rows_are_ordered_as_if_there_were_no_others(
    rows: list[dict[str, Any]],
    wanted: list[bool],
    is_ordered: bool,
    nearly_all: float,
) -> None:
    table = sort_rows(made(rows)) if is_ordered else made(rows)
    is_wanted = pyarrow.chunked_array([wanted[: len(rows)]], pyarrow.bool_())
    with patch.object(digest, "_NEARLY_ALL", nearly_all):
        found = sort_wanted(table, is_wanted)
    assert found.equals(sort_rows(table.filter(is_wanted)))


def test_missing_values_stand_last() -> None:
    table = pyarrow.table({"a": ["x", None, "a"], "n": [1, 2, 3]})
    assert sort_rows(table)["a"].to_pylist() == ["a", "x", None]


def test_numbers_with_fractions_are_ordered_too() -> None:
    assert sort_rows(pyarrow.table({"a": [2.5, 0.5]}))["a"].to_pylist() == [0.5, 2.5]


@pytest.mark.parametrize(
    ("rows", "digest"),
    [
        ([], "4ae34c797057721f70612e9fce54e847570eab9e509c3adaa80cff6170943a5b"),
        (
            [ROW, {**ROW, "name": ""}, {**ROW, "number": None}],
            "d0c2f2f64b2f7f91a1d76cec36c0078bd270f5521ef39c9ae88e5cc00ef03e80",
        ),
    ],
)
def test_digests_of_homes_published_before_stay_what_they_were(rows: list[dict[str, Any]], digest: str) -> None:
    assert content_digest(made(rows)) == digest
