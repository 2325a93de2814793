from __future__ import annotations

import string
from typing import Any

import pytest

from pipelines.outputs import explanation, labels_explain
from pipelines.outputs.labels import BUCKETS, EXCEPTIONS, Words
from pipelines.rules import buckets, coverage, holds, steps
from schemas.tables.matches import Match

CATALOGUES = {name: value for name, value in vars(labels_explain).items() if isinstance(value, dict) and name.isupper()}


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("name", CATALOGUES)
def test_both_languages_fill_the_same_blanks(name: str) -> None:
    words: dict[str, Words] = CATALOGUES[name]
    assert {key for key, each in words.items() if blanks(each.es) != blanks(each.en)} == set()


def test_every_rule_step_reason_and_exception_has_its_words() -> None:
    rules = Match.to_schema().columns["rule"].checks[0].statistics["allowed_values"]
    assert set(rules) <= set(labels_explain.RULES)
    assert {step.__name__ for step in steps.STEPS} == set(labels_explain.STEPS)
    assert set(holds.HOLDS) == set(labels_explain.HOLD_VALUES)
    reasons = {reason for _, reason, _ in buckets.BUCKETS if reason}
    assert set(holds.HOLDS) | reasons <= {*labels_explain.CONFIRM, "unsettled"}
    assert {f"line_{reason}" for reason in (*coverage.REASONS, "unpaid")} <= set(labels_explain.CONFIRM)
    assert set(coverage.REASONS) <= set(EXCEPTIONS)
    assert {bucket for bucket, _, _ in buckets.BUCKETS} - {buckets.CONFIRMED} <= set(BUCKETS)


def payment(**given: Any) -> dict[str, Any]:
    told = {
        "payment_id": "remittance|GIROS|R1",
        "channel": "remittance",
        "amount_centavos": 500,
        "currency": "MXN",
        "paid_on": "2026-10-05",
        "paid_at": "2026-10-05T16:00:00Z",
        "status": "paid",
        "publication": 1,
        "month": "2026-10",
        "flags": [],
        "matches": [],
        "parts": [],
        "rows": [],
        "rules": None,
        "settlement": None,
        "decisions": [],
        "suggestions": [],
        "confirmed_by": [],
    }
    return {"kind": "payment", "payment": {**told, **given}}


def text(document: dict[str, Any], language: str = "en") -> str:
    return "\n".join("  " * line.depth + line.text for line in explanation.told(document, language))


def test_a_payment_without_anything_more_is_told_by_its_facts() -> None:
    assert text(payment()) == (
        "Payment remittance|GIROS|R1\n"
        "  remittance · $5.00 · 2026-10-05 (2026-10-05T16:00:00Z) · status paid · publication 1 of 2026-10"
    )


def test_the_nearest_candidates_say_what_differs_and_how_many_are_as_near() -> None:
    entry = {
        "rank": 1,
        "lines": ["LINEA00001", "LINEA00002"],
        "likeness": 900,
        "differs": "sum of 2 lines; something else",
        "others": 2,
    }
    told = payment(suggestions=[entry])
    said = "sum of 2 lines; something else; Not to choose: a decision confirms one line; others as near: 2"
    assert f"1. LINEA00001 + LINEA00002 (900/1000): {said}" in text(told)
    assert "suma de 2 líneas; something else; No se elige: una decisión confirma una sola línea; otros" in text(
        told, "es"
    )


def test_a_remittance_that_names_no_settlement_is_told_so() -> None:
    assert "names no settlement" in text(payment(confirmed_by=[{"code": "unsettled", "settlement": None}]))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("missing", "the file of settlement L1 of GIROS is missing"),
        ("awaiting_deposit", "lacks its deposit: $123.45 expected"),
        ("conflicting_rows", "does not balance (conflicting_rows)"),
        ("balanced", "does not balance"),
    ],
)
def test_what_an_unsettled_remittance_waits_for(status: str, words: str) -> None:
    settlement = {
        "company": "GIROS",
        "settlement_id": "L1",
        "status": status,
        "net_centavos": 12345,
        "differences": "conflicting_rows",
        "rows": [],
    }
    assert words in text(payment(settlement=settlement, confirmed_by=[{"code": "unsettled", "settlement": settlement}]))


def test_a_sheet_of_a_workbook_is_part_of_the_place() -> None:
    row = {
        "file_name": "a.xlsx",
        "sheet": "Hoja 1",
        "row": 7,
        "role": "payment",
        "amount_centavos": 500,
        "currency": "USD",
        "status": "paid",
        "text": "",
        "sha256": "ab",
        "received_at": "",
        "layout": "x",
    }
    assert "a.xlsx, hoja Hoja 1, fila 7: lo lleva · USD 5.00 paid\n" in text(payment(rows=[row]), "es")
