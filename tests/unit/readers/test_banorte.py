from __future__ import annotations

from typing import Any

import pytest

from pipelines.readers import read_file

NAME = "banorte_x.txt"
HEADER = (
    "Cuenta|Fecha de Operación|Fecha|Referencia|Descripción|Cod. Transac|Sucursal|"
    "Depósitos|Retiros|Saldo|Movimiento|Descripción Detallada|Cheque"
)
CREDIT = (
    "SPEI RECIBIDO, BCO:0012 BBVA MEXICO HR LIQ: 14:02:11 DEL CLIENTE JUANA PEÑA DE LA CLABE 012180004643051249 "
    "CON RFC ND CVE RAST: MBAN01002610140001 REFERENCIA: 0141026 CONCEPTO: PAGO IMSS LINEA 2610AAAA0001"
)


def movement(
    deposit: str = "$1.00",
    withdrawal: str = "$0.00",
    balance: str = "",
    detail: str = CREDIT,
    *,
    account: str = "0012345678",
    day: str = "14/10/2026",
) -> str:
    return f"{account}|{day}|{day}|0141026|ABONO|001|0100|{deposit}|{withdrawal}|{balance}|77|{detail}|0"


def read(*movements: str) -> Any:
    return read_file(NAME, "\n".join([HEADER, *movements, ""]).encode("cp1252"))


def one(**fields: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = read(movement(**fields)).rows.to_pylist()
    return rows[0]


def test_a_spei_credit_is_taken_apart_by_its_detailed_description() -> None:
    row = one(deposit="$1,250.50")
    assert row["credited_at"].isoformat() == "2026-10-14T20:02:11+00:00"
    expected = {
        "sender_bank": "0012",
        "tracking_key": "MBAN01002610140001",
        "sender_account": "012180004643051249",
        "sender_name": "JUANA PEÑA",
        "receiver_account": "0012345678",
        "amount_centavos": 125_050,
        "currency": "MXN",
        "numeric_reference": "0141026",
        "concept": "PAGO IMSS LINEA 2610AAAA0001",
        "status": "credited",
    }
    assert {name: row[name] for name in expected} == expected


def test_a_spei_return_is_the_same_payment_returned() -> None:
    row = one(deposit="-", withdrawal="$1,250.50", detail=CREDIT.replace("RECIBIDO", "DEVUELTO"))
    assert (row["status"], row["tracking_key"], row["amount_centavos"]) == ("returned", "MBAN01002610140001", 125_050)


@pytest.mark.parametrize(("detail", "concept"), [("EFECTIVO 2610AAAA0001", "EFECTIVO 2610AAAA0001"), ("", "ABONO")])
def test_other_credits_are_banortes_own_under_the_number_of_the_movement(detail: str, concept: str) -> None:
    row = one(detail=detail)
    assert (row["sender_bank"], row["tracking_key"], row["concept"]) == ("BANORTE", "77", concept)
    assert row["credited_at"].isoformat() == "2026-10-14T06:00:00+00:00"


@pytest.mark.parametrize("amount", ["$1234.00", "$12,34.00", "$1,234", "1,234.00", "-$1.00", "$1,234.5", "$1.234,00"])
def test_an_amount_not_written_as_the_bank_writes_it_rejects_the_row(amount: str) -> None:
    found = read(movement(deposit=amount))
    assert found.rejections.select(["column", "rule"]).to_pylist() == [{"column": "Depósitos", "rule": "amount"}]


@pytest.mark.parametrize("day", ["2026-10-14", "14-10-2026", "10/14/2026", "31/02/2026", "14/10/26", "1/10/2026"])
def test_a_date_not_written_day_first_rejects_the_row(day: str) -> None:
    found = read(movement(day=day))
    assert found.rejections.select(["column", "rule"]).to_pylist() == [{"column": "Fecha de Operación", "rule": "date"}]


@pytest.mark.parametrize("withdrawal", ["$5.00", "$1,000.00"])
def test_money_that_leaves_is_no_credit(withdrawal: str) -> None:
    found = read(movement(deposit="-", withdrawal=withdrawal, detail="COMISION"))
    assert found.rejections.select(["column", "rule"]).to_pylist() == [{"column": "Retiros", "rule": "not_a_credit"}]


@pytest.mark.parametrize("missing", ["BCO:0012", "CVE RAST: MBAN01002610140001"])
def test_a_spei_credit_without_its_key_is_rejected(missing: str) -> None:
    found = read(movement(detail=CREDIT.replace(missing, "")))
    assert [said["rule"] for said in found.rejections.to_pylist()] == ["text_pattern"]


def test_quotes_mean_nothing_here() -> None:
    assert one(detail='DEPOSITO "LA ESPERANZA')["concept"] == 'DEPOSITO "LA ESPERANZA'


def test_a_balance_that_does_not_follow_refuses_the_file_with_both_figures() -> None:
    found = read(
        movement(balance="$11.00"), movement("$100.00", balance="$111.00"), movement("$5.00", balance="$117.00")
    )
    assert "line 4, column Saldo: found 117.00 stated; expected 116.00" in found.refusal


def test_balances_of_several_accounts_run_apart() -> None:
    other = "0087654321"
    found = read(
        movement(balance="$11.00"),
        movement(balance="$501.00", account=other),
        movement(balance="$12.00"),
        movement("-", "$1.00", "$500.00", "COMISION", account=other),
    )
    assert found.refusal == ""


def test_a_balance_may_be_nothing() -> None:
    found = read(movement(balance="$1.00"), movement("-", "$1.00", "$0.00", "COMISION"), movement(balance="$1.00"))
    assert found.refusal == ""


def test_an_amount_that_cannot_be_read_leaves_only_its_own_step_unchecked() -> None:
    sound = [movement(balance="$11.00"), movement("$1234.00", balance="$1,245.00"), movement(balance="$1,246.00")]
    assert read(*sound).refusal == ""
    assert read(*sound, movement(balance="$1,246.00")).refusal != ""


def test_a_row_between_two_balances_is_counted_even_without_its_own() -> None:
    rows = [movement(balance="$11.00"), movement("$100.00", balance="?"), movement(balance="$112.00")]
    assert read(*rows).refusal == ""
    assert "found 113.00 stated; expected 112.00" in read(*rows[:2], movement(balance="$113.00")).refusal
