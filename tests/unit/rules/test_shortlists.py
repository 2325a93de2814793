from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from pipelines.engine import stages
from tests.spec.blocks import allocated, everybody, suggested_in_blocks
from tests.spec.case import Case
from tests.spec.cast import curp_of, nss_of

if TYPE_CHECKING:
    from tests.spec.case import Row

MONTH = "2026-10"


def world(people: int, *transfers: Row) -> Case:
    """So many registrants who are called alike, each with a line of 500.00 due in October."""
    numbers = range(people)
    nss = [nss_of(f"92018400{number:02d}") for number in numbers]
    curps = [curp_of(f"AAPA840101MDFXX{number // 10}{number % 10}") for number in numbers]
    registrants = [
        {"nss": nss[number], "curp": curps[number], "full_name": "ANA LUZ ROMERO", "umf": ""} for number in numbers
    ]
    lines = [{"line": f"QQ0000AB{number:03d}", "nss": nss[number]} for number in numbers]
    given = {"registrants": registrants, "capture_lines": lines, "bank_transfers": list(transfers)}
    return Case("", given, {}, MONTH)


@pytest.mark.parametrize(("people", "number"), [(10, 3), (11, 0)])
def test_lines_of_two_blocks_are_a_crowd_together(people: int, number: int) -> None:
    """Eleven who are called alike owe alike, and their lines begin alike; in either block they are few."""
    transfer = {"key": "T1", "concept": "PAGO QQ0000AB", "sender_name": "Ana Luz Romero", "amount": "500.00"}
    tables, policy = allocated(world(people, transfer))
    found = suggested_in_blocks(tables, MONTH, {nss: place % 2 for place, nss in enumerate(everybody(tables))})
    assert len(found) == number
    pd.testing.assert_frame_equal(found, stages.suggest(tables, MONTH, policy)["suggestions"])


def test_those_as_alike_in_other_blocks_are_counted() -> None:
    tables, policy = allocated(world(9, {"key": "T1", "concept": "QQ0000AB00X", "amount": "500.00"}))
    found = suggested_in_blocks(tables, MONTH, {nss: place % 4 for place, nss in enumerate(everybody(tables))})
    assert found["others"].tolist() == [8, 8, 8]
    pd.testing.assert_frame_equal(found, stages.suggest(tables, MONTH, policy)["suggestions"])
