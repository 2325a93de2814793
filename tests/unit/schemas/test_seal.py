from __future__ import annotations

import pytest

from schemas.seal import seal

CELLS = ("2026-10-03", "1450.50", "pago de mi seguro", "")


def test_the_same_cells_have_the_same_seal_whatever_a_spreadsheet_did_to_their_white_space() -> None:
    assert seal(CELLS) == seal(iter(CELLS)) == seal(("2026-10-03", "1450.50 ", " pago\r\nde  mi\u00a0seguro", " "))
    assert len(seal(CELLS)) == 64


@pytest.mark.parametrize(
    "others",
    [
        ("2026-10-03", "1450.5", "pago de mi seguro", ""),
        ("2026-10-03", "1450.50", "pago de miseguro", ""),
        ("1450.50", "2026-10-03", "pago de mi seguro", ""),
        ("2026-10-03 1450.50", "pago de mi seguro", "", ""),
        ("2026-10-03", "1450.50", "pago de mi seguro"),
        ("2026-10-03", "1450.50", "Pago de mi seguro", ""),
    ],
)
def test_other_cells_have_another_seal(others: tuple[str, ...]) -> None:
    assert seal(others) != seal(CELLS)
