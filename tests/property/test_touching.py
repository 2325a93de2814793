"""What is told by some bits of a hash first is what looking for every value tells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.engine.nights import touching

HASHES = st.lists(st.one_of(st.integers(0, 40), st.integers(0, 2**64 - 1), st.just(2**64 - 1)), max_size=60)


@given(HASHES, HASHES)
def test_values_are_among_chosen_ones_as_numpy_tells_it(values: list[int], chosen: list[int]) -> None:
    asked, known = np.array(values, np.uint64), np.unique(np.array(chosen, np.uint64))
    assert touching.among(asked, known).tolist() == np.isin(asked, known).tolist()


@pytest.mark.parametrize("bits", [1, 10, 24, 40, 63])
def test_hashes_that_are_alike_in_many_bits_are_told_apart(bits: int) -> None:
    chosen = np.arange(1000, dtype=np.uint64) << np.uint64(bits)
    asked = np.concatenate([chosen, chosen | np.uint64(1), chosen ^ np.uint64(1 << 63)])
    known = np.unique(chosen)
    assert touching.among(asked, known).tolist() == np.isin(asked, known).tolist()
