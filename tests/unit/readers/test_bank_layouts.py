from __future__ import annotations

import csv
import io
from typing import Any, Final

import pytest

from pipelines.readers import ReadFile, read_file
from pipelines.readers.layout import LayoutError
from pipelines.readers.layout_files import layout_for, parse
from tests.unit.readers import workbooks

BANORTE: Final = (
    "Cuenta|Fecha de Operación|Fecha|Referencia|Descripción|Cod. Transac|Sucursal|"
    "Depósitos|Retiros|Saldo|Movimiento|Descripción Detallada|Cheque"
)
CREDIT: Final = (
    "SPEI RECIBIDO, BCO:0012 BBVA MEXICO HR LIQ: 14:02:11 DEL CLIENTE JUANA PEÑA DE LA CLABE 012180004643051249 "
    "CON RFC ND CVE RAST: MBAN01002610140001 REFERENCIA: 0141026 CONCEPTO: PAGO IMSS LINEA 2610AAAA0001"
)
MOVEMENTS: Final = (
    f"0012345678|14/10/2026|14/10/2026|0141026|ABONO|001|0100|$1,234,567.50|$0.00|$1,234,567.50|77|{CREDIT}|0",
    "0012345678|15/10/2026|15/10/2026|0141026|ABONO|001|0100|$980.00|-|$1,235,547.50|78|EFECTIVO 2610AAAA0002|0",
)
SANTANDER: Final = "Cuenta,Fecha,Hora,Sucursal,Descripcion,Cargo/Abono,Importe,Saldo,Referencia,Concepto"
BBVA: Final = "Día\tConcepto / Referencia\tcargo\tAbono\tSaldo"


def number(value: str) -> str:
    return f"<c><v>{value}</v></c>"


def date(serial: int) -> str:
    return f'<c s="1"><v>{serial}</v></c>'


def workbook(*rows: list[str]) -> bytes:
    cells = ([cell if cell.startswith("<c") else workbooks.text(cell) for cell in row] for row in rows)
    return workbooks.package(workbooks.sheet(*(workbooks.row(*row) for row in cells)))


