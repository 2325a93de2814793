"""What the slow twin is asked and what it answers. Rows are plain dicts with the columns of ``schemas.rows``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
PolicyEntry = dict[str, Any]
MEXICO_CITY = ZoneInfo("America/Mexico_City")
UNDATED = datetime.max.replace(tzinfo=MEXICO_CITY)
DEFAULT_POLICY: PolicyEntry = {
    "effective_from": "2020-01",
    "due_day": 15,
    "due_day_roll": "none",
    "timezone": "America/Mexico_City",
    "paid_on": "made",
    "tolerance_centavos": 0,
    "require_settlement": True,
    "window_months": 2,
}
ROLLED = {
    "2026-02-15": 16,
    "2026-03-15": 17,
    "2026-08-15": 17,
    "2026-10-10": 12,
    "2026-11-15": 17,
    "2027-01-10": 11,
    "2027-03-15": 16,
}
"""Days 15 of 2026-01 to 2027-04 and days 10 from 2026-10 on on which banks in Mexico rest → the next they work."""


@dataclass
class World:
    """Everything the rules may know: the sound rows of every kind and the dated policy."""

    registrants: list[Row] = field(default_factory=list)
    capture_lines: list[Row] = field(default_factory=list)
    bank_transfers: list[Row] = field(default_factory=list)
    remittances: list[Row] = field(default_factory=list)
    settlements: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    policies: list[PolicyEntry] = field(default_factory=lambda: [dict(DEFAULT_POLICY)])


@dataclass
class Payment:
    """One natural key, and what becomes of it stage by stage."""

    payment_id: str
    channel: str
    natural_key: str
    institution: str
    rows: list[Row]
    carrier: Row
    roles: list[tuple[Row, str]]
    facts: Row
    status: str
    is_conflicting: bool
    is_ever_paid: bool
    made_at: datetime | None
    operating_date: date | None
    written_on: set[date]
    paid_at: datetime = UNDATED
    paid_on: date = date.max
    bucket: str = ""
    reason: str = ""
    found: list[Found] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    rule: str = ""
    is_accepted_late: bool = False

    @property
    def amount(self) -> int:
        """Centavos, of whatever currency."""
        return int(self.facts["amount_centavos"])

    @property
    def month(self) -> str:
        """The payment's own month."""
        return month_of(self.paid_on)


@dataclass
class Found:
    """What the deciding step found: lines, or where there are none registrants, and the reason that holds it."""

    rule: str
    lines: list[str]
    persons: list[str]
    reason: str


def policy_for(policies: list[PolicyEntry], month: str) -> PolicyEntry:
    """The entry with the latest ``effective_from`` not after the month (CONTRACT §2)."""
    return max(
        (entry for entry in policies if entry["effective_from"] <= month), key=lambda entry: entry["effective_from"]
    )


def cut_off(policies: list[PolicyEntry], due_month: str) -> date:
    """Last day on time of a due month."""
    policy = policy_for(policies, due_month)
    first = date.fromisoformat(f"{due_month}-01")
    day = policy["due_day"]
    if policy["due_day_roll"] == "next_business_day":
        day = ROLLED.get(f"{due_month}-{day:02d}", day)
    return first.replace(day=day)


def month_of(day: date) -> str:
    """The month of a day."""
    return f"{day.year:04d}-{day.month:02d}"


def months_between(first: str, second: str) -> int:
    """How many months apart two months are."""
    year, month = first.split("-")
    other_year, other_month = second.split("-")
    return abs(int(year) * 12 + int(month) - int(other_year) * 12 - int(other_month))


def month_before(month: str) -> str:
    """The month before."""
    year, number = (int(part) for part in month.split("-"))
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


def midnight(day: date, zone: str) -> datetime:
    """00:00 of a civil date as an instant."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
