from __future__ import annotations

import numpy as np
import pytest

from pipelines.rules import names


@pytest.mark.parametrize("tabled", [0, 1 << 10])
def test_whole_numbers_are_found_by_a_table_as_by_hashes(tabled: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_TABLED", tabled)
    known = np.array([7, 0, 500, 3])
    assert names._places(np.array([500, 8, -1, 0, 900, 3, 7]), known).tolist() == [2, -1, -1, 1, -1, 3, 0]
    assert names._places(np.array([0, 5]), known[:0]).tolist() == [-1, -1]
