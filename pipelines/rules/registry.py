"""Which registrants and which capture lines stand (CONTRACT §3): the latest row of each key, or a conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from pipelines.rules.calendar import month_names, month_numbers
from pipelines.rules.keys import among, group
from schemas.octets import as_array
from schemas.rows.capture_lines import CaptureLineRow
from schemas.rows.registrants import RegistrantRow
from schemas.tables.rejections import Rejection
from schemas.working.capture_lines import CaptureLine
from schemas.working.registrants import Registrant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from schemas.table import Table

PROVENANCE = ["file_name", "sha256", "sheet", "row", "received_at"]
USED_OF_REGISTRANT = ["curp", "full_name", "umf"]
USED_OF_LINE = ["nss", "coverage_month", "amount_due_centavos", "status"]


class Registry(NamedTuple):
    """What stands, and the rows that contradict each other."""

    standing: pd.DataFrame
    rejections: pd.DataFrame


def standing_registrants(rows: pd.DataFrame) -> Registry:
    """RegistrantRow → Registrant without those in conflict, and Rejection of every row in conflict."""
    latest, in_conflict = _latest(rows, RegistrantRow, "nss", USED_OF_REGISTRANT)
    standing = rows[list(Registrant.kinds())].take(latest[~in_conflict])
    return Registry(Registrant.conform(standing), _rejected(rows.take(latest[in_conflict]), "nss"))


def standing_lines(rows: pd.DataFrame) -> Registry:
    """CaptureLineRow → CaptureLine, in conflict with status ``conflict``, and Rejection of every row in conflict."""
    latest, in_conflict = _latest(rows, CaptureLineRow, "capture_line", USED_OF_LINE)
    rejected = _rejected(rows.take(latest[in_conflict]), "capture_line")
    first = ~in_conflict
    doubtful = np.flatnonzero(in_conflict)
    first[doubtful[group(rows["capture_line"].take(latest[doubtful])).first]] = True
    lines = rows[[name for name in CaptureLine.kinds() if name != "due_month"]].take(latest[first])
    conflicts = pd.Series(in_conflict[first], index=lines.index)
    lines["due_month"] = month_names(month_numbers(lines["coverage_month"]) - 1).set_axis(lines.index)
    if conflicts.any():
        for column in ("capture_line_written", "nss", "coverage_month", "due_month"):
            lines[column] = lines[column].mask(conflicts, "")
        lines["amount_due_centavos"] = lines["amount_due_centavos"].mask(conflicts, 0)
        lines["status"] = lines["status"].mask(conflicts, "conflict")
    return Registry(CaptureLine.conform(lines), rejected)


def _latest(
    rows: pd.DataFrame, model: type[Table], key: str, used: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where the rows to look at stand, in order of their keys, and whether each is in conflict.

    One a key where it stands (the smallest as text), all the latest ones where they conflict.
    """
    several = group(rows[key]).is_repeated
    place = pd.Series(np.arange(len(rows)), index=rows.index)
    chosen, in_conflict = _latest_of_several(rows[several], model, key, used)
    whole = np.append(place[~several].to_numpy(), place[chosen.index].to_numpy())
    doubtful = np.append(np.zeros(len(whole) - len(chosen), dtype=bool), in_conflict.to_numpy(dtype=bool))
    order = np.asarray(pc.sort_indices(as_array(rows[key].take(whole))))
    # Rows of one key stay in the order they were chosen in.
    return whole[order], doubtful[order]


def _latest_of_several(
    rows: pd.DataFrame, model: type[Table], key: str, used: list[str]
) -> tuple[pd.DataFrame, pd.Series[bool]]:
    """Of rows whose key comes more than once: those to look at, in order, and whether each is in conflict."""
    newest = rows[rows["updated_at"] == rows.groupby(key)["updated_at"].transform("max")]
    columns = [name for name in model.kinds() if name not in PROVENANCE]
    ordered = newest.sort_values([key, *(name for name in columns if name != key), "sha256", "sheet", "row"])
    versions = ordered.drop_duplicates([key, *used])
    conflicting = versions.loc[versions.duplicated(key, keep=False), key]
    in_conflict = pd.Series(among(ordered[key], conflicting), index=ordered.index)
    kept = in_conflict | ~ordered.duplicated(key)
    return ordered[kept], in_conflict[kept]


def _rejected(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    reason = (
        f"rows of one {key} with the same updated_at differ in what is used; expected one version; "
        "send one row with a later updated_at"
    )
    told = rows[["file_name", "sha256", "sheet", "row"]].assign(column=key, rule="registry_conflict", reason=reason)
    return Rejection.conform(told.astype({"column": "str", "rule": "str", "reason": "str"}))
