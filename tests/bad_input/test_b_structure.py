"""Section B of the catalogue of bad input: structure of delimited files. Contract §4: a file is whole or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from pipelines.readers import layout_files
from pipelines.readers.layout import Limits
from tests.bad_input.landing import (
    AMOUNTS,
    LINE,
    NAME,
    NSS,
    Told,
    canonical,
    header,
    offer,
    record,
    refusals,
    refused,
    rejected,
    row_file,
)

BANK: Final = "bank_transfers_1.csv"
COLUMNS: Final = header("bank_transfers")
ROW: Final = record("bank_transfers")
FORMATS: Final = Path(__file__).parents[2] / "fixtures" / "formats"
CORRECT: Final = "correct the record at the source (a field that contains the delimiter must be quoted)"
EXACTLY: Final = f"expected exactly the columns {COLUMNS.replace(',', ', ')}"
AGAIN: Final = "export the file again with the columns of its layout"


def text(*lines: str, end: str = "\n") -> bytes:
    return end.join([*lines, ""]).encode()


def accepted(rows: int) -> Told:
    return Told("accepted", "", rows, 0, "bank_transfers", rows * AMOUNTS["bank_transfers"])


def fixture(layout: str, name: str) -> bytes:
    (path,) = (FORMATS / layout).glob(f"*/{name}")
    return path.read_bytes()


def test_case_018_another_delimiter_is_refused_as_one_field(tmp_path: Path) -> None:
    content = canonical("bank_transfers").decode()
    marks = {"semicolon": ";", "bar": "|", "tab": "\t"}
    files = {f"bank_transfers_{name}.csv": content.replace(",", mark).encode() for name, mark in marks.items()}
    for message in refusals(tmp_path, files).values():
        assert "line 1: found 1 field, none of them a column name" in message
        assert f"expected a header with the columns {COLUMNS.replace(',', ', ')}" in message
        assert message.endswith(
            "; check the delimiter and that the header row stands first, then export the file again"
        )


def test_case_019_a_delimiter_that_changes_on_the_way_refuses_the_file(tmp_path: Path) -> None:
    # §4: a record with more or fewer fields than the header refuses it, however few there are.
    message = refused(tmp_path, BANK, text(COLUMNS, ROW, ROW.replace(",", ";"), ROW))
    assert f"{BANK}, line 3: found a record of 1 field; expected 12 fields; {CORRECT}" in message


def test_case_020_a_short_row_refuses_the_file(tmp_path: Path) -> None:
    # §4, as in case 19.
    message = refused(tmp_path, BANK, text(COLUMNS, ROW, ROW, ROW.removesuffix(",credited")))
    assert f"{BANK}, line 4: found a record of 11 fields; expected 12 fields; {CORRECT}" in message


def test_case_021_a_long_row_refuses_the_file_be_it_the_first_or_a_later_one(tmp_path: Path) -> None:
    # §4, as in case 19.
    long = f"{ROW},more"
    files = {"bank_transfers_first.csv": text(COLUMNS, long, ROW), "bank_transfers_later.csv": text(COLUMNS, ROW, long)}
    told = refusals(tmp_path, files)
    for name, line in (("bank_transfers_first.csv", 2), ("bank_transfers_later.csv", 3)):
        assert f"{name}, line {line}: found a record of 13 fields; expected 12 fields; {CORRECT}" in told[name]


def test_case_022_a_missing_column_is_refused_by_name(tmp_path: Path) -> None:
    message = refused(tmp_path, BANK, text(COLUMNS.replace(",currency", ""), ROW.replace(",MXN", "")))
    assert message == f"{BANK}, line 1, column currency: found no such column; {EXACTLY}; {AGAIN}"


def test_case_023_a_column_too_many_is_refused_by_name(tmp_path: Path) -> None:
    message = refused(tmp_path, BANK, text(f"{COLUMNS},branch", f"{ROW},7"))
    assert message == f"{BANK}, line 1, column branch: found a column that the layout does not have; {EXACTLY}; {AGAIN}"


def test_case_024_columns_in_another_order_are_read_by_their_names(tmp_path: Path) -> None:
    turned = [",".join(reversed(line.split(","))) for line in (COLUMNS, ROW)]
    landed = offer(tmp_path / "turned", {BANK: text(*turned)})
    sound = offer(tmp_path / "sound", {BANK: text(COLUMNS, ROW)})
    assert landed.receipt(BANK) == accepted(1)
    assert (
        landed.rows("bank_transfers").drop(columns="sha256").equals(sound.rows("bank_transfers").drop(columns="sha256"))
    )


def test_case_025_a_column_by_another_name_is_refused_and_both_names_told(tmp_path: Path) -> None:
    written = {"renamed": "importe", "capital": "Amount", "accent": "amóunt"}
    files = {f"bank_transfers_{how}.csv": text(COLUMNS.replace("amount", name), ROW) for how, name in written.items()}
    told = refusals(tmp_path, files)
    for how, name in written.items():
        message = told[f"bank_transfers_{how}.csv"]
        assert f"line 1, column amount: found no such column, but {name}; {EXACTLY}; {AGAIN}" in message


def test_case_025_another_spelling_that_the_layout_declares_is_read(tmp_path: Path) -> None:
    name = "banorte_plain_spelling.txt"
    content = fixture("banorte", name)
    assert "|Descripcion|" in content.decode("cp1252")
    assert offer(tmp_path, {name: content}).receipt(name).outcome == "accepted"


def test_case_025_a_header_cell_that_may_be_a_value_is_told_by_its_place(tmp_path: Path) -> None:
    files = {
        "bank_transfers_instead.csv": text(COLUMNS.replace("amount", NAME), ROW),
        "bank_transfers_more.csv": text(f"{COLUMNS},{NSS}", f"{ROW},7"),
        "bank_transfers_twice.csv": text(f"{COLUMNS},{NSS},{NSS}", f"{ROW},7,7"),
    }
    told = refusals(tmp_path, files)
    assert "column amount: found no such column, but 8 of the file; expected" in told["bank_transfers_instead.csv"]
    assert "column 13 of the file: found a column that the layout" in told["bank_transfers_more.csv"]
    assert "column 13 of the file: found this column more than once" in told["bank_transfers_twice.csv"]


def test_case_026_a_column_twice_is_refused_by_name(tmp_path: Path) -> None:
    message = refused(tmp_path, BANK, text(COLUMNS.replace("currency", "amount"), ROW))
    assert (
        message
        == f"{BANK}, line 1, column amount: found this column more than once; expected every column once; {AGAIN}"
    )


def test_case_027_a_file_without_a_header_is_refused_and_its_first_row_not_shown(tmp_path: Path) -> None:
    message = refused(tmp_path, BANK, text(ROW, ROW))
    assert f"{BANK}, line 1: found 12 fields, none of them a column name; expected a header with the columns" in message


def test_case_028_a_header_in_the_middle_refuses_the_file(tmp_path: Path) -> None:
    message = refused(tmp_path, BANK, text(COLUMNS, ROW, COLUMNS, ROW))
    assert f"{BANK}, line 3: found " in message
    assert "header" in message


def test_case_029_lines_above_the_header_are_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, BANK, text("Reporte del banco", "", COLUMNS, ROW))
    assert f"{BANK}, line 1: found 1 field, none of them a column name" in message
    assert "check the delimiter and that the header row stands first" in message


def test_case_029_a_title_that_the_layout_declares_is_passed_over(tmp_path: Path) -> None:
    name = "remesas_norte_2026-10.xlsx"
    landed = offer(tmp_path, {name: fixture("remesas_norte", name)})
    assert landed.receipt(name).outcome == "accepted"
    assert landed.rows("remittances")["row"].min() == 3  # the title in row 1, the header in row 2


def test_case_030_a_line_of_totals_is_no_payment(tmp_path: Path) -> None:
    total = ",".join("TOTAL" if column == "operating_date" else "" for column in COLUMNS.split(","))
    total = total.removesuffix(",,,,") + "1450.00,,,,"
    assert total.count(",") == COLUMNS.count(",")
    landed = offer(tmp_path, {BANK: text(COLUMNS, ROW, total)})
    assert landed.receipt(BANK) == accepted(1)._replace(rows=2, rejected_rows=1)
    (rejection,) = landed.rejections(BANK)
    assert (rejection["row"], rejection["column"], rejection["rule"]) == (3, "operating_date", "date")
    assert "expected a date YYYY-MM-DD that exists" in rejection["reason"]


def test_case_030_a_row_of_totals_that_the_layout_declares_is_a_control(tmp_path: Path) -> None:
    name = "remesas_norte_totals.xlsx"
    message = refused(tmp_path, name, fixture("remesas_norte", name))
    assert "line 5, column Importe MXN: found 2,231.01 stated; expected 2,231.00, the sum of the rows" in message
    assert message.endswith("; ask the sender for the whole file as it was exported")


def test_case_031_a_header_alone_is_an_accepted_file_of_no_rows(tmp_path: Path) -> None:
    # §4 decides it so; a file whose own controls state rows is refused (section F).
    assert offer(tmp_path, {BANK: text(COLUMNS)}).receipt(BANK) == accepted(0)


def test_case_032_an_empty_file_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, BANK, b"")
    assert message == f"{BANK}: found an empty file; expected a header row; export the file again"


def test_case_033_a_file_of_white_space_or_a_mark_alone_is_refused(tmp_path: Path) -> None:
    files = {"bank_transfers_blank.csv": b" \n\t\r\n\n", "bank_transfers_mark.csv": b"\xef\xbb\xbf"}
    for message in refusals(tmp_path, files).values():
        assert "line 1: found nothing but white space; expected a header row; export the file again" in message


def test_case_034_a_line_end_within_quotes_is_text_and_lines_are_counted_on(tmp_path: Path) -> None:
    broken = record("bank_transfers", concept=f"pago\r\nde octubre\n{LINE}")
    landed = offer(tmp_path, {BANK: text(COLUMNS, broken, ROW, record("bank_transfers", amount="0.00"))})
    assert landed.receipt(BANK) == accepted(2)._replace(rows=3, rejected_rows=1)
    rows = landed.rows("bank_transfers")
    assert rows["row"].tolist() == [2, 5]
    assert rows["concept"].tolist()[0] == f"pago\r\nde octubre\n{LINE}"
    assert [rejection["row"] for rejection in landed.rejections(BANK)] == [6]


def test_case_035_a_quote_that_never_closes_is_refused_at_the_line_that_opens_it(tmp_path: Path) -> None:
    message = refused(tmp_path, BANK, text(COLUMNS, ROW, ROW.replace(NAME, f'"{NAME}'), ROW, ROW))
    assert (
        f"{BANK}, line 3: found a quote, opened on this line, that is never closed; expected a closing quote" in message
    )
    assert message.endswith("; correct the quotes at the source and export the file again")


def test_case_036_a_stray_quote_refuses_the_file(tmp_path: Path) -> None:
    # §3 demands the quoting of RFC 4180 and §4 makes a fault of structure one of the file.
    inside, behind = NAME.replace(" ", ' "', 1), f'"{NAME}"S'
    files = {
        "bank_transfers_inside.csv": text(COLUMNS, ROW, ROW.replace(NAME, inside)),
        "bank_transfers_pair.csv": text(COLUMNS, ROW, ROW.replace(NAME, f'{inside}"')),
        "bank_transfers_behind.csv": text(COLUMNS, ROW, ROW.replace(NAME, behind)),
    }
    told = refusals(tmp_path, files)
    for message in told.values():
        assert "line 3: found a quote" in message
        assert "a quote within doubled; correct the quotes at the source and export the file again" in message
    assert "inside a field that is not quoted" in told["bank_transfers_inside.csv"]
    assert "with text after its closing quote" in told["bank_transfers_behind.csv"]


def test_case_037_every_line_end_is_one(tmp_path: Path) -> None:
    files = {
        "bank_transfers_lf.csv": text(COLUMNS, ROW, record("bank_transfers", tracking_key="TK0002")),
        "bank_transfers_cr.csv": text(COLUMNS, ROW, record("bank_transfers", tracking_key="TK0003"), end="\r"),
        "bank_transfers_mixed.csv": f"{COLUMNS}\n{ROW}\r\n{record('bank_transfers', tracking_key='TK0004')}\n".encode(),
    }
    noted = accepted(2)._replace(reason="bank_transfers_mixed.csv, line ends of several kinds")
    landed = offer(tmp_path, files)
    assert {name: landed.receipt(name) for name in files} == {
        **dict.fromkeys(files, accepted(2)),
        "bank_transfers_mixed.csv": noted,
    }
    assert sorted(landed.rows("bank_transfers")["row"]) == [2, 2, 2, 3, 3, 3]
    assert sorted(landed.rows("bank_transfers")["tracking_key"].unique()) == ["TK0001", "TK0002", "TK0003", "TK0004"]


def test_case_038_empty_lines_are_no_rows_and_count_as_lines(tmp_path: Path) -> None:
    landed = offer(tmp_path, {BANK: text(COLUMNS, "", ROW, "", "", record("bank_transfers", amount="0.00"), "")})
    assert landed.receipt(BANK) == accepted(1)._replace(rows=2, rejected_rows=1)
    assert landed.rows("bank_transfers")["row"].tolist() == [3]
    assert [rejection["row"] for rejection in landed.rejections(BANK)] == [6]


def test_case_039_a_field_beyond_its_limit_rejects_its_row(tmp_path: Path) -> None:
    fault = rejected(tmp_path, "bank_transfers", concept="Ñ" * 513)
    assert (fault.column, fault.rule) == ("concept", "text_too_long")
    assert fault.reason == "expected at most 1024 bytes in one field; shorten it and send the row again"


def test_case_039_a_field_of_just_its_limit_is_read(tmp_path: Path) -> None:
    assert offer(tmp_path, {BANK: row_file("bank_transfers", concept="Ñ" * 512)}).receipt(BANK) == accepted(1)


def test_case_039_a_record_beyond_its_limit_refuses_the_file(tmp_path: Path) -> None:
    message = refused(tmp_path, BANK, text(COLUMNS, ROW, record("bank_transfers", concept="x" * 65_536)))
    assert f"{BANK}, line 3: found a record of 65," in message
    assert "expected at most 65,536 bytes in a record; look for a missing line end or closing quote there" in message


def test_case_040_a_file_beyond_its_limits_is_refused_whatever_stands_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(file_bytes=2_000, rows=4)
    small = tuple(replace(layout, limits=limits) for layout in layout_files.layouts())
    monkeypatch.setattr(layout_files, "layouts", lambda: small)
    files = {"bank_transfers_bytes.csv": b"\xff" * 2_001, "bank_transfers_rows.csv": text(COLUMNS, *[ROW] * 5)}
    told = refusals(tmp_path, files)
    assert "found 2,001 bytes; expected at most 2,000 bytes; split the file" in told["bank_transfers_bytes.csv"]
    assert "found 5 rows or more; expected at most 4 rows; split the file" in told["bank_transfers_rows.csv"]


def test_case_041_words_that_programs_take_for_nothing_are_names(tmp_path: Path) -> None:
    names = ["NA", "NULL", "nan", "None", "-", "N/A", "null", "#N/A"]
    landed = offer(tmp_path, {BANK: text(COLUMNS, *(record("bank_transfers", sender_name=name) for name in names))})
    assert landed.receipt(BANK) == accepted(len(names))
    assert landed.rows("bank_transfers")["sender_name"].tolist() == names
