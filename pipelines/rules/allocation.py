"""Allocation (CONTRACT §9): every centavo of confirmed money in one bucket, line by line, in order of payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules.buckets import CONFIRMED
from pipelines.rules.calendar import is_late, month_numbers
from pipelines.rules.keys import NOWHERE, among, group, kept, key_taken, positions, taken
from pipelines.rules.words import first_place, worded
from schemas.tables.dispositions import Disposition
from schemas.working.line_standings import LineStanding
from schemas.working.parts import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.rules.policy import PolicyBook

ACCEPTED: Final = "accept_late"
BUCKETS: Final = ("late", "applied", "short", "surplus")
"""Of late money, of money on time for a line that is paid, of other money on time; of what nobody needed."""


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
    at_lines = _line_standings(money, lines)
    place = pd.Index(at_lines["line"]).get_indexer(pd.Index(money["line"]))
    stood = {name: at_lines[name].to_numpy()[place] for name in ("stands", "is_paid", "is_paid_on_time")}
    return Allocated(_parts(money.assign(**stood), matches), LineStanding.conform(at_lines))


def dispose(standings: pd.DataFrame, payments: pd.DataFrame, parts: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """PaymentStanding, Payment, Part, CaptureLine → Disposition: one row for each payment and part."""
    whole = kept(standings, standings["bucket"].ne(CONFIRMED).to_numpy(dtype=bool), "payment_id")
    payment = np.append(
        positions(parts["payment_id"], payments["payment_id"]), positions(whole["payment_id"], payments["payment_id"])
    )
    line = np.append(positions(parts["capture_line"], lines["capture_line"]), np.full(len(whole), NOWHERE))
    whole = whole.assign(amount_centavos=payments["amount_centavos"].to_numpy()[payment[len(parts) :]])
    told = ["bucket", "reason", "amount_centavos"]
    rows = pd.concat([parts[told], whole[told]], ignore_index=True)
    of_line = {name: taken(lines[name], line, "") for name in ("nss", "coverage_month")}
    known = {name: taken(payments[name], payment, "") for name in ("channel", "natural_key", "currency", "month")}
    key = {
        "payment_id": key_taken(payments["payment_id"], payment),
        "capture_line": key_taken(lines["capture_line"], line),
    }
    return Disposition.conform(rows.assign(**key, **of_line, **known))


def _money(
    matches: pd.DataFrame,
    payments: pd.DataFrame,
    lines: pd.DataFrame,
    accepted: pd.Series[str],
    policy: PolicyBook,
) -> pd.DataFrame:
    """Confirmed money, one row a payment and line, in order of payment; all of it as numbers.

    ``match``, ``line``: where its match and its line stand.
    """
    payment = positions(matches["payment_id"], payments["payment_id"])
    line = positions(matches["capture_line"], lines["capture_line"])
    months = month_numbers(lines["due_month"])[line]
    late = is_late(payments["paid_on"].take(payment), months, policy)
    due = lines["amount_due_centavos"].to_numpy()[line]
    is_share = matches["rule"].eq("text_many").to_numpy(dtype=bool)
    amount = np.where(is_share, due, payments["amount_centavos"].to_numpy()[payment])
    is_accepted = late & among(matches["payment_id"], accepted)
    money = pd.DataFrame(
        {
            "match": np.arange(len(matches)),
            "line": line,
            "due": due,
            "tolerance": policy.values("tolerance_centavos", months).astype(np.int64),
            "amount": amount,
            "is_late": late,
            "is_accepted": is_accepted,
            "on_time": np.where(late, 0, amount),
            "accepted": np.where(is_accepted, amount, 0),
            "paid_at": payments["paid_at"].array.take(payment),
            "paid_on": payments["paid_on"].array.take(payment),
        }
    )
    return money.take(_in_order(payments, payment, line)).reset_index(drop=True)


def _in_order(payments: pd.DataFrame, payment: NDArray[np.int64], line: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of the money of each line: by instant, then channel and natural key."""
    paid_at = payments["paid_at"].array.view("int64")[payment]
    at_once = np.flatnonzero(group([pd.Series(line), pd.Series(paid_at)]).is_repeated)
    spelled = payments[["channel", "natural_key"]].take(payment[at_once]).reset_index(drop=True)
    rank = np.zeros(len(line), dtype=np.int64)
    rank[at_once[spelled.sort_values(["channel", "natural_key"]).index]] = np.arange(len(at_once))
    return np.lexsort([rank, paid_at, line])


