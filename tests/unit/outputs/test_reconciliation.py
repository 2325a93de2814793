from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow
import pytest

from pipelines.outputs import labels_reconciliation as words
from pipelines.outputs import reconciliation
from pipelines.outputs.reconciliation import deciding, lists
from pipelines.readers import read_file
from pipelines.readers.layout_files import layouts
from tests.unit.outputs.decided_month import (
    ACCEPTED,
    BUCKETS,
    DOCUMENT,
    DOLLARS,
    HELD,
    LATE,
    MATCHED,
    REFUNDED,
    UNMATCHED,
    tables,
)
from tests.unit.outputs.made import table

CONTENT = reconciliation.encode(tables(), DOCUMENT)
ROW = deciding.HEADER_ROW + 1
DECISION = {"action": "Devolver", "reason": "Lo pidió", "decided_by": "Ana", "approved_by": "Luis"}


def opened(content: bytes = CONTENT) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def rows(sheet: Any, header: int = 1) -> list[dict[str, Any]]:
    """The filled rows below the header, without their empty cells."""
    names = [cell.value for cell in sheet[header]]
    told = [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=header + 1, values_only=True)]
    return [{name: value for name, value in row.items() if value is not None} for row in told]


def pending(content: bytes = CONTENT, language: str = "es") -> dict[str, dict[str, Any]]:
    """payment_id → its cells by the name of their column."""
    names = {getattr(said, language): name for name, said in words.PENDING.items()}
    sheet = opened(content)[getattr(words.SHEETS["pending"], language)]
    told = [{names[head]: value for head, value in row.items()} for row in rows(sheet, deciding.HEADER_ROW)]
    return {row["payment_id"]: row for row in told}


def filled(cells: dict[str, dict[str, Any]], content: bytes = CONTENT, language: str = "es") -> bytes:
    """The workbook with these cells (payment_id → column → value) written into it, as a person does."""
    book = opened(content)
    sheet = book[getattr(words.SHEETS["pending"], language)]
    places = {name: place for place, name in enumerate(words.PENDING, 1)}
    for row in range(ROW, sheet.max_row + 1):
        for name, value in cells.get(sheet.cell(row, places["payment_id"]).value, {}).items():
            sheet.cell(row, places[name]).value = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_the_sheets_stand_in_order_in_both_languages() -> None:
    assert opened().sheetnames == [said.es for said in words.SHEETS.values()]
    english = reconciliation.encode(tables(), DOCUMENT, "en")
    assert opened(english).sheetnames == [said.en for said in words.SHEETS.values()]
    assert pending(english, "en")[HELD]["standing"] == "held"


def test_what_waits_or_may_be_undone_is_listed_once_in_the_order_of_its_urgency() -> None:
    found = pending()
    assert list(found) == [HELD, DOLLARS, UNMATCHED, LATE, REFUNDED, MATCHED, ACCEPTED]
    assert [row["standing"] for row in found.values()] == [
        *["retenido"] * 2,
        "sin identificar",
        "extemporáneo",
        *["decidido"] * 3,
    ]


def test_a_payment_is_shown_with_all_that_a_person_decides_by() -> None:
    row = pending()[HELD]
    assert row["paid_on"].date() == date(2026, 10, 3)
    assert (row["age"], row["channel"], row["institution"]) == (28, "transferencia bancaria", "40012")
    assert (row["amount"], row["currency"], row["sender"]) == (1450.5, "MXN", "ZOILA MADE UP")
    assert row["text"].replace("_x005F_", "_") == "=1+1 pago de mi _x0041_ seguro"
    assert row["named"] == "LINEA0001"
    assert [row[f"line_{place}"] for place in (1, 2, 3)] == ["LINEA0001", "LINEA0002", "LINEA0004+LINEA0005"]
    assert [row[f"likeness_{place}"] for place in (1, 2, 3)] == [98.5, 90, 100]
    assert row["differs_2"] == (
        "un carácter distinto (carácter 9: O por 0; ya pagada; odd words); otras 4 igual de parecidas"
    )
    assert row["why"].startswith("el importe no es el de la línea")


def test_no_cell_is_a_formula_and_text_stays_text() -> None:
    for sheet in opened():
        for cells in sheet.iter_rows():
            assert [cell.coordinate for cell in cells if cell.data_type in {"f", "e"}] == []


def test_only_the_input_cells_are_open_and_the_hidden_columns_are_hidden() -> None:
    sheet = opened()["Por decidir"]
    names = list(words.PENDING)
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert [names[cell.column - 1] for cell in sheet[ROW] if not cell.protection.locked] == list(deciding.INPUTS)
    hidden = [name for name, column in zip(names, sheet[3], strict=True) if is_hidden(sheet, column.column_letter)]
    assert hidden == list(deciding.HIDDEN)


