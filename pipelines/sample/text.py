"""Text columns built by column: codes, figures, amounts, instants and picks, never a row at a time.

What belongs here: turning arrays of integers into columns of text. What does not: any meaning of that text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow
import pyarrow.compute

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]
Text = pd.Series  # a column of dtype `str`

ALPHABET = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype=np.uint8)
SECOND = 1_000_000  # microseconds
HOUR = 3_600 * SECOND
DAY = 24 * HOUR


def _column(array: Any) -> Text:  # noqa: ANN401  # pyarrow has no type hints
    column: Text = array.to_pandas()
    return column


def from_codes(codes: Codes) -> Text:
    """Column of text from a matrix (n, width) of ASCII codes, every row as wide as the matrix."""
    count, width = codes.shape
    offsets = np.arange(count + 1, dtype=np.int64) * width
    buffers = (pyarrow.py_buffer(offsets), pyarrow.py_buffer(np.ascontiguousarray(codes)))
    return _column(pyarrow.LargeStringArray.from_buffers(count, *buffers))


def repeated(value: str, count: int) -> Text:
    """Column with one value, `count` times."""
    return _column(pyarrow.repeat(pyarrow.scalar(value, pyarrow.large_string()), count))


def picked(pool: Sequence[str], index: npt.NDArray[np.integer[Any]]) -> Text:
    """Column of the pool's values at these positions."""
    return _column(pyarrow.array(list(pool), pyarrow.large_string()).take(pyarrow.array(index)))


def chosen(choice: Ints, *columns: Text) -> Text:
    """From each row the value of the column its choice numbers."""
    sources = [pyarrow.array(column, pyarrow.large_string()) for column in columns]
    return _column(pyarrow.compute.choose(pyarrow.array(choice, pyarrow.int64()), *sources))


def in_fours(column: Text, mark: str) -> Text:
    """Values of twenty characters with a mark after every four but the last."""
    parts = "".join(rf"\{group}{mark}" for group in range(1, 5)) + r"\5"
    plain = pyarrow.array(column, pyarrow.large_string())
    return _column(pyarrow.compute.replace_substring_regex(plain, "(.{4})" * 5, parts))


def spaced(columns: Sequence[Text]) -> Text:
    """The columns' values side by side with a space between."""
    joined: Text = columns[0]
    for column in columns[1:]:
        joined = joined + " " + column
    return joined


def figures(numbers: npt.NDArray[np.integer[Any]], width: int = 0) -> Text:
    """Whole numbers in decimal, with zeros in front up to `width`."""
    plain = pyarrow.array(numbers).cast(pyarrow.large_string())
    return _column(pyarrow.compute.utf8_lpad(plain, width, "0") if width else plain)


def pesos(centavos: Ints) -> Text:
    """Centavos as an amount with `.` and two places (CONTRACT §3)."""
    return figures(centavos // 100) + "." + figures(centavos % 100, 2)


def digit_matrix(numbers: Ints, width: int) -> npt.NDArray[np.int64]:
    """Decimal digits of each number, shape (n, width), most significant first."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return numbers[:, None] // powers % 10


def month_text(months: Ints) -> Text:
    """Months since January 1970 as `YYYY-MM`."""
    known, index = np.unique(months, return_inverse=True)
    return picked([str(month) for month in known.astype("M8[M]")], index)


def day_text(days: Ints) -> Text:
    """Days since 1970-01-01 as `YYYY-MM-DD`."""
    known, index = np.unique(days, return_inverse=True)
    return picked([str(day) for day in known.astype("M8[D]")], index)


def instant_text(utc: Ints, offset_hours: Ints) -> Text:
    """Microseconds since 1970 in UTC as written by a source with this offset; `Z` where it is zero (CONTRACT §3)."""
    there = utc + offset_hours * HOUR
    stamps = pyarrow.array((there // SECOND).astype("M8[s]"))
    whole = _column(pyarrow.compute.strftime(stamps, format="%Y-%m-%dT%H:%M:%S"))
    rest = ("." + figures(there % SECOND, 6)).where(pd.Series(there % SECOND > 0), "")
    zones = ["Z", *(f"-{hours:02}:00" for hours in range(1, 13))]
    return whole + rest + picked(zones, -offset_hours)


def day_of(moments: Ints) -> Ints:
    """Days since 1970 of wall-clock microseconds."""
    return moments // DAY


def month_of(days: Ints) -> Ints:
    """Months since January 1970 of days since 1970-01-01."""
    return days.astype("M8[D]").astype("M8[M]").astype(np.int64)


def first_day(months: Ints) -> Ints:
    """Days since 1970 of the first day of each month."""
    return np.asarray(months, dtype=np.int64).astype("M8[M]").astype("M8[D]").astype(np.int64)
