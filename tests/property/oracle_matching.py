"""Matching of the slow twin (CONTRACT §5 buckets, §7)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.property.oracle_identity import Registries
from tests.property.oracle_settlement import Settlement, is_deposit
from tests.property.oracle_text import lines_named, normalised, tokens
from tests.property.oracle_world import Found, Payment, PolicyEntry, Row, months_between, policy_for


@dataclass
class Evidence:
    """What every payment is held against."""

    known: Registries
    settlements: dict[tuple[str, str], Settlement]
    policies: list[PolicyEntry]


def stand(payment: Payment, evidence: Evidence) -> None:
    """The first bucket that applies (CONTRACT §5), and what the deciding step found."""
    claims = payment.rows if payment.is_conflicting else [payment.facts]
    decided = [_decide(payment, claim, evidence) for claim in claims]
    payment.found = [found for found in decided if found]
    is_foreign = payment.facts["currency"] != "MXN"
    if payment.is_conflicting:
        payment.bucket, payment.reason = "held", "conflicting_rows"
    elif payment.status in {"returned", "cancelled", "refunded"}:
        payment.bucket = "returned"
        if is_foreign or is_deposit(payment, evidence.settlements):
            payment.found = []
    elif payment.status == "pending":
        payment.bucket = "pending"
    elif is_foreign:
        payment.bucket, payment.reason = "held", "foreign_currency"
    elif is_deposit(payment, evidence.settlements):
        payment.bucket = "settlement"
    elif not payment.found:
        payment.bucket = "unmatched"
    else:
        found = payment.found[0]
        payment.bucket, payment.reason = ("held", found.reason) if found.reason else ("confirmed", "")
        payment.lines, payment.rule = ([], "") if found.reason else (found.lines, found.rule)


def _decide(payment: Payment, claim: Row, evidence: Evidence) -> Found | None:
    known = evidence.known
    found = _step_line(claim, known) or _step_text(claim, known) or _step_person(payment, claim, known)
    if found:
        found.reason = _first_reason(payment, claim, found, evidence)
    return found


def _text(claim: Row) -> str:
    return str(claim["concept"] if "concept" in claim else claim["message"])


def _step_line(claim: Row, known: Registries) -> Found | None:
    field = claim.get("capture_line", "")
    line = known.lines.get(normalised(field))
    if line is None:
        return None
    return Found("exact" if field == line.written else "normalised", [line.capture_line], [], "")


def _step_text(claim: Row, known: Registries) -> Found | None:
    lines = lines_named(_text(claim), set(known.lines))
    if not lines:
        return None
    if len(lines) == 1:
        return Found("text", lines, [], "")
    due = sum(known.lines[line].due for line in lines)
    return Found("text_many", lines, [], "" if due == claim["amount_centavos"] else "several_lines")


def _step_person(payment: Payment, claim: Row, known: Registries) -> Found | None:
    persons, rule = persons_named(claim, known)
    if not persons:
        return None
    if len(persons) > 1:
        return Found(rule, [], sorted(persons), "several_registrants")
    (nss,) = persons
    lines = sorted(
        line.capture_line
        for line in known.lines.values()
        if line.status == "issued" and line.nss == nss and line.due_month == payment.month
    )
    if not lines:
        return Found(rule, [], [nss], "no_line_for_month")
    if len(lines) > 1:
        return Found(rule, lines, [nss], "several_lines")
    mismatch = known.lines[lines[0]].due != claim["amount_centavos"]
    return Found(rule, lines, [nss], "amount_mismatch" if mismatch else "")


def _bearers(curp: str, known: Registries) -> set[str]:
    return {nss for nss, person in known.persons.items() if person["curp"] == curp}


def persons_named(claim: Row, known: Registries) -> tuple[set[str], str]:
    nss_field, curp_field = claim.get("nss", ""), claim.get("curp", "")
    if not nss_field and not curp_field:
        return _persons_in_text(_text(claim), known)
    named = []
    if nss_field:
        named.append({normalised(nss_field)} & set(known.persons))
    if curp_field:
        named.append(_bearers(normalised(curp_field), known))
    if not all(named):
        return set(), ""
    together = set.intersection(*named) or set.union(*named)
    return together, "nss" if nss_field else "curp"


def _persons_in_text(text: str, known: Registries) -> tuple[set[str], str]:
    words = tokens(text)
    by_nss = set(words) & set(known.persons)
    by_curp = {nss for word in words for nss in _bearers(word, known)}
    return by_nss | by_curp, "nss" if by_nss else "curp"


def _first_reason(payment: Payment, claim: Row, found: Found, evidence: Evidence) -> str:
    """The reasons of §7 in their order; what the step itself found too much or too little stands in the middle."""
    known, policy = evidence.known, policy_for(evidence.policies, payment.month)
    lines = [known.lines[line] for line in found.lines]
    away = [months_between(line.due_month, payment.month) for line in lines if line.status != "conflict"]
    applies = {
        "registry_conflict": any(line.status == "conflict" for line in lines),
        "line_cancelled": any(line.status == "cancelled" for line in lines),
        "identity_conflict": any(_is_of_another(claim, line.nss, known) for line in lines),
        found.reason: found.reason != "",
        "out_of_window": any(months > policy["window_months"] for months in away),
        "unknown_registrant": any(line.nss not in known.persons for line in lines),
        "unsettled": policy["require_settlement"] and _is_unsettled(payment, claim, evidence),
    }
    return next((reason for reason, holds in applies.items() if holds), "")


def _is_unsettled(payment: Payment, claim: Row, evidence: Evidence) -> bool:
    if payment.channel == "bank_transfer":
        return False
    settlement = evidence.settlements.get((payment.institution, claim["settlement_id"]))
    return settlement is None or settlement.status != "balanced"


def _is_of_another(claim: Row, nss: str, known: Registries) -> bool:
    nss_field, curp_field = claim.get("nss", ""), claim.get("curp", "")
    if not nss_field and not curp_field:
        persons, _ = _persons_in_text(_text(claim), known)
        return len(persons) == 1 and nss not in persons
    if nss_field and normalised(nss_field) != nss:
        return True
    return bool(curp_field) and (nss not in known.persons or normalised(curp_field) != known.persons[nss]["curp"])
