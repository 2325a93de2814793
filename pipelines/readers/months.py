"""The payment months that a file's rows touch: what a run has to look at again once the file has landed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Months = NDArray[np.datetime64]

_HOUR: Final = 3_600_000_000
_CIVIL: Final = ZoneInfo("America/Mexico_City")


def touched(rows: pyarrow.Table, kind: str) -> tuple[str, ...]:
    """Months ``YYYY-MM`` in order; none for registrants and decisions, which touch whatever they are about."""
    if kind not in _MONTHS or not rows.num_rows:
        return ()
    return tuple(str(month) for month in np.unique(_MONTHS[kind](rows)))


def _of_dates(column: pyarrow.ChunkedArray) -> Months:
    return np.unique(
        np.asarray(pd.unique(column.cast("int32").to_numpy())).astype("datetime64[D]").astype("datetime64[M]")
    )


def _of_instants(column: pyarrow.ChunkedArray) -> Months:
    # A month begins at a full hour of UTC, so that the hours say all.
    hours = np.asarray(pd.unique(column.cast("int64").to_numpy() // _HOUR)).astype("datetime64[h]")
    civil = pd.DatetimeIndex(hours.astype("datetime64[s]")).tz_localize("UTC").tz_convert(_CIVIL).tz_localize(None)
    return np.unique(civil.to_numpy().astype("datetime64[M]"))


def _of_bank_transfers(rows: pyarrow.Table) -> Months:
    return np.concatenate([_of_instants(rows["credited_at"]), _of_dates(rows["operating_date"])])


def _of_remittances(rows: pyarrow.Table) -> Months:
    return _of_instants(rows["sent_at"])


def _of_settlements(rows: pyarrow.Table) -> Months:
    settled = _of_dates(rows["settled_on"])
    return np.concatenate([settled, settled - 1])


def _of_capture_lines(rows: pyarrow.Table) -> Months:
    coverage = rows["coverage_month"].unique().to_numpy(zero_copy_only=False).astype("datetime64[M]")
    return np.asarray(coverage - 1)


_MONTHS: Final[Mapping[str, Callable[[pyarrow.Table], Months]]] = {
    "bank_transfers": _of_bank_transfers,
    "remittances": _of_remittances,
    "settlements": _of_settlements,
    "capture_lines": _of_capture_lines,
}
