from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from schemas.files.bank_transfers import BankTransfersFile
from schemas.files.capture_lines import CaptureLinesFile
from schemas.files.registrants import RegistrantsFile
from schemas.files.remittances import RemittancesFile
from schemas.files.settlements import SettlementsFile
from schemas.table import TableSchemaError

SOUND = {
    "capture_line": "2611-AAAA-0001",
    "nss": "12345678903",
    "coverage_month": "2026-11",
    "amount_due": "1250.00",
    "issued_on": "2026-10-01",
    "expires_on": "",
    "status": "issued",
    "updated_at": "2026-10-01T09:00:00-06:00",
}


def rules(*rows: dict[str, str]) -> list[tuple[str, str, list[bool]]]:
    failures = CaptureLinesFile.failures(pd.DataFrame([SOUND | row for row in rows], dtype="str"))
    return [(failed.column, failed.rule, failed.rows.tolist()) for failed in failures]


def test_a_sound_row_fails_nowhere() -> None:
    assert rules({}) == []


def test_a_file_without_rows_fails_nowhere() -> None:
    assert CaptureLinesFile.failures(pd.DataFrame([SOUND], dtype="str").iloc[:0]) == []


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("capture_line", "AB-12", "capture_line"),
        ("capture_line", "2611AAAA0001\x00", "control_characters"),
        ("capture_line", "2.611E+26", "spreadsheet_number"),
        ("nss", "12345678904", "nss"),
        ("coverage_month", "2026-13", "month"),
        ("amount_due", "0.00", "amount"),
        ("issued_on", "2026-02-30", "date"),
        ("expires_on", "soon", "date"),
        ("status", "Issued", "status"),
        ("updated_at", "2026-10-01", "instant"),
        ("updated_at", "", "required"),
        ("status", "  ", "required"),
    ],
)
def test_a_bad_field_is_told_by_its_rule_and_only_for_its_row(column: str, value: str, rule: str) -> None:
    assert (column, rule, [False, True]) in rules({}, {column: value})


def test_an_empty_required_field_is_told_as_empty_and_not_as_ill_formed() -> None:
    assert rules({"amount_due": ""}) == [("amount_due", "required", [True])]


def test_columns_fail_in_the_order_of_the_contract() -> None:
    assert [column for column, _, _ in rules(dict.fromkeys(SOUND, "?"))] == list(SOUND)


def test_a_ten_digit_nss_is_told_first_that_a_zero_may_be_lost() -> None:
    frame = pd.DataFrame([SOUND | {"nss": "1234567890"}], dtype="str")
    first = CaptureLinesFile.failures(frame)[0]
    assert first.rule == "nss"
    assert "leading zero" in first.reason


def test_no_reason_holds_the_value_it_is_about() -> None:
    frame = pd.DataFrame([dict.fromkeys(SOUND, "SECRETO")], dtype="str")
    failures = CaptureLinesFile.failures(frame)
    assert len(failures) >= len(SOUND)
    assert not [failed for failed in failures if "SECRETO" in failed.reason]


def test_a_table_with_other_columns_is_a_broken_invariant() -> None:
    with pytest.raises(TableSchemaError, match="CaptureLinesFile: other columns"):
        CaptureLinesFile.failures(pd.DataFrame([SOUND], dtype="str").drop(columns="nss"))


@pytest.mark.parametrize("changed", [{"amount_due": 1250}, {"nss": None}, {"status": pd.NaT}])
def test_a_column_that_is_no_text_is_a_broken_invariant(changed: dict[str, Any]) -> None:
    frame = pd.DataFrame([SOUND], dtype="str").assign(**changed)
    with pytest.raises(TableSchemaError, match="CaptureLinesFile: a column that is no text"):
        CaptureLinesFile.failures(frame)


def test_a_text_beyond_one_kibibyte_is_too_long() -> None:
    frame = pd.DataFrame([dict.fromkeys(RemittancesFile.fields(), "")], dtype="str").assign(message="ñ" * 513)
    assert ("message", "text_too_long") in [(failed.column, failed.rule) for failed in RemittancesFile.failures(frame)]


@pytest.mark.parametrize(
    ("model", "may_be_empty"),
    [
        (RegistrantsFile, "email postal_code state municipality umf monthly_income occupation"),
        (CaptureLinesFile, "expires_on"),
        (BankTransfersFile, "sender_account sender_name receiver_account numeric_reference concept"),
        (
            RemittancesFile,
            "settlement_id sender_name send_amount send_currency fx_rate fee capture_line nss curp message",
        ),
        (SettlementsFile, ""),
    ],
)
def test_exactly_the_italic_columns_of_the_contract_may_be_empty(model: type, may_be_empty: str) -> None:
    optional = [name for name, said in model.fields().items() if not said["required"]]  # type: ignore[attr-defined]
    assert optional == may_be_empty.split()
