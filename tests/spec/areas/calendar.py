from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.rules import calendar
from pipelines.rules.policy import PolicyBook, parse_policy
from tests.spec.build import POLICY, policy_toml
from tests.spec.case import Area, Lookup


def _policy(roll: str = "none", due_day: str = "15") -> PolicyBook:
    return parse_policy(policy_toml(POLICY | {"due_day_roll": roll, "due_day": due_day}))


def _cut_off(month: str, due_day: str, roll: str) -> str:
    return calendar.cut_off(month, _policy(roll, due_day)).date().isoformat()


def _is_late(date: str, month: str, roll: str) -> str:
    dates = pd.to_datetime(pd.Series([date])).dt.as_unit("s")
    late = calendar.is_late(dates, np.array([calendar.month_number(month)]), _policy(roll))
    return "late" if late[0] else "on time"


def _civil_date(instant: str, timezone: str) -> str:
    instants = pd.to_datetime(pd.Series([instant]), utc=True, format="ISO8601").dt.as_unit("us")
    return str(calendar.civil_dates(instants, timezone).iloc[0].date())


def _midnight(date: str, timezone: str) -> str:
    dates = pd.to_datetime(pd.Series([date])).dt.as_unit("s")
    return str(calendar.civil_midnights(dates, timezone).iloc[0].strftime("%Y-%m-%dT%H:%MZ"))


def _governs(entries: str, month: str) -> str:
    book = parse_policy("\n".join(policy_toml(POLICY | {"effective_from": start}) for start in entries.split(", ")))
    return book.governing(month).effective_from


def _last_day(month: str) -> str:
    return calendar.last_day(month).date().isoformat()


MEXICO = "America/Mexico_City"

AREA = Area(
    "Months, cut-offs and dates",
    "Which day is the last on time, and on which day a payment was made. No rule looks at today's date.",
    (
        Lookup(
            "Which policy governs a month",
            "§2",
            "The entry with the latest `effective_from` not after the month. The order of the entries does not matter.",
            ("entries effective from", "month", "governed by the entry from"),
            (
                ("2024-01", "2024-01", "2024-01"),
                ("2024-01", "2026-10", "2024-01"),
                ("2024-01, 2026-11", "2026-10", "2024-01"),
                ("2024-01, 2026-11", "2026-11", "2026-11"),
                ("2026-11, 2024-01", "2027-01", "2026-11"),
            ),
            _governs,
        ),
        Lookup(
            "Coverage month",
            "§1",
            "The month after the payment month; December is followed by January.",
            ("payment month", "coverage month"),
            (("2026-10", "2026-11"), ("2026-12", "2027-01"), ("2027-01", "2027-02"), ("2024-02", "2024-03")),
            lambda month: calendar.shift_month(month, 1),
            es="mes de cobertura",
        ),
        Lookup(
            "Last day covered",
            "§10",
            "The last day of the coverage month, in leap years too.",
            ("coverage month", "last day"),
            (
                ("2026-11", "2026-11-30"),
                ("2026-12", "2026-12-31"),
                ("2027-02", "2027-02-28"),
                ("2028-02", "2028-02-29"),
            ),
            _last_day,
        ),
        Lookup(
            "Cut-off",
            "§1, §2",
            "Day 15 (`due_day`) of the due month. With `next_business_day` it rolls to the next day on which banks in "
            "Mexico work: in 2026 that moves four of the twelve, all of them over a weekend (16 November is a "
            "holiday too).",
            ("due month", "due_day", "due_day_roll", "last day on time"),
            (
                ("2026-02", "15", "none", "2026-02-15"),
                ("2026-11", "15", "none", "2026-11-15"),
                ("2026-10", "20", "none", "2026-10-20"),
                ("2026-01", "15", "next_business_day", "2026-01-15"),
                ("2026-02", "15", "next_business_day", "2026-02-16"),
                ("2026-03", "15", "next_business_day", "2026-03-17"),
                ("2026-04", "15", "next_business_day", "2026-04-15"),
                ("2026-05", "15", "next_business_day", "2026-05-15"),
                ("2026-06", "15", "next_business_day", "2026-06-15"),
                ("2026-07", "15", "next_business_day", "2026-07-15"),
                ("2026-08", "15", "next_business_day", "2026-08-17"),
                ("2026-09", "15", "next_business_day", "2026-09-15"),
                ("2026-10", "15", "next_business_day", "2026-10-15"),
                ("2026-11", "15", "next_business_day", "2026-11-17"),
                ("2026-12", "15", "next_business_day", "2026-12-15"),
            ),
            _cut_off,
            es="fecha límite",
        ),
        Lookup(
            "Late",
            "§9",
            "A payment is late for a line when its civil date is after the cut-off of the line's due month; the "
            "cut-off "
            "itself is on time. The cut-off is that of the line, not of the month in which the payment was made.",
            ("civil date", "due month of the line", "due_day_roll", "the payment is"),
            (
                ("2026-10-15", "2026-10", "none", "on time"),
                ("2026-10-16", "2026-10", "none", "late"),
                ("2026-10-01", "2026-10", "none", "on time"),
                ("2026-09-30", "2026-10", "none", "on time"),
                ("2026-10-31", "2026-11", "none", "on time"),
                ("2026-11-01", "2026-10", "none", "late"),
                ("2026-11-16", "2026-11", "none", "late"),
                ("2026-11-16", "2026-11", "next_business_day", "on time"),
                ("2026-11-17", "2026-11", "next_business_day", "on time"),
                ("2026-11-18", "2026-11", "next_business_day", "late"),
                ("2027-01-15", "2026-12", "none", "late"),
            ),
            _is_late,
            es="extemporáneo",
        ),
        Lookup(
            "Civil date of an instant",
            "§1, §2",
            "The date on the programme's own clock, whatever the payer's. Mexico City is six hours behind UTC; until "
            "October 2022 it kept summer time and was five hours behind.",
            ("instant", "clock", "civil date"),
            (
                ("2026-10-15T23:59:59.999-06:00", MEXICO, "2026-10-15"),
                ("2026-10-16T00:00:00-06:00", MEXICO, "2026-10-16"),
                ("2025-02-16T05:59:00Z", MEXICO, "2025-02-15"),
                ("2025-02-16T06:00:00Z", MEXICO, "2025-02-16"),
                ("2022-07-01T05:30:00Z", MEXICO, "2022-07-01"),
                ("2023-07-01T05:30:00Z", MEXICO, "2023-06-30"),
                ("2026-10-15T23:30:00-07:00", MEXICO, "2026-10-16"),
                ("2026-10-15T22:30:00-05:00", MEXICO, "2026-10-15"),
                ("2026-10-15T23:30:00-04:00", MEXICO, "2026-10-15"),
                ("2026-12-31T23:30:00-06:00", MEXICO, "2026-12-31"),
                ("2027-01-01T05:59:59Z", MEXICO, "2026-12-31"),
                ("2028-02-29T12:00:00-06:00", MEXICO, "2028-02-29"),
                ("2026-10-16T05:30:00Z", "America/Tijuana", "2026-10-15"),
            ),
            _civil_date,
        ),
        Lookup(
            "A date without a time",
            "§2",
            "It counts as 00:00 on the programme's clock.",
            ("date", "clock", "instant in UTC"),
            (
                ("2026-10-15", MEXICO, "2026-10-15T06:00Z"),
                ("2022-07-01", MEXICO, "2022-07-01T05:00Z"),
            ),
            _midnight,
        ),
    ),
)
