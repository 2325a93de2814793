"""Tables that come slice by slice give the answers that they give when they are held."""

from __future__ import annotations

import io
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.outputs import exports, rosters, summary, tallies, workbook
from pipelines.outputs.outbox import BEFORE, write_outbox
from pipelines.outputs.tallies import Tally
from pipelines.store.ordered import Ordered
from schemas.digest import sort_rows
from tests.unit.outputs import month
from tests.unit.outputs.made import activation, change, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Sliced(dict[str, pyarrow.Table]):
    """Tables of which each comes in as many slices as may be."""

    def ordered(self, name: str) -> Ordered:
        return cut(self[name])


def cut(whole: pyarrow.Table, by: str = "") -> Ordered:
    """A slice for every value of the first column that has more than one."""
    rows = sort_rows(whole)
    column = by or next((name for name in rows.column_names if len(rows[name].unique()) > 1), rows.column_names[0])
    values = rows[column].to_pylist()
    bounds = [0, *(at for at in range(1, len(values)) if values[at] != values[at - 1]), len(values)]
    parts = [partial(columns_of, rows.slice(start, end - start)) for start, end in pairwise(bounds)]
    return Ordered(rows.schema, rows.num_rows, tuple(parts))


def columns_of(rows: pyarrow.Table, columns: Sequence[str] | None) -> pyarrow.Table:
    return rows.select(list(columns or rows.column_names))


def given_tables() -> dict[str, pyarrow.Table]:
    now = [activation(f"{number:011d}", f"UMF {number % 3}" if number % 4 else "") for number in range(9)]
    before = [activation(f"{number:011d}", f"UMF {number % 2}") for number in range(5, 14)]
    told = [change(f"{number:011d}", "revoked", "unpaid") for number in (9, 11, 13, 20)]
    known = month.tables() | {"coverage_activations": table("coverage_activations", *now)}
    known |= {BEFORE: table("coverage_activations", *before), "coverage_changes": table("coverage_changes", *told)}
    return known


def answers(folder: Path, tables: dict[str, pyarrow.Table]) -> dict[str, bytes]:
    document = month.document()
    document["policy"] |= {"effective_from": "2026-01", "paid_on": "made", "tolerance_centavos": 0}
    document["policy"] |= {"require_settlement": True, "window_months": 2}
    written = write_outbox(folder, "2026-10", tables, document)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in written}


def test_an_outbox_of_slices_is_that_of_whole_tables_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = answers(tmp_path / "whole", given_tables())
    monkeypatch.setattr(rosters, "_AT_ONCE", 2)
    sliced = answers(tmp_path / "sliced", Sliced(given_tables()))
    assert list(sliced) == list(whole)
    assert [name for name, content in whole.items() if sliced[name] != content] == []
    assert len([name for name in whole if "clinics/" in name]) > 3
    assert [path.name for path in (tmp_path / "sliced").iterdir() if path.name.endswith(".new")] == []


def test_the_sums_of_slices_are_those_of_whole_tables() -> None:
    whole = summary.sums(month.tables() | {"decisions": table("decisions")})
    assert summary.sums(Sliced(month.tables() | {"decisions": table("decisions")})) == whole
    assert len(whole.money) > 3


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".xlsx"])
def test_a_file_does_not_tell_how_its_rows_were_sliced(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_GROUP_ROWS", 4)
    monkeypatch.setattr(workbook, "_GROUP_ROWS", 4)
    rows = pyarrow.table({"a": ["x", "", " b", "=c", "d", "e", "e", "f", None], "n": range(9)})
    held, sliced = io.BytesIO(), io.BytesIO()
    exports.write(Ordered.of(rows), ending, held)
    exports.write(cut(rows, "n"), ending, sliced)
    assert sliced.getvalue() == held.getvalue()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xy"), st.integers(0, 9)), max_size=12))
def test_a_tally_counts_each_value_once_for_a_key(rows: list[tuple[str, str, int]]) -> None:
    schema = pyarrow.schema([("id", pyarrow.string()), ("key", pyarrow.string()), ("amount", pyarrow.int64())])
    made = pyarrow.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)
    expected = {
        (key,): Tally(
            len({one for one, other, _ in rows if other == key}), sum(n for _, other, n in rows if other == key)
        )
        for key in sorted({key for _, key, _ in rows})
    }
    for found in (Ordered.of(made), cut(made, "id")):
        assert tallies.tally(found.slices(), ["key"], "amount", "id") == expected


@settings(deadline=None, max_examples=100)
@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)), st.integers(1, 9), st.integers(1, 9))
def test_registrants_of_two_tables_meet_however_these_are_sliced(
    one: set[int], other: set[int], size: int, other_size: int
) -> None:
    pair = [in_slices(sorted(numbers), of) for numbers, of in ((one, size), (other, other_size))]
    met = list(tallies.side_by_side(*pair))
    assert tallies.in_both(*pair) == len(one & other)
    assert [nss for rows, _ in met for nss in rows["nss"].to_pylist()] == [f"{n:03d}" for n in sorted(one)]
    assert [nss for _, rows in met for nss in rows["nss"].to_pylist()] == [f"{n:03d}" for n in sorted(other)]
    together = [set(ours["nss"].to_pylist()) & set(theirs["nss"].to_pylist()) for ours, theirs in met]
    assert set().union(*together) == {f"{number:03d}" for number in one & other}


def in_slices(numbers: list[int], size: int) -> Ordered:
    rows: Any = pyarrow.table({"nss": pyarrow.array([f"{number:03d}" for number in numbers], pyarrow.string())})
    starts = np.arange(0, len(numbers), size).tolist()
    return Ordered(rows.schema, len(rows), tuple(partial(columns_of, rows.slice(at, size)) for at in starts))
