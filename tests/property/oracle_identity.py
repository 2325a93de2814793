"""Registries and payments of the slow twin (CONTRACT §3, §5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.property.oracle_text import normalised
from tests.property.oracle_world import (
    MEXICO_CITY,
    UNDATED,
    Payment,
    PolicyEntry,
    Row,
    midnight,
    month_before,
    month_of,
    policy_for,
)

LEVELS = {"pending": 0, "credited": 0, "paid": 1, "returned": 1, "cancelled": 2, "refunded": 2}
LADDER = ["pending", "credited", "paid", "returned", "cancelled", "refunded"]
PRIMARY = {"pending", "credited", "paid"}
BANK_FACTS = ["amount_centavos", "currency", "concept", "credited_at"]
REMITTANCE_FACTS = [
    "amount_centavos",
    "currency",
    "fee_centavos",
    "sent_at",
    "settlement_id",
    "capture_line",
    "nss",
    "curp",
    "message",
]
BANK_COLUMNS = [
    *["operating_date", "credited_at", "tracking_key", "sender_bank", "sender_account", "sender_name"],
    *["receiver_account", "amount_centavos", "currency", "numeric_reference", "concept", "status"],
]
REMITTANCE_COLUMNS = [
    *["company", "remittance_id", "settlement_id", "status", "sent_at", "sender_name", "send_amount", "send_currency"],
    *["fx_rate", "amount_centavos", "currency", "fee_centavos", "capture_line", "nss", "curp", "message"],
]


@dataclass
class Line:
    """One key of the capture line registry."""

    capture_line: str
    written: str
    nss: str
    due_month: str
    coverage_month: str
    due: int
    status: str


@dataclass
class Registries:
    """The registries as they stand; conflicting registrants are absent, conflicting lines have status ``conflict``."""

    persons: dict[str, Row]
    lines: dict[str, Line]
    rejected: list[Row]


def registries(person_rows: list[Row], line_rows: list[Row]) -> Registries:
    """The latest row of each key; where the latest differ in what is used, the key is in conflict."""
    known = Registries({}, {}, [])
    for nss, latest in _latest_by_key(person_rows, "nss").items():
        if len({(row["curp"], row["full_name"], row["umf"]) for row in latest}) > 1:
            known.rejected += latest
        else:
            known.persons[nss] = latest[0]
    for key, latest in _latest_by_key(line_rows, "capture_line").items():
        if len({(row["nss"], row["coverage_month"], row["amount_due_centavos"], row["status"]) for row in latest}) > 1:
            known.rejected += latest
            known.lines[key] = Line(key, "", "", "", "", 0, "conflict")
        else:
            row = min(latest, key=lambda each: str(each["capture_line_written"]))
            due_month = month_before(row["coverage_month"])
            known.lines[key] = Line(
                key, row["capture_line_written"], row["nss"], due_month, row["coverage_month"],
                row["amount_due_centavos"], row["status"],
            )  # fmt: skip
    return known


def _latest_by_key(rows: list[Row], key: str) -> dict[str, list[Row]]:
    latest: dict[str, list[Row]] = {}
    for row in rows:
        value = normalised(row[key]) if key == "capture_line" else row[key]
        standing = latest.get(value, [])
        if not standing or row["updated_at"] > standing[0]["updated_at"]:
            latest[value] = [row]
        elif row["updated_at"] == standing[0]["updated_at"]:
            standing.append(row)
    return latest


def payments(bank_rows: list[Row], remittance_rows: list[Row]) -> list[Payment]:
    """One payment a natural key, not yet dated."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in bank_rows:
        key = "|".join([row["operating_date"].isoformat(), row["sender_bank"], row["tracking_key"]])
        groups.setdefault(("bank_transfer", key), []).append(row)
    for row in remittance_rows:
        key = "|".join([row["company"], row["remittance_id"]])
        renamed = {**row, "amount_centavos": row["pay_amount_centavos"], "currency": row["pay_currency"]}
        groups.setdefault(("remittance", key), []).append(renamed)
    return [_payment(channel, key, rows) for (channel, key), rows in sorted(groups.items())]


