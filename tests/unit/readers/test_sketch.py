from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from pipelines.readers import sketch
from pipelines.readers.layout_files import layouts
from pipelines.readers.sketch import Sketch, of_file

FORMATS: Final = Path(__file__).parents[3] / "fixtures" / "formats"
DELIMITED: Final = [layout for layout in layouts() if layout.mechanics == "delimited"]


def valid(name: str) -> bytes:
    return min((FORMATS / name / "valid").iterdir()).read_bytes()


@pytest.mark.parametrize("name", [layout.name for layout in DELIMITED])
def test_of_a_delimited_file_what_is_told_is_what_its_layout_says(name: str) -> None:
    layout = next(layout for layout in DELIMITED if layout.name == name)
    found = of_file(valid(name))
    assert found.mechanics in {"", "delimited"}
    assert found.delimiter in {"", layout.delimited.delimiter}
    assert found.encoding in {"", layout.delimited.encoding}
    header = [layout.aliases.get(column, column) for column in found.columns]
    assert not header or sorted(header) == sorted(layout.columns)


def test_a_header_with_one_delimiter_in_every_line_is_certain() -> None:
    found = of_file("Folio;Importe\n1;10,50\n2;ñ\n".encode())
    assert found == Sketch("", "delimited", "utf-8", ";", ("Folio", "Importe"))


def test_letters_without_accents_leave_the_encoding_open() -> None:
    found = of_file(b"Folio;Importe\n1;2\n")
    assert (found.encoding, found.only_ascii, found.delimiter) == ("", True, ";")


def test_letters_that_are_not_utf8_leave_open_which_encoding_they_are() -> None:
    found = of_file("Folio;Descripción\n1;2\n".encode("cp1252"))
    assert (found.encoding, found.only_ascii) == ("", False)


@pytest.mark.parametrize("content", [b"a,b;c\n1,2;3\n", b"a;b\n1;2;3\n", b"a\nb\nc12\n", b"", b'a,"b\n'])
def test_a_file_that_may_be_split_in_two_ways_or_in_none_leaves_the_mechanics_open(content: bytes) -> None:
    found = of_file(content)
    assert (found.mechanics, found.delimiter, found.columns) == ("", "", ())


@pytest.mark.parametrize(
    "header", ["92919084431,ANA", "Folio,Folio", "Folio,", "Folio, Importe", "correo@example.org,b", "a,b\x01"]
)
def test_a_first_line_that_may_be_a_row_is_not_shown_as_names(header: str) -> None:
    found = of_file(f"{header}\n1,2\n".encode())
    assert (found.delimiter, found.columns) == (",", ())


def test_lines_of_one_length_are_told() -> None:
    assert of_file(b"H20261015\nD00000001\n").record_length == 9
    assert of_file(valid("giros_pacifico")).record_length == 205


@pytest.mark.parametrize("name", ["camt053", "camt054", "mt940", "mt942", "nacha_iat", "bai2"])
def test_a_file_of_a_standard_is_like_the_layout_of_the_standard(name: str) -> None:
    assert of_file(valid(name)) == Sketch(like=name)


def test_a_workbook_of_one_sheet_names_it_and_its_columns() -> None:
    found = of_file(valid("decisions_workbook"))
    assert (found.mechanics, found.encoding) == ("workbook", "")
    assert found.sheet
    assert found.columns[:2] == ("payment_id", "action")


def test_a_workbook_whose_first_row_is_a_title_leaves_its_columns_open() -> None:
    assert of_file(valid("remesas_norte")).columns in {(), ("Remesas Norte — relación de remesas",)}


def test_a_broken_workbook_leaves_everything_else_open() -> None:
    assert sketch.of_file(b"PK\x03\x04 no more") == Sketch(mechanics="workbook")
