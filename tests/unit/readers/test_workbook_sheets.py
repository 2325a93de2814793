from __future__ import annotations

import ast
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.readers import ReadFile, read_file, workbook
from pipelines.readers import reading as reading_module
from pipelines.readers.layout import LayoutError, Limits
from pipelines.readers.layout_files import layout_for, layouts, parse
from tests.unit.readers.workbooks import package, row, sheet, text
from tests.unit.readers.workbooks import workbook as workbook_part

NAME = "envios_golfo_x.xlsx"
LAYOUT = next(layout for layout in layouts() if layout.name == "envios_golfo")
SOUND = {
    "Estatus": text("PAGADO"),
    "Fecha": text("15/10/2026"),
    "Hora": text("12:00"),
    "Pesos": "<c><v>10</v></c>",
    "Comisión": text("0.00"),
}
TITLES = (row(text("Envíos Golfo")), row(text("Sucursales")))
HEADER = row(*map(text, LAYOUT.columns))


def remittance(number: str, **cells: str) -> str:
    """A sound row with other cells in some columns."""
    said = {"Referencia": text(number), **SOUND, **cells}
    return row(*(said.get(name, "<c/>") for name in LAYOUT.columns))


def totals(rows: int) -> str:
    said = {"Referencia": "TOTALES", "Liquidación": str(rows), "Pesos": f"{rows * 10}.00", "Comisión": "0.00"}
    return row(*(text(said.get(name, "")) for name in LAYOUT.columns))


def state(*rows: str) -> str:
    """A sheet with titles, header, these rows and their totals."""
    return sheet(*TITLES, HEADER, *rows, totals(len(rows)))


def states(*names: str, **sheets: str) -> bytes:
    """A workbook with sheets of these names (a name in brackets is hidden), sound ones where nothing is said."""
    said = [(name.strip("[]"), "hidden" if name.startswith("[") else "visible") for name in names]
    content = [sheets.get(name, state(remittance(f"{place:06d}"))) for place, (name, _) in enumerate(said)]
    return package(*content, parts={"xl/workbook.xml": workbook_part(*said)})


def places(table: Any) -> list[tuple[str, int]]:
    return list(zip(table["sheet"].to_pylist(), table["row"].to_pylist(), strict=True))


def read(content: bytes) -> ReadFile:
    return read_file(NAME, content)


def test_rows_come_sheet_by_sheet_in_the_order_of_the_workbook_with_their_physical_rows() -> None:
    texas = state(remittance("1"), remittance("2"))
    found = read(states("Otros de México", "Texas", "Florida", Texas=texas))
    assert found.refusal == ""
    assert places(found.rows) == [("Otros de México", 4), ("Texas", 4), ("Texas", 5), ("Florida", 4)]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("Texas", "Otros A"), "found no such sheet; expected a sheet called Florida"),
        (("Texas", "Florida"), "found no such sheet; expected a sheet called Otros *"),
        (("Texas", "Florida", "Otros A", "Nevada"), "sheet Nevada: found another sheet with values"),
        (("Texas", "Florida", "Otros A", "Texas"), "found two sheets that are one"),
    ],
)
def test_the_declared_sheets_and_no_others_have_to_be_there(names: tuple[str, ...], told: str) -> None:
    assert told in read(states(*names)).refusal


def test_a_sheet_that_the_layout_ignores_may_say_anything() -> None:
    found = read(states("Portada", "Texas", "Florida", "Otros A", Portada=sheet(row(text("Resumen")), TITLES[0])))
    assert (found.refusal, found.hold, found.data_rows) == ("", "", 3)


def test_each_sheet_answers_for_its_own_totals() -> None:
    # What one sheet has too much the other lacks: only over both would they add up.
    more, less = (sheet(*TITLES, HEADER, remittance("7"), totals(rows)) for rows in (2, 0))
    refusal = read(states("Texas", "Florida", "Otros A", Texas=more, Florida=less)).refusal
    assert "sheet Texas, line 5, column Liquidación: found 1 row above the totals row; expected 2" in refusal


def test_rejections_name_the_sheet_and_the_row_in_it() -> None:
    wrong = state(remittance("1", Estatus=text("ABONADO")), remittance("2"))
    found = read(states("Texas", "Florida", "Otros A", Texas=wrong, Florida=wrong))
    assert places(found.rejections) == [("Texas", 4), ("Florida", 4)]
    assert places(found.rows) == [("Texas", 5), ("Florida", 5), ("Otros A", 4)]


def test_a_hidden_sheet_that_is_declared_is_read_and_holds_the_file() -> None:
    found = read(states("Texas", "[Florida]", "Otros A"))
    assert "sheet Florida: found a hidden sheet with values" in found.hold
    assert found.data_rows == 3


def test_an_undeclared_hidden_sheet_holds_the_file_without_its_rows() -> None:
    found = read(states("Texas", "Florida", "Otros A", "[Nevada]"))
    assert "sheet Nevada: found a hidden sheet with values" in found.hold
    assert found.data_rows == 3


def test_hidden_rows_and_columns_are_read_and_noted() -> None:
    hidden = state(remittance("1").replace("<row", '<row hidden="1"'))
    hidden = hidden.replace(
        "<sheetData>", '<cols><col min="3" max="4" hidden="1"/><col min="5" max="5"/></cols><sheetData>'
    )
    raw = workbook.read(states("Texas", "Florida", "Otros A", Texas=hidden), LAYOUT)
    assert raw.notes == (
        "sheet Texas: 1 hidden row, read like the others",
        "sheet Texas: 2 hidden columns, read like the others",
    )
    assert raw.lines.tolist() == [4, 4, 4]


