from __future__ import annotations

import datetime
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from pipelines.rules import calendar
from pipelines.rules.policy import parse_policy
from tests.spec.build import POLICY, policy_toml

ROLLING = parse_policy(policy_toml(POLICY | {"due_day_roll": "next_business_day"}))


def test_a_month_number_and_its_name_are_one_another() -> None:
    names = [f"{year}-{month:02d}" for year in (1999, 2024, 2026) for month in range(1, 13)]
    numbers = [calendar.month_number(name) for name in names]
    assert [calendar.month_name(number) for number in numbers] == names
    assert all(later - earlier == 1 for earlier, later in pairwise(numbers[:12]))


def test_columns_of_months_go_both_ways_and_empty_stays_empty() -> None:
    months = pd.Series(["2026-10", "", "2026-01", "2026-10"], dtype="str")
    numbers = calendar.month_numbers(months)
    assert numbers.tolist() == [24321, -1, 24312, 24321]
    assert calendar.month_names(numbers).tolist() == months.tolist()


def test_columns_without_rows_stay_without_rows() -> None:
    none = np.array([], dtype=np.int64)
    assert calendar.month_numbers(pd.Series([], dtype="str")).tolist() == []
    assert str(calendar.month_names(none).dtype) == "str"
    assert calendar.cut_offs(none, ROLLING).tolist() == []


def test_every_day_of_a_year_is_in_its_month_and_after_its_first_day() -> None:
    days = pd.Series(pd.date_range("2027-12-01", "2029-01-31", unit="s"))
    numbers = calendar.months_of(days)
    assert calendar.month_names(numbers).tolist() == days.dt.strftime("%Y-%m").tolist()
    assert (calendar.first_days(numbers) == days.to_numpy().astype("datetime64[M]")).all()


def test_an_empty_instant_has_no_civil_date() -> None:
    instants = pd.Series([pd.Timestamp("2026-10-16T05:59:59Z"), pd.NaT]).astype("datetime64[us, UTC]")
    dates = calendar.civil_dates(instants, "America/Mexico_City")
    assert dates.dtype == "datetime64[s]"
    assert dates.isna().tolist() == [False, True]


def test_a_civil_date_begins_at_its_own_midnight_all_year() -> None:
    days = pd.Series(pd.date_range("2022-01-01", "2023-12-31", unit="s"))
    midnights = calendar.civil_midnights(days, "America/Mexico_City")
    assert (calendar.civil_dates(midnights, "America/Mexico_City") == days).all()
    before = calendar.civil_dates(midnights - pd.Timedelta(1, "us"), "America/Mexico_City")
    assert (before == days - pd.Timedelta(1, "D")).all()


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_a_rolled_cut_off_is_the_first_working_day_from_the_fifteenth(year: int) -> None:
    for month in range(1, 13):
        cut_off = calendar.cut_off(f"{year}-{month:02d}", ROLLING)
        assert cut_off.weekday() < 5
        assert datetime.timedelta(0) <= cut_off - pd.Timestamp(year, month, 15) <= datetime.timedelta(4)


def test_a_bank_holiday_rolls_into_the_new_year_or_past_it() -> None:
    assert calendar.next_business_day(pd.Timestamp("2025-12-25")).date().isoformat() == "2025-12-26"
    assert calendar.next_business_day(pd.Timestamp("2027-01-01")).date().isoformat() == "2027-01-04"
