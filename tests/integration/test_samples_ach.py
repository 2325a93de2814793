"""Every public NACHA sample gives what its README says; the samples stand beside the repository, not in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from pipelines.readers import ReadFile, read_file

SAMPLES: Final = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "ach"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files are not beside the repository")

REFUSED: Final = {
    "adv-noFileControl.ach": "line 5: found the end of the file after a batch control (8); expected a file control (9)",
    "flattenADVBatchesMultipleBatchHeaders.ach": (
        "line 22, column Total Credit Amount of the file: found 6,000.00 stated; expected 6,000.78, the sum of its"
    ),
    "iat-batchHeaderErr.ach": (
        "line 4: found a batch header (5) after an entry (6), inside a batch that has no batch control (8) yet"
    ),
    "issue1620.ach": "line 5, column Batch Count of the file: found 2 stated; expected 1, the number of its batches",
    "moov-ids.ach": "line 10, column Entry Hash of the file: found 9999999999 stated; expected 144488931",
}
"""Sample that does not close → what its refusal says."""

REJECTED: Final[dict[str, list[tuple[int, str]]]] = {
    "Iat-invalidAddenda13.ach": [(3, "control_characters")],
    "NACHA_SAMPLE_TEL_REVERSAL.ach": [(3, "reversal"), (4, "reversal")],
    "contested_addenda.txt": [],
    "iat-addenda98.ach": [(3, "notification_of_change")],
    # The first entry's type of payment does not fit; the second is a debit in a batch of credits.
    "iat-invalidAddenda10.ach": [(3, "transaction_type"), (13, "service_class")],
    "iat-mixedDebitCredit.ach": [(3, "not_a_credit")],
    "long-line.ach": [(3, "not_a_credit")],
    "ppd-credit.ach": [],
    "ppd-debit-invalid-entryDetail-checkDigit.ach": [(3, "check_digit")],
}
"""Sample that closes → line and rule of every entry that is no payment."""

PAID: Final[dict[str, dict[str, Any]]] = {
    "contested_addenda.txt": {
        "row": 3,
        "operating_date": "2022-03-07",
        "sender_bank": "12345678",
        "tracking_key": "123456780000069",
        "amount_centavos": 1_560,
        "currency": "USD",
        "status": "returned",
    },
    "iat-mixedDebitCredit.ach": {
        "row": 14,
        "operating_date": "2019-08-08",
        "sender_bank": "23138010",
        "tracking_key": "231380100000002",
        "amount_centavos": 100_000,
        "currency": "USD",
        "status": "credited",
    },
    "ppd-credit.ach": {
        "row": 3,
        "operating_date": "2018-12-07",
        "sender_bank": "12104288",
        "tracking_key": "121042880000001",
        "amount_centavos": 100_000_000,
        "currency": "USD",
        "status": "credited",
    },
}
"""Sample with a payment → that payment."""


def read(name: str) -> ReadFile:
    return read_file(f"nacha_{name}", (SAMPLES / name).read_bytes())


def test_every_sample_is_tested() -> None:
    files = {path.name for path in SAMPLES.iterdir() if not path.name.startswith(("LICENSE", "NOTICE"))}
    assert files == {*REFUSED, *REJECTED}


@pytest.mark.parametrize("name", REFUSED)
def test_a_sample_that_does_not_close_is_refused_with_its_reason(name: str) -> None:
    found = read(name)
    assert f"nacha_{name}, {REFUSED[name]}" in found.refusal
    assert found.rows is None


@pytest.mark.parametrize("name", REJECTED)
def test_a_sample_that_closes_is_read_entry_by_entry(name: str) -> None:
    found = read(name)
    assert found.refusal == ""
    assert [(row["row"], row["rule"]) for row in found.rejections.to_pylist()] == REJECTED[name]
    assert found.rows is not None
    paid = [PAID[name]] if name in PAID else []
    shown = [{**row, "operating_date": row["operating_date"].isoformat()} for row in found.rows.to_pylist()]
    assert [{key: row[key] for key in PAID["ppd-credit.ach"]} for row in shown] == paid
    assert found.data_rows == len(paid) + len(REJECTED[name])
