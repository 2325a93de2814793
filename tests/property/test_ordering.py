"""Rows put into order cut by cut are what sorting all of them gives, and have the same content digest."""

from __future__ import annotations

import itertools
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import pyarrow
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import cutting, ordering
from pipelines.store.sought import Sought
from schemas.digest import content_digest, sort_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCHEMA = pyarrow.schema(
    [
        ("constant", pyarrow.string()),
        ("name", pyarrow.string()),
        ("number", pyarrow.int64()),
        ("day", pyarrow.date32()),
        ("is_it", pyarrow.bool_()),
    ]
)
MONTHLY = pyarrow.schema([("name", pyarrow.string()), ("month", pyarrow.string())])
NAMES = st.one_of(
    st.sampled_from(["", "a", "ab", "b", "ñ", "漢", "\U0001f600", "a" * 70, "a" * 70 + "b", "a" * 63 + "ñ"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "constant": st.just("2026-10"),
            "name": NAMES | st.none(),
            "number": st.integers(-3, 3) | st.none(),
            "day": st.dates(date(2026, 1, 1), date(2026, 1, 2)),
            "is_it": st.booleans(),
        }
    ),
    max_size=40,
)


def in_pieces(rows: list[dict[str, Any]], cuts: list[int]) -> list[pyarrow.Table]:
    bounds = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    return [pyarrow.Table.from_pylist(rows[start:end], SCHEMA) for start, end in itertools.pairwise(bounds)]


@settings(deadline=None, max_examples=150)
@given(
    ROWS,
    st.lists(st.integers(0, 40), max_size=3),
    st.permutations(SCHEMA.names),
    st.integers(1, 50),
    st.sampled_from([0, 10]),
)
def test_rows_ordered_cut_by_cut_are_those_of_one_sort(
    rows: list[dict[str, Any]], cuts: list[int], names: list[str], at_once: int, held: int
) -> None:
    pieces = [piece.select(names) for piece in in_pieces(rows, cuts)]
    whole = pyarrow.concat_tables(pieces)

    def read(columns: Sequence[str] | None) -> Iterator[pyarrow.Table]:
        return (piece.select(list(columns or names)) for piece in pieces)

    with tempfile.TemporaryDirectory() as folder, patch.object(ordering, "_HELD", held):
        found = ordering.order(whole.schema, read, Path(folder), "table", at_once)
        assert found.num_rows == whole.num_rows
        assert found.whole().equals(sort_rows(whole))
        assert found.digest() == content_digest(whole)
        assert found.whole(["name", "day"]).equals(sort_rows(whole).select(["name", "day"]))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(NAMES, st.sampled_from(["2026-10", "2026-10", "2026-10", "2026-11"])), max_size=40),
    st.integers(0, 40),
    st.integers(1, 50),
    st.sampled_from([0, 10]),
    st.sampled_from([0.0, 0.8]),
)
def test_of_the_rows_of_all_months_those_of_one_are_ordered(
    rows: list[tuple[str | None, str]], cut: int, at_once: int, held: int, nearly_all: float
) -> None:
    whole = pyarrow.table({"name": [row[0] for row in rows], "month": [row[1] for row in rows]}, MONTHLY)
    pieces = [whole.slice(0, cut), whole.slice(cut)]

    def read(columns: Sequence[str] | None) -> Iterator[pyarrow.Table]:
        return (piece.select(list(columns or MONTHLY.names)) for piece in pieces)

    wanted = sort_rows(whole.filter(pc.equal(whole["month"], "2026-10")))
    limits = patch.multiple(ordering, _HELD=held, _NEARLY_ALL=nearly_all, _LOOKED_AT=2)
    with tempfile.TemporaryDirectory() as folder, limits:
        found = ordering.order(MONTHLY, read, Path(folder), "table", at_once, "2026-10")
        assert found.whole().equals(wanted)
        slices = [set(rows["name"].to_pylist()) for rows in found.slices()]
    assert sum(map(len, slices)) == len(set().union(*slices))


@settings(deadline=None, max_examples=200)
@given(st.lists(NAMES | st.none(), max_size=40), st.lists(NAMES, max_size=12))
def test_the_slice_of_a_text_is_told_by_how_many_cuts_are_not_above_its_beginning(
    texts: list[str | None], firsts: list[str]
) -> None:
    cuts = np.sort(np.array([text.encode()[:64] for text in firsts], "S64"))
    piece = pyarrow.table({"name": pyarrow.array(texts, pyarrow.string())})
    found = cutting.slice_of(piece, cutting.Cuts("name", cuts)).tolist()
    beginnings = [None if text is None else text.encode()[:64] for text in texts]
    wanted = [
        len(firsts) if text is None else sum(bytes(first) <= text for first in cuts.tolist()) for text in beginnings
    ]
    assert found == wanted


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([pyarrow.string(), pyarrow.large_string(), pyarrow.int64(), pyarrow.date32()]),
    st.lists(st.lists(st.integers(0, 30) | st.none(), max_size=8), max_size=4),
    st.lists(st.integers(0, 30) | st.none(), max_size=12),
    st.booleans(),
)
def test_what_is_sought_is_found_in_any_slice_as_among_all_values(
    kind: pyarrow.DataType, slices: list[list[int | None]], values: list[int | None], in_order: bool
) -> None:
    def column(numbers: list[int | None]) -> pyarrow.Array:
        return pyarrow.array(numbers, pyarrow.int32()).cast(kind)

    sought = Sought(column(sorted(values, key=str) if in_order else values))
    for numbers in slices:
        one = pyarrow.chunked_array([column(numbers), column(numbers[:2])])
        assert sought.among(one).to_pylist() == pc.is_in(one, value_set=column(values)).to_pylist()


def test_a_row_that_is_laid_into_no_slice_is_told_and_not_left_out(tmp_path: Path) -> None:
    rows = pyarrow.table({"name": [f"{number:04d}" for number in range(100)], "month": ["2026-10"] * 100}, MONTHLY)

    def read(columns: Sequence[str] | None) -> Iterator[pyarrow.Table]:
        yield rows if columns is None else rows.select(list(columns))

    def without_the_first(piece: pyarrow.Table, cuts: Any) -> Any:
        part = slice_of(piece, cuts)
        part[0] = len(cuts.firsts) + 1
        return part

    slice_of = cutting.slice_of
    with (
        patch.object(ordering, "_HELD", 0),
        patch.object(ordering, "slice_of", without_the_first),
        pytest.raises(ordering.RowsLostError, match="not as many"),
    ):
        ordering.order(MONTHLY, read, tmp_path, "table", 20)
