"""Allocation (CONTRACT §9): every centavo of confirmed money in one bucket, line by line, in order of payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules.buckets import CONFIRMED
from pipelines.rules.calendar import is_late, month_numbers
from schemas.tables.dispositions import Disposition
from schemas.working.line_standings import LineStanding
from schemas.working.parts import Part

if TYPE_CHECKING:
    from pipelines.rules.policy import PolicyBook

ACCEPTED: Final = "accept_late"


class Allocated(NamedTuple):
    """Part of each payment on each line, and LineStanding of each line with confirmed money."""

    parts: pd.DataFrame
    lines: pd.DataFrame


def allocate(
    matches: pd.DataFrame, payments: pd.DataFrame, standings: pd.DataFrame, lines: pd.DataFrame, policy: PolicyBook
) -> Allocated:
    """Match, Payment, PaymentStanding, CaptureLine → Part, LineStanding."""
    accepted = standings.loc[standings["is_accepted_late"], "payment_id"]
    money = _money(matches, payments, lines, accepted, policy)
    at_lines = _line_standings(money)
    spread = money.merge(at_lines[["capture_line", "stands", "is_paid", "is_paid_on_time"]], on="capture_line")
    spread = spread.sort_values(["line", "paid_at", "channel", "natural_key"], ignore_index=True)
    return Allocated(_parts(spread), LineStanding.conform(at_lines))


def dispose(standings: pd.DataFrame, payments: pd.DataFrame, parts: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """PaymentStanding, Payment, Part, CaptureLine → Disposition: one row for each payment and part."""
    spread = parts.merge(lines[["capture_line", "nss", "coverage_month"]], on="capture_line")
    whole = standings[standings["bucket"].ne(CONFIRMED)].merge(payments[["payment_id", "amount_centavos"]])
    whole = whole.assign(capture_line="", nss="", coverage_month="")
    columns = ["payment_id", "bucket", "reason", "amount_centavos", "capture_line", "nss", "coverage_month"]
    rows = pd.concat([spread[columns], whole[columns]], ignore_index=True)
    known = payments[["payment_id", "channel", "natural_key", "currency", "month"]]
    return Disposition.conform(
        rows.merge(known, on="payment_id").astype({"capture_line": "str", "nss": "str", "coverage_month": "str"})
    )


def _money(
    matches: pd.DataFrame,
    payments: pd.DataFrame,
    lines: pd.DataFrame,
    accepted: pd.Series[str],
    policy: PolicyBook,
) -> pd.DataFrame:
    """Confirmed money, one row a payment and line, in order of payment, with running sums of what came before it."""
    dated = payments[["payment_id", "channel", "natural_key", "amount_centavos", "paid_at", "paid_on"]]
    money = matches[["payment_id", "capture_line", "rule"]].merge(dated, on="payment_id")
    line = pd.Index(lines["capture_line"]).get_indexer(money["capture_line"])
    due = lines.iloc[line].reset_index(drop=True)
    months = month_numbers(due["due_month"])
    late = is_late(money["paid_on"], months, policy)
    share = money["amount_centavos"].where(money["rule"].ne("text_many"), due["amount_due_centavos"])
    money = money.assign(
        line=line,
        nss=due["nss"],
        due_month=due["due_month"],
        due=due["amount_due_centavos"],
        tolerance=policy.values("tolerance_centavos", months),
        amount=share,
        is_late=late,
        is_accepted=late & money["payment_id"].isin(accepted).to_numpy(),
    ).sort_values(["line", "paid_at", "channel", "natural_key"], ignore_index=True)
    money["on_time"] = money["amount"].where(~money["is_late"], 0)
    money["accepted"] = money["amount"].where(money["is_accepted"], 0)
    return money


def _line_standings(money: pd.DataFrame) -> pd.DataFrame:
    """What became of each line: sums on time and late, whether it is paid, when it was full, whether it stands."""
    per_line = money.groupby("line")
    first = money.drop_duplicates("line").set_index("line")
    on_time, accepted, total = (per_line[name].sum() for name in ("on_time", "accepted", "amount"))
    needed = first["due"] - first["tolerance"]
    paid_on_time = on_time.ge(needed) & on_time.gt(0)
    is_paid = paid_on_time | ((on_time + accepted).ge(needed) & accepted.gt(0))
    full = _full(money, needed)
    table = pd.DataFrame(
        {
            "capture_line": first["capture_line"],
            "nss": first["nss"],
            "due_month": first["due_month"],
            "amount_due_centavos": first["due"],
            "on_time_centavos": on_time,
            "late_centavos": total - on_time,
            "applied_centavos": (on_time + accepted.where(~paid_on_time, 0)).clip(upper=first["due"]).where(is_paid, 0),
            "is_paid": is_paid,
            "is_paid_on_time": paid_on_time,
            "is_full_with_late": ~is_paid & total.ge(needed),
            "full_on": full["paid_on"].reindex(first.index),
            "full_at": full["paid_at"].reindex(first.index),
        }
    )
    rivals = table[table["is_paid"]].sort_values(["nss", "due_month", "full_at", "capture_line"])
    table["stands"] = table["is_paid"] & table.index.isin(rivals.drop_duplicates(["nss", "due_month"]).index)
    table["applied_centavos"] = table["applied_centavos"].where(table["stands"], 0)
    return table.drop(columns="full_at").reset_index(drop=True)


def _full(money: pd.DataFrame, needed: pd.Series[int]) -> pd.DataFrame:
    """For each paid line, the payment that made it full with money on time or accepted late."""
    counts = money[~money["is_late"] | money["is_accepted"]]
    reached = (counts["on_time"] + counts["accepted"]).groupby(counts["line"]).cumsum()
    full = counts[reached.ge(counts["line"].map(needed))]
    return full.drop_duplicates("line").set_index("line")[["paid_at", "paid_on"]]


def _parts(money: pd.DataFrame) -> pd.DataFrame:
    """Part: the money of each payment on its line cut into what the line took and the surplus."""
    on_time_sum = money.groupby("line")["on_time"].transform("sum")
    paid_late = money["is_paid"] & ~money["is_paid_on_time"]
    room_on_time = (money["due"] - _before(money, "on_time")).where(~money["is_late"], 0)
    counted_late = money["amount"].where(money["is_late"] & (money["is_accepted"] | ~paid_late), 0)
    lacking = money["due"] - on_time_sum - _before(money.assign(counted_late=counted_late), "counted_late")
    may_be_late = counted_late.gt(0) & (paid_late | ~money["is_paid"])
    room = room_on_time.where(~may_be_late, lacking).clip(lower=0)
    rival = money["is_paid"] & ~money["stands"]
    taken = np.minimum(money["amount"], room.where(~rival, 0))
    bucket = np.where(money["is_late"], "late", np.where(money["is_paid"], "applied", "short"))
    reason = np.where(money["is_late"] & paid_late & money["is_accepted"], ACCEPTED, "")
    kept = money[["payment_id", "capture_line"]].assign(bucket=bucket, reason=reason, amount_centavos=taken)
    spare = kept.assign(bucket="surplus", reason="", amount_centavos=money["amount"] - taken)
    parts = pd.concat([kept, spare], ignore_index=True)
    return Part.conform(parts[parts["amount_centavos"].gt(0)].astype({"bucket": "str", "reason": "str"}))


def _before(money: pd.DataFrame, column: str) -> pd.Series[int]:
    """Sum of ``column`` over the earlier payments of the same line."""
    return money.groupby("line")[column].cumsum() - money[column]
