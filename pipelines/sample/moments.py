"""When payments are made: wall-clock moments in Mexico City, drawn so that which side of a limit they are on is plain.

Between the 13th and the 16th, on the first and on the last days of the month, ordinary payments are made between 08:00
and 16:59: there the date is the same in Mexico City, in UTC, in every offset a source writes and for the bank.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.sample.text import DAY, HOUR, SECOND, Ints, day_of, first_day

CUTOFF_DAY = 15  # the default policy (CONTRACT §2)
ZONE = "America/Mexico_City"
OFFSETS = np.array([0, -6, -7, -8], dtype=np.int64)
_EVENING = 18


def between(rng: np.random.Generator, month: int, days: tuple[int, int], count: int) -> Ints:
    """`count` moments (wall-clock microseconds) on days `days[0]` to `days[1]` of the month, both inclusive."""
    day = rng.integers(days[0], days[1] + 1, count)
    free = ((day >= 2) & (day <= 12)) | ((day >= 18) & (day <= 26))  # noqa: PLR2004  # far from every limit
    within = np.where(free, rng.integers(0, 24 * 3_600, count), rng.integers(8 * 3_600, 17 * 3_600, count))
    fraction = np.where(rng.random(count) < 0.2, rng.integers(0, SECOND, count), 0)  # noqa: PLR2004
    return np.asarray(day_start(month, day) + within * SECOND + fraction, dtype=np.int64)


def day_start(month: int, day: Ints | int) -> Ints:
    """Midnight, wall clock, at the start of each day of the month."""
    return np.asarray((first_day(np.array(month)) + day - 1) * DAY, dtype=np.int64)


def on_time(rng: np.random.Generator, month: int, count: int) -> Ints:
    """Moments from the 1st to the 14th."""
    return between(rng, month, (1, 14), count)


def overdue(rng: np.random.Generator, month: int, count: int) -> Ints:
    """Moments from the 16th to the 27th."""
    return between(rng, month, (16, 27), count)


def any_time(rng: np.random.Generator, month: int, count: int) -> Ints:
    """Moments from the 1st to the 27th."""
    return between(rng, month, (1, 27), count)


def to_utc(local: Ints) -> Ints:
    """UTC microseconds of wall-clock moments in Mexico City. An hour that was skipped moves on, on the same day."""
    clock = pd.DatetimeIndex(local.astype("M8[us]"))
    placed = clock.tz_localize(ZONE, ambiguous=np.zeros(len(local), dtype=bool), nonexistent="shift_forward")
    return np.asarray(placed.tz_convert("UTC").asi8, dtype=np.int64)


def operating_day(local: Ints) -> Ints:
    """The bank's operating day: the next day from 18:00 on (days since 1970)."""
    return day_of(local) + (local % DAY >= _EVENING * HOUR)


def day_in_month(days: Ints) -> Ints:
    """1–31 of days since 1970."""
    start = days.astype("M8[D]").astype("M8[M]").astype("M8[D]").astype(np.int64)
    return np.asarray(days - start + 1, dtype=np.int64)
