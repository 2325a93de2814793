from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from pipelines.readers import read_file, reading, workbook_process
from pipelines.readers.layout import Limits
from pipelines.readers.layout_files import layout_for
from pipelines.readers.workbook_values import date_of, shortest
from tests.unit.readers.workbooks import COLUMNS, HEADER, RECORD, VALUES, package, row, sheet, text
from tests.unit.readers.workbooks import workbook as workbook_part

NAME = "decisions_x.xlsx"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


STRINGS = (
    f"<si><r><t>{said[:2]}</t></r><r><t>{said[2:]}</t></r><rPh><t>x</t></rPh></si>" for said in (*COLUMNS, *VALUES)
)
SHARED = f'<sst count="1">{"".join(STRINGS)}</sst>'


def swap(column: str, cell: str) -> str:
    """A record whose cell in one column is this one."""
    place = COLUMNS.index(column)
    return row(*(cell if at == place else text(value) for at, value in enumerate(VALUES)))


@pytest.mark.parametrize(
    "content",
    [
        package(sheet(HEADER, RECORD)),
        package(
            f'<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><sheetData>{HEADER}{RECORD}</sheetData></worksheet>'
        ),
        package(sheet(HEADER, RECORD, before="").replace("<sheetData>", '<dimension ref="A1:A1"/><sheetData>')),
        package(sheet(HEADER, RECORD), sheet(), states=("visible", "hidden")),
        package(sheet(), sheet(HEADER, RECORD), states=("veryHidden", "visible")),
        package(sheet(HEADER, RECORD, row(text("")))),
        package(
            sheet(
                row(*(f'<c t="s"><v>{place}</v></c>' for place in range(7))),
                row(*(f'<c t="s"><v>{place + 7}</v></c>' for place in range(7))),
            ),
            parts={"xl/sharedStrings.xml": SHARED},
        ),
    ],
    ids=[
        "plain",
        "strict namespace",
        "lying dimension",
        "empty hidden sheet",
        "empty first sheet",
        "empty text below",
        "shared strings",
    ],
)
def test_a_sheet_is_read_whole_however_it_is_packed(content: bytes) -> None:
    found = read_file(NAME, content)
    assert found.refusal == ""
    assert found.rows is not None
    row_read: dict[str, Any] = found.rows.to_pylist()[0]
    assert (row_read["payment_id"], row_read["row"], found.data_rows) == (VALUES[0], 2, 1)


def test_rows_keep_the_number_they_have_in_the_sheet() -> None:
    cells = [
        f'<c r="{letter}7" t="inlineStr"><is><t>{value}</t></is></c>'
        for letter, value in zip("ABCDEFG", VALUES, strict=True)
    ]
    found = read_file(NAME, package(sheet(row(*map(text, COLUMNS), number=1), row(*cells, number=7))))
    assert found.rows is not None
    assert found.rows["row"].to_pylist() == [7]
    assert found.rows["sheet"].to_pylist() == ["S0"]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("<c><v>26110000000001</v></c>", "number_cell"),
        ('<c s="1"><v>46000</v></c>', "date_cell"),
        ('<c s="2"><v>46000.5</v></c>', "date_cell"),
        ('<c s="3"><v>46000</v></c>', "number_cell"),
        ('<c s="1"><v>60</v></c>', "number_cell"),
        ('<c t="b"><v>1</v></c>', "boolean_cell"),
        ('<c t="e"><v>#REF!</v></c>', "error_cell"),
        ("<c><f>A1</f></c>", "formula_cell"),
        ('<c t="str"><f>A1</f><v>cached</v></c>', "formula_cell"),
        (text("a_x0007_b"), "control_characters"),
    ],
)
def test_a_cell_that_is_no_plain_text_rejects_its_row_only(cell: str, rule: str) -> None:
    found = read_file(NAME, package(sheet(HEADER, swap("capture_line", cell), RECORD)))
    assert found.rejections.select(["row", "column", "rule"]).to_pylist() == [
        {"row": 2, "column": "capture_line", "rule": rule}
    ]
    assert found.rows is not None
    assert found.rows["row"].to_pylist() == [3]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "found an empty file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password-protected"),
        (b"payment_id,action\n", "found a file that is no zip package"),
        (b"<html></html>", "found a file that is no zip package"),
        (b"PK\x03\x04" + b"\0" * 100, "found a damaged zip package"),
        (package(sheet(HEADER, RECORD))[:-200], "found a damaged zip package"),
        (package(sheet(HEADER), parts={"xl/vbaProject.bin": "x"}), "found macros"),
        (package(sheet(HEADER), parts={"xl/workbook.xml": "<x"}), "found a damaged workbook"),
        (package(sheet(HEADER), parts={"xl/_rels/workbook.xml.rels": "<x/>"}), "found a damaged workbook"),
        (package(sheet(HEADER, RECORD, before=BOMB)), "found a document type declaration (DTD)"),
        (package(sheet(HEADER), parts={"xl/styles.xml": BOMB + "<x/>"}), "found a document type declaration (DTD)"),
        (package("<worksheet>" + "<x>" * 200_000), "found XML nested deeper than 64"),
        (
            package(sheet(HEADER, RECORD, after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>')),
            "line 2: found merged cells",
        ),
        (package(sheet(HEADER, RECORD), sheet(RECORD)), "found another sheet with values"),
        (package(sheet(HEADER), states=("hidden",)), "found no such sheet; expected a visible sheet"),
        (package(sheet()), "found no header"),
        (package(sheet(row(), HEADER)), "line 1: found an empty row; expected the header in row 1"),
        (package(sheet(RECORD)), "line 1: found 7 fields, none of them a column name"),
        (
            package(sheet(HEADER, row(*map(text, VALUES), text("beside")))),
            "line 2: found a value to the right of the last column",
        ),
        (package(sheet(HEADER, row(text("x", "XFD1048576"), number=1_048_576))), "found a value in column 16384"),
        (package(sheet(HEADER, row(text("x", "B9"), number=2))), "found a cell that is not where it says"),
        (
            package(sheet(HEADER, row(text("x", "B2"), text("x", "A2"), number=2))),
            "found a cell that is not where it says",
        ),
        (package(sheet(row(text("x"), number=2), row(text("x"), number=2))), "found rows out of order"),
        (package(sheet(HEADER, row('<c t="s"><v>5</v></c>'))), "found a damaged workbook"),
        (package(sheet(HEADER) + " " * (9 << 20)), "once unpacked; expected at most"),
        (
            package(sheet(HEADER), parts={f"x{place}": "" for place in range(2001)}),
            "expected at most 2,000 different parts",
        ),
    ],
)
def test_a_workbook_that_is_not_plain_is_refused_with_the_reason(content: bytes, told: str) -> None:
    found = read_file(NAME, content)
    assert told in found.refusal
    assert found.refusal.startswith(NAME)
    assert (found.rows, found.data_rows) == (None, 0)


