"""The payments of *Por decidir*: what waits for a person, what may be undone, and what is known of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.outputs.labels import HOLDS
from pipelines.rules.calendar import last_day

if TYPE_CHECKING:
    from collections.abc import Mapping

STANDINGS: Final = ("held", "unmatched", "late", "decided")
"""Why a payment is listed, in the order in which it is worth looking at."""

OFFERS: Final = 3
"""How many suggestions a payment has at most (CONTRACT §7)."""

_BARRING: Final = ("registry_conflict", "line_cancelled", "unknown_registrant")
_REASONS: Final = {reason: place for place, reason in enumerate([*HOLDS, "unmatched", "late"])}


def find(frames: Mapping[str, pd.DataFrame], month: str) -> pd.DataFrame:
    """One row a payment, ordered: payment_id, standing, why (its reason), age in days, paid_on, its amount, currency.

    ``frames`` as ``reduced.waiting`` gives them. The age of a payment is counted to the month's last day.
    """
    listed = pd.concat([_waiting(frames["dispositions"]), _decided(frames)], ignore_index=True)
    listed = listed.drop_duplicates("payment_id")
    listed = listed.merge(_of(frames["payments"], listed["payment_id"]), on="payment_id")
    age = (last_day(month) - listed["paid_on"]).dt.days
    rank = listed["standing"].map({name: place for place, name in enumerate(STANDINGS)})
    reason = listed["why"].map(_REASONS).fillna(len(_REASONS))
    ordered = listed.assign(age=age, rank=rank, order=reason).sort_values(["rank", "order", "paid_on", "payment_id"])
    return ordered.reset_index(drop=True)


def _waiting(dispositions: pd.DataFrame) -> pd.DataFrame:
    """Payments held, unmatched or late, in this order of precedence."""
    parts = []
    for bucket in STANDINGS[:3]:
        of_bucket = dispositions[dispositions["bucket"].eq(bucket) & dispositions["reason"].ne("accept_late")]
        why = of_bucket["reason"] if bucket == "held" else bucket
        parts.append(of_bucket[["payment_id"]].assign(standing=bucket, why=why))
    return pd.concat(parts, ignore_index=True)


def _decided(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Payments that stand where a decision put them."""
    dispositions, matches = frames["dispositions"], frames["matches"]
    by_action = {
        "refund": dispositions.loc[dispositions["bucket"].eq("refund_due"), ["payment_id"]],
        "accept_late": dispositions.loc[dispositions["reason"].eq("accept_late"), ["payment_id"]],
        "match": matches.loc[matches["rule"].eq("decision"), ["payment_id"]],
    }
    return pd.concat([rows.assign(standing="decided", why=why) for why, rows in by_action.items()], ignore_index=True)


def named_lines(frames: Mapping[str, pd.DataFrame], payments: pd.Series[str]) -> dict[str, list[str]]:
    """Payment → the lines that its own words name, or that it is confirmed to, in order; of these payments alone."""
    chosen = [_of(frames[name], payments)[["payment_id", "capture_line"]] for name in ("findings", "matches")]
    pairs = pd.concat(chosen)
    pairs = pairs[pairs["capture_line"].ne("")].drop_duplicates().sort_values(["payment_id", "capture_line"])
    named: dict[str, list[str]] = {}
    for payment, line in zip(pairs["payment_id"].tolist(), pairs["capture_line"].tolist(), strict=True):
        named.setdefault(payment, []).append(line)
    return named


def _of(rows: pd.DataFrame, payments: pd.Series[str]) -> pd.DataFrame:
    """The rows of some payments; ``isin`` of pandas is slow for many texts."""
    is_one = pc.is_in(pyarrow.array(rows["payment_id"]), value_set=pyarrow.array(payments))
    chosen: pd.DataFrame = rows[is_one.to_numpy(zero_copy_only=False)]
    return chosen


def barred_lines(frames: Mapping[str, pd.DataFrame]) -> dict[str, set[str]]:
    """Payment → the lines it names on which no ``match`` counts as things stand: not issued, or nobody registered."""
    findings = frames["findings"]
    barred = findings[findings["reason"].isin(_BARRING)]
    found: dict[str, set[str]] = {}
    for payment, line in zip(barred["payment_id"].tolist(), barred["capture_line"].tolist(), strict=True):
        found.setdefault(payment, set()).add(line)
    return found


def suggested(frames: Mapping[str, pd.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    """Payment → its suggestions, the likeliest first."""
    table = frames["suggestions"]
    if table.empty:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    ordered = table.sort_values(["payment_id", "rank"])
    names = list(map(str, ordered.columns))
    for row in zip(*(ordered[name].tolist() for name in names), strict=True):
        told = dict(zip(names, row, strict=True))
        found.setdefault(str(told["payment_id"]), []).append(told)
    return {payment: rows[:OFFERS] for payment, rows in found.items()}
