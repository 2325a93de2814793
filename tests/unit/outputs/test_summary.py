from __future__ import annotations

from typing import Any

import pyarrow
import pytest

from pipelines.outputs.amounts import shown
from pipelines.outputs.hints import hints
from pipelines.outputs.summary import Files, Lines, Money, Settlements, Summary, summarise
from schemas.catalog import PUBLISHED
from tests.unit.outputs.made import activation, change, table


def part(payment: str, bucket: str, centavos: int, reason: str = "", currency: str = "MXN") -> dict[str, Any]:
    return {
        "payment_id": payment,
        "bucket": bucket,
        "amount_centavos": centavos,
        "reason": reason,
        "currency": currency,
    }


def receipt(name: str, outcome: str, reason: str = "") -> dict[str, Any]:
    return {"file_name": name, "sha256": f"digest of {name}", "outcome": outcome, "reason": reason}


def summary(landed: frozenset[tuple[str, str]] = frozenset(), **tables: pyarrow.Table) -> Summary:
    return summarise("2026-10", {name: table(name) for name in PUBLISHED} | tables, landed)


def test_money_is_summed_by_bucket_in_the_order_of_the_contract_and_by_currency() -> None:
    parts = table(
        "dispositions",
        part("p1", "held", 8000, "foreign_currency", "USD"),
        part("p2", "held", 100, "unsettled"),
        part("p3", "applied", 145000),
        part("p4", "applied", 1),
        part("p4", "surplus", 5),
    )
    assert summary(dispositions=parts).money == (
        Money("applied", "MXN", 2, 145001),
        Money("surplus", "MXN", 1, 5),
        Money("held", "MXN", 1, 100),
        Money("held", "USD", 1, 8000),
    )


def test_a_payment_with_two_parts_in_a_bucket_is_one_payment() -> None:
    parts = table("dispositions", part("p1", "applied", 10), part("p1", "applied", 20))
    assert summary(dispositions=parts).money == (Money("applied", "MXN", 1, 30),)


def test_coverage_is_counted_with_its_exceptions_in_order() -> None:
    due = {"amount_due_centavos": 145000}
    found = summary(
        coverage_activations=table("coverage_activations", activation("1", "UMF 12"), activation("2", "")),
        coverage_exceptions=table(
            "coverage_exceptions",
            {"capture_line": "A", "reason": "unpaid", **due},
            {"capture_line": "B", "reason": "held", **due},
            {"capture_line": "C", "reason": "unpaid", **due},
        ),
        coverage_changes=table("coverage_changes", change("1", "activated", "paid"), change("9", "revoked", "unpaid")),
    )
    assert found.coverage_month == "2026-11"
    assert found.activations == Lines("activations", 2, 290000)
    assert found.pending_clinic == 1
    assert found.exceptions == (Lines("held", 1, 145000), Lines("unpaid", 2, 290000))
    assert found.changes == {"activated": 1, "revoked": 1, "amended": 0}


def test_files_of_this_run_are_told_from_those_before() -> None:
    receipts = table(
        "receipts",
        receipt("old.csv", "refused", "old.csv: found x"),
        receipt("bad.csv", "refused", "bad.csv: found y"),
        receipt("good.csv", "accepted"),
    )
    found = summary(
        frozenset({("bad.csv", "digest of bad.csv"), ("good.csv", "digest of good.csv")}), receipts=receipts
    )
    assert found.files == (Files("accepted", 1, 1), Files("refused", 1, 2))
    assert [(line.reason, line.is_new) for line in found.refusals] == [
        ("bad.csv: found y", True),
        ("old.csv: found x", False),
    ]


def test_the_hints_begin_with_files_then_contradictions_then_what_waits() -> None:
    found = summary(
        receipts=table("receipts", receipt("bad.csv", "refused", "bad.csv: found y")),
        rejections=table("rejections", {"row": 2}, {"row": 3}),
        settlements=table(
            "settlements",
            {"settlement_id": "1", "status": "unbalanced", "difference_centavos": -1},
            {"settlement_id": "2", "status": "balanced"},
        ),
        coverage_activations=table("coverage_activations", activation("2", "")),
        dispositions=table(
            "dispositions",
            part("p1", "held", 100, "unsettled"),
            part("p2", "held", 200, "identity_conflict"),
            part("p3", "unmatched", 300),
            part("p4", "refund_due", 400),
            part("p5", "applied", 500),
        ),
    )
    assert found.settlements == (Settlements("balanced", 1, 0), Settlements("unbalanced", 1, -1))
    assert [(hint.name, hint.count, hint.amount_centavos, hint.table) for hint in hints(found)] == [
        ("refused", 1, 0, "receipts"),
        ("identity_conflict", 1, 200, "dispositions"),
        ("unbalanced", 1, -1, "settlements"),
        ("unsettled", 1, 100, "dispositions"),
        ("unmatched", 1, 300, "dispositions"),
        ("refund_due", 1, 400, "dispositions"),
        ("rejected", 2, 0, "rejections"),
        ("pending_clinic", 1, 0, "coverage_activations"),
    ]


def test_a_month_with_nothing_at_all_has_no_hint() -> None:
    assert hints(summary()) == ()


@pytest.mark.parametrize(
    ("centavos", "currency", "text"),
    [
        (0, "MXN", "$0.00"),
        (5, "MXN", "$0.05"),
        (-1, "MXN", "-$0.01"),
        (3310000, "MXN", "$33,100.00"),
        (8000, "USD", "USD 80.00"),
        (10**15 + 1, "MXN", "$10,000,000,000,000.01"),
    ],
)
def test_amounts_are_shown_to_the_centavo(centavos: int, currency: str, text: str) -> None:
    assert shown(centavos, currency) == text


def test_decisions_are_counted_once_by_what_became_of_them() -> None:
    said = [("d1", "applied"), ("d1", "repeated"), ("d2", "stale"), ("d2", "stale"), ("d3", "undone")]
    rows = [{"decision_id": decision, "status": status} for decision, status in said]
    counted = {"applied": 1, "superseded": 0, "undone": 1, "stale": 1, "rejected": 0}
    assert summary(decisions=table("decisions", *rows)).decisions == counted
