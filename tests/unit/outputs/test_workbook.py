from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import lxml.etree
import openpyxl
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.outputs import package, sheet_cells, sheet_rows, workbook
from pipelines.outputs.labels import LANGUAGES
from pipelines.outputs.package import WorkbookLimitError
from pipelines.outputs.sheet_cells import CELL_CHARACTERS
from pipelines.readers import read_file

INSTANT = pyarrow.timestamp("us", "UTC")
TABLE = pyarrow.table(
    {
        "nss": ["00260100102", "=1+1", "", "a <b> & _x000D_"],
        "amount_centavos": pyarrow.array([145000, -1, None, 10**12], pyarrow.int64()),
        "paid_on": [date(2026, 10, 15), date(1900, 1, 1), None, date(1900, 3, 1)],
        "paid_at": pyarrow.array([datetime(2026, 10, 16, 5, 59, tzinfo=UTC), None, None, None], INSTANT),
        "passed": [True, False, None, True],
    }
)


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def column(content: bytes, letter: str) -> list[Any]:
    return [cell.value for cell in opened(content).active[letter][1:]]


def test_text_stays_text_with_its_zeros_and_its_equals_sign() -> None:
    sheet = opened(workbook.encode(TABLE, "payments")).active
    assert [cell.value for cell in sheet["A"]] == ["nss", "00260100102", "=1+1", None, "a <b> & _x005F_x000D_"]
    assert {cell.data_type for cell in sheet["A"] if cell.value} == {"s"}
    assert {cell.number_format for cell in sheet["A"] if cell.value} == {"@"}


def test_no_cell_is_a_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(workbook.encode(TABLE, "payments"))) as archive:
        assert b"<f" not in archive.read("xl/worksheets/sheet1.xml")


def test_centavos_are_whole_numbers() -> None:
    found = column(workbook.encode(TABLE, "payments"), "B")
    assert found == [145000, -1, None, 10**12]
    assert all(isinstance(value, int) for value in found if value is not None)


def test_civil_dates_are_dates_from_1900_on() -> None:
    content = workbook.encode(TABLE, "payments")
    assert column(content, "C") == [datetime(2026, 10, 15), datetime(1900, 1, 1), None, datetime(1900, 3, 1)]  # noqa: DTZ001 - a cell knows no zone
    assert opened(content).active["C2"].is_date


def test_instants_are_text_in_utc_and_flags_are_true_or_false() -> None:
    content = workbook.encode(TABLE, "payments")
    assert column(content, "D") == ["2026-10-16T05:59:00Z", None, None, None]
    assert column(content, "E") == [True, False, None, True]


def test_the_header_is_frozen_and_filters_cover_the_rows() -> None:
    sheet = opened(workbook.encode(TABLE, "payments")).active
    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("payments", "A2", "A1:E5")
    assert sheet.column_dimensions["D"].width == len("2026-10-16T05:59:00Z") + 2


def test_a_table_without_rows_is_written_with_its_header() -> None:
    sheet = opened(workbook.encode(TABLE.slice(0, 0), "payments")).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [TABLE.column_names]


def test_control_characters_are_escaped_as_workbooks_do() -> None:
    content = workbook.encode(pyarrow.table({"file_name": ["a\x00b\x1bc\rd\te\nf"]}), "receipts")
    assert column(content, "A") == ["a_x0000_b_x001B_c_x000D_d\te\nf"]


def test_a_table_with_more_rows_than_a_sheet_holds_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SHEET_ROWS", 3)
    numbers = pyarrow.table({"row": [1, 2, 3, 4]})
    assert column(workbook.encode(numbers.slice(1), "payments"), "A") == [2, 3, 4]
    with pytest.raises(WorkbookLimitError, match=r"found 4 rows, expected at most 3 .* choose .csv or .parquet"):
        workbook.encode(numbers, "payments")