def _payment(channel: str, key: str, rows: list[Row]) -> Payment:
    is_bank = channel == "bank_transfer"
    carrier = smallest_of(rows)
    is_conflicting = _is_conflicting(rows, is_bank=is_bank)
    facts = dict(carrier) if is_conflicting else _facts(rows, is_bank=is_bank)
    only_returned = is_bank and carrier["status"] == "returned"
    made_at = None if only_returned else facts["credited_at" if is_bank else "sent_at"]
    return Payment(
        payment_id=f"{channel}|{key}",
        channel=channel,
        natural_key=key,
        institution=rows[0]["sender_bank" if is_bank else "company"],
        rows=rows,
        carrier=carrier,
        roles=_roles(rows, carrier, is_conflicting=is_conflicting),
        facts=facts,
        status=max((row["status"] for row in rows), key=LADDER.index),
        is_conflicting=is_conflicting,
        is_ever_paid=any(row["status"] in {"paid", "refunded"} for row in rows),
        made_at=made_at,
        operating_date=rows[0]["operating_date"] if is_bank else None,
        written_on={
            row["credited_written_on" if is_bank else "sent_written_on"] for row in rows if row["status"] != "returned"
        },
    )


def smallest_of(rows: list[Row]) -> Row:
    """The row that carries the payment: the smallest of the lowest level."""
    lowest = min(LEVELS[row["status"]] for row in rows)
    return min((row for row in rows if LEVELS[row["status"]] == lowest), key=_smallness)


def _facts_sources(rows: list[Row]) -> list[Row]:
    primary = [row for row in rows if row["status"] in PRIMARY]
    return primary or rows


def _values(rows: list[Row], fact: str) -> set[Any]:
    return {row[fact] for row in rows} - {"", None}


def _is_conflicting(rows: list[Row], *, is_bank: bool) -> bool:
    sources = _facts_sources(rows)
    facts = BANK_FACTS if is_bank else REMITTANCE_FACTS
    if sources[0]["status"] == "returned":
        facts = [fact for fact in facts if fact != "credited_at"]
    contradicted = any(len(_values(sources, fact)) > 1 for fact in facts)
    return contradicted or any(len(_values(rows, fact)) > 1 for fact in ("amount_centavos", "currency"))


def _facts(rows: list[Row], *, is_bank: bool) -> Row:
    sources = _facts_sources(rows)
    facts: Row = {}
    for fact in BANK_FACTS if is_bank else REMITTANCE_FACTS:
        values = _values(sources, fact)
        facts[fact] = min(values) if values else ""
    return facts


def _smallness(row: Row) -> tuple[Any, ...]:
    is_bank = "tracking_key" in row
    instant = row["credited_at" if is_bank else "sent_at"]
    columns = [(row[column] is not None, row[column]) for column in (BANK_COLUMNS if is_bank else REMITTANCE_COLUMNS)]
    # A returned row has no instant of its own that would be written in an offset (§3: it is the moment of return).
    written = date.min if row["status"] == "returned" else row["credited_written_on" if is_bank else "sent_written_on"]
    return (row["amount_centavos"], instant, *columns, written, row["sha256"], row["sheet"], row["row"])


def _roles(rows: list[Row], carrier: Row, *, is_conflicting: bool) -> list[tuple[Row, str]]:
    roles = [(carrier, "payment")]
    seen = {carrier["status"]}
    for row in sorted(rows, key=_smallness):
        if row is carrier:
            continue
        if is_conflicting:
            roles.append((row, "conflict"))
        else:
            roles.append((row, "repeat" if row["status"] in seen else "status"))
        seen.add(row["status"])
    return roles


def date_payment(payment: Payment, settled_on: dict[tuple[str, str], date], policies: list[PolicyEntry]) -> None:
    """Choose the policy of the month it was made, then the basis of its civil date (CONTRACT §2)."""
    operating_date = payment.operating_date or date.max
    made_month = month_of(payment.made_at.astimezone(MEXICO_CITY).date() if payment.made_at else operating_date)
    policy = policy_for(policies, made_month)
    zone, paid_on = policy["timezone"], policy["paid_on"]
    day = None if payment.made_at else operating_date
    if payment.channel == "remittance" and paid_on != "made":
        day = settled_on.get((payment.institution, payment.facts["settlement_id"]))
    if payment.channel == "bank_transfer" and paid_on == "operating_date":
        day = operating_date
    payment.paid_at = midnight(day, zone) if day else payment.made_at or UNDATED
    payment.paid_on = payment.paid_at.astimezone(MEXICO_CITY).date()
