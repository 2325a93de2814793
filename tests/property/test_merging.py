"""Few rows merged into rows at rest are what sorting all of them gives, without those that leave."""

from __future__ import annotations

from typing import Any

import pyarrow
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine.nights.merging import NotInOrderError, merged
from schemas.digest import sort_rows
from tests.property.test_ordering import ROWS, SCHEMA

Rows = list[dict[str, Any]]


def cut(table: pyarrow.Table, at_once: int) -> list[pyarrow.Table]:
    return [table.slice(start, at_once) for start in range(0, len(table), at_once)]


@settings(deadline=None, max_examples=200)
@given(ROWS, ROWS, st.permutations(SCHEMA.names), st.integers(1, 50), st.integers(-3, 4), st.booleans())
def test_rows_merged_into_slices_at_rest_are_those_of_one_sort(
    stood: Rows, few: Rows, names: list[str], at_once: int, leaving: int, is_month: bool
) -> None:
    renamed = {"constant": "coverage_month"} if is_month else {}
    rest, others = (
        pyarrow.Table.from_pylist(rows, SCHEMA)
        .select(names)
        .rename_columns([renamed.get(name, name) for name in names])
        for rows in (stood, few)
    )
    leaves = pc.fill_null(pc.equal(rest["number"], leaving), fill_value=False)
    expected = sort_rows(pyarrow.concat_tables([rest.filter(pc.invert(leaves)), others]))

    def leave(table: pyarrow.Table) -> pyarrow.ChunkedArray:
        return pc.fill_null(pc.equal(table["number"], leaving), fill_value=False)

    found = list(merged(cut(sort_rows(rest), at_once), leave, others))
    assert pyarrow.concat_tables(found).equals(expected)
    telling = next(name for name in expected.column_names if name != "coverage_month")
    values = [set(table[telling].to_pylist()) for table in found]
    assert sum(map(len, values)) == len(set(expected[telling].to_pylist()))


def test_a_slice_of_which_all_rows_leave_is_passed_by() -> None:
    slices = [pyarrow.table({"number": [number]}) for number in (1, 2, 3)]
    found = merged(slices, lambda table: pc.less(table["number"], 2), slices[0].slice(0, 0))
    assert pyarrow.concat_tables(found)["number"].to_pylist() == [2, 3]


@pytest.mark.parametrize("slices", [[[2, 1]], [[1, 3], [2, 4]]])
def test_rows_at_rest_that_are_not_in_order_are_told(slices: list[list[int]]) -> None:
    tables = [pyarrow.table({"number": numbers}) for numbers in slices]
    with pytest.raises(NotInOrderError):
        list(merged(tables, lambda table: pc.less(table["number"], 0), tables[0].slice(0, 0)))
