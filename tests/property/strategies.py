"""Small dense worlds in which everything collides often, from a seed. All names and identifiers are made up."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta

from tests.property import oracle_identity
from tests.property.oracle_world import DEFAULT_POLICY, MEXICO_CITY, Payment, PolicyEntry, Row, World
from tests.property.strategies_money import Payer

KINDS = ("registrants", "capture_lines", "bank_transfers", "remittances", "settlements", "decisions")


class Maker(Payer):
    """One world in the making: what was paid, then how it was settled and what persons decided."""

    def make(self, payments: int) -> World:
        """The whole world."""
        self._registrants()
        self._lines()
        self._payments(payments)
        self._settlements()
        self._decisions()
        self._place()
        return self.world

    def _settlements(self) -> None:
        self._place()
        paid = oracle_identity.payments(self.world.bank_transfers, self.world.remittances)
        groups: dict[tuple[str, str], list[Payment]] = {}
        for payment in paid:
            if payment.channel == "remittance" and payment.is_ever_paid and payment.facts["settlement_id"]:
                groups.setdefault((payment.institution, payment.facts["settlement_id"]), []).append(payment)
        for number, ((company, settlement_id), under) in enumerate(sorted(groups.items())):
            if not self._chance(0.1):
                self._settlement(number, company, settlement_id, under)

    def _settlement(self, number: int, company: str, settlement_id: str, under: list[Payment]) -> None:
        gross, fees = sum(each.amount for each in under), sum(each.facts["fee_centavos"] or 0 for each in under)
        row: Row = {
            "company": company,
            "settlement_id": settlement_id,
            "settled_on": self._instant().astimezone(MEXICO_CITY).date(),
            "items": len(under),
            "gross_centavos": gross,
            "fee_centavos": fees,
            "net_centavos": gross - fees,
            "currency": "MXN",
            "sender_bank": self.random.choice(self.banks),
            "bank_tracking_key": f"D{0 if self._chance(0.05) else number}",
        }
        self.world.settlements.append(row)
        if self._chance(0.2):
            figure = self.random.choice(["items", "gross_centavos", "fee_centavos", "net_centavos"])
            row[figure] = row[figure] + self.random.choice([-1, 1])
        if self._chance(0.2):
            again = dict(row)
            if self._chance(0.4):
                again["settled_on"] = self._instant().astimezone(MEXICO_CITY).date()
            self.world.settlements.append(again)
        half = row["net_centavos"] // 2
        amounts = [row["net_centavos"]] if self._chance(0.8) else [half, row["net_centavos"] - half]
        for amount in self.random.choice([[], *[amounts] * 7, [*amounts, half]]):
            self._deposit(row, amount)

    def _deposit(self, settlement: Row, amount: int) -> None:
        deposit = self._transfer()
        deposit |= {"sender_bank": settlement["sender_bank"], "tracking_key": settlement["bank_tracking_key"]}
        deposit |= {"amount_centavos": amount, "status": "credited"}
        if self._chance(0.8):
            deposit["currency"] = "MXN"
        if self._chance(0.1):
            deposit["amount_centavos"] += 1
        self.world.bank_transfers.append(deposit)
        if self._chance(0.15):
            self.world.bank_transfers.append({**deposit, "status": "returned"})

    def _decisions(self) -> None:
        self._place()
        paid = oracle_identity.payments(self.world.bank_transfers, self.world.remittances)
        for payment in self.random.sample(paid, len(paid) // 3):
            for _ in range(self.random.choice([1, 1, 2, 3])):
                self.clock += timedelta(minutes=1)
                action = self.random.choice(["match", "match", "accept_late", "accept_late", "refund", "undo"])
                row: Row = {
                    "payment_id": payment.payment_id if self._chance(0.95) else "bank_transfer|none",
                    "action": action,
                    "capture_line": self.random.choice(self.texts.lines) if action == "match" else "",
                    "reason": "REVISADO",
                    "decided_by": "ana",
                    "approved_by": " Ana " if self._chance(0.05) else "luis",
                    "decided_at": self.clock,
                    "facts": "0" * 64 if self._chance(0.02) else "",
                }
                self.world.decisions += [row, dict(row)] if self._chance(0.1) else [row]

    def _place(self) -> None:
        for kind in KINDS:
            rows = getattr(self.world, kind)
            self.random.shuffle(rows)
            days = [2, 2, 4] if kind == "decisions" else [1, 1, 1, 1, 1, 3]
            for row in rows:
                row.setdefault("received_at", datetime(2027, 1, self.random.choice(days), tzinfo=UTC))
            place(rows, f"{kind}_{self.universe}", [self.random.randrange(3) for _ in rows])


def place(rows: list[Row], stem: str, files: list[int]) -> None:
    """Give every row its file, sheet and physical row; files 1 and 2 are two sheets of one."""
    count: dict[int, int] = {}
    for row, file in zip(rows, files, strict=True):
        count[file] = count.get(file, 1) + 1
        name, sheet = f"{stem}_{min(file, 1)}.csv", "B" if file > 1 else ""
        row |= {
            "file_name": name,
            "sha256": hashlib.sha256(name.encode()).hexdigest(),
            "sheet": sheet,
            "row": count[file],
        }
        row.setdefault("received_at", datetime(2027, 1, 1, tzinfo=UTC))


def make_policies(seed: int) -> list[PolicyEntry]:
    """One dated entry or two, each key at one of its settings."""
    pick = random.Random(seed).choice
    entry = {
        **DEFAULT_POLICY,
        "due_day_roll": pick(["none", "none", "next_business_day"]),
        "paid_on": pick(["made", "made", "credited", "operating_date"]),
        "tolerance_centavos": pick([0, 0, 1, 5]),
        "require_settlement": pick([True, True, False]),
        "window_months": pick([2, 2, 2, 1, 0]),
    }
    if pick([True, True, False]):
        return [entry]
    other_basis = pick(["made", "credited", "operating_date"])
    later = {"effective_from": "2026-10", "tolerance_centavos": 3, "window_months": 1, "due_day": 10}
    return [entry, {**entry, **later, "paid_on": other_basis}]


def make_worlds(seed: int, count: int, payments: int = 45) -> list[World]:
    """Worlds under one policy that have nothing in common, so that together they are one larger world.

    Each has a dozen lines and about twice as many rows as payments; every other one is calm: mostly one line a payment,
    and lines of few months, so that money meets on them.
    """
    policies = make_policies(seed)
    return [Maker(seed, universe, policies).make(payments) for universe in range(count)]


def together(worlds: list[World]) -> World:
    """The rows of all worlds as one."""
    whole = World(policies=worlds[0].policies)
    for kind in KINDS:
        setattr(whole, kind, [row for world in worlds for row in getattr(world, kind)])
    return whole
