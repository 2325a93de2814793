"""Months, cut-offs and civil dates (CONTRACT §1, §2, §9).

Months are counted as whole numbers (``year · 12 + month − 1``) while a rule works on them, and written ``YYYY-MM``
everywhere else. Civil dates are midnight without a zone.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipelines.rules.words import worded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.rules.policy import PolicyBook

MONTHS = 12
FRIDAY = 4


def month_number(month: str) -> int:
    """``"2026-10"`` → 24321."""
    return int(month[:4]) * MONTHS + int(month[5:7]) - 1


def month_name(number: int) -> str:
    """24321 → ``"2026-10"``."""
    return f"{number // MONTHS:04d}-{number % MONTHS + 1:02d}"


def shift_month(month: str, months: int) -> str:
    """``month`` moved by ``months``: the coverage month of a payment month is one later."""
    return month_name(month_number(month) + months)


def month_numbers(months: pd.Series[str]) -> NDArray[np.int64]:
    """Month numbers of a column of ``YYYY-MM``; an empty text gives −1."""
    codes, distinct = pd.factorize(months)
    known = np.array([month_number(month) if month else -1 for month in distinct], dtype=np.int64)
    return known[codes] if len(known) else np.empty(0, dtype=np.int64)


def month_names(numbers: NDArray[np.int64]) -> pd.Series[str]:
    """Column of ``YYYY-MM`` for month numbers; negative numbers give an empty text."""
    codes, distinct = pd.factorize(numbers)
    return worded(codes, [month_name(int(number)) if number >= 0 else "" for number in distinct])


def months_of(dates: pd.Series[pd.Timestamp]) -> NDArray[np.int64]:
    """Month numbers of a column of civil dates, none of them empty."""
    epoch = 1970 * MONTHS
    return dates.to_numpy().astype("datetime64[M]").astype(np.int64) + epoch


def first_days(numbers: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """First day of each month number."""
    epoch = 1970 * MONTHS
    return (numbers - epoch).astype("datetime64[M]").astype("datetime64[s]")


def written_dates(dates: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    """Each civil date, none of them empty, as ``YYYY-MM-DD``; the index stays."""
    codes, days = pd.factorize(dates.to_numpy().astype("datetime64[D]").view(np.int64))
    return worded(codes, days.view("datetime64[D]").astype(str).tolist(), dates.index)


def last_day(month: str) -> pd.Timestamp:
    """Last day of a month."""
    return pd.Timestamp(f"{shift_month(month, 1)}-01") - pd.Timedelta(days=1)


def civil_dates(instants: pd.Series[pd.Timestamp], timezone: str) -> pd.Series[pd.Timestamp]:
    """Civil date of each UTC instant on the clock of ``timezone``; empty stays empty."""
    return instants.dt.tz_convert(timezone).dt.tz_localize(None).dt.floor("D").dt.as_unit("s")


def civil_midnights(dates: pd.Series[pd.Timestamp], timezone: str) -> pd.Series[pd.Timestamp]:
    """UTC instant at which each civil date begins on the clock of ``timezone`` (a date without a time, CONTRACT §2)."""
    local = dates.dt.as_unit("us").dt.tz_localize(timezone, ambiguous=False, nonexistent="shift_forward")
    return local.dt.tz_convert("UTC")


def cut_off(month: str, policy: PolicyBook) -> pd.Timestamp:
    """Last civil date on time of a due month (fecha límite), rolled when the policy says so."""
    entry = policy.entries[int(policy.positions(np.array([month_number(month)]))[0])]
    day = pd.Timestamp(f"{month}-{entry.due_day:02d}")
    return next_business_day(day) if entry.due_day_roll == "next_business_day" else day


def cut_offs(numbers: NDArray[np.int64], policy: PolicyBook) -> NDArray[np.datetime64]:
    """Cut-off of each due month number."""
    distinct, codes = np.unique(numbers, return_inverse=True)
    known = [cut_off(month_name(int(number)), policy) for number in distinct]
    return np.array(known, dtype="datetime64[s]")[codes]


def is_late(dates: pd.Series[pd.Timestamp], due_months: NDArray[np.int64], policy: PolicyBook) -> NDArray[np.bool_]:
    """Whether each civil date is after the cut-off of its due month number (CONTRACT §9)."""
    return np.asarray(dates.to_numpy() > cut_offs(due_months, policy), dtype=bool)


def next_business_day(day: pd.Timestamp) -> pd.Timestamp:
    """``day`` itself where banks in Mexico work, else the next day they do (día hábil bancario)."""
    closed = _bank_holidays(day.year) | _bank_holidays(day.year + 1)
    while day.weekday() > FRIDAY or day.date().isoformat() in closed:
        day += pd.Timedelta(days=1)
    return day


@functools.cache
def _bank_holidays(year: int) -> frozenset[str]:
    import holidays  # noqa: PLC0415 - loads the calendars of the world: only a policy that rolls the cut-off needs them

    return frozenset(day.isoformat() for day in holidays.financial_holidays("XMEX", years=year))
