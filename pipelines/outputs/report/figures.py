"""The figures of the page: sums and counts taken column by column, whatever the number of payments.

Amounts in centavos. Amounts in other currencies stand in rows of their own and are never added to pesos. Payments that
count once are those that are neither a lump deposit, nor only announced, nor given back: days and lateness are of them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.outputs.report.grouping import Row, count_and_sum, grouped
from pipelines.rules.calendar import last_day, next_business_day, shift_month

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
    tables: Mapping[str, pyarrow.Table], document: Mapping[str, Any], last_month: pyarrow.Table | None
) -> Figures:
    """The figures of the month of ``document`` from its published tables; raises ``KeyError`` naming a missing one."""
    month, policy = str(document["month"]), document["policy"]
    payments, dispositions = tables["payments"], tables["dispositions"]
    once = _counting_once(payments, dispositions)
    return Figures(
        month=month,
        coverage_month=shift_month(month, 1),
        days=last_day(month).day,
        cut_off=_cut_off(month, policy),
        known_on=_known_on(tables["receipts"], policy["timezone"]),
        sources=_money(payments.append_column("name", _filled(payments, "")), "name"),
        buckets=_money(dispositions, "bucket"),
        daily=_daily(once),
        timing=_timing(once, tables["payment_flags"]),
        waiting=_waiting(payments, dispositions, last_day(month).date()),
        coverage=_coverage(tables["coverage_activations"], last_month),
        exceptions=_counted(tables["coverage_exceptions"], "reason", "", "amount_due_centavos"),
        changes=_counted(tables["coverage_changes"], "change", "cause", ""),
        settlements=_counted(tables["settlements"], "status", "", "difference_centavos"),
        unbalanced=_unbalanced(tables["settlements"]),
        files=_counted(tables["receipts"], "outcome", "", "amount_centavos"),
        not_taken=_not_taken(tables["receipts"]),
        rejections=_counted(tables["rejections"], "rule", "column", ""),
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


def _money(table: pyarrow.Table, by: str) -> tuple[Money, ...]:
    return tuple(Money(*row) for row in count_and_sum(table, [by, "channel", "currency"], "payment_id"))


def _counting_once(payments: pyarrow.Table, dispositions: pyarrow.Table) -> pyarrow.Table:
    """The payments of which days and lateness are told, with their pesos (0 in another currency)."""
    apart = dispositions.filter(pc.is_in(dispositions["bucket"], pyarrow.array(_NOT_ONCE, pyarrow.string())))
    once = payments.filter(pc.invert(pc.is_in(payments["payment_id"], apart["payment_id"].combine_chunks())))
    pesos = pc.if_else(pc.equal(once["currency"], PESOS), once["amount_centavos"], 0)
    return once.select(["payment_id", "channel", "paid_on"]).append_column("amount_centavos", pesos)


def _daily(once: pyarrow.Table) -> tuple[Daily, ...]:
    return tuple(Daily(*row) for row in count_and_sum(once, ["paid_on", "channel"]))


def _timing(once: pyarrow.Table, flags: pyarrow.Table) -> tuple[Timing, ...]:
    late = flags.filter(pc.equal(flags["flag"], "late"))["payment_id"].combine_chunks()
    marked = once.append_column("is_late", pc.is_in(once["payment_id"], late))
    return tuple(Timing(*row) for row in count_and_sum(marked, ["channel", "is_late"]))


def _waiting(payments: pyarrow.Table, dispositions: pyarrow.Table, last: date) -> tuple[Waiting, ...]:
    held = dispositions.filter(pc.equal(dispositions["bucket"], "held"))
    places = pc.index_in(held["payment_id"], payments["payment_id"].combine_chunks())
    days = pc.days_between(payments["paid_on"].take(places), pyarrow.scalar(last))
    age = pc.add(_filled(held, 0), 0)
    for oldest in AGES:
        age = pc.add(age, pc.cast(pc.greater(days, oldest), pyarrow.int64()))
    aged = held.append_column("age", age)
    return tuple(Waiting(*row) for row in count_and_sum(aged, ["reason", "age", "currency"], "payment_id"))


def _coverage(activations: pyarrow.Table, last_month: pyarrow.Table | None) -> Coverage:
    stayed = 0
    if last_month is not None:
        stayed = _true(pc.is_in(activations["nss"], last_month["nss"].combine_chunks()))
    return Coverage(
        activated=activations.num_rows,
        due_centavos=_total(activations["amount_due_centavos"]),
        without_clinic=_true(pc.equal(activations["clinic_status"], "pending")),
        last_month=None if last_month is None else last_month.num_rows,
        stayed=stayed,
    )


def _counted(table: pyarrow.Table, name: str, detail: str, amount: str) -> tuple[Counted, ...]:
    """Rows by name and detail; an empty name of a column stands for nothing."""
    chosen = pyarrow.table(
        {
            "name": table[name],
            "detail": table[detail] if detail else _filled(table, ""),
            "amount_centavos": table[amount] if amount else _filled(table, 0),
        }
    )
    return tuple(Counted(*row) for row in count_and_sum(chosen, ["name", "detail"]))


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
    return tuple(Proof(*row) for row in grouped(agreeing, ["check"], [([], "count_all"), ("agreeing", "sum")]))


def _filled(table: pyarrow.Table, value: str | int) -> pyarrow.Array:
    return pyarrow.repeat(pyarrow.scalar(value), table.num_rows)


def _total(column: pyarrow.ChunkedArray) -> int:
    return int(pc.sum(column).as_py() or 0)


def _true(column: pyarrow.ChunkedArray) -> int:
    return _total(pc.cast(column, pyarrow.int64()))
