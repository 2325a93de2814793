"""The rosters of the clinics: whom to receive and whom no longer, with no more of a person than that needs."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow

from schemas.tables.coverage_activations import CoverageActivation
from schemas.tables.coverage_changes import CoverageChange

if TYPE_CHECKING:
    from collections.abc import Iterator

PENDING: Final = "pending"
"""The roster of those who have no clinic yet."""

COLUMNS: Final = (
    "coverage_month",
    "umf",
    "nss",
    "curp",
    "full_name",
    "status",
    "cause",
    "coverage_start",
    "coverage_end",
)
"""``status``: ``activated``; ``revoked``: no longer covered; ``moved``: covered, and now with another clinic."""

_SCHEMA: Final = pyarrow.schema(
    [(name, pyarrow.date32() if name in {"coverage_start", "coverage_end"} else pyarrow.string()) for name in COLUMNS]
)

# Names that stand as they are on every file system, also where `UMF 12` and `umf 12` are one file.
_PLAIN_NAME: Final = re.compile(r"[A-Z0-9]([A-Z0-9 _-]{0,58}[A-Z0-9])?")
_RESERVED: Final = re.compile(r"CON|PRN|AUX|NUL|PENDING|(COM|LPT)[0-9]")
_LONGEST: Final = 40


def by_clinic(
    activations: pyarrow.Table, changes: pyarrow.Table, before: pyarrow.Table | None
) -> dict[str, pyarrow.Table]:
    """File name (without ending) → roster, for every clinic with somebody and for those pending; the names sorted.

    ``CoverageActivation``, ``CoverageChange`` and the activations published before → one row a registrant, with the
    activations first, ordered by name and NSS. Those revoked are told to the clinic that had expected them.
    """
    now = CoverageActivation.from_arrow(activations)
    old = CoverageActivation.empty() if before is None else CoverageActivation.from_arrow(before)
    gone = _gone(now, old, CoverageChange.from_arrow(changes))
    listed = pd.concat([now.assign(status="activated", cause=""), gone], ignore_index=True)
    ordered = listed.sort_values(["umf", "status", "full_name", "nss"], ignore_index=True)
    whole = pyarrow.Table.from_pandas(ordered[list(COLUMNS)], _SCHEMA, preserve_index=False)
    rosters = {file_name(umf): whole.slice(start, rows) for umf, start, rows in _runs(ordered["umf"])}
    return dict(sorted({PENDING: whole.schema.empty_table(), **rosters}.items()))


def file_name(umf: str) -> str:
    """A safe name for the file of a clinic, another one for every UMF: ``UMF 12``, ``umf-12~1f0c9a52``, ``pending``."""
    if not umf:
        return PENDING
    if _PLAIN_NAME.fullmatch(umf) and not _RESERVED.fullmatch(umf):
        return umf
    readable = re.sub(r"[^A-Za-z0-9]+", "-", umf)[:_LONGEST].strip("-").lower()
    return f"{readable}~{hashlib.sha256(umf.encode()).hexdigest()[:12]}"


def _gone(now: pd.DataFrame, old: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Registrants whom a clinic had been told to expect and that need no longer.

    One who is revoked and of whom nothing was told before is told to no clinic, with the NSS alone.
    """
    # A clinic is told why the line covers nobody now, not what brought it to light.
    revoked = changes.loc[changes["change"].eq("revoked"), ["coverage_month", "nss", "detail"]]
    revoked = revoked.rename(columns={"detail": "cause"})
    causes = revoked.set_index("nss")["cause"]
    lost = old[~old["nss"].isin(now["nss"])]
    lost = lost.assign(status="revoked", cause=lost["nss"].map(causes).astype("str").fillna(""))
    untold = revoked[~revoked["nss"].isin(old["nss"])].assign(status="revoked")
    here = now[["nss", "umf"]].rename(columns={"umf": "umf_now"})
    moved = old.merge(here, on="nss")
    moved = moved[moved["umf"].ne(moved["umf_now"]) & moved["umf"].ne("")].assign(status="moved", cause="umf")
    texts = dict.fromkeys(("umf", "curp", "full_name"), "")
    return pd.concat([lost, moved, untold.assign(**texts)], ignore_index=True)


def _runs(sorted_values: pd.Series[str]) -> Iterator[tuple[str, int, int]]:
    """Each distinct value with where its rows start and how many they are."""
    counts = sorted_values.value_counts(sort=False)
    starts = counts.cumsum() - counts
    for value, start, rows in zip(counts.index, starts, counts, strict=True):
        yield str(value), int(start), int(rows)
