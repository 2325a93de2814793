"""The stages of a month, in order, in one process: each takes tables and gives tables by calling the rules.

Nothing here reads, writes or schedules. ``defs`` wraps each stage in assets; a test or a notebook calls
:func:`reconcile`. Every stage sees all months that the home knows; publication takes out the month it is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from pipelines.rules import (
    allocation,
    buckets,
    coverage,
    dating,
    flags,
    identity,
    matching,
    proofs,
    registry,
    settlement,
)
from pipelines.rules import receipts as receipt_rules
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
    """What payments claim and what the registries hold → findings, payment_standings, matches, decision_rejections."""
    facts, payments, deposits = tables["payment_facts"], tables["payments"], tables["deposits"]
    lines, registrants = tables["capture_lines"], tables["registrants"]
    findings = matching.find(
        facts, tables["claims"], payments, deposits, tables["settlements"], lines, registrants, policy
    )
    stood = buckets.stand(facts, payments, deposits, findings, tables["decision_rows"], lines, registrants)
    return {
        "findings": findings,
        "payment_standings": stood.payments,
        "matches": stood.matches,
        "decision_rejections": stood.rejections,
    }


def allocate(tables: Mapping[str, pd.DataFrame], policy: PolicyBook) -> Tables:
    """matches, payments, payment_standings, capture_lines → parts, line_standings, dispositions."""
    payments, lines, standings = tables["payments"], tables["capture_lines"], tables["payment_standings"]
    allocated = allocation.allocate(tables["matches"], payments, standings, lines, policy)
    return {
        "parts": allocated.parts,
        "line_standings": allocated.lines,
        "dispositions": allocation.dispose(standings, payments, allocated.parts, lines),
    }


def flag(tables: Mapping[str, pd.DataFrame], policy: PolicyBook) -> Tables:
    """payment_facts, payments, dispositions, matches, capture_lines → payment_flags."""
    facts, payments, lines = tables["payment_facts"], tables["payments"], tables["capture_lines"]
    return {"payment_flags": flags.flag(facts, payments, tables["dispositions"], tables["matches"], lines, policy)}


def cover(tables: Mapping[str, pd.DataFrame], month: str, before: pd.DataFrame | None) -> Tables:
    """What became of the lines due in ``month`` → coverage_activations, coverage_exceptions, coverage_changes."""
    names = ("line_standings", "findings", "payment_standings", "payments", "capture_lines", "registrants")
    evidence = coverage.Evidence(*(tables[name] for name in names))
    activations = coverage.activate(month, evidence)
    exceptions = coverage.except_(month, activations, evidence)
    return {
        "coverage_activations": activations,
        "coverage_exceptions": exceptions,
        "coverage_changes": coverage.change(activations, exceptions, before),
    }


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
    return {"certificate": proofs.certify(evidence)}


def reconcile(
    tables: Mapping[str, pd.DataFrame], month: str, policy: PolicyBook, before: pd.DataFrame | None = None
) -> Tables:
    """Every stage in order over the rows read; ``before``: the activations last published for ``month``."""
    known = dict(tables)
    known |= register(known)
    known |= identify(known, policy)
    known |= settle(known)
    known |= match(known, policy)
    known |= allocate(known, policy)
    known |= flag(known, policy)
    known |= cover(known, month, before)
    known |= account(known)
    return known | prove(known, month, policy)
