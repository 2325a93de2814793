"""Receipts: what becomes of every file offered (CONTRACT §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.rules import sequences
from pipelines.rules.sequences import NO_NUMBERS, Offered
from schemas.tables.landings import Landing
from schemas.tables.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Mapping


def receipts(landings: pd.DataFrame, first_numbers: Mapping[str, int] = NO_NUMBERS) -> pd.DataFrame:
    """One ``Receipt`` for each ``Landing`` (CONTRACT §4), ordered by ``received_at``, then file name.

    A file that could not be read as its layout says is ``refused``. Of files with the same bytes, or of one kind with
    the same multiset of rows, the first by ``received_at``, then name, is ``accepted``; the others are ``repeated``
    and name it. A file without rows is repeated by equal bytes only. A file that its reader holds, that has the number
    of another one in its series, or before whose number one is missing, is ``held``. The reason of an accepted file is
    what its reader found worth a look. ``first_numbers``: series, or
    layout for all its other series, → the number from which on all have to be there (1 where it does not say).
    """
    ordered = Landing.conform(landings).sort_values(["received_at", "file_name", "sha256"], ignore_index=True)
    offered = _offered(ordered)
    found = sequences.outcomes(offered, first_numbers)
    ordered["outcome"] = pd.Series([outcome for outcome, _ in found], ordered.index, dtype="str")
    ordered["reason"] = pd.Series([reason for _, reason in found], ordered.index, dtype="str")
    ordered["reason"] = ordered["reason"].mask(ordered["outcome"].eq("accepted"), ordered["notes"])
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


def _offered(ordered: pd.DataFrame) -> list[Offered]:
    """The landings in order of receipt, each with what tells its rows from others'.

    ``rows_key`` is equal for files of one kind with the same multiset of rows; without rows, for equal bytes.
    """
    by_rows = ordered["kind"] + " " + ordered["rows_digest"]
    keyed = ordered.assign(rows_key=by_rows.where(ordered["rows"] > 0, "bytes " + ordered["sha256"]))
    columns = [keyed[name].tolist() for name in Offered._fields]
    return [Offered(*fields) for fields in zip(*columns, strict=True)]
