"""The slow twin: the rules of CONTRACT §§3, 5-10 over plain lists of rows, written from the contract alone.

It shares no code with ``pipelines``; where both agree on thousands of small dense worlds, both read the contract alike.
Every table of the answer is key → rest of the row, so that a difference names the smallest key and both answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.property import (
    oracle_coverage,
    oracle_decisions,
    oracle_identity,
    oracle_matching,
    oracle_money,
    oracle_settlement,
)
from tests.property.oracle_identity import Registries
from tests.property.oracle_money import LineMoney
from tests.property.oracle_settlement import Settlement
from tests.property.oracle_world import Payment, Row, World

Key = tuple[object, ...]
Answer = dict[str, dict[Key, tuple[object, ...]]]


@dataclass
class Reconciled:
    """Everything the twin worked out, before it is laid out as tables."""

    known: Registries
    payments: list[Payment]
    settlements: dict[tuple[str, str], Settlement]
    rejected: list[Row]
    statuses: dict[str, list[Row]]
    lines: dict[str, LineMoney]
    given: dict[oracle_money.Part, int]
    flags: set[tuple[str, str]] = field(default_factory=set)


def reconcile(world: World) -> Reconciled:
    """Every stage in order."""
    known = oracle_identity.registries(world.registrants, world.capture_lines)
    payments = oracle_identity.payments(world.bank_transfers, world.remittances)
    settlements = oracle_settlement.settlements(world.settlements)
    settled_on = {key: one.settled_on for key, one in settlements.items()}
    for payment in payments:
        oracle_identity.date_payment(payment, settled_on, world.policies)
    oracle_settlement.judge(settlements, payments)
    evidence = oracle_matching.Evidence(known, settlements, world.policies)
    for payment in payments:
        oracle_matching.stand(payment, evidence)
    rejected, statuses = oracle_decisions.decide(payments, world.decisions, known)
    lines = oracle_money.spread(payments, known, world.policies)
    given = oracle_money.parts(lines)
    flags = oracle_money.flags(payments, lines, given, world.policies)
    return Reconciled(known, payments, settlements, rejected, statuses, lines, given, flags)


def months_touched(done: Reconciled) -> list[str]:
    """Every month of a payment or of a due line."""
    due = {line.due_month for line in done.known.lines.values() if line.due_month}
    return sorted(due | {payment.month for payment in done.payments})


def answer(world: World) -> Answer:
    """Every table that the product must give, for all months."""
    done = reconcile(world)
    tables: Answer = {
        "payments": {(each.payment_id,): _payment_row(each) for each in done.payments},
        "payment_rows": {
            (each.payment_id, *_place(row)): (role, each.month) for each in done.payments for row, role in each.roles
        },
        "settlements": {
            (one.company, one.settlement_id, month): (one.status, one.deposit, one.deposit - one.stated["net_centavos"])
            for one in done.settlements.values()
            for month in one.months
        },
        "matches": _matches(done),
        "findings": _findings(done),
        "dispositions": _dispositions(done),
        "payment_flags": dict.fromkeys(done.flags, ()),
        "registry_rejections": {_place(row): () for row in done.known.rejected},
        "decisions": {_place(row): (status,) for status, rows in done.statuses.items() for row in rows},
        "decision_rejections": {_place(row): () for row in done.rejected},
        "coverage_activations": {},
        "coverage_exceptions": {},
    }
    for month in months_touched(done):
        activated = oracle_coverage.activations(done.lines, done.known, month)
        excepted = oracle_coverage.exceptions(done.payments, done.lines, done.known, month)
        tables["coverage_activations"] |= {(month, nss): row for nss, row in activated.items()}
        tables["coverage_exceptions"] |= {(month, line): row for line, row in excepted.items()}
    return tables


def _place(row: Row) -> Key:
    return (row["sha256"], row["sheet"], row["row"])


def _payment_row(payment: Payment) -> tuple[object, ...]:
    return (
        *(payment.channel, payment.institution, payment.amount, payment.facts["currency"]),
        *(payment.paid_at, payment.paid_on, payment.status, payment.month, *_place(payment.carrier)),
    )


def _matches(done: Reconciled) -> dict[Key, tuple[object, ...]]:
    return {
        (payment.payment_id, line): (done.known.lines[line].nss, payment.rule, payment.month)
        for payment in done.payments
        for line in payment.lines
    }


def _findings(done: Reconciled) -> dict[Key, tuple[object, ...]]:
    """What the deciding step found of payments held or confirmed by the rules alone."""
    rows: dict[Key, tuple[object, ...]] = {}
    for payment in done.payments:
        if payment.bucket not in {"held", "confirmed"} or payment.is_conflicting or payment.rule == "decision":
            continue
        for found in payment.found:
            for line in found.lines:
                rows[payment.payment_id, line, done.known.lines[line].nss] = (found.reason,)
            for nss in found.persons if not found.lines else []:
                rows[payment.payment_id, "", nss] = (found.reason,)
    return rows


def _dispositions(done: Reconciled) -> dict[Key, tuple[object, ...]]:
    rows: dict[Key, tuple[object, ...]] = {}
    by_id = {payment.payment_id: payment for payment in done.payments}
    for payment in done.payments:
        if payment.bucket != "confirmed":
            rows[payment.payment_id, "", payment.bucket] = (
                *(payment.reason, payment.amount, payment.facts["currency"], "", "", payment.month),
            )
    for (payment_id, name, bucket, reason), amount in done.given.items():
        line = done.known.lines[name]
        currency, month = by_id[payment_id].facts["currency"], by_id[payment_id].month
        rows[payment_id, name, bucket] = (reason, amount, currency, line.nss, line.coverage_month, month)
    return rows