def test_a_workbook_that_cannot_hold_the_table_says_so_in_both_languages_and_holds_none_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "SHEET_ROWS", 3)
    numbers = pyarrow.table({"row": range(1234), "nss": ["00260100102"] * 1234})
    sheet = opened(workbook.encode_or_tell(numbers, "payments", "payments.csv")).active
    told = [cell.value for row in sheet.iter_rows() for cell in row]
    assert len(told) == len(LANGUAGES)
    assert all("1,234" in text and "payments.csv" in text for text in told)
    assert workbook.encode_or_tell(numbers.slice(0, 3), "payments", "") == workbook.encode(
        numbers.slice(0, 3), "payments"
    )


def test_a_sheet_larger_than_a_package_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "SHEET_BYTES", 2000)
    assert workbook.encode(TABLE.slice(0, 1), "payments")
    with pytest.raises(WorkbookLimitError, match="more than 2000 bytes"):
        workbook.encode(pyarrow.table({"reason": ["x" * 2000]}), "receipts")


def test_a_title_is_made_one_that_a_sheet_can_have() -> None:
    book = opened(workbook.encode(TABLE, "a/title that is longer than a sheet's may be"))
    assert book.sheetnames == ["a_title that is longer than a s"]


def test_white_space_at_the_ends_of_a_text_and_line_ends_stay() -> None:
    texts = [" a", "b ", "c\td\n", "e", "", "\n"]
    assert column(workbook.encode(pyarrow.table({"text": texts, "n": range(6)}), "t"), "A") == [*texts[:4], None, "\n"]


@settings(deadline=None)
@given(st.lists(st.text("a&<>_x0041;=\t\n\r\x00\ufffe\uffffñ ", max_size=9), min_size=1, max_size=6))
def test_cells_made_one_by_one_and_by_column_hold_the_same(texts: list[str]) -> None:
    by_column = b"".join(sheet_rows.encode(pyarrow.table({"text": texts}), [7], 1)).decode()
    one_by_one = "".join(
        sheet_cells.row(n, [sheet_cells.cell(1, n, text, 7)]).decode() for n, text in enumerate(texts, 1)
    )
    assert cells_in(by_column) == cells_in(one_by_one)


def cells_in(rows: str) -> list[str]:
    """The text of every cell, without what says where it is and that its white space counts."""
    parsed = lxml.etree.fromstring(f"<sheetData>{rows}</sheetData>")
    return ["".join(cell.itertext()) for cell in parsed.iter("c")]


def test_the_bytes_repeat_and_carry_no_date_of_their_own() -> None:
    content = workbook.encode(TABLE, "payments")
    chunked = pyarrow.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)])
    assert workbook.encode(chunked, "payments") == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        stamps = re.findall(rb"<dcterms:(?:created|modified)[^>]*>([^<]*)", archive.read("docProps/core.xml"))
    assert stamps == [b"1980-01-01T00:00:00Z"] * 2


def test_a_text_longer_than_a_cell_is_not_cut_but_told() -> None:
    table = pyarrow.table({"reason": ["x" * (CELL_CHARACTERS + 1)]})
    with pytest.raises(WorkbookLimitError, match=r"column reason: found a text of 32768 .* choose .csv"):
        workbook.encode(table, "receipts")


def test_a_decisions_workbook_written_here_is_read_by_the_reader() -> None:
    decisions = pyarrow.table(
        {
            "payment_id": ["bank_transfer|2026-10-05|0012|MBAN01"],
            "action": ["refund"],
            "capture_line": [""],
            "reason": ["pagó dos veces"],
            "decided_by": ["analista uno"],
            "approved_by": ["analista dos"],
            "decided_at": ["2026-10-20T18:00:00Z"],
        }
    )
    found = read_file("decisions_2026-10.xlsx", workbook.encode(decisions, "decisions"))
    assert (found.refusal, found.data_rows, found.rejections.num_rows) == ("", 1, 0)
