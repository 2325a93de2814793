"""The order found by packed bits is the one that Arrow finds, row by row."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import row_order

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, SECOND = datetime(1969, 12, 31, tzinfo=UTC), datetime(2026, 10, 15, 6, 0, 0, 7, UTC)
TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["", "\0", "\0\0", "a", "a\0", "a\0b", "b", "ñ", "漢", "\U0001f600", "a" * 8, "a" * 7 + "b"]),
    st.sampled_from(["a" * 70, "a" * 70 + "b", "a" * 63 + "ñ", "a" * 64, "a" * 64 + "\0"]),
    st.integers(0, 99).map("bank_transfer|2026-10-{:02}".format),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
NUMBERS = st.none() | st.sampled_from([0, -1, 1, 2**63 - 1, -(2**63)]) | st.integers(-300, 300)
KINDS: dict[str, tuple[pyarrow.DataType, st.SearchStrategy[Any]]] = {
    "constant": (pyarrow.string(), st.just("2026-10")),
    "text": (pyarrow.string(), TEXTS),
    "long": (pyarrow.large_string(), TEXTS),
    "number": (pyarrow.int64(), NUMBERS),
    "day": (pyarrow.date32(), st.none() | st.dates(date(1969, 12, 30), date(1970, 1, 3))),
    "is_it": (pyarrow.bool_(), st.none() | st.booleans()),
    "moment": (pyarrow.timestamp("us", "UTC"), st.none() | st.sampled_from([FIRST, SECOND])),
}
SCHEMA = pyarrow.schema([(name, kind) for name, (kind, _) in KINDS.items()])
ROWS = st.lists(st.fixed_dictionaries({name: values for name, (_, values) in KINDS.items()}), max_size=60)


def by_arrow(table: pyarrow.Table) -> pyarrow.Table:
    return table.sort_by([(name, "ascending") for name in table.column_names])


def in_order(table: pyarrow.Table) -> pyarrow.Table:
    places = row_order.in_order(table)
    assert np.array_equal(np.sort(places), np.arange(table.num_rows))
    return table.take(pyarrow.array(places))


@settings(deadline=None, max_examples=300)
@given(
    ROWS,
    st.lists(st.sampled_from(SCHEMA.names), min_size=1, unique=True),
    st.integers(0, 60),
    st.sampled_from([1, 2, 5]),
    st.sampled_from([0, 1, 32]),
    st.sampled_from([0, 1, 64]),
)
def test_rows_stand_as_arrow_orders_them(
    rows: list[dict[str, Any]], names: Sequence[str], cut: int, many: int, deepest: int, few: int
) -> None:
    table = pyarrow.concat_tables(pyarrow.Table.from_pylist(part, SCHEMA) for part in (rows[:cut], rows[cut:])).select(
        names
    )
    with patch.multiple(row_order, _MANY=many, _DEEPEST=deepest, _FEW=few):
        assert in_order(table).equals(by_arrow(table).combine_chunks().cast(table.schema))


def test_many_rows_of_two_channels_stand_in_order() -> None:
    chance = np.random.default_rng(1)
    numbers = chance.integers(0, 30_000, 40_000)
    ids = [
        f"bank_transfer|2026-10-{number % 28 + 1:02}|40002|MB{number:014}"
        if number % 4
        else f"remittance|{('ENVIOS DEL VALLE', 'PUENTE NORTE')[number % 3 % 2]}|{number:010}"
        for number in numbers.tolist()
    ]
    table = pyarrow.table({"payment_id": ids, "amount": chance.integers(0, 3, 40_000)})
    with patch.object(row_order, "_by_arrow", wraps=row_order._by_arrow) as by_arrow_alone:
        found = in_order(table)
    assert found.equals(by_arrow(table).combine_chunks())
    assert max(len(call.args[0]) for call in by_arrow_alone.call_args_list) < 40_000


@pytest.mark.parametrize(
    "values",
    [[2.5, 0.5, None], [Decimal("2.50"), Decimal("0.50"), None]],
)
def test_kinds_that_are_not_packed_are_ordered_by_arrow(values: Any) -> None:
    table = pyarrow.table({"value": values})
    with patch.object(row_order, "_MANY", 1):
        assert in_order(table)["value"].to_pylist() == by_arrow(table)["value"].to_pylist()
