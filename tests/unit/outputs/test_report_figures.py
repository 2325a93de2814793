from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from pipelines.outputs.report import LAST_MONTH
from pipelines.outputs.report.figures import LISTED, Figures, Waiting, gather
from tests.unit.outputs.made import table
from tests.unit.outputs.month import LATE, PAYMENTS, document, empty, tables


def figures() -> Figures:
    given = tables()
    return gather(given, document(), given[LAST_MONTH])


def pesos_by_channel(rows: list[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for channel, amount in rows:
        sums[channel] += amount
    return dict(sums)


def test_what_came_in_by_channel_is_to_the_centavo_what_stands_in_the_buckets() -> None:
    expected = pesos_by_channel([(row[1], row[2]) for row in PAYMENTS if row[3] == "MXN"])
    found = figures()
    for rows in (found.sources, found.buckets):
        pesos = [(money.channel, money.amount_centavos) for money in rows if money.currency == "MXN"]
        assert pesos_by_channel(pesos) == expected
    assert sum(expected.values()) == 900_001


def test_a_payment_in_two_buckets_counts_once_in_each_and_once_among_the_sources() -> None:
    found = figures()
    applied = [money for money in found.buckets if money.name == "applied"]
    assert [(money.payments, money.amount_centavos) for money in applied] == [(2, 290_000)]
    assert sum(money.payments for money in found.sources) == len(PAYMENTS)


def test_another_currency_stands_in_a_row_of_its_own() -> None:
    dollars = [money for money in figures().buckets if money.currency == "USD"]
    assert [(money.name, money.payments, money.amount_centavos) for money in dollars] == [("held", 1, 8_000)]


def test_days_leave_out_deposits_announced_and_returned_payments() -> None:
    found = {(daily.paid_on.day, daily.channel): (daily.payments, daily.amount_centavos) for daily in figures().daily}
    assert found[16, "remittance"] == (2, 235_000)
    assert found[1, "remittance"] == (1, 0)
    assert {day for day, _ in found} == {1, 3, 15, 16, 24, 30}


def test_late_is_what_the_flags_say() -> None:
    timing = figures().timing
    assert sum(row.payments for row in timing if row.is_late) == len(LATE)
    assert sum(row.amount_centavos for row in timing if row.is_late) == 365_000
    assert sum(row.payments for row in timing) == sum(daily.payments for daily in figures().daily)


def test_held_money_is_aged_to_the_end_of_its_month() -> None:
    assert figures().waiting == (
        Waiting("amount_mismatch", 0, "MXN", 1, 70_000),
        Waiting("foreign_currency", 2, "USD", 1, 8_000),
        Waiting("unsettled", 1, "MXN", 1, 90_000),
    )


@pytest.mark.parametrize(("day", "age"), [(31, 0), (24, 0), (23, 1), (16, 1), (15, 2), (1, 2)])
def test_ages_change_after_seven_and_fifteen_days(day: int, age: int) -> None:
    given = tables()
    given["payments"] = table("payments", {"payment_id": "P4", "paid_on": date(2026, 10, day)})
    given["dispositions"] = table("dispositions", {"payment_id": "P4", "bucket": "held", "reason": "unsettled"})
    assert [waiting.age for waiting in gather(given, document(), None).waiting] == [age]


def test_coverage_is_compared_with_the_month_before() -> None:
    coverage = figures().coverage
    assert (coverage.activated, coverage.last_month, coverage.stayed) == (2, 3, 1)
    assert (coverage.due_centavos, coverage.without_clinic) == (290_000, 1)


def test_the_cut_off_rolls_as_the_policy_says() -> None:
    policy = document()["policy"]
    rolled = document(month="2026-11", policy={**policy, "due_day_roll": "next_business_day"})
    assert gather(tables(), rolled, None).cut_off == date(2026, 11, 17)
    assert figures().cut_off == date(2026, 10, 15)


def test_the_latest_file_is_dated_on_the_programmes_clock() -> None:
    assert figures().known_on == date(2026, 10, 31)
    assert gather(empty(), document(), None).known_on is None


def test_files_and_settlements_are_named_up_to_a_limit_and_counted_beyond_it() -> None:
    given = tables()
    given["receipts"] = table("receipts", *({"file_name": f"{n:03d}", "outcome": "held"} for n in range(LISTED + 3)))
    not_taken = gather(given, document(), None).not_taken
    assert ([row[0] for row in not_taken.rows][:2], len(not_taken.rows), not_taken.more) == (["000", "001"], LISTED, 3)
    assert [row[1] for row in figures().unbalanced.rows] == ["L2"]


def test_a_proof_tells_how_many_of_its_figures_agree() -> None:
    checks = [{"check": "rows", "scope": str(n), "passed": n > 0} for n in range(3)]
    (proof,) = gather(tables(), document(checks=checks), None).proofs
    assert (proof.figures, proof.agreeing) == (3, 2)


def test_the_order_of_rows_changes_no_figure() -> None:
    given = tables()
    turned = {name: found.take(list(reversed(range(found.num_rows)))) for name, found in given.items()}
    assert gather(turned, document(), turned[LAST_MONTH]) == figures()