def is_hidden(sheet: Any, letter: str) -> bool:
    """Whether a column is hidden; openpyxl reads neighbours of one width as one."""
    place = openpyxl.utils.column_index_from_string(letter)
    return any(said.hidden and said.min <= place <= said.max for said in sheet.column_dimensions.values())


def test_the_drop_downs_offer_the_actions_and_the_lines_of_the_payment() -> None:
    offered = {str(said.sqref): said for said in opened()["Por decidir"].data_validations.dataValidation}
    action, line = (
        openpyxl.utils.get_column_letter(list(words.PENDING).index(name) + 1) for name in ("action", "line")
    )
    last = ROW + len(BUCKETS) - 2
    assert offered[f"{action}{ROW}:{action}{last}"].formula1 == f'"{",".join(w.es for w in words.ACTIONS.values())}"'
    assert offered[f"{line}{ROW}"].formula1 == '"LINEA0001,LINEA0002"'
    assert not offered[f"{line}{ROW}"].showErrorMessage
    assert f"{line}{ROW + 1}" not in offered


def test_what_no_decision_can_choose_is_shown_with_the_reason_and_left_out_of_the_drop_down() -> None:
    shown = pending()
    held, unmatched = shown[HELD], shown[UNMATCHED]
    assert held["line_3"] == "LINEA0004+LINEA0005"
    assert held["differs_3"].startswith("No se elige: una decisión confirma una sola línea · ")
    assert not held["differs_1"].startswith("No se elige")
    assert (unmatched["line_1"], unmatched["named"]) == ("LINEA0007", "LINEA0008")
    assert unmatched["differs_1"].startswith("No se elige: antes hay que registrar a la persona · ")
    assert "persona no registrada" in unmatched["differs_1"]
    sheet = opened()["Por decidir"]
    offered = [str(said.formula1) for said in sheet.data_validations.dataValidation]
    assert [said for said in offered if any(line in said for line in ("0004", "0005", "0007", "0008"))] == []


def test_the_overview_has_its_figures_and_three_charts() -> None:
    sheet = opened()["Resumen"]
    assert len(sheet._charts) == 3
    told = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    assert ["aplicado", 2, Decimal("2901.00")] in told
    assert ["USD", 1, Decimal("1450.50")] in told
    assert ["sin pago", 1, 1450] in told
    assert ["16 a 30 días", 2, Decimal("1450.50")] in told
    days = {row[0]: row[1:] for row in sheet.iter_rows(min_row=30, values_only=True) if isinstance(row[0], int)}
    assert len(days) == 31
    assert days[15][:3] == (0, None, 1)
    assert days[20][:3] == (None, 1, None)


def test_the_lists_say_what_their_tables_hold() -> None:
    book = opened()
    assert rows(book["Excepciones de cobertura"])[0]["Nombre"] == "ROE MADE UP"
    assert [row["Situación"] for row in rows(book["Liquidaciones"])] == ["no cuadra", "cuadra"]
    assert rows(book["Liquidaciones"])[0]["Diferencia"] == -20
    assert [row["Qué"] for row in rows(book["Rechazos"])] == ["archivo", "fila"]
    assert rows(book["Cambios"])[0]["Cambio"] == "alta"
    control = rows(book["Control"])
    assert (control[0]["Comprobación"], control[0]["Cumple"]) == ("filas", "sí")
    assert {"Comprobación": "huella del certificado", "Sobre": "d1"} in control


def test_a_row_is_as_high_as_its_longest_text_needs_and_no_higher_than_a_spreadsheet_takes() -> None:
    reasons = ["short", "expected " * 60, "x" * 32_000]
    receipts = [
        {"file_name": f"{at}.csv", "sha256": str(at), "outcome": "refused", "reason": reason}
        for at, reason in enumerate(reasons)
    ]
    book = opened(reconciliation.encode({**tables(), "receipts": table("receipts", *receipts)}, DOCUMENT))
    sheet = book["Rechazos"]
    heights = [sheet.row_dimensions[row].height for row in range(2, 5)]
    assert heights[0] == 28
    assert 60 <= heights[1] <= 100
    assert heights[2] == 409


def test_a_long_list_says_how_much_of_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_ROWS", 1)
    monkeypatch.setattr(deciding, "MOST_ROWS", 2)
    book = opened(reconciliation.encode(tables(), DOCUMENT))
    told = [row[0] for row in book["Liquidaciones"].iter_rows(min_row=2, values_only=True)]
    assert told == ["GIROS", "Aquí están las primeras 1 de 2; todas: tabla settlements"]
    assert "las primeras 2 de 7" in book["Por decidir"]["A2"].value
    assert book["Por decidir"].max_row == ROW + 1


def test_a_month_in_which_nothing_happened_is_a_workbook_too() -> None:
    book = opened(reconciliation.encode({}, DOCUMENT))
    assert book["Cambios"]["A2"].value == "Nada que mostrar"
    assert book["Por decidir"].max_row == deciding.HEADER_ROW


