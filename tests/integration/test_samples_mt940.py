"""The public MT940 and MT942 samples: the values recorded beside each, or the reason their README gives."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from pipelines.readers import mt940, read_file
from pipelines.readers.layout_files import layout_for

SAMPLES: Final = Path(__file__).resolve().parents[3] / "shared" / "samples" / "mt940"
FILES: Final = sorted(SAMPLES.glob("*/*.sta"))
CLOSE: Final = {  # → the rules of the rejected entries
    "betterplace/with_binary_character": ["tracking_key", "not_a_credit", "tracking_key"],
    "cmxl/mt940": [*["not_a_credit"] * 9, *["tracking_key"] * 4],
    "jejik/generic": ["not_a_credit"] * 2,
    "jejik/rabobank-iban": ["not_a_credit"] * 4,
    "mBank/mt940": [],
    "mBank/mt942": [],
    "self-provided/multiline": ["not_a_credit", "outside_statement"],
    "self-provided/transaction_details_wrapped": ["not_a_credit"],
}
DO_NOT_CLOSE: Final = {  # → the figure stated, the figure found
    "jejik/knab": ("798.98", "-3701.02"),
    "jejik/postfinance": ("159.60", "159.40"),
    "jejik/triodos": ("4370.79", "4259.39"),
    "mBank/with_newline_in_tnr": ("860.17", "89.46"),
    "self-provided/details_60-63": ("12345.98", "12111.97"),
    "self-provided/malformed_details": ("12345.98", "12111.97"),
    "self-provided/mt942": ("2.30", "0.42"),
    "self-provided/overly_long_details": ("12345.98", "12111.97"),
    "self-provided/raiffeisen-cmi": ("25281687.60", "24158423.60"),
}
NO_PAIR: Final = {
    "betterplace/currency_in_25",
    "betterplace/empty_86",
    "betterplace/empty_line",
    "cmxl/account_balance_credit",
    "cmxl/account_balance_debit",
    "cmxl/account_identification_legacy",
    "cmxl/statement_details",
    "cmxl/statement_number",
    "self-provided/empty_non_swift",
    "self-provided/sparkassen",
}
MOVED_DATES: Final = {"self-provided/transaction_details_wrapped": {"2016-02-30": "2016-02-29"}}
"""The recorded result has a date that is not in the file."""

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples are not beside the repository")


def layout_name(sample: str) -> str:
    return f"{'mt942' if sample.endswith('mt942') else 'mt940'}_sample.sta"


def content_of(sample: str) -> bytes:
    return (SAMPLES / f"{sample}.sta").read_bytes()


def read(sample: str) -> Any:
    return read_file(layout_name(sample), content_of(sample))


def recorded(sample: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((SAMPLES / f"{sample}.json").read_text("utf-8"))["transactions"]
    return entries


def test_every_sample_is_tested_once() -> None:
    named = sorted([*CLOSE, *DO_NOT_CLOSE, *NO_PAIR])
    assert named == sorted(str(path.relative_to(SAMPLES).with_suffix("")) for path in FILES)


@pytest.mark.parametrize("sample", CLOSE)
def test_the_entries_of_a_sample_that_closes_are_those_recorded(sample: str) -> None:
    layout = layout_for(layout_name(sample))
    assert layout is not None
    rows = mt940.read(content_of(sample), layout).columns.to_pylist()
    entries = recorded(sample)
    assert len(rows) == len(entries) > 0
    for row, entry in zip(rows, entries, strict=True):
        sign = 1 if row["Mark"] in {"C", "RD"} else -1
        value = MOVED_DATES.get(sample, {}).get(row["Value date"], row["Value date"])
        assert sign * Decimal(row["Amount"]) == Decimal(entry["amount"]["amount"])
        assert (row["Mark"], value) == (entry["status"], entry["date"])
        assert row["Entry date"] == entry.get("entry_date", "")
        said = ("id", "customer_reference", "bank_reference", "extra_details")
        ours = ("Type", "Customer reference", "Bank reference", "Supplementary details")
        assert [row[name] for name in ours] == [entry[name] or "" for name in said]


@pytest.mark.parametrize("sample", [sample for sample in CLOSE if sample != "self-provided/multiline"])
def test_the_details_of_an_entry_are_those_recorded(sample: str) -> None:
    layout = layout_for(layout_name(sample))
    assert layout is not None
    rows = mt940.read(content_of(sample), layout).columns.to_pylist()
    for row, entry in zip(rows, recorded(sample), strict=True):
        if "transaction_details" in entry:
            # What is recorded has lost the blanks at the ends of lines.
            assert [line.rstrip() for line in row["Details"].split("\n")] == entry["transaction_details"].split("\n")
            assert row["Purpose"] == row["Details"]
        else:
            said = (entry["purpose"] or "") + (entry["additional_purpose"] or "")
            assert row["Purpose"].replace("\n", "") == said
            assert row["Counter account"] == (entry["applicant_iban"] or "")
            assert row["Counter name"] == (entry["applicant_name"] or "")


def test_text_after_the_closing_balance_is_not_put_to_the_last_entry() -> None:
    # What is recorded beside this sample took it for the entry's own, whose details are lost there.
    layout = layout_for("mt940_sample.sta")
    assert layout is not None
    rows = mt940.read(content_of("self-provided/multiline"), layout).columns.to_pylist()
    assert rows[0]["Details"].startswith("020?00VIREMENT")
    assert rows[0]["Details"].endswith("?65NOM ET ADRESSE DO / BENEF 612345678")


@pytest.mark.parametrize("sample", CLOSE)
def test_a_sample_that_closes_is_read_and_what_is_no_payment_is_rejected(sample: str) -> None:
    found = read(sample)
    assert found.refusal == ""
    assert found.data_rows == len(recorded(sample))
    assert sorted(row["rule"] for row in found.rejections.to_pylist()) == sorted(CLOSE[sample])


@pytest.mark.parametrize("sample", DO_NOT_CLOSE)
def test_a_sample_that_does_not_close_is_refused_with_both_figures(sample: str) -> None:
    stated, found = DO_NOT_CLOSE[sample]
    refusal = read(sample).refusal
    assert f"of {stated}, which does not close; expected {found}, the " in refusal


@pytest.mark.parametrize("sample", sorted(NO_PAIR))
def test_a_sample_without_a_pair_of_balances_is_refused(sample: str) -> None:
    assert "expected one :60F: or :60M: and one :62F: or :62M: in a message" in read(sample).refusal
