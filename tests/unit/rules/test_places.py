from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules.places import ROWS, Places, only_once


def rows(*places: tuple[str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(list(places), columns=["sha256", "sheet", "row"])
    return frame.astype({"sha256": "str", "sheet": "str", "row": "int64"})


def test_equal_places_have_equal_numbers_and_others_do_not() -> None:
    places = Places()
    first = places.of(rows(("a", "", 2), ("a", "", 3), ("b", "", 2), ("a", "x", 2)))
    assert len(set(first.tolist())) == 4
    assert places.of(rows(("b", "", 2), ("a", "", 3))).tolist() == [first[2], first[1]]


def test_places_are_counted_by_file_whatever_their_sheets() -> None:
    places = Places()
    numbers = places.of(rows(("a", "x", 2), ("a", "y", 2), ("b", "", 2)))
    assert places.counted(numbers) == {"a": 2, "b": 1}


def test_no_rows_have_no_places() -> None:
    assert Places().of(rows()).tolist() == []


@pytest.mark.parametrize("row", [-1, ROWS])
def test_a_row_out_of_bounds_is_an_error(row: int) -> None:
    with pytest.raises(ValueError, match=r"^rows are numbered from 0 to 4294967295$"):
        Places().of(rows(("a", "", row)))


@given(st.lists(st.integers(0, 6)), st.lists(st.integers(0, 6)))
def test_what_has_one_role_is_told_of_what_was_read(roles: list[int], read: list[int]) -> None:
    once = only_once(np.array(roles, dtype=np.int64), np.array(read, dtype=np.int64))
    assert once.tolist() == [place for place in range(7) if roles.count(place) == 1 and place in read]
