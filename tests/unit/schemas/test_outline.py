from __future__ import annotations

from typing import Any

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.outline import Outline

SCHEMA = pyarrow.schema([("key", pyarrow.string()), ("text", pyarrow.string()), ("centavos", pyarrow.int64())])
ROW = {"key": "MB0000000001", "text": "UNO", "centavos": 1}
OTHER = {"key": "MB0000000002", "text": "DOS", "centavos": 2}

some_rows = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.text("AB1ñ", max_size=20),
            "text": st.text("xyñ", max_size=3),
            "centavos": st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
        }
    ),
    max_size=6,
)


def outline(*blocks: list[dict[str, Any]]) -> str:
    found = Outline(frozenset({"key"}))
    for block in blocks:
        found.add(pyarrow.Table.from_pylist(block, schema=SCHEMA))
    return found.digest()


@given(rows=some_rows, data=st.data())
@settings(deadline=None)
def test_neither_order_nor_blocks_nor_what_lies_beside_count(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    shuffled, cut = data.draw(st.permutations(rows)), data.draw(st.integers(0, len(rows)))
    assert outline(shuffled[:cut], shuffled[cut:]) == outline(rows)
    part = Outline(frozenset({"key"}))
    part.add(pyarrow.Table.from_pylist([ROW, *rows, OTHER], schema=SCHEMA).slice(1, len(rows)))
    assert part.digest() == outline(rows)


@pytest.mark.parametrize(
    "other",
    [
        [ROW],
        [ROW, ROW],
        [ROW, OTHER | {"text": "DOZ"}],
        [ROW, OTHER | {"text": "DOSX"}],
        [ROW, OTHER | {"centavos": 3}],
        [ROW, OTHER | {"centavos": None}],
        [ROW, OTHER | {"key": "MB0000000003"}],
        [ROW | {"centavos": 2}, OTHER | {"centavos": 1}],
    ],
)
def test_rows_of_which_one_differs_or_has_the_amount_of_another_have_another_outline(
    other: list[dict[str, Any]],
) -> None:
    assert outline([ROW, OTHER]) != outline(other)


def test_what_tells_no_row_from_another_may_change_places_unseen() -> None:
    assert outline([ROW, OTHER]) == outline([ROW | {"text": "DOS"}, OTHER | {"text": "UNO"}])


def test_no_rows_have_no_outline() -> None:
    assert outline() == outline([]) == ""