def test_the_limit_of_rows_counts_all_sheets_without_headers_and_totals(monkeypatch: pytest.MonkeyPatch) -> None:
    content = states("Texas", "Florida", "Otros A")
    limited = replace(LAYOUT, limits=Limits(rows=3))
    monkeypatch.setattr(reading_module, "layout_for", lambda _: limited)
    assert read(content).data_rows == 3
    monkeypatch.setattr(reading_module, "layout_for", lambda _: replace(limited, limits=Limits(rows=2)))
    assert "found 3 rows; expected at most 2 rows" in read(content).refusal


@pytest.mark.parametrize(
    ("cell", "date_1904", "rule"),
    [
        ('<c s="1"><v>46310</v></c>', False, ""),
        ('<c s="2"><v>46310.0</v></c>', False, ""),
        ('<c s="1"><v>44848</v></c>', True, ""),
        ('<c t="d"><v>2026-10-15</v></c>', False, ""),
        ("<c><v>46310</v></c>", False, "number_cell"),
        ('<c s="1"><v>60</v></c>', False, "number_cell"),
        ('<c s="1"><v>61</v></c>', False, "date_window"),
        ('<c s="1"><v>7000</v></c>', True, "date_window"),
        ('<c s="1"><v>46310.5</v></c>', False, "date"),
        ('<c t="b"><v>1</v></c>', False, "boolean_cell"),
        ('<c s="1"><f>TODAY()</f><v>46310</v></c>', False, "formula_cell"),
    ],
)
def test_a_date_is_a_cell_that_shows_one_and_counts_from_the_workbooks_epoch(
    cell: str, date_1904: bool, rule: str
) -> None:
    names = [(name, "visible") for name in ("Texas", "Florida", "Otros A")]
    sheets = [state(remittance("1", Fecha=cell)), state(), state()]
    found = read(package(*sheets, parts={"xl/workbook.xml": workbook_part(*names, date_1904=date_1904)}))
    assert found.rejections["rule"].to_pylist() == [rule] * bool(rule)
    if not rule:
        assert found.rows is not None
        assert found.rows["sent_at"].to_pylist()[0].isoformat() == "2026-10-15T17:00:00+00:00"


def test_an_apostrophe_that_keeps_a_number_text_is_no_part_of_it() -> None:
    found = read(states("Texas", "Florida", "Otros A", Texas=state(remittance("'0123"))))
    assert found.rows is not None
    assert found.rows["remittance_id"].to_pylist()[0] == "0123"


def test_a_layout_may_take_the_last_value_of_a_formula_and_never_a_formula_without_one() -> None:
    cached, bare = '<c t="str"><f>A1</f><v>PAGADO</v></c>', "<c><f>A1</f></c>"
    content = states(
        "Texas", "Florida", "Otros A", Texas=state(remittance("1", Estatus=cached), remittance("2", Estatus=bare))
    )
    layout = replace(LAYOUT, workbook=replace(LAYOUT.workbook, cached_formulas=True))
    failures = workbook.read(content, layout).failures
    assert [(failure.rule, failure.rows.tolist()) for failure in failures] == [
        ("formula_cell", [False, True, False, False])
    ]


def test_a_number_is_written_as_the_layout_writes_amounts_and_checked_against_the_totals() -> None:
    large = "<c><v>1250.5</v></c>"
    totalled = totals(1).replace("10.00", "1,250.50")
    texas = sheet(*TITLES, HEADER, remittance("1", Pesos=large), totalled)
    found = read(states("Texas", "Florida", "Otros A", Texas=texas))
    assert found.refusal == ""
    assert found.amount_centavos == 125_050 + 2 * 1_000


def test_shared_strings_and_styles_are_found_where_the_workbook_says() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = (
        '<Relationships><Relationship Id="rId1" Target="/xl/worksheets/s1.xml"/>'
        f'<Relationship Id="s" Type="{kind}/sharedStrings" Target="./words.xml"/></Relationships>'
    )
    decisions = layout_for("decisions_x.xlsx")
    assert decisions is not None
    cells = "".join(f'<c t="s"><v>{place}</v></c>' for place in range(len(decisions.columns)))
    words = "".join(f"<x:si><x:t>{name}</x:t></x:si>" for name in decisions.columns)
    parts = {"xl/_rels/workbook.xml.rels": links, "xl/words.xml": f'<x:sst xmlns:x="u">{words}</x:sst>'}
    found = read_file("decisions_x.xlsx", package(sheet(row(cells)), parts=parts))
    assert (found.refusal, found.data_rows) == ("", 0)


def test_a_layout_names_one_sheet_or_several() -> None:
    toml = (Path(workbook.__file__).parent / "layouts" / "envios_golfo.toml").read_text("utf-8")
    with pytest.raises(LayoutError, match="one too many"):
        parse("x", toml.replace("title_rows = 2", 'title_rows = 2\nsheet = "Texas"'))


def test_the_child_needs_nothing_but_the_standard_library_and_its_own_modules() -> None:
    folder = Path(workbook.__file__).parent
    waiting, seen = ["workbook_child"], set[str]()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pipelines.readers."):
                waiting += [module for module in [node.module.rpartition(".")[2]] if module not in seen]
            elif isinstance(node, ast.ImportFrom) and node.module:
                assert node.module.partition(".")[0] in sys.stdlib_module_names
            elif isinstance(node, ast.Import):
                assert all(alias.name.partition(".")[0] in sys.stdlib_module_names for alias in node.names)
    assert seen == {"workbook_child", "workbook_sheet", "workbook_values", "workbook_xml"}
