from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules import key_hashes, keys, origins
from schemas.octets import as_array
from schemas.remembered import forget

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


class TestTaken:
    """What was taken from a column is found as if it were looked up."""

    @staticmethod
    def _looked_up(wanted: pd.Series[str], known: pd.Series[str]) -> list[int]:
        return [int(place) for place in keys.positions(texts(*wanted), texts(*known))]

    @given(st.data())
    def test_where_it_stands(self, data: st.DataObject) -> None:
        base, known = (texts(*data.draw(st.lists(st.sampled_from("abcdef"), min_size=1))) for _ in range(2))
        place = np.array(data.draw(st.lists(st.integers(-1, len(base) - 1))), dtype=np.int64)
        found = keys.key_taken(base, place, "f")
        assert keys.positions(found, known).tolist() == self._looked_up(found, known)
        again = keys.key_taken(found, np.arange(len(found))[::-1], "f")
        assert keys.positions(again, known).tolist() == self._looked_up(again, known)

    @given(st.data())
    def test_what_stands_where(self, data: st.DataObject) -> None:
        """The base is looked for in what was taken from it, or from what was looked for in it before."""
        base = texts(*data.draw(st.lists(st.sampled_from("abcdef"), min_size=1)))
        other = texts(*data.draw(st.lists(st.sampled_from("abcdefg"), min_size=1)))
        assert keys.positions(other, base).tolist() == self._looked_up(other, base)
        for column in (base, other):
            is_kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(column), max_size=len(column))))
            some = keys.kept(pd.DataFrame({"key": column}), is_kept, "key")["key"]
            assert some.tolist() == [key for key, stays in zip(column, is_kept, strict=True) if stays]
            assert keys.positions(base, some).tolist() == self._looked_up(base, some)

    def test_few_of_many_are_looked_up_themselves(self, monkeypatch: pytest.MonkeyPatch) -> None:
        base = texts(*(str(number) for number in range(100)))
        few = keys.key_taken(base, np.array([7, 3]))
        asked: list[int] = []
        hashed = key_hashes.hashed

        def counting(columns: list[pyarrow.Array], seed: int) -> np.ndarray:
            asked.append(len(columns[0]))
            return hashed(columns, seed)

        monkeypatch.setattr(keys, "hashed", counting)
        assert keys.positions(few, texts("3", "7")).tolist() == [1, 0]
        assert set(asked) == {2}

    def test_a_column_that_was_found_is_not_looked_up_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        base = texts(*(str(number) for number in range(100)))
        known = texts(*(str(number) for number in reversed(range(100))))
        assert keys.positions(base, known)[3] == 96
        some = keys.kept(pd.DataFrame({"key": base}), np.arange(100) % 2 == 0, "key")["key"]
        monkeypatch.setattr(keys, "_index", lambda columns: pytest.fail(f"{len(columns)} columns looked up"))
        monkeypatch.setattr(keys, "_looked_up", lambda asked, _: np.full(len(asked[0]), -1))
        assert keys.positions(some, known).tolist() == [99 - number for number in range(0, 100, 2)]
        assert keys.positions(base, some).tolist() == [n // 2 if n % 2 == 0 else -1 for n in range(100)]

    def test_what_was_taken_whole_is_the_column_itself(self) -> None:
        base = texts("a", "b", "c")
        whole = keys.key_taken(base, np.arange(3))
        assert keys.positions(whole, base).tolist() == [0, 1, 2]
        assert keys.positions(base, whole).tolist() == [0, 1, 2]

    def test_only_so_much_is_remembered(self) -> None:
        base = texts(*(str(number) for number in range(100)))
        taken = [keys.key_taken(base, np.arange(100)[:: -1 - number % 2]) for number in range(2 * origins.KEPT)]
        assert origins.origin(as_array(taken[0])) is None
        assert origins.origin(as_array(taken[-1])) is not None
        forget()
        assert origins.origin(as_array(taken[-1])) is None


@pytest.mark.parametrize("count", [1, 2, 1 << 14, (1 << 14) + 1, 1 << 15])
def test_a_text_has_one_hash_wherever_it_stands(count: int) -> None:
    short, long = "ab" * 3, "0123456789abcdef" * 2
    column = texts(*([short, long, "", "x" * 9] * (count // 4 + 1))[:count])
    expected = {text: int(keys.hashes(texts(text))[0]) for text in set(column)}
    assert keys.hashes(column).tolist() == [expected[text] for text in column]
    assert (
        keys.hashes(texts(*[long] * count)).tolist() == [expected.get(long, int(keys.hashes(texts(long))[0]))] * count
    )


def test_of_empty_columns_which_lie_at_one_address_nothing_is_remembered() -> None:
    forget()
    offsets, octets = pyarrow.py_buffer(bytes(8)), pyarrow.py_buffer(b"")
    none, none_again = (pyarrow.LargeStringArray.from_buffers(0, offsets, octets) for _ in range(2))
    absent = pyarrow.array([""], pyarrow.large_string())
    origins.note(absent, none, np.array([-1]))
    origins.note(none_again, absent, np.array([], dtype=np.int64))
    assert [origins.origin(column) for column in (absent, none, none_again)] == [None, None, None]
    assert keys.positions(absent, pyarrow.array(["x", ""], pyarrow.large_string())).tolist() == [1]