def as_csv(*rows: list[str]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("cp1252")


def bbva(*rows: str) -> ReadFile:
    return read_file("bbva_x.txt", "\n".join([BBVA, *rows, ""]).encode("cp1252"))


def santander(*rows: str) -> ReadFile:
    return read_file("santander_x.csv", "\n".join([SANTANDER, *rows, ""]).encode())


def only(found: ReadFile) -> dict[str, Any]:
    assert found.refusal == ""
    assert found.rows is not None
    (row,) = found.rows.to_pylist()
    return dict(row)


def told(found: ReadFile) -> list[tuple[int, str, str]]:
    assert found.refusal == ""
    return [(said["row"], said["column"], said["rule"]) for said in found.rejections.to_pylist()]


def test_the_three_forms_of_banorte_give_the_same_rows() -> None:
    text = read_file("banorte_x.txt", "\n".join([BANORTE, *MOVEMENTS]).encode("cp1252"))
    rows = [line.split("|") for line in (BANORTE, *MOVEMENTS)]
    first, second = rows[1:]
    typed = [
        [
            *first[:1],
            *[date(46_309)] * 2,
            *first[3:7],
            number("1234567.5"),
            number("0"),
            number("1234567.5"),
            *first[10:],
        ],
        [*second[:1], *[date(46_310)] * 2, *second[3:7], number("980"), "-", number("1235547.5"), *second[10:]],
    ]
    others = [
        read_file("banorte_x.csv", as_csv(*rows)),
        read_file("banorte_x.xlsx", workbook(*rows)),
        read_file("banorte_y.xlsx", workbook(rows[0], *typed)),
    ]
    assert text.data_rows == 2
    assert text.amount_centavos == 123_554_750
    assert [found.refusal for found in others] == [""] * 3
    assert {found.rows_digest for found in others} == {text.rows_digest}


def test_a_number_cell_with_three_places_is_never_rounded() -> None:
    rows = [line.split("|") for line in (BANORTE, MOVEMENTS[1])]
    rows[1][7] = number("980.005")
    assert told(read_file("banorte_x.xlsx", workbook(*rows))) == [(2, "Depósitos", "amount")]


def test_a_date_cell_with_a_time_is_no_date_of_the_layout() -> None:
    rows = [line.split("|") for line in (BANORTE, MOVEMENTS[1])]
    rows[1][2] = '<c s="1"><v>46310.5</v></c>'
    assert told(read_file("banorte_x.xlsx", workbook(*rows))) == [(2, "Fecha", "date")]


def test_a_layout_like_another_says_only_what_differs() -> None:
    text, table = layout_for("banorte_x.txt"), layout_for("banorte_x.csv")
    assert text is not None
    assert table is not None
    assert (table.cases, table.columns, table.controls) == (text.cases, text.columns, text.controls)
    assert (text.delimited.delimiter, table.delimited.delimiter) == ("|", ",")
    assert parse("x", 'like = "banorte"\npatterns = ["x_*"]').patterns == ("x_*",)


@pytest.mark.parametrize("like", ["nobody", "banorte_csv", "../layouts/nobody"])
def test_a_layout_is_like_one_that_stands_for_itself(like: str) -> None:
    with pytest.raises(LayoutError, match="layout x: like names no layout that stands for itself"):
        parse("x", f'like = "{like}"\npatterns = ["x_*"]')


@pytest.mark.parametrize(
    ("concept", "expected"),
    [
        ("SPEI RECIBIDOBANORTE/0118688976  072 0260825pago", ("072", "0118688976", "0260825", "pago")),
        ("SPEI RECIBIDOSANTANDER      / 0118688976  014 1234567 A 1", ("014", "0118688976", "1234567", " A 1")),
        ("SPEI RECIBIDOSTP/0118688976  646", ("646", "0118688976", "", "")),
        ("SPEI RECIBIDOSTP/0118688976  646 ", ("646", "0118688976", "", "")),
        ("SPEI RECIBIDOSTP/0118688976  646 123 A", ("646", "0118688976", "", "123 A")),
        (
            "SPEI RECIBIDONU MEXICO/0118688976  638 02608252611AAAA0001",
            ("638", "0118688976", "0260825", "2611AAAA0001"),
        ),
        ("PAGO CUENTA DE TERCERO/ 0094100001 BNET 0123456789 pago 2611", ("BBVA", "0094100001", "", "pago 2611")),
        ("PAGO CUENTA DE TERCERO/ 0094100001 RFC X", ("BBVA", "0094100001", "", "RFC X")),
        ("PAGO CUENTA DE TERCERO/ 0094100001", ("BBVA", "0094100001", "", "")),
    ],
)
def test_a_bbva_credit_is_taken_apart_by_its_text(concept: str, expected: tuple[str, ...]) -> None:
    row = only(bbva(f"25-08-2026\t{concept}\t\t1,234.50\t9,876.50"))
    found = tuple(row[name] for name in ("sender_bank", "tracking_key", "numeric_reference", "concept"))
    assert found == expected
    assert row["amount_centavos"] == 123_450
    assert row["credited_at"].isoformat() == "2026-08-25T06:00:00+00:00"


@pytest.mark.parametrize(
    "concept",
    [
        "DEPOSITO EN EFECTIVO/0012345",
        "DEPOSITO DE TERCERO/REFBNTC00123456 X BMRCASH",
        "SPEI RECIBIDOBANORTE/0118688976",
        "SPEI RECIBIDOBANORTE/0118688976  07",
        "SPEI RECIBIDOBANORTE/ 072 0260825pago",
        "PAGO CUENTA DE TERCERO/ pago",
        "",
    ],
)
def test_a_bbva_credit_without_a_number_of_its_own_is_rejected_and_given_none(concept: str) -> None:
    assert told(bbva(f"25-08-2026\t{concept}\t\t1.00\t1.00")) == [(2, "Concepto / Referencia", "tracking_key")]


@pytest.mark.parametrize("moved", ["\t1.00", "1.00\t"])
def test_a_bbva_return_is_told_and_not_used(moved: str) -> None:
    found = bbva(f"25-08-2026\tSPEI DEVUELTOBANORTE/0118688976  072 0260825\t{moved}\t1.00")
    assert told(found) == [(2, "Concepto / Referencia", "reversal")]


def test_bbva_money_that_leaves_is_no_credit() -> None:
    assert told(bbva("25-08-2026\tSPEI ENVIADO X/0118688976\t5.00\t\t1.00")) == [(2, "cargo", "not_a_credit")]


def movement(folio: int, abono: str, balance: str) -> str:
    return f"25-08-2026\tSPEI RECIBIDOSTP/011868897{folio}  646\t\t{abono}\t{balance}"


def test_a_bbva_file_may_run_either_way_but_must_add_up() -> None:
    rows = [movement(1, "1.00", "11.00"), movement(2, "2.00", "13.00"), movement(3, "3.00", "16.00")]
    assert bbva(*rows).refusal == ""
    assert bbva(*reversed(rows)).refusal == ""
    turned = bbva(rows[1], rows[0], rows[2])
    assert "line 3, column Saldo: found 11.00 stated; expected 14.00" in turned.refusal


def test_a_santander_credit_is_read_with_its_minute_and_reference() -> None:
    row = only(santander("'65500000001,'02032026',07:41,'0001',ABONO TRANSFERENCIA SPEI,+,10.50,4.00,'0021467,PAGO"))
    expected = {
        "tracking_key": "0021467",
        "sender_bank": "SANTANDER",
        "receiver_account": "65500000001",
        "amount_centavos": 1_050,
        "concept": "PAGO",
        "status": "credited",
    }
    assert {name: row[name] for name in expected} == expected
    assert row["operating_date"].isoformat() == "2026-03-02"
    assert row["credited_at"].isoformat() == "2026-03-02T13:41:00+00:00"


@pytest.mark.parametrize("day", ["02032026", "'02032026", "'02032026'"])
def test_one_apostrophe_in_front_and_one_behind_are_no_part_of_the_date(day: str) -> None:
    row = only(santander(f"1,{day},07:41,1,ABONO,+,1.00,,7,PAGO"))
    assert row["operating_date"].isoformat() == "2026-03-02"


@pytest.mark.parametrize("day", ["''02032026", "02032026'", "'02032026''", "2026-03-02", "'31042026", "2032026", "'"])
def test_any_other_date_rejects_the_row(day: str) -> None:
    found = told(santander(f"1,{day},07:41,1,ABONO,+,1.00,,7,PAGO"))
    assert [(column, rule) for _, column, rule in found] in ([("Fecha", "date")], [("Fecha", "required")])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("07:41,1,PAGO,-,1.00,,7,X", ("Cargo/Abono", "not_a_credit")),
        ("07:41,1,DEVOLUCION SPEI,+,1.00,,7,X", ("Descripcion", "reversal")),
        ("07:41,1,DEV. SPEI,-,1.00,,7,X", ("Descripcion", "reversal")),
        ("07:41,1,ABONO,,1.00,,7,X", ("Cargo/Abono", "sign")),
        ("07:41,1,ABONO,C,1.00,,7,X", ("Cargo/Abono", "sign")),
        ("07:41,1,ABONO,+-,1.00,,7,X", ("Cargo/Abono", "sign")),
        ("07:41,1,ABONO,+,1.00,,0000,X", ("Referencia", "tracking_key")),
        ("07:41,1,ABONO,+,1.00,,,X", ("Referencia", "tracking_key")),
        ("5:04,1,ABONO,+,1.00,,7,X", ("Hora", "time")),
        ("07:41:00,1,ABONO,+,1.00,,7,X", ("Hora", "time")),
        ("25:04,1,ABONO,+,1.00,,7,X", ("Hora", "time")),
        ("07:41,1,ABONO,+,-1.00,,7,X", ("Importe", "amount")),
        ("07:41,1,ABONO,+,1.005,,7,X", ("Importe", "amount")),
        ("07:41,1,ABONO,+,0.00,,7,X", ("Importe", "amount")),
    ],
)
def test_a_santander_row_that_cannot_be_used_is_rejected_by_its_reason(fields: str, expected: tuple[str, str]) -> None:
    (found,) = told(santander(f"1,'02032026,{fields}"))
    assert found[1:] == expected


