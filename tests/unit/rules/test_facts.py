from __future__ import annotations

import pandas as pd
import pytest

from pipelines.rules.facts import facts_at, facts_digest
from tests.spec.build import rows_of
from tests.spec.case import Row

REMITTANCE: Row = {
    "key": "R1",
    "settlement_id": "S1",
    "fee": "10.00",
    "capture_line": "ANAOCT26",
    "nss": "1",
    "curp": "A",
    "message": "hola",
}


def digest_of(kind: str, *rows: Row) -> str:
    found = rows_of({kind: list(rows)})
    digests = facts_digest(found["bank_transfers"], found["remittances"])
    (digest,) = digests.tolist()
    return str(digest)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "1.00"},
        {"currency": "USD"},
        {"concept": "otro"},
        {"credited_at": "2026-10-05T12:00:01-06:00"},
    ],
)
def test_another_fact_of_a_transfer_is_another_digest(change: Row) -> None:
    transfer = {"key": "T1", "concept": "hola"}
    assert digest_of("bank_transfers", transfer) != digest_of("bank_transfers", transfer | change)
    assert digest_of("bank_transfers", transfer) != digest_of("bank_transfers", transfer, transfer | change)


@pytest.mark.parametrize(
    "change",
    [
        *[{"pay_amount": "1.00"}, {"pay_currency": "USD"}, {"fee": "11.00"}, {"sent_at": "2026-10-06T12:00:00Z"}],
        *[{"settlement_id": "S2"}, {"capture_line": "X"}, {"nss": "2"}, {"curp": "B"}, {"message": "adiós"}],
    ],
)
def test_another_fact_of_a_remittance_is_another_digest(change: Row) -> None:
    assert digest_of("remittances", REMITTANCE) != digest_of("remittances", REMITTANCE | change)
    assert digest_of("remittances", REMITTANCE) != digest_of("remittances", REMITTANCE, REMITTANCE | change)


@pytest.mark.parametrize(
    "change",
    [{"sender_name": "otra"}, {"send_amount": "30.00"}, {"status": "refunded"}, {"sent_at": "2026-10-05T18:00:00Z"}],
)
def test_what_is_no_fact_changes_nothing(change: Row) -> None:
    assert digest_of("remittances", REMITTANCE) == digest_of("remittances", REMITTANCE, REMITTANCE | change)


def test_a_return_changes_nothing_unless_it_is_of_another_amount() -> None:
    transfer = {"key": "T1", "concept": "hola"}
    back = {"key": "T1", "status": "returned", "operating_date": "2026-10-05", "credited_at": "2026-10-09T12:00:00Z"}
    assert digest_of("bank_transfers", transfer) == digest_of("bank_transfers", transfer, back)
    assert digest_of("bank_transfers", transfer) != digest_of("bank_transfers", transfer, back | {"amount": "1.00"})


def test_no_fee_is_a_fee_of_nothing_beside_no_other() -> None:
    free = REMITTANCE | {"fee": ""}
    nothing = REMITTANCE | {"fee": "0.00"}
    assert (
        digest_of("remittances", free) == digest_of("remittances", nothing) == digest_of("remittances", free, nothing)
    )
    assert digest_of("remittances", nothing, REMITTANCE) != digest_of("remittances", REMITTANCE)


def test_of_contradicting_rows_it_matters_which_one_carries_the_payment() -> None:
    rows = [
        REMITTANCE | {"pay_amount": "1.00", "message": "b"},
        REMITTANCE | {"pay_amount": "2.00", "message": "a"},
    ]
    smaller = REMITTANCE | {"pay_amount": "1.00", "message": "a"}
    assert digest_of("remittances", *rows) == digest_of("remittances", *rows[::-1])
    assert digest_of("remittances", *rows) != digest_of("remittances", *rows, smaller)


def test_facts_are_those_of_the_rows_received_by_a_moment_or_the_first_ones_after_it() -> None:
    days = ("01", "03", "05")
    rows = [
        {"key": "T1", "concept": concept, "received_at": f"2026-11-{day}T06:00:00Z"}
        for concept, day in zip(("", "hola", "adiós"), days, strict=True)
    ]
    bank, remittances = (rows_of({"bank_transfers": rows})[kind] for kind in ("bank_transfers", "remittances"))
    payment = "bank_transfer|2026-10-05|AZUL|T1"
    asked = ["2026-10-01", "2026-11-02", "2026-11-03T06:00", "2026-12-01"]
    moments = pd.DataFrame(
        {
            "payment_id": [*[payment] * 4, "none"],
            "moment": pd.to_datetime([*asked, asked[0]], utc=True, format="ISO8601"),
        }
    )
    expected = [digest_of("bank_transfers", *rows[:count]) for count in (1, 1, 2, 3)]
    assert facts_at(bank, remittances, moments).tolist() == [*expected, ""]
