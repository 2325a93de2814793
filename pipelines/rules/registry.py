"""Which registrants and which capture lines stand (CONTRACT §3): the latest row of each key, or a conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from pipelines.rules.calendar import month_names, month_numbers
from pipelines.rules.keys import among, group
from schemas.rows.capture_lines import CaptureLineRow
from schemas.rows.registrants import RegistrantRow
from schemas.tables.rejections import Rejection
from schemas.working.capture_lines import CaptureLine
from schemas.working.registrants import Registrant

if TYPE_CHECKING:
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
    return Registry(Registrant.conform(latest[~in_conflict]), _rejected(latest[in_conflict], "nss"))


def standing_lines(rows: pd.DataFrame) -> Registry:
    """CaptureLineRow → CaptureLine, in conflict with status ``conflict``, and Rejection of every row in conflict."""
    latest, in_conflict = _latest(rows, CaptureLineRow, "capture_line", USED_OF_LINE)
    lines = latest[group(latest["capture_line"]).is_first]
    conflicts = in_conflict[lines.index]
    lines = lines.copy()
    lines["due_month"] = month_names(month_numbers(lines["coverage_month"]) - 1).to_numpy()
    for column in ("capture_line_written", "nss", "coverage_month", "due_month"):
        lines[column] = lines[column].astype("str").mask(conflicts, "")
    lines["amount_due_centavos"] = lines["amount_due_centavos"].mask(conflicts, 0)
    lines["status"] = lines["status"].mask(conflicts, "conflict")
    return Registry(CaptureLine.conform(lines), _rejected(latest[in_conflict], "capture_line"))


def _latest(rows: pd.DataFrame, model: type[Table], key: str, used: list[str]) -> tuple[pd.DataFrame, pd.Series[bool]]:
    """Rows to look at: one a key where it stands (the smallest as text), all the latest ones where they conflict."""
    several = group(rows[key]).is_repeated
    chosen, in_conflict = _latest_of_several(rows[several], model, key, used)
    whole = pd.concat([rows[~several], chosen])
    doubtful = pd.concat([pd.Series(data=False, index=rows.index[~several]), in_conflict])
    ordered = whole.sort_values(key, kind="stable")
    return ordered, doubtful[ordered.index]


def _latest_of_several(
    rows: pd.DataFrame, model: type[Table], key: str, used: list[str]
) -> tuple[pd.DataFrame, pd.Series[bool]]:
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
