"""Activations and exceptions of the slow twin (CONTRACT §10)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from tests.property.oracle_identity import Line, Registries
from tests.property.oracle_money import LineMoney
from tests.property.oracle_world import Payment

Rows = dict[str, tuple[object, ...]]


def activations(lines: dict[str, LineMoney], known: Registries, month: str) -> Rows:
    """NSS → the rest of its row, for each registrant with a standing paid line due in the month."""
    rows: Rows = {}
    for line in lines.values():
        if not line.stands or line.due_month != month:
            continue
        assert line.nss not in rows, "two activations of one NSS"
        person, coverage = known.persons[line.nss], known.lines[line.capture_line].coverage_month
        year, number = (int(part) for part in coverage.split("-"))
        clinic = "assigned" if person["umf"] else "pending"
        end = date(year, number, monthrange(year, number)[1])
        rows[line.nss] = (
            *(coverage, person["curp"], person["full_name"], person["umf"], clinic),
            *(date(year, number, 1), end, line.capture_line, line.due, line.applied, line.full_on),
        )
    return rows


def exceptions(payments: list[Payment], lines: dict[str, LineMoney], known: Registries, month: str) -> Rows:
    """Line → registrant, amount due and reason, for every other issued line due in the month."""
    activated = {line.nss: line.capture_line for line in lines.values() if line.stands and line.due_month == month}
    rows: Rows = {}
    for line in known.lines.values():
        is_due = line.status == "issued" and line.due_month == month
        if is_due and activated.get(line.nss) != line.capture_line:
            reason = _reason(line, line.nss in activated, payments, lines, known)
            rows[line.capture_line] = (line.coverage_month, line.nss, line.due, reason)
    return rows


def _reason(
    line: Line, is_covered: bool, payments: list[Payment], lines: dict[str, LineMoney], known: Registries
) -> str:
    if line.nss not in known.persons:
        return "unknown_registrant"
    if is_covered:
        return "already_covered"
    if any(_is_waiting_for(line, payment) for payment in payments if payment.bucket == "held"):
        return "held"
    money = lines.get(line.capture_line)
    if money is not None:
        return "late" if money.is_full_with_late else "short"
    for payment in payments:
        would_be = [found for found in payment.found if not found.reason and line.capture_line in found.lines]
        if payment.bucket == "returned" and would_be:
            return "returned"
    return "unpaid"


def _is_waiting_for(line: Line, payment: Payment) -> bool:
    for found in payment.found:
        if line.capture_line in found.lines:
            return True
        if not found.lines and line.nss in found.persons and payment.month == line.due_month:
            return True
    return False
