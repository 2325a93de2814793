"""Two publications of a month side by side (CONTRACT §13, ``diff``): payments, money and lines, before and after."""

from __future__ import annotations

from typing import Final

import pandas as pd

from pipelines.rules.changes import SEPARATOR

_PART: Final = ["payment_id", "bucket", "reason", "capture_line", "amount_centavos", "currency"]
_MONEY: Final = ["bucket", "currency"]


def payments(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Disposition rows of two publications → one row for each payment whose parts differ, ordered by payment_id.

    ``bucket_before`` and ``bucket_after``: its buckets, ``reason_before`` and ``reason_after``: its reasons, each
    joined by ``SEPARATOR`` and empty where the payment was not there; ``amount_centavos`` and ``currency``: of the
    payment as it is, or was where it is gone.
    """
    both = pd.concat([before[_PART], after[_PART]])
    differing = both.loc[~both.duplicated(keep=False), "payment_id"].drop_duplicates().sort_values()
    old, new = (parts[parts["payment_id"].isin(differing)] for parts in (before, after))
    standing = pd.concat([new, old[~old["payment_id"].isin(new["payment_id"])]])
    whole = standing.groupby("payment_id").agg({"amount_centavos": "sum", "currency": "first"})
    found = pd.DataFrame({"payment_id": differing.to_numpy()}).astype("str")
    for name in ("bucket", "reason"):
        for side, parts in (("before", old), ("after", new)):
            found[f"{name}_{side}"] = found["payment_id"].map(_cells(parts, name)).astype("str").fillna("")
    return found.merge(whole, on="payment_id")


def money(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Disposition rows of two publications → payments and centavos by bucket and currency, before and after."""
    return _sums(before, "before").join(_sums(after, "after"), how="outer").fillna(0).astype("int64").reset_index()


def lines(before: tuple[pd.DataFrame, pd.DataFrame], after: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    """Activations and exceptions of two publications → lines due by what became of them, before and after."""
    counts = {f"lines_{side}": _outcomes(*tables) for side, tables in (("before", before), ("after", after))}
    return pd.DataFrame(counts).fillna(0).astype("int64").rename_axis("outcome").sort_index().reset_index()


def _cells(parts: pd.DataFrame, name: str) -> pd.Series[str]:
    """Payment → its distinct values of one column, but empty ones, in one cell."""
    distinct = parts.loc[parts[name].ne(""), ["payment_id", name]].drop_duplicates().sort_values(["payment_id", name])
    return distinct.groupby("payment_id")[name].agg(SEPARATOR.join)


def _sums(parts: pd.DataFrame, side: str) -> pd.DataFrame:
    grouped = parts.groupby(_MONEY)
    sums = grouped.agg(payments=("payment_id", "nunique"), amount_centavos=("amount_centavos", "sum"))
    return sums.astype("Int64").add_suffix(f"_{side}")


def _outcomes(activations: pd.DataFrame, exceptions: pd.DataFrame) -> pd.Series[int]:
    outcomes = pd.concat([exceptions["reason"], pd.Series("activated", index=activations.index, dtype="str")])
    counts: pd.Series[int] = outcomes.value_counts().astype("Int64")
    return counts
