"""`quincena layout`: the layouts there are, what one makes of a file, and the beginning of a new one."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli import Kind, app
from pipelines.commands import layout as layout_command
from pipelines.readers import naming, trial
from pipelines.readers.kinds import FILE_MODELS
from pipelines.readers.layout import Effective, LayoutError
from pipelines.readers.layout_files import layouts, parse
from tests.architecture.tree import ROOT
from tests.integration.numbered_files import name_of, numbered_file

FORMATS: Final = ROOT / "fixtures" / "formats"
HEADER: Final = (
    "company,settlement_id,settled_on,items,gross_amount,fee_amount,net_amount,currency,sender_bank,bank_tracking_key"
)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QUINCENA_HOME", "QUINCENA_LANG", "QUINCENA_POLICY"):
        monkeypatch.delenv(name, raising=False)


def quincena(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner().invoke(app, ["--lang", lang, "layout", *map(str, arguments)])


def documents(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def settlements(path: Path, rows: int = 3) -> Path:
    lines = [f"NORTE,L{row},2026-10-14,1,100.00,10.00,90.00,MXN,40012,KEY{row}" for row in range(rows)]
    path.write_text("\n".join([HEADER, *lines, "NORTE,L9,2026-10-14,1,100.00,10.00,-1.00,MXN,40012,KEY9"]) + "\n")
    return path


def test_every_layout_is_listed() -> None:
    found = documents(quincena("list", "--json"))
    assert [each["name"] for each in found] == [layout.name for layout in layouts()]
    assert found[0].keys() == {"name", "kind", "mechanics", "patterns", "description", "effective"}
    told = quincena("list", lang="es").stdout
    assert "giros_pacifico\n  remittances · fixed_width · giros_pacifico_*.txt · siempre\n" in told


def test_check_tells_by_which_layout_a_file_is_read_and_what_its_rows_give(tmp_path: Path) -> None:
    told = quincena("check", settlements(tmp_path / "settlements_1.csv"), "--rows", "2")
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0] == "settlements_1.csv: is read by layout settlements"
    assert "rows: 4 · rejected: 1" in lines[1]
    assert lines[2] == (
        "  row 2 · company=NORTE · settlement_id=L0 · settled_on=2026-10-14 · items=1 · gross_amount=100.00 · "
        "fee_amount=10.00 · net_amount=90.00 · currency=MXN · sender_bank=40012 · bank_tracking_key=KEY0"
    )
    assert lines[4] == "  more rows: 1 (--rows N)"
    assert lines[5].startswith("  row 5, column net_amount: ")
    assert told.stderr == ""


def test_check_answers_a_program_with_one_object_a_file(tmp_path: Path) -> None:
    first, second = settlements(tmp_path / "settlements_1.csv"), tmp_path / name_of(4)
    second.write_bytes(numbered_file(4, 4))
    found = documents(quincena("check", first, second, "--json"))
    assert [each["layout"] for each in found] == ["settlements", "giros_pacifico"]
    assert [row["row"] for row in found[0]["read"]] == [2, 3, 4]
    assert found[0]["rejections"][0]["column"] == "net_amount"
    assert (found[1]["series"], found[1]["number"]) == ("giros_pacifico", 4)
    assert "number 4 of series giros_pacifico" in quincena("check", second).stdout


def test_check_tries_every_layout_on_a_file_whose_name_none_has(tmp_path: Path) -> None:
    told = quincena("check", settlements(tmp_path / "from_the_north.csv")).stdout
    assert told.startswith("from_the_north.csv: no layout has this name; tried with every one:\n")
    assert "  settlements would read it: 4 rows, 1 rejected; its names are settlements_*.csv\n" in told
    assert "  remittances would not: line 1" in told
    assert "from_the_north.csv: is read by layout settlements\n" in told
    (found,) = documents(quincena("check", tmp_path / "from_the_north.csv", "--json"))
    assert set(found["tried"]) == {layout.name for layout in layouts()}
    assert [name for name, refusal in found["tried"].items() if not refusal] == ["settlements"]


def test_check_says_what_to_do_where_several_layouts_or_none_would_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alike = 'like = "mt940"\ndescription = "x"\npatterns = ["x_*.sta"]\n'
    copy = tmp_path / "unknown.dat"
    copy.write_bytes(b"no sender writes this\n")
    assert "None reads it: begin one with quincena layout new" in quincena("check", copy).stdout
    shared = min((FORMATS / "mt940" / "valid").iterdir())
    copy.write_bytes(shared.read_bytes())
    known = [parse(name, alike) for name in ("one", "two")]
    monkeypatch.setattr(trial, "layouts", lambda: known)
    monkeypatch.setattr(layout_command, "layouts", lambda: known)
    told = quincena("check", copy).stdout
    assert "one would read it" in told
    assert told.endswith("Several layouts would read it: choose one with --layout to see its rows.\n")
    (found,) = documents(quincena("check", copy, "--json"))
    assert found == {"file_name": "unknown.dat", "layout": "", "tried": {"one": "", "two": ""}}


def test_check_with_a_layout_reads_by_it_whatever_the_name(tmp_path: Path) -> None:
    path = settlements(tmp_path / "from_the_north.csv")
    assert "is read by layout settlements" in quincena("check", path, "--layout", "settlements").stdout
    refused = quincena("check", path, "--layout", "remittances")
    assert refused.exit_code == 0
    assert refused.stdout.splitlines()[0] == "from_the_north.csv: is refused by layout remittances"
    assert "found no such column" in refused.stdout


def test_check_reads_by_a_layout_that_is_still_in_the_making(tmp_path: Path) -> None:
    layout = tmp_path / "norte.toml"
    layout.write_text(
        'description = "x"\nkind = "settlements"\npatterns = ["norte_*.csv"]\nmechanics = "delimited"\n'
        "canonical = true\ncolumns = []\n"
    )
    told = quincena("check", settlements(tmp_path / "any.csv"), "--layout", layout)
    assert told.stdout.startswith("any.csv: is read by layout norte\n")
    layout.write_text('kind = "?"\n')
    told = quincena("check", tmp_path / "any.csv", "--layout", layout)
    assert told.exit_code == 2
    assert "layout norte: not answered yet: kind" in told.stderr


def test_check_tells_of_a_date_on_which_no_layout_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = next(layout for layout in layouts() if layout.name == "settlements")
    later = replace(layout, effective=Effective(date(2027, 1, 1), None, "_([0-9-]+)[.]"))
    monkeypatch.setattr(layout_command, "layout_for", lambda name: naming.choose(name, [later]))
    told = quincena("check", settlements(tmp_path / "settlements_2026-10.csv")).stdout
    assert told.startswith("settlements_2026-10.csv: its name chooses no layout\n")
    assert "expected a date within settlements (from 2027-01-01)" in told
    monkeypatch.setattr(layout_command, "layouts", lambda: (later,))
    assert "settlements_*.csv · from 2027-01-01\n" in quincena("list").stdout
    (listed,) = documents(quincena("list", "--json"))
    assert listed["effective"] == {"from": "2027-01-01", "until": None}


def test_check_counts_the_rejections_that_it_does_not_show(tmp_path: Path) -> None:
    path = settlements(tmp_path / "settlements_1.csv", rows=0)
    row = path.read_text().splitlines()[1]
    path.write_text("\n".join([HEADER, *(row.replace("L9", f"L{number}") for number in range(102))]) + "\n")
    assert quincena("check", path).stdout.endswith("\n  more rows rejected: 2\n")


def test_check_tells_why_a_file_that_reads_would_be_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = replace(trial.try_all("settlements_1.csv", f"{HEADER}\n".encode())[-1], hold="something is hidden")
    monkeypatch.setattr(trial, "try_layout", lambda *_: held)
    told = quincena("check", settlements(tmp_path / "settlements_1.csv"))
    assert "  is held: something is hidden\n" in told.stdout


def test_a_reader_that_fails_spares_the_other_layouts_and_tells_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_name: str, content: bytes, _layout: object) -> object:
        raise ValueError(content)

    monkeypatch.setattr(trial, "read_as", fail)
    found = trial.try_all("x.csv", b"92919084431")
    assert len(found) == len(layouts())
    assert {each.refusal for each in found} == {"x.csv: the reader failed (ValueError)"}
    assert trial.canonical_rows(found[0], 20) == []


def test_a_layout_file_that_is_no_utf8_is_told(tmp_path: Path) -> None:
    layout = tmp_path / "sur.toml"
    layout.write_bytes('description = "Año"'.encode("cp1252"))
    told = quincena("check", settlements(tmp_path / "any.csv"), "--layout", layout)
    assert told.exit_code == 2
    assert "not UTF-8" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check", "nowhere.csv"), "There is no file nowhere.csv"),
        (("check", "nowhere.csv", "--layout", "telepathy"), "There is no layout 'telepathy'"),
        (("check", "nowhere.csv", "--layout", "telepathy.toml"), "There is no file telepathy.toml"),
        (("new", "../x"), "Found the name '../x'"),
        (("new", "banorte"), "banorte exists already"),
        (("new", "sur", "--from", "nowhere.csv"), "There is no file nowhere.csv"),
        (("new", "sur", "--kind", "rumours"), "rumours"),
        (("check",), "FILE"),
    ],
)
def test_wrong_usage_is_told_and_exits_with_two(arguments: tuple[str, ...], told: str) -> None:
    found = quincena(*arguments)
    assert found.exit_code == 2
    assert told in found.stderr
    assert found.stdout == ""


def test_a_symlink_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "settlements_2.csv"
    link.symlink_to(settlements(tmp_path / "settlements_1.csv"))
    found = quincena("check", link)
    assert found.exit_code == 2
    assert "cannot be read" in found.stderr


def begun(tmp_path: Path, *arguments: str | Path, lang: str = "en") -> str:
    found = quincena("new", "sur", "--output", tmp_path, *arguments, lang=lang)
    assert found.exit_code == 0, found.stderr
    assert {path.name for path in (tmp_path / "sur").iterdir()} == {"sur.toml", "valid", "malformed", "expected"}
    return (tmp_path / "sur" / "sur.toml").read_text("utf-8")


@pytest.mark.parametrize("kind", list(FILE_MODELS))
@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_begun_layout_asks_for_what_is_not_certain_and_does_not_hold(tmp_path: Path, kind: str, lang: str) -> None:
    text = begun(tmp_path, "--kind", kind, lang=lang)
    with pytest.raises(LayoutError, match=r"^layout sur: not answered yet: description, patterns, mechanics, columns,"):
        parse("sur", text)
    required = [name for name, said in FILE_MODELS[kind].fields().items() if said["required"]]
    assert list(tomllib.loads(text)["fields"]) == required


def test_the_kinds_that_can_be_asked_for_are_those_of_the_canonical_files() -> None:
    assert [kind.value for kind in Kind] == list(FILE_MODELS)


def test_what_a_file_says_for_certain_is_filled_in_and_the_answers_make_a_layout(tmp_path: Path) -> None:
    sample = tmp_path / "liq_sur.csv"
    sample.write_text("Clave;Día;Bruto;Comisión;Neto\nL1;14/10/2026;100.00;10.00;90.00\n", "utf-8")
    text = begun(tmp_path, "--kind", "settlements", "--from", sample)
    said = tomllib.loads(text)
    assert said["columns"] == ["Clave", "Día", "Bruto", "Comisión", "Neto"]
    assert said["delimited"] == {"encoding": "utf-8", "delimiter": ";"}
    answers = {
        'description = "?"': 'description = "Sur"',
        'patterns = ["?"]': 'patterns = ["liq_sur_*.csv"]',
        '# "Día" = "?"': '"Día" = "date"',
        'pattern = "?"': 'pattern = "DD/MM/YYYY"',
        'zone = "?"': 'zone = "America/Mexico_City"',
        'company = "?"': 'company = { constant = "SUR" }',
        'settlement_id = "?"': 'settlement_id = { source = ["Clave"] }',
        'settled_on = "?"': 'settled_on = { source = ["Día"] }',
        'items = "?"': 'items = { constant = "1" }',
        'gross_amount = "?"': 'gross_amount = { source = ["Bruto"] }',
        'fee_amount = "?"': 'fee_amount = { source = ["Comisión"] }',
        'net_amount = "?"': 'net_amount = { source = ["Neto"] }',
        'currency = "?"': 'currency = { constant = "MXN" }',
        'sender_bank = "?"': 'sender_bank = { constant = "40012" }',
        'bank_tracking_key = "?"': 'bank_tracking_key = { source = ["Clave"] }',
    }
    for question, answer in answers.items():
        assert text.count(question) == 1, question
        text = text.replace(question, answer)
    (tmp_path / "sur" / "sur.toml").write_text(text, "utf-8")
    (found,) = documents(quincena("check", sample, "--layout", tmp_path / "sur" / "sur.toml", "--json"))
    assert (found["refusal"], found["rows"], found["rejected_rows"]) == ("", 1, 0)
    assert found["read"][0]["net_amount"] == "90.00"


def test_a_file_of_a_standard_begins_a_layout_like_that_of_the_standard(tmp_path: Path) -> None:
    sample = min((FORMATS / "mt940" / "valid").iterdir())
    text = begun(tmp_path, "--from", sample)
    said = tomllib.loads(text)
    assert said == {"like": "mt940", "description": "?", "patterns": ["?"]}
    answered = text.replace('"?"', '"sur_*.sta"')
    assert parse("sur", answered).mechanics == "mt940"


def test_a_workbook_and_records_of_one_length_are_begun_too(tmp_path: Path) -> None:
    book = begun(tmp_path, "--from", min((FORMATS / "decisions_workbook" / "valid").iterdir()))
    assert tomllib.loads(book)["workbook"]["title_rows"] == 0
    fixed = begun(tmp_path / "other", "--from", min((FORMATS / "giros_pacifico" / "valid").iterdir()))
    assert "all lines have the length 205: fixed_width?" in fixed


def test_nothing_that_stands_is_written_over(tmp_path: Path) -> None:
    before = begun(tmp_path)
    again = quincena("new", "sur", "--kind", "settlements", "--output", tmp_path)
    assert again.exit_code == 2
    assert "exists already, and was not changed" in again.stderr
    assert (tmp_path / "sur" / "sur.toml").read_text("utf-8") == before
