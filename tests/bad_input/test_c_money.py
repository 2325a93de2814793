"""Section C of the catalogue of bad input: numbers and money. Contract §3 and §5 decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow
import pytest

from pipelines.engine import reading
from schemas.rows.bank_transfers import BankTransferRow
from schemas.table import TableSchemaError
from tests.bad_input.landing import (
    LINE,
    RECEIVED_AT,
    Fault,
    canonical,
    offer,
    reconciled,
    record,
    registry,
    rejections_of,
    row_file,
    shown,
)
from tests.unit.readers import camt_files

if TYPE_CHECKING:
    from pathlib import Path

Amounts = dict[int, list[tuple[str, Fault]]]

BANK: Final = "bank_transfers_1.csv"
BANORTE: Final = "banorte_1.txt"
BANORTE_COLUMNS: Final = (
    "Cuenta|Fecha de Operación|Fecha|Referencia|Descripción|Cod. Transac|Sucursal|"
    "Depósitos|Retiros|Saldo|Movimiento|Descripción Detallada|Cheque"
)
SANTANDER: Final = "Cuenta,Fecha,Hora,Sucursal,Descripcion,Cargo/Abono,Importe,Saldo,Referencia,Concepto"
MONEY: Final = (
    ("bank_transfers", "amount"),
    ("remittances", "pay_amount"),
    ("remittances", "send_amount"),
    ("remittances", "fee"),
    ("settlements", "gross_amount"),
    ("settlements", "fee_amount"),
    ("settlements", "net_amount"),
    ("capture_lines", "amount_due"),
    ("registrants", "monthly_income"),
)
"""Every column of money in the canonical files."""
PLAIN: Final = "digits, a point and two places, at most 10 digits before the point, no sign, no separators"
MAY_BE_ZERO: Final = {"fee", "fee_amount"}


WRITTEN: Final = {
    42: ("1234,56", "1450,00"),
    43: ("1.234,56", "1.234.567,00", "1.450"),
    44: ("1,234.56", "1,234"),
    45: (
        *("$1,234.50", "$1450.00", "MXN 100.00", "100.00 MXN", " 1450.00", "1450.00 ", "1 234.50"),
        *("1\u00a0234.50", "1\u2009234.50"),
    ),
    47: ("(100.00)", "100.00-", "-100.00", "+100.00", "\u2212100.00"),
    49: ("1450.000", "1450.005", "1450.5", "1450", "1450."),
    50: ("1E+20", "1.2E3", "1e3", "1.45E+03"),
    51: ("Infinity", "-inf", "NaN", "1_000.00", "' 5 '", "0x10", "01450,00", ".50", "1450.0O"),
    52: ("10000000000.00", "92233720368547758.08", "9" * 40 + ".00"),
}
"""Case → how no amount is written."""


@pytest.fixture(scope="module")
def amounts(tmp_path_factory: pytest.TempPathFactory) -> Amounts:
    """Case → its texts, each in every column of money of a row of its own, and why that row is rejected."""
    spoilt = [
        (case, kind, {column: text}) for case, texts in WRITTEN.items() for text in texts for kind, column in MONEY
    ]
    faults = rejections_of(tmp_path_factory.mktemp("amounts"), *((kind, fields) for _, kind, fields in spoilt))
    told: Amounts = {}
    for (case, _, fields), fault in zip(spoilt, faults, strict=True):
        told.setdefault(case, []).append((next(iter(fields)), fault))
    return told


def are_no_amounts(told: list[tuple[str, Fault]]) -> bool:
    """Whether each row is rejected by the rule of amounts, in its column, with how to write it."""
    assert told == [(column, Fault(column, "amount", _reason(column))) for column, _ in told]
    return len(told) > 0


def _reason(column: str) -> str:
    demanded = "an amount, 0.00 allowed" if column in MAY_BE_ZERO else "an amount above zero"
    return f"expected {demanded}: {PLAIN}; write it so and send the row again"


def banorte(folder: Path, *deposits: str) -> list[tuple[int, str]]:
    """(physical row, reason) of the deposits, one a row, that the bank's own grammar does not know."""
    rows = (
        f"0012345678|14/10/2026|14/10/2026|0|ABONO|001|0100|{deposit}|$0.00||{place}|EFECTIVO|0"
        for place, deposit in enumerate(deposits)
    )
    landed = offer(folder, {BANORTE: "\n".join([BANORTE_COLUMNS, *rows, ""]).encode("cp1252")})
    told = landed.rejections(BANORTE)
    assert landed.receipt(BANORTE)[:4] == ("accepted", "", len(deposits), len(told))
    assert {(rejection["column"], rejection["rule"]) for rejection in told} <= {("Depósitos", "amount")}
    return [(rejection["row"], rejection["reason"]) for rejection in told]


def test_case_042_a_decimal_comma_is_no_point(amounts: Amounts) -> None:
    assert are_no_amounts(amounts[42])


def test_case_043_points_between_thousands_are_no_thousands(amounts: Amounts) -> None:
    assert are_no_amounts(amounts[43])


def test_case_044_commas_between_thousands_are_of_a_layout_that_declares_them(tmp_path: Path, amounts: Amounts) -> None:
    assert are_no_amounts(amounts[44])
    again = "expected an amount written like $1,234.56; correct it at the source and send the row again"
    deposits = ("$1,234.56", "$1,234", "$12,34.00", "$1234.56")
    assert banorte(tmp_path, *deposits) == [(3, again), (4, again), (5, again)]


def test_case_045_a_sign_or_name_of_the_currency_and_odd_spaces_make_no_amount(
    tmp_path: Path, amounts: Amounts
) -> None:
    assert are_no_amounts(amounts[45])
    told = banorte(tmp_path, "$1,450.00", "MXN 1,450.00", "$1\u00a0450.00")
    assert [row for row, _ in told] == [3, 4]


