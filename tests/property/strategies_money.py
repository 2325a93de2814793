"""Registries and the money that names them: the first half of a world in the making."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta, timezone

from tests.property.oracle_world import MEXICO_CITY, PolicyEntry, Row, World
from tests.property.strategies_texts import Texts

MONTHS = ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11", "2026-12", "2027-01", "2027-02"]
LIKELY = ["2026-10"] * 5 + ["2026-11"] * 3 + ["2026-09"] * 2 + MONTHS
DUES = [10_000, 10_000, 15_000, 5_000, 10_001]
OFFSETS = [-8, -7, -6, -5, -4, 0, 2]
MOMENTS = [
    *[(1, 0, 0, 0), (1, 0, 0, 1), (1, 5, 59, 59), (2, 3, 0, 0), (10, 12, 0, 0), (14, 23, 0, 0), (15, 0, 0, 0)],
    *[(15, 22, 30, 0), (15, 23, 59, 59), (16, 0, 0, 0), (16, 1, 30, 0), (16, 23, 59, 59), (17, 0, 0, 0)],
    *[(17, 23, 59, 59), (18, 0, 0, 0), (20, 9, 0, 0), (28, 23, 59, 59)],
]


class Payer:
    """Registrants, lines, then bank transfers and remittances, some in several rows."""

    def __init__(self, seed: int, universe: int, policies: list[PolicyEntry]) -> None:
        self.random = random.Random(f"{seed} {universe}")
        self.universe = universe
        self.is_calm = universe % 2 == 1
        self.months = ["2026-10"] * 8 + ["2026-11"] if self.is_calm else LIKELY
        self.world = World(policies=policies)
        self.texts = Texts(self.random, universe, is_calm=self.is_calm)
        self.people, self.curps = self.texts.people, self.texts.curps
        self.banks = [f"BANCO UNO {universe}", f"BANCO DOS {universe}"]
        self.companies = [f"ENVIOS {universe}", f"GIROS {universe}"]
        self.clock = datetime(2026, 9, 1, tzinfo=UTC)
        self.due: dict[str, int] = {}

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def _updated_at(self) -> datetime:
        return datetime(2026, 8, self.random.choice([1, 1, 1, 2]), tzinfo=UTC)

    def _registrants(self) -> None:
        for number, person in enumerate(self.people):
            if number == len(self.people) - 1:
                continue
            for _ in range(self.random.choice([1, 1, 1, 2, 3])):
                self.world.registrants.append(self._registrant(number, person))

    def _registrant(self, number: int, person: str) -> Row:
        other = self._chance(0.15)
        return {
            **dict.fromkeys(["email", "postal_code", "state", "municipality", "monthly_income"], ""),
            "nss": person,
            "curp": self.random.choice(self.curps) if other else self.curps[number % len(self.curps)],
            "full_name": f"PERSONA {number}",
            "umf": self.random.choice(["", "012"]) if other else f"{number:03d}",
            "occupation": self.random.choice(["", "OFICIO"]),
            "registered_on": date(2026, 1, 1),
            "updated_at": self._updated_at(),
        }

    def _lines(self) -> None:
        for key in self.texts.lines:
            person, month, amount = (
                self.random.choice(self.people[:5] * 4 + self.people),
                self.random.choice(self.months),
                self.random.choice(DUES),
            )
            self.due[key] = amount
            for _ in range(self.random.choice([1, 1, 1, 1, 1, 1, 2, 3])):
                self.world.capture_lines.append(self._line(key, person, month, amount))

    def _line(self, key: str, person: str, month: str, amount: int) -> Row:
        changed = self._chance(0.08 if self.is_calm else 0.15)
        return {
            "capture_line": key,
            "capture_line_written": self.texts.written(key),
            "nss": self.random.choice(self.people) if changed else person,
            "coverage_month": _month_after(self.random.choice(self.months) if changed else month),
            "amount_due_centavos": self.random.choice(DUES) if changed else amount,
            "issued_on": date(2026, 7, 1),
            "expires_on": self.random.choice([None, date(2026, 12, 31)]),
            "status": "cancelled" if self._chance(0.07 if self.is_calm else 0.15) else "issued",
            "updated_at": self._updated_at(),
        }

    def _instant(self) -> datetime:
        year, month = (int(part) for part in self.random.choice(self.months).split("-"))
        day, hour, minute, second = self.random.choice(MOMENTS)
        civil = datetime(year, month, day, hour, minute, second, tzinfo=MEXICO_CITY)
        return civil.astimezone(UTC) - timedelta(microseconds=self.random.choice([0, 0, 0, 1]))

    def _written_on(self, instant: datetime) -> date:
        return instant.astimezone(timezone(timedelta(hours=self.random.choice(OFFSETS)))).date()

    def _amount(self, named: list[str]) -> int:
        total = sum(self.due[line] for line in named) or self.random.choice(DUES)
        if self.is_calm:
            return self.random.choice([total] * 4 + [total // 2] * 4 + [total - 1, total - 5, total + 1, total * 2])
        return self.random.choice([total] * 6 + [total - 1, total + 1, total // 2, total - 5, total * 2, total - 3])

    def _payments(self, count: int) -> None:
        for _ in range(count):
            base = self._transfer() if self._chance(0.45) else self._remittance()
            is_bank = "tracking_key" in base
            if self._chance(0.2):
                self._aim_at_person(base, is_bank=is_bank)
            kept = self.world.bank_transfers if is_bank else self.world.remittances
            kept.append(base)
            for _ in range(self.random.choice([0, 0, 0, 1, 1, 2])):
                kept.append(self._again(base, is_bank=is_bank))

    def _transfer(self) -> Row:
        text, named = self.texts.text()
        instant = self._instant()
        operating = instant.astimezone(MEXICO_CITY).date() + timedelta(days=self.random.choice([0, 0, 0, 1, 3]))
        return {
            **dict.fromkeys(["sender_account", "sender_name", "receiver_account", "numeric_reference"], ""),
            "operating_date": operating,
            "credited_at": instant,
            "credited_written_on": self._written_on(instant),
            "tracking_key": f"K{self.random.randrange(8)}",
            "sender_bank": self.random.choice(self.banks),
            "amount_centavos": self._amount(named),
            "currency": "USD" if self._chance(0.03) else "MXN",
            "concept": text,
            "status": "returned" if self._chance(0.03) else "credited",
        }

    def _remittance(self) -> Row:
        instant = self._instant()
        fields, named = self.texts.fields()
        return {
            **dict.fromkeys(["sender_name", "send_amount", "send_currency", "fx_rate"], ""),
            **fields,
            "company": self.random.choice(self.companies),
            "remittance_id": f"R{self.random.randrange(120):03d}",
            "settlement_id": self.random.choice(["", "S1", "S2", "S2", "S3", "S4", "S5", "S6"]),
            "status": self.random.choice(["paid"] * 20 + ["pending", "cancelled", "refunded"]),
            "sent_at": instant,
            "sent_written_on": self._written_on(instant),
            "pay_amount_centavos": self._amount(named),
            "pay_currency": "USD" if self._chance(0.03) else "MXN",
            "fee_centavos": self.random.choice([None, 0, 100, 100, 250]),
        }

    def _aim_at_person(self, base: Row, *, is_bank: bool) -> None:
        """The exact amount of a line of the month, with its registrant in the text or in the fields."""
        line = self.random.choice(self.world.capture_lines)
        year, month = (int(part) for part in line["coverage_month"].split("-"))
        made_at = datetime(year, month, 1, 18, tzinfo=UTC) - timedelta(days=self.random.choice([1, 16, 17, 25]))
        curps = [row["curp"] for row in self.world.registrants if row["nss"] == line["nss"]]
        token = self.random.choice([line["nss"], *curps])
        instant, written = ("credited_at", "credited_written_on") if is_bank else ("sent_at", "sent_written_on")
        base |= {instant: made_at, written: self._written_on(made_at)}
        base["amount_centavos" if is_bank else "pay_amount_centavos"] = line["amount_due_centavos"]
        if is_bank:
            base |= {"concept": f"CUOTA {token}", "operating_date": made_at.date()}
            return
        fields = {"capture_line": "", "nss": "", "curp": "", "message": f"{token} GRACIAS"}
        if self._chance(0.6):
            fields |= {"nss" if len(token) == len(line["nss"]) else "curp": token, "message": ""}
        base |= fields

    def _again(self, base: Row, *, is_bank: bool) -> Row:
        row = dict(base)
        instant, written = ("credited_at", "credited_written_on") if is_bank else ("sent_at", "sent_written_on")
        row[written] = self._written_on(row[instant])
        if self._chance(0.5):
            statuses = (
                ["credited"] * 3 + ["returned"] if is_bank else ["pending", "paid"] * 3 + ["cancelled", "refunded"]
            )
            row["status"] = self.random.choice(statuses)
            if row["status"] in {"returned", "cancelled", "refunded"} and self._chance(0.5):
                row[instant] = self._instant()
                row[written] = self._written_on(row[instant])
        if self._chance(0.25):
            self._change(row, is_bank=is_bank)
        return row

    def _change(self, row: Row, *, is_bank: bool) -> None:
        blanks = ["concept"] if is_bank else ["settlement_id", "fee_centavos", "capture_line", "nss", "curp", "message"]
        blank = self.random.choice(blanks)
        if self._chance(0.6):
            row[blank] = None if blank == "fee_centavos" else ""
        elif self._chance(0.5):
            row["amount_centavos" if is_bank else "pay_amount_centavos"] += self.random.choice([-1, 1])
        elif self._chance(0.3):
            row["currency" if is_bank else "pay_currency"] = "USD"
        elif blank != "fee_centavos":
            row[blank] = self.texts.text()[0] if blank in {"concept", "message"} else self.random.choice(["S1", "X"])
        row["sender_name"] = self.random.choice(["", "A", "B"])


def _month_after(month: str) -> str:
    year, number = (int(part) for part in month.split("-"))
    return f"{year + 1}-01" if number == 12 else f"{year}-{number + 1:02d}"
