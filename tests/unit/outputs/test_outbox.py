from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet

from pipelines.outputs import outbox, program, reconciliation, workbook
from pipelines.outputs.labels import LANGUAGES, NOT_IN_A_WORKBOOK, say
from pipelines.outputs.outbox import BEFORE, canonical_json, write_outbox
from tests.architecture.tree import ROOT
from tests.unit.outputs import decided_month
from tests.unit.outputs.decided_month import DOCUMENT
from tests.unit.outputs.made import activation, change, table

TABLES = {
    **decided_month.tables(),
    "coverage_activations": table("coverage_activations", activation("00260100102", "UMF 12")),
    "coverage_changes": table("coverage_changes", change("00260100102", "activated", "first_publication")),
}
FILES = [
    "certificate.json",
    "clinics/UMF 12.csv",
    "clinics/pending.csv",
    "coverage_activations.csv",
    "coverage_activations.parquet",
    "coverage_activations.xlsx",
    "reconciliation.xlsx",
    "report.html",
]


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_answers_of_a_month_stand_under_its_coverage_month(tmp_path: Path) -> None:
    written = write_outbox(tmp_path, "2026-12", TABLES, {**DOCUMENT, "month": "2026-12"})
    assert sorted(path.name for path in tmp_path.iterdir()) == [".2027-01.json", "2027-01"]
    assert sorted(bytes_of(tmp_path / "2027-01")) == FILES
    assert sorted(str(path.relative_to(tmp_path / "2027-01")) for path in written) == FILES


def test_the_three_forms_of_the_activations_say_the_same(tmp_path: Path) -> None:
    folder = write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT)[0].parent
    names = TABLES["coverage_activations"].column_names
    assert parquet.read_table(folder / "coverage_activations.parquet").equals(TABLES["coverage_activations"])
    with (folder / "coverage_activations.csv").open(encoding="utf-8", newline="") as file:
        in_text = next(csv.DictReader(file))
    sheet = openpyxl.load_workbook(folder / "coverage_activations.xlsx").active
    in_cells = dict(zip(names, [cell.value for cell in sheet[2]], strict=True))
    assert (in_text["nss"], in_cells["nss"]) == ("00260100102", "00260100102")
    assert (in_text["amount_due_centavos"], in_cells["amount_due_centavos"]) == ("145000", 145000)
    assert (in_text["coverage_end"], in_cells["coverage_end"].date().isoformat()) == ("2026-11-30", "2026-11-30")


def test_equal_answers_repeat_byte_for_byte(tmp_path: Path) -> None:
    write_outbox(tmp_path / "one", "2026-10", TABLES, {**DOCUMENT, "b": 1, "a": [2]})
    write_outbox(tmp_path / "other", "2026-10", dict(reversed(TABLES.items())), {"a": [2], "b": 1, **DOCUMENT})
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "other")


def test_a_clinic_with_nobody_left_has_a_roster_of_those_revoked_and_then_none(tmp_path: Path) -> None:
    write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT)
    none = {**TABLES, "coverage_activations": table("coverage_activations")}
    revoked = {"coverage_changes": table("coverage_changes", change("00260100102", "revoked", "returned"))}
    write_outbox(tmp_path, "2026-10", none | revoked | {BEFORE: TABLES["coverage_activations"]}, DOCUMENT)
    assert b"revoked,returned" in bytes_of(tmp_path / "2026-11")["clinics/UMF 12.csv"]
    nothing = none | {"coverage_changes": table("coverage_changes")}
    write_outbox(tmp_path, "2026-10", nothing, {**DOCUMENT, "digest": "d4"})
    assert "clinics/UMF 12.csv" not in bytes_of(tmp_path / "2026-11")


def test_a_document_has_one_form() -> None:
    assert canonical_json({"b": "ñ", "a": {"d": 1, "c": True}}) == '{"a":{"c":true,"d":1},"b":"ñ"}\n'.encode()
    assert json.loads(canonical_json({"a": [1]})) == {"a": [1]}