def test_case_046_money_in_another_currency_is_held_and_never_added_to_pesos(tmp_path: Path) -> None:
    records = [record("bank_transfers"), record("bank_transfers", tracking_key="TK0002", currency="USD")]
    tables = reconciled(tmp_path, {**registry(), BANK: canonical("bank_transfers", *records)})
    receipts = shown(tables["receipts"], "file_name", "outcome", "rows", "rejected_rows", "amount_centavos")
    assert (BANK, "accepted", 2, 0, 145_000) in receipts
    assert shown(tables["dispositions"], "bucket", "reason", "currency", "amount_centavos", "capture_line") == [
        ("applied", "", "MXN", 145_000, LINE),
        ("held", "foreign_currency", "USD", 145_000, ""),
    ]


def test_case_047_a_sign_makes_no_amount(amounts: Amounts) -> None:
    # §3 rejects the row; a credit taken back is told by its status, or by the column or the case of its layout.
    assert are_no_amounts(amounts[47])


def test_case_047_a_sign_in_a_column_of_its_own_is_read_as_its_layout_says(tmp_path: Path) -> None:
    name = "santander_1.csv"
    rows = [
        f"'65500000001,'14102026,09:11,'0001',ABONO,{sign},1450.00,,{place},{LINE}"
        for place, sign in enumerate(("+", "-", ""), start=2146001)
    ]
    landed = offer(tmp_path, {name: "\n".join([SANTANDER, *rows, ""]).encode()})
    assert landed.receipt(name)[:4] == ("accepted", "", 3, 2)
    assert landed.receipt(name).amount_centavos == 145_000
    assert [(told["row"], told["column"], told["rule"]) for told in landed.rejections(name)] == [
        (3, "Cargo/Abono", "not_a_credit"),
        (4, "Cargo/Abono", "sign"),
    ]


def test_case_048_zero_is_no_payment_and_may_be_a_fee(tmp_path: Path) -> None:
    above_zero = [(kind, {column: "0.00"}) for kind, column in MONEY if column not in MAY_BE_ZERO]
    faults = rejections_of(tmp_path / "zero", *above_zero)
    assert faults == [Fault(column, "amount", _reason(column)) for _, fields in above_zero for column in fields]
    free = {
        "remittances_1.csv": row_file("remittances", fee="0.00"),
        "settlements_1.csv": row_file("settlements", fee_amount="0.00"),
    }
    landed = offer(tmp_path / "free", free)
    assert {name: landed.receipt(name)[:4] for name in free} == dict.fromkeys(free, ("accepted", "", 1, 0))


def test_case_049_more_than_two_places_are_never_rounded(tmp_path: Path, amounts: Amounts) -> None:
    assert are_no_amounts(amounts[49])
    name = "camt053_1.xml"
    balances = (camt_files.balance("OPBD", "0.00"), camt_files.balance("CLBD", "2900.12345"))
    entries = (camt_files.entry("1450.00000"), camt_files.entry("1450.12345", reference="R-2"))
    content = camt_files.document(*balances, *entries)
    landed = offer(tmp_path, {name: content})
    told = landed.rejections(name)
    assert landed.receipt(name)[:4] == ("accepted", "", 2, len(told))
    assert [(rejection["column"], rejection["rule"]) for rejection in told][-1] == ("Amt", "amount")
    assert set(landed.rows("bank_transfers")["amount_centavos"]) <= {145_000}


def test_case_050_exponents_make_no_amount(amounts: Amounts) -> None:
    assert are_no_amounts(amounts[50])


def test_case_051_what_programs_take_for_numbers_is_no_amount(amounts: Amounts) -> None:
    assert are_no_amounts(amounts[51])


def test_case_052_an_absurd_amount_rejects_its_row_and_the_largest_is_read(tmp_path: Path, amounts: Amounts) -> None:
    assert are_no_amounts(amounts[52])
    landed = offer(tmp_path, {BANK: row_file("bank_transfers", amount="9999999999.99")})
    assert landed.receipt(BANK).amount_centavos == 999_999_999_999


def test_case_052_a_sum_beyond_64_bits_stops_and_never_wraps() -> None:
    beyond = {**reading.unreadable(BANK, RECEIVED_AT, ""), "amount_centavos": 2**63}
    with pytest.raises((OverflowError, pyarrow.ArrowInvalid)):
        reading.log([beyond])


def test_case_053_sums_are_exact_where_a_float_is_not(tmp_path: Path) -> None:
    # 2**53 centavos is where a float begins to lose them. That no float is in the code is a test of the architecture.
    large, small = record("bank_transfers", amount="9999999999.99"), record("bank_transfers", amount="0.10")
    content = canonical("bank_transfers", *[large] * 10_000, *[small] * 1_001)
    told = offer(tmp_path, {BANK: content}).receipt(BANK)
    assert (told.outcome, told.rows, told.rejected_rows) == ("accepted", 11_001, 0)
    assert told.amount_centavos == 10_000 * 999_999_999_999 + 1_001 * 10


def test_case_054_a_column_of_another_type_stops_the_run_and_is_named(tmp_path: Path) -> None:
    rows = offer(tmp_path, {BANK: canonical("bank_transfers")}).rows("bank_transfers")
    widened = rows.assign(amount_centavos=rows["amount_centavos"].astype("float64"))
    with pytest.raises(TableSchemaError, match="amount_centavos is float64, expected int64") as stopped:
        BankTransferRow.to_arrow(widened)
    assert "145000" not in str(stopped.value)
