"""The figures of the page: sums and counts taken column by column, whatever the number of payments.

Amounts in centavos. Amounts in other currencies stand in rows of their own and are never added to pesos. Payments that
count once are those that are neither a lump deposit, nor only announced, nor given back: days and lateness are of them.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.outputs.tallies import NOTHING, Row, in_both, merged, tally, total
from pipelines.rules.calendar import last_day, next_business_day, shift_month
from pipelines.store.ordered import Ordered, ordered
from pipelines.store.sought import Sought

if TYPE_CHECKING:
    from collections.abc import Mapping

PESOS: Final = "MXN"
AGES: Final = (7, 15)
"""The oldest day of each age but the last: days from the payment to the end of its month, so that no clock is read."""

LISTED: Final = 50
"""Files and settlements named at most; more are counted, and stand in their table."""

_NOT_ONCE: Final = ("settlement", "pending", "returned")


class Money(NamedTuple):
    """Payments of one channel and currency with a part under one name (bucket; empty: all of them), and its sum."""

    name: str
    channel: str
    currency: str
    payments: int
    amount_centavos: int


class Daily(NamedTuple):
    """Payments of one civil date and channel that count once, and their pesos."""

    paid_on: date
    channel: str
    payments: int
    amount_centavos: int


class Timing(NamedTuple):
    """Payments of one channel that count once, on time or late, and their pesos."""

    channel: str
    is_late: bool
    payments: int
    amount_centavos: int


class Waiting(NamedTuple):
    """Held payments of one reason, age (place in ``AGES``; behind them: older) and currency."""

    reason: str
    age: int
    currency: str
    payments: int
    amount_centavos: int


class Counted(NamedTuple):
    """Things of one kind (name, and what divides it further), how many, and their sum in pesos."""

    name: str
    detail: str
    number: int
    amount_centavos: int


class Named(NamedTuple):
    """Rows shown one by one, as the columns of their table, and how many more there are."""

    rows: tuple[Row, ...]
    more: int


class Coverage(NamedTuple):
    """Registrants activated; against the month before: who stayed, who came, who went (None: nothing known of it)."""

    activated: int
    due_centavos: int
    without_clinic: int
    last_month: int | None
    stayed: int


class Proof(NamedTuple):
    """One proof: its figures, and how many of them agree."""

    check: str
    figures: int
    agreeing: int


class Figures(NamedTuple):
    """Everything that the page tells of one month."""

    month: str
    coverage_month: str
    days: int
    cut_off: date
    known_on: date | None
    sources: tuple[Money, ...]
    buckets: tuple[Money, ...]
    daily: tuple[Daily, ...]
    timing: tuple[Timing, ...]
    waiting: tuple[Waiting, ...]
    coverage: Coverage
    exceptions: tuple[Counted, ...]
    changes: tuple[Counted, ...]
    settlements: tuple[Counted, ...]
    unbalanced: Named
    files: tuple[Counted, ...]
    not_taken: Named
    rejections: tuple[Counted, ...]
    proofs: tuple[Proof, ...]
    document: Mapping[str, Any]


def gather(
    tables: Mapping[str, pyarrow.Table], document: Mapping[str, Any], last_month: pyarrow.Table | Ordered | None
) -> Figures:
    """The figures of the month of ``document`` from its published tables; raises ``KeyError`` naming a missing one."""
    month, policy = str(document["month"]), document["policy"]
    payments, dispositions = ordered(tables, "payments"), ordered(tables, "dispositions")
    settlements, receipts = tables["settlements"], tables["receipts"]
    daily, timing = _once(payments, dispositions, ordered(tables, "payment_flags"))
    return Figures(
        month=month,
        coverage_month=shift_month(month, 1),
        days=last_day(month).day,
        cut_off=_cut_off(month, policy),
        known_on=_known_on(receipts, policy["timezone"]),
        sources=tuple(Money("", *row) for row in _money(payments)),
        buckets=tuple(Money(*row) for row in _money(dispositions, "bucket")),
        daily=daily,
        timing=timing,
        waiting=_waiting(payments, dispositions, last_day(month).date()),
        coverage=_coverage(ordered(tables, "coverage_activations"), last_month),
        exceptions=_counted(ordered(tables, "coverage_exceptions"), "reason", "", "amount_due_centavos"),
        changes=_counted(ordered(tables, "coverage_changes"), "change", "cause", ""),
        settlements=_counted(Ordered.of(settlements), "status", "", "difference_centavos"),
        unbalanced=_unbalanced(settlements),
        files=_counted(Ordered.of(receipts), "outcome", "", "amount_centavos"),
        not_taken=_not_taken(receipts),
        rejections=_counted(ordered(tables, "rejections"), "rule", "column", ""),
        proofs=_proofs(document["checks"]),
        document=document,
    )


def _known_on(receipts: pyarrow.Table, timezone: str) -> date | None:
    """The civil date on which the latest file was received; None without files."""
    latest = pc.max(receipts["received_at"]).as_py()
    return latest.astimezone(ZoneInfo(timezone)).date() if isinstance(latest, datetime) else None


def _cut_off(month: str, policy: Mapping[str, Any]) -> date:
    day = pd.Timestamp(f"{month}-{policy['due_day']:02d}")
    return (next_business_day(day) if policy["due_day_roll"] == "next_business_day" else day).date()


def _money(table: Ordered, *by: str) -> list[Row]:
    """Payments and their amounts by ``by``, channel and currency."""
    keys = [*by, "channel", "currency"]
    slices = table.slices([*keys, "payment_id", "amount_centavos"])
    return [(*key, *found) for key, found in tally(slices, keys, "amount_centavos", "payment_id").items()]


def _once(payments: Ordered, dispositions: Ordered, flags: Ordered) -> tuple[tuple[Daily, ...], tuple[Timing, ...]]:
    """Of the payments that count once: by day, and by whether they were late; pesos (0 in another currency)."""
    buckets = pyarrow.array(_NOT_ONCE, pyarrow.string())
    apart = dispositions.filtered(lambda rows: pc.is_in(rows["bucket"], buckets), ["payment_id", "bucket"])
    late = flags.filtered(lambda rows: pc.equal(rows["flag"], "late"), ["payment_id", "flag"])
    known = [Sought(found["payment_id"].combine_chunks()) for found in (apart, late)]
    columns = ["payment_id", "channel", "paid_on", "currency", "amount_centavos"]
    slices = (_counting_once(rows, *known) for rows in payments.slices(columns))
    found = tally(slices, ["paid_on", "channel", "is_late"], "pesos")
    daily, timing = merged(found, 0, 1), merged(found, 1, 2)
    return (
        tuple(Daily(key[0], key[1], *figures) for key, figures in sorted(daily.items())),
        tuple(Timing(key[0], key[1], *figures) for key, figures in sorted(timing.items())),
    )


def _counting_once(rows: pyarrow.Table, apart: Sought, late: Sought) -> pyarrow.Table:
    once = rows.filter(pc.invert(apart.among(rows["payment_id"])))
    pesos = pc.if_else(pc.equal(once["currency"], PESOS), once["amount_centavos"], 0)
    is_late = late.among(once["payment_id"])
    return once.select(["paid_on", "channel"]).append_column("is_late", is_late).append_column("pesos", pesos)


def _waiting(payments: Ordered, dispositions: Ordered, last: date) -> tuple[Waiting, ...]:
    columns = ["payment_id", "bucket", "reason", "currency", "amount_centavos"]
    held = dispositions.filtered(lambda rows: pc.equal(rows["bucket"], "held"), columns)
    paid = payments.among("payment_id", held["payment_id"].combine_chunks(), ["payment_id", "paid_on"])
    days = pc.days_between(paid["paid_on"], pyarrow.scalar(last))
    age = reduce(pc.add, [pc.cast(pc.greater(days, oldest), pyarrow.int64()) for oldest in AGES])
    places = pc.index_in(held["payment_id"], paid["payment_id"].combine_chunks())
    aged = held.append_column("age", age.take(places))
    found = tally([aged], ["reason", "age", "currency"], "amount_centavos", "payment_id")
    return tuple(Waiting(key[0], key[1], key[2], *figures) for key, figures in found.items())


def _coverage(activations: Ordered, last_month: pyarrow.Table | Ordered | None) -> Coverage:
    found = tally(
        activations.slices(["clinic_status", "amount_due_centavos"]), ["clinic_status"], "amount_due_centavos"
    )
    before = Ordered.of(last_month) if isinstance(last_month, pyarrow.Table) else last_month
    return Coverage(
        activated=activations.num_rows,
        due_centavos=total(found).amount,
        without_clinic=found.get(("pending",), NOTHING).number,
        last_month=None if before is None else before.num_rows,
        stayed=0 if before is None else in_both(activations, before),
    )


def _counted(table: Ordered, name: str, detail: str, amount: str) -> tuple[Counted, ...]:
    """Rows by name and detail; an empty name of a column stands for nothing."""
    keys = [name, detail] if detail else [name]
    found = tally(table.slices([*keys, amount] if amount else keys), keys, amount)
    return tuple(Counted(key[0], key[1] if detail else "", *figures) for key, figures in found.items())


def _unbalanced(settlements: pyarrow.Table) -> Named:
    """Settlements that are not balanced, the greatest difference first."""
    found = settlements.filter(pc.not_equal(settlements["status"], "balanced"))
    found = found.append_column("size", pc.abs(found["difference_centavos"]))
    order = [("size", "descending"), ("company", "ascending"), ("settlement_id", "ascending")]
    columns = ["company", "settlement_id", "settled_on", "status", "net_centavos", "deposit_centavos"]
    return _first(found.sort_by(order), [*columns, "difference_centavos", "differences"])


def _not_taken(receipts: pyarrow.Table) -> Named:
    """Files refused or held, the latest first."""
    found = receipts.filter(pc.is_in(receipts["outcome"], pyarrow.array(["refused", "held"], pyarrow.string())))
    order = [("received_at", "descending"), ("file_name", "ascending"), ("sha256", "ascending")]
    return _first(found.sort_by(order), ["file_name", "outcome", "reason"])


def _first(table: pyarrow.Table, columns: list[str]) -> Named:
    shown = table.select(columns).slice(0, LISTED).to_pylist()
    return Named(tuple(tuple(row.values()) for row in shown), max(0, table.num_rows - LISTED))


def _proofs(checks: list[dict[str, Any]]) -> tuple[Proof, ...]:
    schema = pyarrow.schema([("check", pyarrow.string()), ("passed", pyarrow.bool_())])
    table = pyarrow.Table.from_pylist(checks, schema)
    agreeing = table.append_column("agreeing", pc.cast(table["passed"], pyarrow.int64()))
    return tuple(Proof(key[0], *figures) for key, figures in tally([agreeing], ["check"], "agreeing").items())
