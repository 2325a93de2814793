"""Two movements of one statement under one key: both rejected, none taken for the other's repeat."""

from __future__ import annotations

import pyarrow.compute as pc
import pytest

from pipelines.readers import ReadFile, read_file
from pipelines.readers.layout_files import layouts

HEADER = (
    "Cuenta|Fecha de Operación|Fecha|Referencia|Descripción|Cod. Transac|Sucursal|Depósitos|Retiros|Saldo"
    "|Movimiento|Descripción Detallada|Cheque"
)
STATEMENTS = {
    *("banorte", "banorte_csv", "banorte_workbook", "bbva", "santander", "santander_workbook"),
    *("camt053", "camt054", "mt940", "mt942", "bai2", "nacha_iat"),
}


def spei(key: str = "K1", bank: str = "0012", word: str = "RECIBIDO") -> str:
    return f"SPEI {word}, BCO:{bank} BANCO HR LIQ: 14:02:11 DEL CLIENTE E DE LA CLABE CVE RAST: {key} CONCEPTO: PAGO"


def movement(
    detail: str = "", deposit: str = "$1.00", withdrawal: str = "-", day: str = "14/10/2026", number: str = "77"
) -> str:
    return f"1|{day}|{day}|0|ABONO|001|0100|{deposit}|{withdrawal}||{number}|{detail}|0"


def read(*movements: str) -> ReadFile:
    found = read_file("banorte_x.txt", "\n".join([HEADER, *movements, ""]).encode("cp1252"))
    assert found.refusal == ""
    return found


def told(*movements: str) -> list[tuple[int, str]]:
    return [(row["row"], row["rule"]) for row in read(*movements).rejections.to_pylist()]


def test_movements_alike_in_everything_are_both_rejected_with_what_to_do() -> None:
    found = read(movement(spei()), movement(spei("K2")), movement(spei()))
    assert [(row["row"], row["rule"]) for row in found.rejections.to_pylist()] == [(2, "shared_key"), (4, "shared_key")]
    assert all("look the tracking keys up at the bank" in reason for reason in found.rejections["reason"].to_pylist())
    assert found.rows is not None
    assert found.rows["tracking_key"].to_pylist() == ["K2"]
    assert (found.data_rows, found.amount_centavos) == (3, 100)


def test_movements_of_other_facts_share_a_key_all_the_same() -> None:
    assert told(movement(spei()), movement(spei(), deposit="$2.00")) == [(2, "shared_key"), (3, "shared_key")]


@pytest.mark.parametrize(
    "other",
    [
        movement(spei("k1")),
        movement(spei(bank="0072")),
        movement(spei(), day="15/10/2026"),
        movement(spei(word="DEVUELTO"), deposit="-", withdrawal="$1.00"),
        movement("DEPOSITO EN EFECTIVO"),
    ],
    ids=["key", "bank", "day", "status", "number of the movement"],
)
def test_a_difference_in_key_or_status_tells_movements_apart(other: str) -> None:
    assert told(movement(spei()), other) == []


def test_a_payment_returned_twice_is_rejected_twice_and_stays_credited() -> None:
    back = movement(spei(word="DEVUELTO"), deposit="-", withdrawal="$1.00")
    assert told(movement(spei()), back, back) == [(3, "shared_key"), (4, "shared_key")]


def test_money_that_leaves_shares_no_key_with_what_comes_in() -> None:
    out = movement("COMISION", deposit="-", withdrawal="$1.00")
    assert told(movement("DEPOSITO"), out, out) == [(3, "not_a_credit"), (4, "not_a_credit")]


def test_a_row_with_a_bad_value_counts_since_it_will_come_again_put_right() -> None:
    found = told(movement(spei()), movement(spei(), deposit="$1.0"))
    assert found == [(2, "shared_key"), (3, "amount")]


def test_rows_without_a_readable_key_share_none() -> None:
    keyless = movement("SPEI RECIBIDO SIN DATOS")
    assert told(keyless, keyless) == [(2, "text_pattern"), (3, "text_pattern")]


def test_a_file_of_no_movements_has_none_that_share_a_key() -> None:
    assert told() == []


def test_every_statement_is_read_by_this_control_and_no_other_layout() -> None:
    assert {layout.name for layout in layouts() if layout.controls.distinct_keys} == STATEMENTS


def test_in_the_canonical_layout_a_transfer_listed_twice_stays_a_repeat() -> None:
    row = "2026-10-14,2026-10-14T14:02:11-06:00,K1,0012,,,,1.00,MXN,,PAGO,credited"
    columns = (
        "operating_date,credited_at,tracking_key,sender_bank,sender_account,sender_name,receiver_account,amount,"
        "currency,numeric_reference,concept,status"
    )
    found = read_file("bank_transfers_x.csv", f"{columns}\n{row}\n{row}\n".encode())
    assert found.rejections.num_rows == 0
    assert found.rows is not None
    assert pc.count(found.rows["tracking_key"]).as_py() == 2