def _line_standings(money: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """What became of each line: sums on time and late, whether it is paid, when it was full, whether it stands."""
    per_line = money.groupby("line")
    first = money.drop_duplicates("line").set_index("line")
    on_time, accepted, total = (per_line[name].sum() for name in ("on_time", "accepted", "amount"))
    needed = first["due"] - first["tolerance"]
    paid_on_time = on_time.ge(needed) & on_time.gt(0)
    is_paid = paid_on_time | ((on_time + accepted).ge(needed) & accepted.gt(0))
    full = _full(money, needed).reindex(first.index)
    line = first.index.to_numpy()
    table = pd.DataFrame(index=first.index).assign(
        capture_line=key_taken(lines["capture_line"], line).array,
        nss=key_taken(lines["nss"], line).array,
        due_month=taken(lines["due_month"], line, "").array,
        amount_due_centavos=first["due"],
        on_time_centavos=on_time,
        late_centavos=total - on_time,
        applied_centavos=(on_time + accepted.where(~paid_on_time, 0)).clip(upper=first["due"]).where(is_paid, 0),
        is_paid=is_paid,
        is_paid_on_time=paid_on_time,
        is_full_with_late=~is_paid & total.ge(needed),
        full_on=full["paid_on"],
        full_at=full["paid_at"],
    )
    table["stands"] = _stands(table)
    table["applied_centavos"] = table["applied_centavos"].where(table["stands"], 0)
    return table.reset_index(names="line")


def _stands(table: pd.DataFrame) -> pd.Series[bool]:
    """Whether each line is paid, and the first of its registrant's lines for the month that was full."""
    paid = table[table["is_paid"]]
    rivals = paid[group(paid[["nss", "due_month"]]).is_repeated]
    ordered = rivals.sort_values(["nss", "due_month", "full_at", "capture_line"])
    behind = ordered.index[ordered.duplicated(["nss", "due_month"])]
    return table["is_paid"] & ~table.index.isin(behind)


def _full(money: pd.DataFrame, needed: pd.Series[int]) -> pd.DataFrame:
    """For each paid line, the payment that made it full with money on time or accepted late."""
    counts = money[~money["is_late"] | money["is_accepted"]]
    reached = (counts["on_time"] + counts["accepted"]).groupby(counts["line"]).cumsum()
    full = counts[reached.ge(counts["line"].map(needed))]
    return full.drop_duplicates("line").set_index("line")[["paid_at", "paid_on"]]


def _parts(money: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Part: the money of each payment on its line cut into what the line took and the surplus."""
    on_time_sum = money.groupby("line")["on_time"].transform("sum")
    paid_late = money["is_paid"] & ~money["is_paid_on_time"]
    room_on_time = (money["due"] - _before(money, "on_time")).where(~money["is_late"], 0)
    counted_late = money["amount"].where(money["is_late"] & (money["is_accepted"] | ~paid_late), 0)
    lacking = money["due"] - on_time_sum - _before(money.assign(counted_late=counted_late), "counted_late")
    may_be_late = counted_late.gt(0) & (paid_late | ~money["is_paid"])
    room = room_on_time.where(~may_be_late, lacking).clip(lower=0)
    rival = money["is_paid"] & ~money["stands"]
    kept = np.minimum(money["amount"].to_numpy(), room.where(~rival, 0).to_numpy())
    spare = money["amount"].to_numpy() - kept
    accepted = (money["is_late"] & paid_late & money["is_accepted"]).to_numpy(dtype=np.int8)
    bucket = first_place([money["is_late"], money["is_paid"]])
    match = np.append(money["match"].to_numpy()[kept > 0], money["match"].to_numpy()[spare > 0])
    surplus = np.full(int((spare > 0).sum()), len(BUCKETS) - 1, dtype=np.int8)
    return Part.conform(
        pd.DataFrame(
            {
                "payment_id": key_taken(matches["payment_id"], match),
                "capture_line": key_taken(matches["capture_line"], match),
                "bucket": worded(np.append(bucket[kept > 0], surplus), BUCKETS),
                "reason": worded(np.append(accepted[kept > 0], surplus * 0), ["", ACCEPTED]),
                "amount_centavos": np.append(kept[kept > 0], spare[spare > 0]),
            }
        )
    )


def _before(money: pd.DataFrame, column: str) -> pd.Series[int]:
    """Sum of ``column`` over the earlier payments of the same line."""
    return money.groupby("line")[column].cumsum() - money[column]
