"""Receipts: what becomes of every file offered (CONTRACT §4)."""

from __future__ import annotations

import pandas as pd

from schemas.tables.landings import Landing
from schemas.tables.receipts import Receipt


def receipts(landings: pd.DataFrame) -> pd.DataFrame:
    """One ``Receipt`` for each ``Landing`` (CONTRACT §4), ordered by ``received_at``, then file name.

    A file that could not be read as its layout says is ``refused``. Of files with the same bytes, or of one kind with
    the same multiset of rows, the first by ``received_at``, then name, is ``accepted``; the others are ``repeated``
    and name it. A file without rows is repeated by equal bytes only.
    """
    ordered = Landing.conform(landings).sort_values(["received_at", "file_name", "sha256"], ignore_index=True)
    refused = ordered["refusal"] != ""
    repeats = _repeated_of(ordered[~refused])
    ordered["outcome"] = pd.Series("accepted", ordered.index, dtype="str")
    ordered.loc[repeats.index, "outcome"] = "repeated"
    ordered.loc[refused, "outcome"] = "refused"
    ordered["reason"] = ordered["refusal"]
    ordered.loc[repeats.index, "reason"] = repeats
    return Receipt.conform(ordered)


def with_rejected(issued: pd.DataFrame, rejections: pd.DataFrame, line_rows: pd.DataFrame) -> pd.DataFrame:
    """The receipts with the rows counted that read well and that a rule rejected: registry conflicts, decisions.

    ``issued`` comes from ``receipts``, whose figures count what did not read; ``rejections`` are those of the rules.
    The amount of a rejected row of ``line_rows`` (CaptureLineRow) leaves the amount of its file.
    """
    place = ["sha256", "sheet", "row"]
    rows = rejections["sha256"].value_counts()
    lines = line_rows[[*place, "amount_due_centavos"]].merge(rejections[place], on=place)
    amounts = lines.groupby("sha256")["amount_due_centavos"].sum()
    counted = issued.copy()
    accepted = counted["outcome"] == "accepted"
    for column, change in (("rejected_rows", rows), ("amount_centavos", -amounts)):
        counted[column] += counted["sha256"].map(change).fillna(0).astype("int64").where(accepted, 0)
    return Receipt.conform(counted)


def _repeated_of(readable: pd.DataFrame) -> pd.Series[str]:
    """The reason of every repeated file, by its index in ``readable``, which is in order of receipt.

    A file repeats an accepted one only, so each round accepts the files that are the first both with their bytes and
    with their rows among those still open, and closes those that are like them. Nearly always one round does.
    """
    pending = readable.assign(rows_key=_rows_key(readable))
    reasons = [pd.Series([], dtype="str")]
    while not pending.empty:
        accepted = pending[~pending.duplicated("sha256") & ~pending.duplicated("rows_key")]
        others = pending.drop(accepted.index)
        same_bytes = others["sha256"].map(accepted.set_index("sha256")["file_name"])
        same_rows = others["rows_key"].map(accepted.set_index("rows_key")["file_name"])
        found = ("same bytes as " + same_bytes).fillna("same rows as " + same_rows).dropna()
        reasons.append(found.astype("str"))
        pending = others.drop(found.index)
    return pd.concat(reasons)


def _rows_key(readable: pd.DataFrame) -> pd.Series[str]:
    """Equal for files of one kind with the same multiset of rows; for a file without rows, for equal bytes."""
    by_rows = readable["kind"] + " " + readable["rows_digest"]
    return by_rows.where(readable["rows"] > 0, "bytes " + readable["sha256"])
