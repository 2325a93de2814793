"""The stages of a month, in order, in one process: each takes tables and gives tables by calling the rules.

Nothing here reads, writes or schedules. ``defs`` wraps each stage in assets; a test or a notebook calls
:func:`reconcile`. Every stage sees all months that the home knows; publication takes out the month it is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from pipelines.rules import (
    allocation,
    buckets,
    changes,
    coverage,
    dating,
    decision_chain,
    decisions,
    flags,
    identity,
    keys,
    matching,
    persons,
    proofs,
    registry,
    settlement,
    suggestions,
)
from pipelines.rules import receipts as receipt_rules
from schemas.remembered import forget
from schemas.tables.decision_log import DecisionLogEntry
from schemas.tables.rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.rules.policy import PolicyBook

Tables = dict[str, pd.DataFrame]

ROW_TABLES: Final = {
    "registrants": "registrant_rows",
    "capture_lines": "capture_line_rows",
    "bank_transfers": "bank_transfer_rows",
    "remittances": "remittance_rows",
    "settlements": "settlement_rows",
    "decisions": "decision_rows",
}
"""Canonical file → the table of its typed rows."""

COMPARED: Final = (
    "coverage_activations",
    "coverage_exceptions",
    "findings",
    "matches",
    "payment_rows",
    "payment_facts",
    "capture_line_rows",
    "registrant_rows",
    "settlement_rows",
    "decisions",
)
"""What changes of coverage are told from, as ``changes.Evidence`` names it."""


def register(tables: Mapping[str, pd.DataFrame]) -> Tables:
    """registrant_rows, capture_line_rows → registrants, capture_lines, registry_rejections."""
    people = registry.standing_registrants(tables["registrant_rows"])
    lines = registry.standing_lines(tables["capture_line_rows"])
    rejections = pd.concat([people.rejections, lines.rejections], ignore_index=True)
    return {
        "registrants": people.standing,
        "capture_lines": lines.standing,
        "registry_rejections": Rejection.conform(rejections),
    }


def identify(tables: Mapping[str, pd.DataFrame], policy: PolicyBook) -> Tables:
    """bank_transfer_rows, remittance_rows, settlement_rows → payment_facts, claims, payments, payment_rows."""
    identified = identity.identify(tables["bank_transfer_rows"], tables["remittance_rows"])
    payments = dating.date_payments(identified.facts, tables["settlement_rows"], policy)
    return {
        "payment_facts": identified.facts,
        "claims": identified.claims,
        "payments": payments,
        "payment_rows": identity.with_month(identified.rows, payments),
    }


def settle(tables: Mapping[str, pd.DataFrame]) -> Tables:
    """settlement_rows, payment_facts, claims, payments → deposits, settlements (once for every month listed)."""
    rows, facts = tables["settlement_rows"], tables["payment_facts"]
    deposits = settlement.find_deposits(facts, rows)
    settlements = settlement.settle(rows, facts, tables["claims"], deposits)
    return {"deposits": deposits, "settlements": settlement.list_by_month(settlements, facts, tables["payments"])}


def match(tables: Mapping[str, pd.DataFrame], policy: PolicyBook) -> Tables:
    """What payments claim, what the registries hold, what persons decided → who is confirmed, and what is decided.

    findings, payment_standings, matches, decisions, decision_rejections; decision_log as if it began today.
    """
    facts, payments, deposits = tables["payment_facts"], tables["payments"], tables["deposits"]
    lines, registrants, decided_on = tables["capture_lines"], tables["registrants"], tables["decision_rows"]
    findings = matching.find(
        facts, tables["claims"], payments, deposits, tables["settlements"], lines, registrants, policy
    )
    before = buckets.first_bucket(facts, deposits, findings)
    evidence = _evidence({**tables, "findings": findings}, before, policy)
    decided = decisions.decide(decided_on, evidence)
    stood = buckets.stand(before, findings, payments, lines, decided)
    return {
        "findings": findings,
        "payment_standings": stood.payments,
        "matches": stood.matches,
        "decisions": decided.decisions,
        "decision_rejections": decided.rejections,
        "decision_log": decision_chain.extend(DecisionLogEntry.empty(), decision_chain.first_seen(decided_on)),
    }


def _evidence(tables: Mapping[str, pd.DataFrame], before: pd.DataFrame, policy: PolicyBook) -> decisions.Evidence:
    """What decisions are held against; whom payments name is asked of those only on which somebody decided."""
    decided = tables["decision_rows"]["payment_id"]
    facts, claims, payments = (
        keys.rows_taken(tables[name], np.flatnonzero(keys.among(tables[name]["payment_id"], decided)))
        for name in ("payment_facts", "claims", "payments")
    )
    deposits, settlements, lines = tables["deposits"], tables["settlements"], tables["capture_lines"]
    question = matching.pose(facts, claims, payments, deposits, settlements, lines, tables["registrants"], policy)
    names = ("findings", "payments", "payment_rows", "bank_transfer_rows", "remittance_rows", "capture_lines")
    known = (tables[name] for name in (*names, "registrants"))
    return decisions.Evidence(before, persons.named(question, tables["findings"]), *known)


def allocate(tables: Mapping[str, pd.DataFrame], policy: PolicyBook) -> Tables:
    """matches, payments, payment_standings, capture_lines → parts, line_standings, dispositions."""
    payments, lines, standings = tables["payments"], tables["capture_lines"], tables["payment_standings"]
    allocated = allocation.allocate(tables["matches"], payments, standings, lines, policy)
    return {
        "parts": allocated.parts,
        "line_standings": allocated.lines,
        "dispositions": allocation.dispose(standings, payments, allocated.parts, lines),
    }


def suggest(tables: Mapping[str, pd.DataFrame], month: str, policy: PolicyBook) -> Tables:
    """What waits for a person in ``month``, and the lines it might be meant for → suggestions."""
    return {"suggestions": suggestions.suggest(month, policy, evidence_of_suggestions(tables))}


def evidence_of_suggestions(tables: Mapping[str, pd.DataFrame]) -> suggestions.Evidence:
    """The tables that suggestions rest on."""
    names = ("payments", "payment_standings", "claims", "findings", "matches", "line_standings", "capture_lines")
    more = ("registrants", "bank_transfer_rows", "remittance_rows")
    return suggestions.Evidence(*(tables[name] for name in (*names, *more)))


def flag(tables: Mapping[str, pd.DataFrame], policy: PolicyBook) -> Tables:
    """payment_facts, payments, dispositions, matches, capture_lines → payment_flags."""
    facts, payments, lines = tables["payment_facts"], tables["payments"], tables["capture_lines"]
    return {"payment_flags": flags.flag(facts, payments, tables["dispositions"], tables["matches"], lines, policy)}


def cover(tables: Mapping[str, pd.DataFrame], month: str) -> Tables:
    """What became of the lines due in ``month`` → coverage_activations, coverage_exceptions."""
    names = ("line_standings", "findings", "payment_standings", "payments", "capture_lines", "registrants")
    evidence = coverage.Evidence(*(tables[name] for name in names))
    activations = coverage.activate(month, evidence)
    exceptions = coverage.except_(month, activations, evidence)
    return {"coverage_activations": activations, "coverage_exceptions": exceptions}


def compare(tables: Mapping[str, pd.DataFrame], before: changes.Before | None) -> Tables:
    """What was published before, and all that this month is made of → coverage_changes."""
    return {"coverage_changes": changes.tell(changes.Evidence(*(tables[name] for name in COMPARED)), before)}


def account(tables: Mapping[str, pd.DataFrame]) -> Tables:
    """landed_receipts and every rejection → receipts, rejections: what senders are told."""
    names = ("read_rejections", "registry_rejections", "decision_rejections")
    by_rules = pd.concat([tables[name] for name in names[1:]], ignore_index=True)
    rejections = pd.concat([tables["read_rejections"], by_rules], ignore_index=True)
    rejections = rejections.drop_duplicates(Rejection.key()).sort_values(Rejection.key())
    return {
        "receipts": receipt_rules.with_rejected(tables["landed_receipts"], by_rules, tables["capture_line_rows"]),
        "rejections": Rejection.conform(rejections),
    }


def prove(tables: Mapping[str, pd.DataFrame], month: str, policy: PolicyBook) -> Tables:
    """Everything about to be published → certificate."""
    evidence = proofs.Evidence(
        month=month,
        policy=policy,
        receipts=tables["receipts"],
        rejections=tables["rejections"],
        row_tables={kind: tables[name] for kind, name in ROW_TABLES.items()},
        payment_rows=tables["payment_rows"],
        payments=tables["payments"],
        settlements=tables["settlements"],
        dispositions=tables["dispositions"],
        lines=tables["capture_lines"],
        activations=tables["coverage_activations"],
        exceptions=tables["coverage_exceptions"],
    )
    certificate = proofs.certify(evidence)
    forget()  # no rule asks any more where a key stands: publication needs the memory
    return {"certificate": certificate}


def reconcile(
    tables: Mapping[str, pd.DataFrame], month: str, policy: PolicyBook, before: changes.Before | None = None
) -> Tables:
    """Every stage in order over the rows read; ``before``: the publication of ``month`` that stands."""
    known = dict(tables)
    known |= register(known)
    known |= identify(known, policy)
    known |= settle(known)
    known |= match(known, policy)
    known |= allocate(known, policy)
    known |= suggest(known, month, policy)
    known |= flag(known, policy)
    known |= cover(known, month)
    known |= compare(known, before)
    known |= account(known)
    return known | prove(known, month, policy)
