"""Local dates and times in a declared zone to instants as the canonical files write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.readers.raw import CellFailure
from schemas import values
from schemas.octets import LARGE_TEXT, as_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.layout import Dates, Expression

_MINUTE: Final = 60_000_000
_T, _Z, _NOTHING = (pyarrow.scalar(text, LARGE_TEXT) for text in ("T", "Z", ""))


def instants(
    dates: pyarrow.LargeStringArray, times: pyarrow.LargeStringArray, expression: Expression, written: Dates
) -> tuple[pyarrow.LargeStringArray, list[CellFailure]]:
    """``YYYY-MM-DD`` and a time as ``written`` of a wall clock in its zone as ``YYYY-MM-DDThh:mm:ss±hh:mm``.

    Fails where the time is no time, and where the clock showed it twice or never (a change to or from summer time);
    an empty date gives an empty instant and does not fail here.
    """
    clock = times
    if written.time == "hh:mm":
        clock = pc.replace_substring_regex(times, "^([0-9]{2}:[0-9]{2})$", r"\1:00")
        clock = pc.if_else(pc.equal(clock, times), "", clock)
    local = pc.binary_join_element_wise(dates, clock, _T)
    read = values.parse_instants(pc.binary_join_element_wise(local, _Z, _NOTHING))
    dated = np.asarray(pc.not_equal(dates, "").to_numpy(zero_copy_only=False), np.bool_)
    minutes, once = _offsets(np.where(read.valid, read.micros, 0), written.zone)
    sound = read.valid & once
    texts = pc.binary_join_element_wise(local, _offset_texts(minutes), _NOTHING)
    whole = pc.if_else(pyarrow.array(sound), texts, "").cast(LARGE_TEXT)
    column = expression.source[0] if expression.source else expression.date
    told = [
        CellFailure(
            column, "time", f"expected a time {written.time}; correct it and send the row again", dated & ~read.valid
        ),
        CellFailure(
            column,
            "ambiguous_time",
            f"expected a time that the clock of {written.zone} shows once; it changed to or from summer time then; "
            "send the row in the canonical layout, with its offset",
            dated & read.valid & ~once,
        ),
    ]
    return whole, [failure for failure in told if failure.rows.any()]


def _offsets(micros: NDArray[np.int64], zone: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Minutes ahead of UTC of every wall clock time (microseconds since 1970), and whether it exists exactly once."""
    local = pd.DatetimeIndex(micros.astype("datetime64[us]"))
    aware = local.tz_localize(ZoneInfo(zone), ambiguous="NaT", nonexistent="NaT")
    once = np.asarray(aware.notna(), np.bool_)
    utc = aware.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    ahead = np.where(once, micros - utc, 0)
    return ahead // _MINUTE, np.asarray(once & (ahead % _MINUTE == 0), np.bool_)


def _offset_texts(minutes: NDArray[np.int64]) -> pyarrow.LargeStringArray:
    distinct, places = np.unique(minutes, return_inverse=True)
    texts = [
        f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}" for offset in distinct.tolist()
    ]
    return as_array(pyarrow.array(texts, LARGE_TEXT).take(pyarrow.array(places.reshape(-1))))
