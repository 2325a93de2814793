"""Flags on payments (CONTRACT §9): what an analyst should see beside the bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from pipelines.rules.calendar import cut_offs, first_days, month_numbers
from pipelines.rules.keys import among, positions, taken
from schemas.tables.payment_flags import PaymentFlag

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    is_flagged = ~among(payments["payment_id"], never)
    matched = positions(matches["payment_id"], payments["payment_id"])
    at_line = _at_line(facts, payments, matches, matched, lines, policy)[is_flagged[matched]]
    is_alone = is_flagged.copy()
    is_alone[matched] = False
    told = [
        _late_unconfirmed(payments[is_alone], policy),
        _tell(at_line[at_line["paid_on"].gt(at_line["cut_off"])], "late", "cut_off"),
        _tell(at_line[at_line["paid_on"].lt(at_line["due_from"])], "early", "due_from"),
        _tell(at_line[_straddles(at_line)], "boundary", "cut_off"),
        _by_bucket(dispositions, "surplus", "over_paid"),
        _by_bucket(dispositions, "short", "part_paid"),
    ]
    rows = pd.concat(told, ignore_index=True).sort_values(["payment_id", "flag", "detail"])
    rows = rows.drop_duplicates(["payment_id", "flag"])
    payment = positions(rows["payment_id"], payments["payment_id"])
    known = {name: taken(payments[name], payment, "").set_axis(rows.index) for name in ("natural_key", "month")}
    return PaymentFlag.conform(rows.assign(**known))


def _at_line(
    facts: pd.DataFrame,
    payments: pd.DataFrame,
    matches: pd.DataFrame,
    matched: NDArray[np.int64],
    lines: pd.DataFrame,
    policy: PolicyBook,
) -> pd.DataFrame:
    """Each confirmed payment at each of its lines: cut-off, first day due, the earliest and latest date it bears."""
    line = positions(matches["capture_line"], lines["capture_line"])
    fact = positions(matches["payment_id"], facts["payment_id"])
    months = month_numbers(lines["due_month"])[line]
    paid_on = payments["paid_on"].to_numpy()[matched]
    operating, first, last = (
        facts[name].to_numpy()[fact] for name in ("operating_date", "written_from_on", "written_to_on")
    )
    return pd.DataFrame(
        {
            "payment_id": matches["payment_id"].array,
            "paid_on": paid_on,
            "cut_off": cut_offs(months, policy),
            "due_from": first_days(months),
            "from_on": np.fmin(np.fmin(paid_on, first), operating),
            "to_on": np.fmax(np.fmax(paid_on, last), operating),
        }
    )


def _straddles(at_line: pd.DataFrame) -> pd.Series[bool]:
    """Whether one of the dates a payment bears is on time for the line, and another late."""
    return at_line["from_on"].le(at_line["cut_off"]) & at_line["to_on"].gt(at_line["cut_off"])


def _late_unconfirmed(alone: pd.DataFrame, policy: PolicyBook) -> pd.DataFrame:
    """Of payments confirmed to no line, those dated after the cut-off of their own month."""
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
