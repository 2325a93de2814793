"""Settlements and their deposits in the slow twin (CONTRACT §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.property.oracle_world import Payment, Row, month_of

COLUMNS = [
    *["company", "settlement_id", "settled_on", "items", "gross_centavos", "fee_centavos", "net_centavos", "currency"],
    *["sender_bank", "bank_tracking_key"],
]


@dataclass
class Settlement:
    """One settlement, its smallest version, and whether it balances."""

    company: str
    settlement_id: str
    versions: list[Row]
    settled_on: date
    status: str = ""
    deposit: int = 0
    months: frozenset[str] = frozenset()

    @property
    def stated(self) -> Row:
        """The figures of its smallest version."""
        return self.versions[0]

    @property
    def deposit_keys(self) -> set[tuple[str, str]]:
        """Sender bank and tracking key, of every version."""
        return {(row["sender_bank"], row["bank_tracking_key"]) for row in self.versions}


def settlements(rows: list[Row]) -> dict[tuple[str, str], Settlement]:
    """One settlement a key, with its different versions; not yet judged."""
    groups: dict[tuple[str, str], dict[tuple[object, ...], Row]] = {}
    for row in rows:
        version = tuple(row[column] for column in COLUMNS)
        groups.setdefault((row["company"], row["settlement_id"]), {})[version] = row
    return {
        key: Settlement(*key, [versions[each] for each in sorted(versions)], versions[min(versions)]["settled_on"])
        for key, versions in groups.items()
    }


def is_deposit(payment: Payment, every: dict[tuple[str, str], Settlement]) -> bool:
    """Whether a bank transfer carries the deposit key of a settlement."""
    return payment.channel == "bank_transfer" and any(_key(payment) in one.deposit_keys for one in every.values())


def _key(payment: Payment) -> tuple[str, str]:
    return (payment.rows[0]["sender_bank"], payment.rows[0]["tracking_key"])


def judge(every: dict[tuple[str, str], Settlement], payments: list[Payment]) -> None:
    """Balanced, awaiting its deposit, or unbalanced; and the months in which each is listed."""
    for key, one in every.items():
        under = [
            each
            for each in payments
            if each.channel == "remittance" and (each.institution, each.facts["settlement_id"]) == key
        ]
        ever_paid = [each for each in under if each.is_ever_paid]
        seen = [each for each in payments if each.channel == "bank_transfer" and _key(each) in one.deposit_keys]
        good = [
            each
            for each in seen
            if not each.is_conflicting and each.status == "credited" and each.facts["currency"] == "MXN"
        ]
        one.deposit = sum(each.amount for each in good)
        one.months = frozenset({month_of(one.settled_on)} | {each.month for each in ever_paid})
        shared = any(one.deposit_keys & other.deposit_keys for other in every.values() if other is not one)
        doubtful = shared or len(one.versions) > 1 or _has_doubtful_remittance(key, payments)
        if not seen and not doubtful:
            one.status = "awaiting_deposit"
        elif len(good) == 1 and not doubtful and _agrees(one, ever_paid):
            one.status = "balanced"
        else:
            one.status = "unbalanced" if len(one.versions) == 1 else "conflicting_rows"


def _has_doubtful_remittance(key: tuple[str, str], payments: list[Payment]) -> bool:
    """A foreign one under it, or a conflicting one of which any row stands under it: no deposit can cure that."""
    for each in payments:
        named = {(each.institution, row["settlement_id"]) for row in each.rows if each.channel == "remittance"}
        is_foreign = each.facts["currency"] != "MXN"
        if each.is_conflicting and key in named:
            return True
        if is_foreign and each.channel == "remittance" and (each.institution, each.facts["settlement_id"]) == key:
            return True
    return False


def _agrees(one: Settlement, ever_paid: list[Payment]) -> bool:
    stated = one.stated
    return bool(
        stated["currency"] == "MXN"
        and one.deposit == stated["net_centavos"] == stated["gross_centavos"] - stated["fee_centavos"]
        and stated["gross_centavos"] == sum(each.amount for each in ever_paid)
        and stated["fee_centavos"] == sum(each.facts["fee_centavos"] or 0 for each in ever_paid)
        and stated["items"] == len(ever_paid)
    )