def test_santander_balances_follow_the_sign_within_each_account_either_way() -> None:
    rows = [
        "1,'02032026,07:41,1,ABONO,+,1.00,11.00,7,X",
        "2,'02032026,07:41,1,ABONO,+,1.00,501.00,8,X",
        "1,'02032026,07:42,1,PAGO,-,4.00,7.00,9,X",
    ]
    assert santander(*rows).refusal == ""
    assert santander(*reversed(rows)).refusal == ""
    wrong = santander(*rows[:2], rows[2].replace(",-,", ",+,"))
    assert "line 4, column Saldo: found 7.00 stated; expected 15.00" in wrong.refusal


def test_a_row_without_a_sign_leaves_its_step_unchecked() -> None:
    rows = ["1,'02032026,07:41,1,ABONO,+,1.00,11.00,7,X", "1,'02032026,07:41,1,ABONO,?,1.00,99.00,8,X"]
    assert santander(*rows).refusal == ""


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ('apostrophes = ["Z"]', "no source column Z"),
        (
            '[dates]\npattern = "DDMMYYYY"\ntime = "hhmm"\nzone = "America/Mexico_City"',
            "dates.time is neither hh:mm:ss",
        ),
        ('[dates]\npattern = "DDMMYY"\nzone = "America/Mexico_City"', "dates.pattern does not hold YYYY, MM and DD"),
        ('[[cases]]\nwhen = [{ column = "Hora", matches = "(" }]', "matches of Hora is no pattern"),
        (
            '[controls.running_balance]\ncredit = "Importe"\ndebit = "Importe"\nbalance = "Saldo"\nsign = "Z"',
            "no source column Z",
        ),
    ],
)
def test_what_such_a_layout_says_amiss_is_told(said: str, fault: str) -> None:
    with pytest.raises(LayoutError) as error:
        parse("x", f'like = "santander"\n{said}')
    assert fault in str(error.value)