def test_an_encrypted_part_is_refused() -> None:
    content = bytearray(package(sheet(HEADER)))
    # Bit 0 of the flags of the first entry in the directory says that it is encrypted.
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "without a password" in read_file(NAME, bytes(content)).refusal


def test_a_zip_package_that_is_no_workbook_is_refused() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "found a zip package that is no workbook" in read_file(NAME, packed.getvalue()).refusal


@pytest.mark.parametrize(
    ("limit", "value", "told"),
    [
        ("MEMORY_BYTES", 16 << 20, "found more than fits into memory"),
        ("LEAST_SECONDS", 0, "it was tried twice and is parked"),
    ],
)
def test_a_child_that_dies_of_its_limits_refuses_the_file_and_nothing_else(
    limit: str, value: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = package(sheet(HEADER, *[RECORD] * 8_000))
    monkeypatch.setattr(workbook_process, limit, value)
    monkeypatch.setattr(workbook_process, "BYTES_A_SECOND", 1 << 30)
    assert told in read_file(NAME, content).refusal
    monkeypatch.undo()
    assert read_file(NAME, package(sheet(HEADER, RECORD))).refusal == ""


@pytest.mark.parametrize(
    ("said", "text_read"),
    [
        ("1234.56", "1234.56"),
        ("4.3499999999999996", "4.35"),
        ("1234", "1234"),
        ("1234.0", "1234"),
        ("0.1", "0.1"),
        ("1234.5600000000000001", "1234.5600000000000001"),
        ("1.5E3", "1.5E3"),
        ("0.30000000000000004", "0.30000000000000004"),
    ],
)
def test_a_number_is_its_shortest_decimal_text_and_never_rounded(said: str, text_read: str) -> None:
    assert shortest(said) == text_read


@pytest.mark.parametrize(
    ("serial", "from_1904", "kind", "told"),
    [
        ("46000", False, "d", "2025-12-09"),
        ("46000.0", False, "d", "2025-12-09"),
        ("46000.5", False, "d", "2025-12-09T12:00:00"),
        ("44538", True, "d", "2025-12-09"),
        ("61", False, "d", "1900-03-01"),
        ("60", False, "n", "60"),
        ("-1", False, "n", "-1"),
        ("9999999", False, "n", "9999999"),
    ],
)
def test_a_date_cell_counts_days_from_the_workbooks_epoch(serial: str, from_1904: bool, kind: str, told: str) -> None:
    assert date_of(serial, from_1904=from_1904) == (kind, told)


def test_a_sheet_with_more_rows_than_its_layout_allows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = layout_for(NAME)
    assert layout is not None
    monkeypatch.setattr(reading, "layout_for", lambda _: replace(layout, limits=Limits(rows=1)))
    assert (
        "found more than 2 rows, header and totals included"
        in read_file(NAME, package(sheet(HEADER, RECORD, RECORD))).refusal
    )


REMITTANCES = "remesas_norte_x.xlsx"
REMITTANCE = {
    "Folio": "1",
    "Estado": "Pagada",
    "Fecha de envío": "2026-10-01",
    "Hora": "12:00:00",
    "Importe MXN": "10.00",
    "Comisión MXN": "0.00",
}


@pytest.mark.parametrize(
    ("total", "told"),
    [
        ("10.00", ""),
        ("ten", "line 4, column Importe MXN: found no readable sum"),
        ("9.00", "found 9.00 stated; expected 10.00"),
    ],
)
def test_the_totals_row_is_a_control(total: str, told: str) -> None:
    layout = layout_for(REMITTANCES)
    assert layout is not None
    totals = {"Folio": "TOTAL", "Liquidación": "1", "Importe MXN": total, "Comisión MXN": "0.00"}
    rows = [dict(zip(layout.columns, layout.columns, strict=True)), REMITTANCE, totals]
    cells = [row(*(text(said.get(name, "")) for name in layout.columns)) for said in rows]
    parts = {"xl/workbook.xml": workbook_part(("Remesas", "visible"))}
    found = read_file(REMITTANCES, package(sheet(row(text("Remesas Norte")), *cells), parts=parts))
    assert bool(found.refusal) is bool(told)
    assert told in found.refusal
