from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules import keys

TEXTS = st.lists(st.text(max_size=20), max_size=30)


def texts(*values: str) -> pd.Series[str]:
    return pd.Series(list(values), dtype="str")


@given(TEXTS, TEXTS)
def test_a_key_is_found_where_it_stands_first(wanted: list[str], known: list[str]) -> None:
    found = keys.positions(texts(*wanted), texts(*known))
    assert found.tolist() == [known.index(key) if key in known else -1 for key in wanted]


@given(st.lists(st.tuples(st.text(max_size=9), st.integers(-5, 5)), max_size=30))
def test_keys_of_several_columns_are_equal_where_every_column_is(rows: list[tuple[str, int]]) -> None:
    frame = pd.DataFrame({"text": texts(*(text for text, _ in rows)), "number": [number for _, number in rows]})
    groups = keys.group(frame.astype({"number": "int64"}))
    seen = list(dict.fromkeys(rows))
    assert groups.code.tolist() == [seen.index(row) for row in rows]
    assert groups.first.tolist() == [rows.index(row) for row in seen]
    assert groups.is_repeated.tolist() == [rows.count(row) > 1 for row in rows]


def test_instants_are_keys_like_numbers() -> None:
    moments = pd.Series(pd.to_datetime(["2026-10-15", "2026-10-16", "2026-10-15"], utc=True))
    assert keys.group(moments).code.tolist() == [0, 1, 0]


@pytest.mark.parametrize("length", [7, 8, 9, 16, 17])
def test_texts_that_differ_in_one_place_only_are_told_apart(length: int) -> None:
    base = "a" * length
    others = [base[:at] + "b" + base[at + 1 :] for at in range(length)]
    assert keys.group(texts(base, *others)).are_distinct
    assert keys.group(texts(base, base + "a", *others)).are_distinct


def test_a_text_that_stands_in_row_after_row_is_found_like_any_other() -> None:
    column = texts(*(["first"] * 2000 + ["second"] * 500 + ["first"]))
    assert keys.positions(texts("second", "first", "none"), column).tolist() == [2000, 0, -1]
    assert keys.group(column).sizes.tolist() == [2001, 500]


def test_two_keys_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the first seed all keys share a hash, and with the next only those of one length."""

    def weak(columns: list[pyarrow.Array], seed: int) -> np.ndarray:
        sizes = np.array([len(text) for text in columns[0].to_pylist()], dtype=np.uint64)
        return sizes * np.uint64(seed - 1)

    monkeypatch.setattr(keys, "hashed", weak)
    known = texts("a", "bb", "ccc")
    assert keys.positions(texts("bb", "xx", "ccc", "dddd"), known).tolist() == [1, -1, 2, -1]
    assert keys.group(known).are_distinct


def test_keys_that_no_hash_tells_apart_stop_the_run_and_are_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "hashed", lambda columns, _seed: np.zeros(len(columns[0]), dtype=np.uint64))
    with pytest.raises(RuntimeError, match=r"^8 hashes of 64 bits did not tell the keys apart$"):
        keys.group(texts("secret", "other"))


@pytest.mark.parametrize(
    ("place", "expected"), [([1, 0], ["b", "a"]), ([-1, 1], ["none", "b"]), ([], [])], ids=["all", "some", "nothing"]
)
def test_values_are_taken_from_their_places(place: list[int], expected: list[str]) -> None:
    assert keys.taken(texts("a", "b"), np.array(place, dtype=np.int64), "none").tolist() == expected


def test_nothing_is_taken_from_an_empty_column() -> None:
    assert keys.taken(texts(), np.array([-1, -1]), "none").tolist() == ["none", "none"]


def test_the_hash_of_a_key_is_the_same_in_every_process() -> None:
    """Shards made by one process are read by another (ADR 0034)."""
    found = keys.hashes([texts("QNC2026000001", ""), pd.Series([1, -1])])
    assert found.tolist() == [4836843045019746991, 18433198150276202916]
