"""Decisions of the slow twin (CONTRACT §8): which count, which are stale, and what they do, one after the other."""

from __future__ import annotations

from typing import Any

from tests.property.oracle_identity import BANK_FACTS, PRIMARY, REMITTANCE_FACTS, Registries, smallest_of
from tests.property.oracle_matching import persons_named
from tests.property.oracle_world import Payment, Row

CONTENT = ["payment_id", "action", "capture_line", "reason", "decided_by", "approved_by", "decided_at", "facts"]


def decide(payments: list[Payment], rows: list[Row], known: Registries) -> tuple[list[Row], dict[str, list[Row]]]:
    """Apply what persons decided; the rows that do not count, and the rows of each status."""
    by_id = {payment.payment_id: payment for payment in payments}
    first: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=_appearance):
        first.setdefault(_content(row), row)
    faults = {content: _fault(row, by_id.get(row["payment_id"]), known) for content, row in first.items()}
    statuses: dict[str, list[Row]] = {}
    sound = [row for content, row in first.items() if not faults[content]]
    standing = _fold(sorted(sound, key=lambda row: (row["decided_at"], row["received_at"])))
    for row in rows:
        fault, is_first = faults[_content(row)], first[_content(row)] is row
        status = fault or (standing[_content(row)] if is_first else "repeated")
        statuses.setdefault(status, []).append(row)
    for row in statuses.get("applied", []):
        _apply(row, by_id[row["payment_id"]])
    return [row for fault in ("stale", "rejected") for row in statuses.get(fault, [])], statuses


def _appearance(row: Row) -> tuple[Any, ...]:
    return (row["received_at"], row["sha256"], row["sheet"], row["row"])


def _content(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in CONTENT)


def _fold(rows: list[Row]) -> dict[tuple[Any, ...], str]:
    """Status of each sound decision, taken one after the other: what a later one ends is superseded or undone."""
    status: dict[tuple[Any, ...], str] = {}
    in_force: dict[str, list[Row]] = {}
    past: dict[str, list[Row]] = {}
    for row in rows:
        before = in_force.get(row["payment_id"], [])
        ended = [each for each in before if _ends(row, each)]
        for each in ended:
            status[_content(each)] = "superseded"
        if row["action"] == "undo":
            for each in past.get(row["payment_id"], []):
                status[_content(each)] = "superseded" if each["action"] == "undo" else "undone"
        in_force[row["payment_id"]] = [each for each in before if each not in ended] + [row]
        past.setdefault(row["payment_id"], []).append(row)
        status[_content(row)] = "applied"
    return status


def _ends(later: Row, earlier: Row) -> bool:
    """Whether a later decision ends an earlier one that still stands."""
    if earlier["action"] == "undo":
        return later["action"] in {"undo", "refund"}
    if earlier["action"] == "refund" or later["action"] in {"refund", "undo"}:
        return True
    return bool(later["action"] == earlier["action"])


def _apply(row: Row, payment: Payment) -> None:
    if row["action"] == "match":
        payment.bucket, payment.reason = "confirmed", ""
        payment.lines, payment.rule = [row["capture_line"]], "decision"
    elif row["action"] == "refund":
        payment.bucket, payment.reason, payment.lines, payment.rule = "refund_due", "decision", [], ""
    elif row["action"] == "accept_late":
        payment.is_accepted_late = True


def _fault(row: Row, payment: Payment | None, known: Registries) -> str:
    same_person = row["decided_by"].strip().casefold() == row["approved_by"].strip().casefold()
    if payment is None or same_person:
        return "rejected"
    if _is_stale(row, payment):
        return "stale"
    if row["action"] == "refund":
        return "" if payment.bucket in {"held", "unmatched", "confirmed"} else "rejected"
    if row["action"] in {"accept_late", "undo"}:
        return ""
    line = known.lines.get(row["capture_line"])
    is_payable = line is not None and line.status == "issued" and line.nss in known.persons
    is_done = payment.bucket == "confirmed" and payment.lines == [row["capture_line"]]
    is_open = payment.bucket in {"held", "unmatched"} or is_done
    named = _named(payment, known)
    is_theirs = not named or (line is not None and line.nss in named)
    return "" if is_payable and is_open and is_theirs and payment.facts["currency"] == "MXN" else "rejected"


def _named(payment: Payment, known: Registries) -> set[str]:
    """Every registrant whom the payment names, by its words or as the owner of what was found."""
    named: set[str] = set()
    for claim in payment.rows if payment.is_conflicting else [payment.facts]:
        named |= persons_named(claim, known)[0]
    for found in payment.found:
        named |= {known.lines[line].nss for line in found.lines} | set(found.persons)
    return named & set(known.persons)


def _is_stale(row: Row, payment: Payment) -> bool:
    if row["facts"]:
        return True  # No world knows the right digest.
    moment = max(row["received_at"], min(each["received_at"] for each in payment.rows))
    seen = [each for each in payment.rows if each["received_at"] <= moment]
    return _cited(seen) != _cited(payment.rows)


def _cited(rows: list[Row]) -> dict[str, Any]:
    """The values of every fact, and of contradicting rows those of the one that carries the payment."""
    is_bank = "tracking_key" in rows[0]
    sources = [row for row in rows if row["status"] in PRIMARY] or rows
    cited: dict[str, Any] = {}
    for fact in BANK_FACTS if is_bank else REMITTANCE_FACTS:
        said = rows if fact in {"amount_centavos", "currency"} else sources
        if fact == "credited_at":
            said = [row for row in sources if row["status"] != "returned"]
        cited[fact] = {row[fact] for row in said} - {"", None}
    cited["fee_centavos"] = cited.get("fee_centavos") or {0}
    if any(len(values) > 1 for values in cited.values()):
        carrier = smallest_of(rows)
        cited["carried"] = {fact: carrier[fact] for fact in (BANK_FACTS if is_bank else REMITTANCE_FACTS)}
    return cited
