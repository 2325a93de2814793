"""The rules and their slow twin give the same tables."""

from __future__ import annotations

import pytest

from tests.property import oracle
from tests.property.campaign import differences, explain
from tests.property.strategies import make_worlds

BUCKETS = {
    *{("applied", ""), ("short", ""), ("late", ""), ("late", "accept_late"), ("surplus", ""), ("unmatched", "")},
    *{("returned", ""), ("refund_due", "decision"), ("settlement", ""), ("pending", "")},
}
HELD = {
    *{"conflicting_rows", "foreign_currency", "registry_conflict", "line_cancelled", "identity_conflict"},
    *{"several_lines", "several_registrants", "no_line_for_month", "amount_mismatch", "out_of_window"},
    *{"unknown_registrant", "unsettled"},
}
EXCEPTIONS = {"unknown_registrant", "already_covered", "held", "late", "short", "returned", "unpaid"}
RULES = {"exact", "normalised", "text", "text_many", "nss", "curp", "decision"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 5])
def test_rules_give_every_table_that_the_slow_twin_gives(seed: int) -> None:
    worlds = make_worlds(seed, 15)
    found = differences(worlds)
    assert not found, explain(worlds, found)


def test_worlds_hold_every_bucket_reason_rule_flag_and_role() -> None:
    answers = [oracle.answer(world) for seed in (1, 2, 3, 5) for world in make_worlds(seed, 15)]
    dispositions = {(key[2], row[0]) for each in answers for key, row in each["dispositions"].items()}
    assert dispositions == BUCKETS | {("held", reason) for reason in HELD}
    assert {row[3] for each in answers for row in each["coverage_exceptions"].values()} == EXCEPTIONS
    assert {row[1] for each in answers for row in each["matches"].values()} == RULES
    assert {row[0] for each in answers for row in each["payment_rows"].values()} == {
        *{"payment", "repeat", "status", "conflict"}
    }
    assert {row[0] for each in answers for row in each["settlements"].values()} == {
        *{"balanced", "awaiting_deposit", "unbalanced", "conflicting_rows"}
    }
    assert {row[0] for each in answers for row in each["decisions"].values()} == {
        *{"applied", "superseded", "undone", "repeated", "stale", "rejected"}
    }
    assert {key[1] for each in answers for key in each["payment_flags"]} == {
        *{"late", "early", "boundary", "over_paid", "part_paid"}
    }
