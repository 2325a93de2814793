"""The analyst's workbook in a real spreadsheet program: LibreOffice opens it, saves it, and it still says the same."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.outputs import labels_reconciliation as words
from pipelines.outputs import reconciliation
from pipelines.outputs.reconciliation import deciding
from pipelines.readers import read_file
from tests.unit.outputs.decided_month import DOCUMENT, HELD, tables

OFFICE = shutil.which("soffice")
NAMES = list(words.PENDING)

pytestmark = pytest.mark.skipif(OFFICE is None, reason="soffice (LibreOffice) is not installed")


def decided() -> bytes:
    """The workbook with a decision on one payment."""
    book = openpyxl.load_workbook(io.BytesIO(reconciliation.encode(tables(), DOCUMENT)))
    sheet = book["Por decidir"]
    said = ("Confirmar", "LINEA0001", "Habló con la familia", "Ana", "Luis", date(2026, 11, 3))
    row = next(row for row in sheet.iter_rows(min_row=4) if row[NAMES.index("payment_id")].value == HELD)
    for name, value in zip(deciding.INPUTS, said, strict=True):
        row[NAMES.index(name)].value = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook as LibreOffice saves it."""
    folder = tmp_path_factory.mktemp("office")
    source = folder / "reconciliation.xlsx"
    source.write_bytes(decided())
    command = [str(OFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / "out" / source.name


def test_it_opens_whole_and_keeps_what_it_is_made_of(saved: Path) -> None:
    book: Any = openpyxl.load_workbook(saved)
    assert book.sheetnames == [said.es for said in words.SHEETS.values()]
    assert len(book["Resumen"]._charts) == 3
    sheet = book["Por decidir"]
    assert sheet.protection.sheet
    assert len(sheet.data_validations.dataValidation) >= 3
    assert [cell.data_type for cells in sheet.iter_rows() for cell in cells if cell.data_type == "f"] == []


def test_a_saved_copy_comes_back_as_the_decision_that_was_made(saved: Path) -> None:
    found = read_file(saved.name, saved.read_bytes())
    assert (found.refusal, found.hold, found.data_rows, found.rejected_rows) == ("", "", 1, 0)
    assert found.rows is not None
    (row,) = found.rows.to_pylist()
    assert (row["payment_id"], row["action"], row["capture_line"]) == (HELD, "match", "LINEA0001")
    assert (row["reason"], row["facts"]) == ("Habló con la familia", "ab" * 32)
