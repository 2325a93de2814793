"""Flags on payments (CONTRACT §9): what an analyst should see beside the bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from pipelines.rules.calendar import cut_offs, first_days, month_numbers
from schemas.tables.payment_flags import PaymentFlag

if TYPE_CHECKING:
    from pipelines.rules.policy import PolicyBook

NEVER_FLAGGED: Final = ("settlement", "pending", "returned")


def flag(
    facts: pd.DataFrame,
    payments: pd.DataFrame,
    dispositions: pd.DataFrame,
    matches: pd.DataFrame,
    lines: pd.DataFrame,
    policy: PolicyBook,
) -> pd.DataFrame:
    """PaymentFact, Payment, Disposition, Match, CaptureLine → PaymentFlag, each flag once a payment."""
    never = dispositions.loc[dispositions["bucket"].isin(NEVER_FLAGGED), "payment_id"]
    flagged = payments[~payments["payment_id"].isin(never)]
    at_line = _at_line(facts, flagged, matches, lines, policy)
    told = [
        _late_unconfirmed(flagged, at_line, policy),
        _tell(at_line[at_line["paid_on"].gt(at_line["cut_off"])], "late", "cut_off"),
        _tell(at_line[at_line["paid_on"].lt(at_line["due_from"])], "early", "due_from"),
        _tell(at_line[_straddles(at_line)], "boundary", "cut_off"),
        _by_bucket(dispositions, "surplus", "over_paid"),
        _by_bucket(dispositions, "short", "part_paid"),
    ]
    rows = pd.concat(told, ignore_index=True).sort_values(["payment_id", "flag", "detail"])
    rows = rows.drop_duplicates(["payment_id", "flag"])
    return PaymentFlag.conform(rows.merge(payments[["payment_id", "natural_key", "month"]], on="payment_id"))


def _at_line(
    facts: pd.DataFrame, payments: pd.DataFrame, matches: pd.DataFrame, lines: pd.DataFrame, policy: PolicyBook
) -> pd.DataFrame:
    """Each confirmed payment at each of its lines: cut-off, first day due, the earliest and latest date it bears."""
    dates = facts[["payment_id", "written_from_on", "written_to_on", "operating_date"]]
    pairs = matches[["payment_id", "capture_line"]].merge(payments[["payment_id", "paid_on"]], on="payment_id")
    pairs = pairs.merge(lines[["capture_line", "due_month"]], on="capture_line").merge(dates, on="payment_id")
    months = month_numbers(pairs["due_month"])
    return pairs.assign(
        cut_off=cut_offs(months, policy),
        due_from=first_days(months),
        from_on=pairs[["paid_on", "written_from_on", "operating_date"]].min(axis=1).astype("datetime64[s]"),
        to_on=pairs[["paid_on", "written_to_on", "operating_date"]].max(axis=1).astype("datetime64[s]"),
    )


def _straddles(at_line: pd.DataFrame) -> pd.Series[bool]:
    """Whether one of the dates a payment bears is on time for the line, and another late."""
    return at_line["from_on"].le(at_line["cut_off"]) & at_line["to_on"].gt(at_line["cut_off"])


def _late_unconfirmed(payments: pd.DataFrame, at_line: pd.DataFrame, policy: PolicyBook) -> pd.DataFrame:
    """Payments confirmed to no line, dated after the cut-off of their own month."""
    alone = payments[~payments["payment_id"].isin(at_line["payment_id"])]
    alone = alone.assign(cut_off=cut_offs(month_numbers(alone["month"]), policy))
    return _tell(alone[alone["paid_on"].gt(alone["cut_off"])], "late", "cut_off")


def _tell(rows: pd.DataFrame, name: str, bound: str) -> pd.DataFrame:
    detail = bound + " " + rows[bound].dt.strftime("%Y-%m-%d").astype("str")
    return pd.DataFrame({"payment_id": rows["payment_id"], "flag": name, "detail": detail}).astype("str")


def _by_bucket(dispositions: pd.DataFrame, bucket: str, name: str) -> pd.DataFrame:
    parts = dispositions[dispositions["bucket"].eq(bucket)]
    total = parts.groupby("payment_id", as_index=False)["amount_centavos"].sum()
    detail = total["amount_centavos"].astype("str") + " centavos"
    return pd.DataFrame({"payment_id": total["payment_id"], "flag": name, "detail": detail}).astype("str")
