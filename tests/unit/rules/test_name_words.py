from __future__ import annotations

import pandas as pd
import pytest

from pipelines.rules import name_words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Ana Alba", "ANA ALBA"),
        ("  ALBA,  ana-luz ", "ALBA ANA LUZ"),
        ("Íñigo Núñez", "INIGO NUNEZ"),
        ("N\u0303ANDU\u0301", "NANDU"),
        ("José 2 Pérez", "JOSE PEREZ"),
        ("", ""),
    ],
)
def test_a_name_is_folded_to_letters_and_single_spaces(written: str, folded: str) -> None:
    assert name_words.fold(pd.Series([written], dtype="str")).to_pylist() == [folded]