def test_a_month_with_more_activations_than_a_sheet_holds_says_so_and_has_them_all_in_the_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = TABLES["coverage_activations"].num_rows
    monkeypatch.setattr(workbook, "SHEET_ROWS", rows - 1)
    folder = write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT)[0].parent
    sheet = openpyxl.load_workbook(folder / "coverage_activations.xlsx").active
    told = [cell.value for row in sheet.iter_rows() for cell in row]
    assert told == [say(NOT_IN_A_WORKBOOK, one, rows=rows, files=outbox.ELSEWHERE) for one in LANGUAGES]
    assert len((folder / "coverage_activations.csv").read_bytes().splitlines()) == rows + 1
    assert all((folder / name).exists() for name in outbox.ELSEWHERE.split(", "))


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The languages of the workbooks encoded."""
    languages: list[str] = []
    encode = reconciliation.encode

    def noted(tables: Any, document: Any, language: str, more: Any) -> bytes:
        languages.append(language)
        return encode(tables, document, language, more)

    monkeypatch.setattr(reconciliation, "encode", noted)
    return languages


def test_answers_that_stand_are_not_encoded_again_and_what_they_show_is_not_looked_up(
    tmp_path: Path, encoded: list[str]
) -> None:
    first = write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT)
    stood = bytes_of(tmp_path)
    again = write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT, more=lambda *_: pytest.fail("looked up"))
    assert again == first
    assert (encoded, bytes_of(tmp_path)) == (["es"], stood)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("certificate.json", b"{}"),
        ("clinics/pending.csv", None),
        ("more.txt", b"mine"),
        ("../.2026-11.json", b"{}"),
        ("../.2026-11.json", None),
    ],
)
def test_answers_that_were_altered_are_named_and_written_again(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT)
    stood = bytes_of(tmp_path)
    assert outbox.faults(tmp_path, "2026-10") == []
    path = tmp_path / "2026-11" / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert outbox.faults(tmp_path, "2026-10") == [name.removeprefix("../")]
    write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT)
    assert bytes_of(tmp_path) == stood


@pytest.mark.parametrize(
    ("tables", "document", "language"),
    [
        (TABLES, DOCUMENT, "en"),
        (TABLES, {**DOCUMENT, "digest": "d4"}, "es"),
        ({**TABLES, "rejections": table("rejections")}, DOCUMENT, "es"),
        ({**TABLES, BEFORE: TABLES["coverage_activations"]}, DOCUMENT, "es"),
    ],
    ids=["language", "publication", "rejections", "publication before"],
)
def test_answers_are_encoded_again_where_what_they_show_is_another(
    tmp_path: Path, encoded: list[str], tables: Any, document: Any, language: str
) -> None:
    write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT)
    write_outbox(tmp_path, "2026-10", tables, document, language)
    assert encoded == ["es", language]


def test_answers_are_encoded_again_where_another_program_wrote_them(
    tmp_path: Path, encoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT)
    monkeypatch.setattr(program, "digest", lambda: "of another program")
    write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT)
    write_outbox(tmp_path, "2026-10", TABLES, DOCUMENT)
    assert encoded == ["es", "es"]
    assert outbox.faults(tmp_path, "2026-10") == []


def test_a_program_is_every_source_file_and_template_of_it_and_no_compiled_one(tmp_path: Path) -> None:
    names = {path.relative_to(ROOT).as_posix() for path in program.sources(ROOT)}
    assert names >= {
        "pipelines/outputs/report/templates/page.html",
        "pipelines/outputs/labels.py",
        "pipelines/rules/allocation.py",
        "schemas/tables/receipts.py",
    }
    (tmp_path / "schemas" / "__pycache__").mkdir(parents=True)
    (tmp_path / "schemas" / "__pycache__" / "one.cpython-311.pyc").write_bytes(b"")
    assert program.sources(tmp_path) == []


def test_what_the_workbook_shows_besides_what_is_published_is_given(tmp_path: Path) -> None:
    published = {name: rows for name, rows in TABLES.items() if name not in reconciliation.MATERIAL}
    material = {name: TABLES[name] for name in reconciliation.MATERIAL}
    write_outbox(tmp_path, "2026-10", published, DOCUMENT, "es", lambda *_: material)
    assert (tmp_path / "2026-11" / "reconciliation.xlsx").read_bytes() == reconciliation.encode(TABLES, DOCUMENT)