def test_equal_answers_repeat_byte_for_byte_whatever_the_day() -> None:
    assert reconciliation.encode(tables(), DOCUMENT) == CONTENT
    with zipfile.ZipFile(io.BytesIO(CONTENT)) as package:
        assert {entry.date_time[0] for entry in package.infolist()} == {1980}


def test_an_untouched_workbook_is_a_file_without_rows() -> None:
    found = read_file("reconciliation.xlsx", CONTENT)
    assert (found.refusal, found.data_rows, found.rejected_rows, found.hold, found.notes) == ("", 0, 0, "", "")


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_is_decided_comes_back_and_only_that(language: str) -> None:
    content = reconciliation.encode(tables(), DOCUMENT, language)
    said = DECISION | {"action": getattr(words.ACTIONS["match"], language), "line": "linea-0001"}
    found = read_file(
        "reconciliation (1).xlsx", filled({HELD: said | {"decided_on": date(2026, 11, 3)}}, content, language)
    )
    assert found.refusal == ""
    assert found.rows is not None
    (row,) = found.rows.to_pylist()
    assert (found.data_rows, row["payment_id"], row["action"], row["capture_line"]) == (1, HELD, "match", "LINEA0001")
    assert (row["reason"], row["decided_by"], row["approved_by"]) == ("Lo pidió", "Ana", "Luis")
    assert row["decided_at"].isoformat() == "2026-11-03T06:00:00+00:00"
    assert (row["facts"], row["row"], row["sheet"]) == ("ab" * 32, ROW, getattr(words.SHEETS["pending"], language))


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"reason": None}, "Motivo", "required"),
        ({"approved_by": " "}, "Autorizó", "required"),
        ({"decided_on": None}, "Fecha de decisión", "required"),
        ({"decided_on": "3 de noviembre"}, "Fecha de decisión", "date"),
        ({"action": None}, "Acción", "status"),
        ({"action": "Olvidar"}, "Acción", "status"),
        ({"amount": 1}, "", "protected_cell"),
        ({"text": "otro"}, "", "protected_cell"),
        ({"payment_id": LATE}, "", "protected_cell"),
        ({"facts": "cd" * 32}, "", "protected_cell"),
        ({"seal": None}, "", "protected_cell"),
        ({"paid_on": "ayer", "reason": None}, "", "protected_cell"),
        ({"reason": "=1+1"}, "Motivo", "formula_cell"),
    ],
)
def test_a_row_that_is_not_as_it_should_be_is_rejected_by_name(cells: dict[str, Any], column: str, rule: str) -> None:
    sound = DECISION | {"decided_on": date(2026, 11, 3)}
    found = read_file("reconciliation.xlsx", filled({HELD: sound | cells, UNMATCHED: sound}))
    assert [(told["column"], told["rule"], told["row"]) for told in found.rejections.to_pylist()] == [
        (column, rule, ROW)
    ]
    assert found.rows is not None
    assert found.rows["payment_id"].to_pylist() == [UNMATCHED]


def test_an_edited_cell_of_a_row_that_was_left_alone_is_nothing() -> None:
    found = read_file("reconciliation.xlsx", filled({HELD: {"amount": 1, "reason": "  "}}))
    assert (found.refusal, found.data_rows) == ("", 0)


def test_the_layout_knows_the_columns_and_words_of_the_workbook() -> None:
    (layout,) = [layout for layout in layouts() if layout.name == "reconciliation"]
    assert layout.columns == tuple(said.es for said in words.PENDING.values())
    assert layout.aliases == {said.en: said.es for said in words.PENDING.values() if said.en != said.es}
    assert layout.workbook.inputs == tuple(words.PENDING[name].es for name in deciding.INPUTS)
    others = [said for name, said in words.SHEETS.items() if name != "pending"]
    assert set(layout.workbook.ignored) == {name for said in others for name in said}
    actions = layout.cases[-1].columns["action"].map
    assert actions == {word: action for action, said in words.ACTIONS.items() for word in said}


def test_only_the_payments_and_persons_that_are_shown_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "MOST_ROWS", 3)
    monkeypatch.setattr(lists, "MOST_ROWS", 1)
    given = tables()
    material = {name: given.pop(name) for name in reconciliation.MATERIAL}
    asked: list[tuple[list[str], list[str]]] = []

    def more(payments: list[str], nss: list[str]) -> dict[str, pyarrow.Table]:
        asked.append((payments, nss))
        return material

    content = reconciliation.encode(given, DOCUMENT, "es", more)
    shown = [
        row["NSS"]
        for name in ("exceptions", "changes")
        for row in rows(opened(content)[words.SHEETS[name].es])
        if "NSS" in row
    ]
    assert asked == [(list(pending(content)), sorted(set(shown)))]
    assert len(asked[0][0]) == 3
    assert len(shown) == 2
    assert content == reconciliation.encode(tables(), DOCUMENT)
