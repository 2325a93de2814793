"""Allocation and flags of the slow twin (CONTRACT §9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from tests.property.oracle_identity import Registries
from tests.property.oracle_world import Payment, PolicyEntry, cut_off, policy_for

Part = tuple[str, str, str, str]
"""Payment, line, bucket, reason."""


@dataclass
class LineMoney:
    """One line, the money confirmed to it in order, and how it stands."""

    capture_line: str
    nss: str
    due_month: str
    due: int
    enough: int
    money: list[tuple[Payment, int, bool]] = field(default_factory=list)
    is_paid_on_time: bool = False
    is_accepted: bool = False
    is_full_with_late: bool = False
    stands: bool = False
    full_at: datetime | None = None
    full_on: date | None = None
    applied: int = 0

    def total(self, *, on_time: bool = True, accepted: bool = False, late: bool = False) -> int:
        """Money on time, accepted late, and late without a decision, as asked."""
        return sum(
            amount
            for payment, amount, is_late in self.money
            if (on_time if not is_late else accepted if payment.is_accepted_late else late)
        )


def spread(payments: list[Payment], known: Registries, policies: list[PolicyEntry]) -> dict[str, LineMoney]:
    """Every line with confirmed money, judged."""
    lines: dict[str, LineMoney] = {}
    ordered = sorted(payments, key=lambda each: (each.paid_at, each.channel, each.natural_key))
    for payment in ordered:
        for name in payment.lines if payment.bucket == "confirmed" else []:
            line = known.lines[name]
            tolerance = policy_for(policies, line.due_month)["tolerance_centavos"]
            new = LineMoney(name, line.nss, line.due_month, line.due, line.due - tolerance)
            amount = line.due if payment.rule == "text_many" else payment.amount
            is_late = payment.paid_on > cut_off(policies, line.due_month)
            lines.setdefault(name, new).money.append((payment, amount, is_late))
    for line_money in lines.values():
        _judge(line_money)
    _choose_standing(list(lines.values()))
    return lines


def _judge(line: LineMoney) -> None:
    line.is_paid_on_time = line.total() >= line.enough
    line.is_accepted = not line.is_paid_on_time and line.total(accepted=True) >= line.enough
    line.is_full_with_late = (
        not line.is_paid_on_time and not line.is_accepted and line.total(accepted=True, late=True) >= line.enough
    )
    if line.is_paid_on_time or line.is_accepted:
        sum_so_far = 0
        for payment, amount, is_late in line.money:
            counts = not is_late or (line.is_accepted and payment.is_accepted_late)
            sum_so_far += amount if counts else 0
            if sum_so_far >= line.enough:
                line.full_at, line.full_on = payment.paid_at, payment.paid_on
                return


def _choose_standing(lines: list[LineMoney]) -> None:
    taken: set[tuple[str, str]] = set()
    full = [line for line in lines if line.full_at is not None]
    for line in sorted(full, key=lambda each: (each.full_at, each.capture_line)):
        line.stands = (line.nss, line.due_month) not in taken
        taken.add((line.nss, line.due_month))


def parts(lines: dict[str, LineMoney]) -> dict[Part, int]:
    """What each payment gives each line, by bucket: no part is zero."""
    given: dict[Part, int] = {}
    for line in lines.values():
        for payment, bucket, reason, amount in _line_parts(line):
            key = (payment.payment_id, line.capture_line, bucket, reason)
            if amount:
                given[key] = given.get(key, 0) + amount
            line.applied += amount if bucket == "applied" or reason == "accept_late" else 0
    return given


def _line_parts(line: LineMoney) -> list[tuple[Payment, str, str, int]]:
    on_time = [(payment, amount) for payment, amount, is_late in line.money if not is_late]
    accepted = [(payment, amount) for payment, amount, is_late in line.money if is_late and payment.is_accepted_late]
    plain_late = [
        (payment, amount) for payment, amount, is_late in line.money if is_late and not payment.is_accepted_late
    ]
    late = [(payment, amount) for payment, amount, is_late in line.money if is_late]
    everything = [(payment, amount) for payment, amount, _ in line.money]
    lacks = line.due - line.total()
    if line.full_at is not None and not line.stands:
        return _up_to(0, everything, "", "")
    if line.is_paid_on_time:
        return [*_up_to(line.due, on_time, "applied", ""), *_up_to(0, late, "", "")]
    if line.is_accepted:
        return [
            *_up_to(line.due, on_time, "applied", ""),
            *_up_to(lacks, accepted, "late", "accept_late"),
            *_up_to(0, plain_late, "", ""),
        ]
    return [*_up_to(line.due, on_time, "short", ""), *_up_to(lacks, late, "late", "")]


def _up_to(
    limit: int, money: list[tuple[Payment, int]], bucket: str, reason: str
) -> list[tuple[Payment, str, str, int]]:
    given = []
    for payment, amount in money:
        needed = min(amount, limit)
        given += [(payment, bucket, reason, needed), (payment, "surplus", "", amount - needed)]
        limit -= needed
    return given


def flags(
    payments: list[Payment], lines: dict[str, LineMoney], given: dict[Part, int], policies: list[PolicyEntry]
) -> set[tuple[str, str]]:
    """Payment and flag."""
    raised = set()
    for payment in payments:
        if payment.bucket in {"settlement", "pending", "returned"}:
            continue
        due_months = {lines[name].due_month for name in payment.lines}
        cut_offs = {cut_off(policies, month) for month in due_months or {payment.month}}
        if any(payment.paid_on > day for day in cut_offs):
            raised.add((payment.payment_id, "late"))
        if any(payment.month < month for month in due_months):
            raised.add((payment.payment_id, "early"))
        if payment.lines and _depends_on_date(payment, cut_offs):
            raised.add((payment.payment_id, "boundary"))
    for payment_id, _, bucket, _ in given:
        if bucket in {"surplus", "short"}:
            raised.add((payment_id, "over_paid" if bucket == "surplus" else "part_paid"))
    return raised


def _depends_on_date(payment: Payment, cut_offs: set[date]) -> bool:
    days = {payment.paid_on} | payment.written_on
    if payment.operating_date:
        days.add(payment.operating_date)
    return any(min(days) <= day < max(days) for day in cut_offs)
