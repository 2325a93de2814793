"""Section G of the catalogue of bad input: workbooks, zip packages and XML that are not what they seem."""

from __future__ import annotations

import io
import re
import socket
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from pipelines.readers import workbook_process
from tests.bad_input.landing import Offered, canonical, offer
from tests.unit.readers import camt_files
from tests.unit.readers.workbooks import COLUMNS, HEADER, VALUES, package, row, sheet, text

SIBLINGS: Final = ("settlements_sibling.csv", "decisions_sibling.xlsx")
OFFERS: Final[dict[str, bytes]] = {
    SIBLINGS[0]: canonical("settlements"),
    SIBLINGS[1]: package(sheet(HEADER, row(*map(text, ("sibling", *VALUES[1:]))))),
}
"""Every file of this page; all of them are offered together, beside two sound ones."""
DEEP: Final = 200_000


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Offered:
    return offer(tmp_path_factory.mktemp("packages"), OFFERS)


def put(name: str, content: bytes) -> str:
    assert name not in OFFERS
    OFFERS[name] = content
    return name


def decisions(*payment_ids: str) -> list[str]:
    """Records of decisions on these payments, so that no two workbooks of this page hold the same rows."""
    return [row(*map(text, (payment_id, *VALUES[1:]))) for payment_id in payment_ids]


def with_cell(column: str, cell: str, payment_id: str) -> str:
    """A record whose cell in one column is this one."""
    values = (payment_id, *VALUES[1:])
    place = COLUMNS.index(column)
    return row(*(cell if at == place else text(value) for at, value in enumerate(values)))


def with_part(content: bytes, part: zipfile.ZipInfo | str, said: bytes = b"x") -> bytes:
    """The package with one more part."""
    packed = io.BytesIO(content)
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, said)
    return packed.getvalue()


def refusal(landed: Offered, name: str) -> str:
    """Why a file was refused: it names the file, what was found, expected and to be done; its siblings flow."""
    told = landed.receipt(name)
    assert (told.outcome, told.rows, told.rejected_rows) == ("refused", 0, 0)
    assert re.fullmatch(rf"{re.escape(name)}(, [^:;]+)?: found .+; expected .+; .+", told.reason), told.reason
    assert [landed.receipt(sibling).outcome for sibling in SIBLINGS] == ["accepted", "accepted"]
    return told.reason


def payments_of(landed: Offered, name: str) -> list[str]:
    rows = landed.rows("decisions")
    found: list[str] = rows.loc[rows["file_name"] == name, "payment_id"].tolist()
    return found


def encrypted(content: bytes) -> bytes:
    """The package whose first part says, in the directory, that it is encrypted."""
    changed = bytearray(content)
    changed[changed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


# --- 102, 103: not what the name says ---------------------------------------------------------------------------------

OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
PASSWORDS = (put("decisions_ole.xlsx", OLE), put("decisions_encrypted.xlsx", encrypted(package(sheet(HEADER)))))


@pytest.mark.parametrize("name", PASSWORDS)
def test_case_102_a_workbook_with_a_password_is_refused_and_the_remedy_says_so(name: str, landed: Offered) -> None:
    told = refusal(landed, name)
    assert "without a password" in told
    assert "remove the password" in told


RENAMED = {
    put("banorte_renamed.xlsx", OLE): "found a password-protected or ",
    put(
        "decisions_html.xlsx", b"<html><table><tr><td>1</td></tr></table></html>"
    ): "found a file that is no zip package",
    put("decisions_csv.xlsx", canonical("decisions")): "found a file that is no zip package",
    put("decisions_empty.xlsx", b""): "found an empty file",
    put("decisions_workbook.csv", package(sheet(HEADER))): "",
}


@pytest.mark.parametrize("name", RENAMED)
def test_case_103_a_file_of_another_format_under_the_name_of_a_workbook_is_refused(name: str, landed: Offered) -> None:
    assert RENAMED[name] in refusal(landed, name)


# --- 104, 105: cells without a value of their own ---------------------------------------------------------------------

CELLS = {
    put(
        f"decisions_{name}.xlsx", package(sheet(HEADER, with_cell("capture_line", cell, name), *decisions(f"{name} 2")))
    ): rule
    for name, cell, rule in (
        ("uncached_formula", "<c><f>A1</f></c>", "formula_cell"),
        ("cached_formula", '<c t="str"><f>A1</f><v>2611AAAA0001</v></c>', "formula_cell"),
        ("reference_error", '<c t="e"><v>#REF!</v></c>', "error_cell"),
        ("missing_error", '<c t="e"><v>#N/A</v></c>', "error_cell"),
    )
}


@pytest.mark.parametrize("name", CELLS)
def test_case_104_105_a_formula_or_an_error_rejects_its_row_and_its_siblings_flow(name: str, landed: Offered) -> None:
    assert landed.receipt(name).outcome == "accepted"
    (found,) = landed.rejections(name)
    assert (found["sheet"], found["row"], found["column"], found["rule"]) == ("S0", 2, "capture_line", CELLS[name])
    assert "expected" in found["reason"]
    assert "send the row again" in found["reason"]
    assert len(payments_of(landed, name)) == 1


# --- 106 to 110: sheets that say more, or less, than they show --------------------------------------------------------

MERGED = put(
    "decisions_merged.xlsx",
    package(sheet(HEADER, *decisions("merged"), after='<mergeCells><mergeCell ref="A2:B2"/></mergeCells>')),
)


def test_case_106_merged_cells_among_the_rows_refuse_the_file(landed: Offered) -> None:
    told = refusal(landed, MERGED)
    assert "sheet S0, line 2: found merged cells" in told


HIDDEN = {
    put(
        f"decisions_{state}.xlsx",
        package(sheet(HEADER, *decisions(state)), sheet(*decisions("x")), states=("visible", state)),
    )
    for state in ("hidden", "veryHidden")
}
HIDDEN_ROW = put(
    "decisions_hidden_row.xlsx",
    package(
        sheet(
            HEADER, *decisions("shown"), *decisions("concealed")[0].replace("<row", '<row hidden="1"', 1).splitlines()
        )
    ),
)
EMPTY_HIDDEN = put(
    "decisions_empty_hidden.xlsx",
    package(sheet(HEADER, *decisions("empty hidden")), sheet(), states=("visible", "hidden")),
)


@pytest.mark.parametrize("name", sorted(HIDDEN))
def test_case_107_a_hidden_sheet_with_values_holds_the_file(name: str, landed: Offered) -> None:
    told = landed.receipt(name)
    assert told.outcome == "held"
    assert told.reason.startswith(name)
    assert "found a hidden sheet with values" in told.reason
    assert "; expected " in told.reason
    assert payments_of(landed, name) == []


def test_case_107_hidden_rows_are_read_like_the_others(landed: Offered) -> None:
    assert landed.receipt(HIDDEN_ROW).outcome == "accepted"
    assert landed.receipt(HIDDEN_ROW).reason.endswith("1 hidden row, read like the others")
    assert payments_of(landed, HIDDEN_ROW) == ["shown", "concealed"]


def test_case_107_a_hidden_sheet_without_values_disturbs_nobody(landed: Offered) -> None:
    assert landed.receipt(EMPTY_HIDDEN).outcome == "accepted"
    assert payments_of(landed, EMPTY_HIDDEN) == ["empty hidden"]


SEVERAL = put(
    "decisions_several.xlsx", package(sheet(HEADER, *decisions("first")), sheet(HEADER, *decisions("second")))
)
OTHER_NAME = put("remesas_norte_other.xlsx", package(sheet(row(text("Remesas Norte")))))


def test_case_108_another_visible_sheet_with_values_refuses_the_file(landed: Offered) -> None:
    assert "found another sheet with values" in refusal(landed, SEVERAL)


def test_case_108_a_workbook_without_the_sheet_that_its_layout_names_is_refused(landed: Offered) -> None:
    assert "found no such sheet; expected a sheet called Remesas" in refusal(landed, OTHER_NAME)


DIMENSIONS = {
    put(
        f"decisions_dimension_{place}.xlsx",
        package(
            sheet(HEADER, *decisions(*(f"{place} {number}" for number in range(5)))).replace(
                "<sheetData>", f'<dimension ref="{said}"/><sheetData>'
            )
        ),
    ): said
    for place, said in enumerate(("A1", "A1:B2", "A1:XFD1048576", "nonsense"))
}


@pytest.mark.parametrize("name", DIMENSIONS)
def test_case_109_a_dimension_that_lies_changes_nothing(name: str, landed: Offered) -> None:
    # One strict reader that looks at every cell, where the catalogue compares two that trust the dimension.
    assert landed.receipt(name).rows == 5
    assert len(payments_of(landed, name)) == 5


FULL = {
    put(
        f"decisions_{last}_rows.xlsx",
        package(sheet(HEADER, *decisions(f"{last}")[0].replace("<row>", f'<row r="{last}">', 1).splitlines())),
    ): outcome
    for last, outcome in ((65_535, "accepted"), (65_536, "held"), (65_537, "accepted"), (1_048_576, "held"))
}


@pytest.mark.parametrize("name", FULL)
def test_case_110_a_sheet_that_ends_where_spreadsheets_cut_off_is_held(name: str, landed: Offered) -> None:
    told = landed.receipt(name)
    assert told.outcome == FULL[name]
    assert ("where a spreadsheet cuts off" in told.reason) is (FULL[name] == "held")
    assert bool(payments_of(landed, name)) is (FULL[name] == "accepted")


# --- 111 to 114: packages that attack their reader --------------------------------------------------------------------

PLAIN: Final = package(sheet(HEADER, *decisions("plain")))


def lying_about_its_size() -> bytes:
    """A sheet that unpacks to 32 MB and says, in the directory and before itself, that it has 1,000 bytes."""
    said = sheet(HEADER, *decisions("lying")) + " " * (32 << 20)
    content = package(said)
    return content.replace(len(said).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))


BOMBS = {
    put("decisions_ratio.xlsx", with_part(PLAIN, "xl/media/x", b" " * (16 << 20))): "once unpacked; expected at most",
    put("decisions_padded_sheet.xlsx", package(sheet(HEADER, *decisions("p")) + " " * (32 << 20))): "once unpacked",
    put(
        "decisions_parts.xlsx", package(sheet(HEADER), parts={f"x{place}": "" for place in range(2001)})
    ): "2,000 different",
    put("decisions_lying.xlsx", lying_about_its_size()): "found a damaged",
}
NESTED = put("decisions_nested.xlsx", with_part(PLAIN, "xl/embeddings/x.zip", with_part(PLAIN, "x", b" " * (16 << 20))))


@pytest.fixture
def without_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a workbook now fails: what follows is decided by the look at its outside."""
    monkeypatch.setattr(workbook_process, "_PROGRAM", "import sys; sys.exit(1)")


@pytest.mark.parametrize("name", [*BOMBS, NESTED])
def test_case_111_a_zip_bomb_is_refused_and_its_siblings_flow(name: str, landed: Offered) -> None:
    assert BOMBS.get(name, "an archive within the workbook") in refusal(landed, name)


@pytest.mark.usefixtures("without_child")
@pytest.mark.parametrize(
    "name", ["decisions_ratio.xlsx", "decisions_padded_sheet.xlsx", "decisions_parts.xlsx", NESTED]
)
def test_case_111_a_zip_bomb_is_known_by_its_directory_without_unpacking_it(name: str, tmp_path: Path) -> None:
    told = offer(tmp_path, {name: OFFERS[name]}).receipt(name)
    assert told.outcome == "refused"
    assert "tried twice" not in told.reason


CORNERS = {
    put(
        "decisions_corner.xlsx", package(sheet(HEADER, row(text("x", "XFD1048576"), number=1_048_576)))
    ): "found a value in column 16384",
    put(
        "decisions_beyond.xlsx", package(sheet(HEADER, row(text("x", "A1048577"), number=1_048_577)))
    ): "found a row number that no sheet has",
    put(
        "decisions_no_string.xlsx",
        package(sheet(HEADER, row('<c t="s"><v>4294967295</v></c>')), parts={"xl/sharedStrings.xml": "<sst/>"}),
    ): "found a damaged workbook",
}
SHARED = "".join(f"<si><t>{said}</t></si>" for said in (*COLUMNS, "counted", *VALUES[1:]))
LYING_COUNT = put(
    "decisions_lying_count.xlsx",
    package(
        sheet(*(row(*(f'<c t="s"><v>{7 * line + place}</v></c>' for place in range(7))) for line in range(2))),
        parts={"xl/sharedStrings.xml": f'<sst count="4294967295" uniqueCount="4294967295">{SHARED}</sst>'},
    ),
)


@pytest.mark.parametrize("name", CORNERS)
def test_case_112_a_cell_at_the_end_of_the_world_refuses_the_file(name: str, landed: Offered) -> None:
    assert CORNERS[name] in refusal(landed, name)


def test_case_112_a_count_of_strings_that_lies_reserves_nothing_and_changes_nothing(landed: Offered) -> None:
    assert landed.receipt(LYING_COUNT).outcome == "accepted"
    assert payments_of(landed, LYING_COUNT) == ["counted"]


def test_case_112_a_child_that_is_killed_refuses_its_file_and_spares_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_process, "_PROGRAM", "import os; os.kill(os.getpid(), 9)")
    landed = offer(tmp_path, {"decisions_killer.xlsx": PLAIN, "settlements_1.csv": canonical("settlements")})
    assert landed.outcomes() == {"decisions_killer.xlsx": "refused", "settlements_1.csv": "accepted"}
    assert "limits of memory and time" in landed.receipt("decisions_killer.xlsx").reason


MACROS = (
    put("decisions_macros.xlsx", with_part(PLAIN, "xl/vbaProject.bin")),
    put("decisions_old_macros.xlsx", with_part(PLAIN, "xl/macrosheets/sheet1.xml", b"<x/>")),
)
MACRO_NAME = put("decisions_macros.xlsm", PLAIN)
DDE: Final = "<externalLink><ddeLink ddeService='cmd' ddeTopic='/c calc'/></externalLink>"


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A server on loopback that notes whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def address(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}/x"


def assert_nobody_came(server: socket.socket) -> None:
    with pytest.raises(BlockingIOError):
        server.accept()


@pytest.mark.parametrize("name", MACROS)
def test_case_113_macros_refuse_the_file(name: str, landed: Offered) -> None:
    told = refusal(landed, name)
    assert "found macros; expected a workbook without macros" in told


def test_case_113_a_workbook_with_the_name_of_one_with_macros_has_no_layout(landed: Offered) -> None:
    assert "found a name that no layout has" in refusal(landed, MACRO_NAME)


def test_case_113_links_out_of_the_workbook_are_never_followed(tmp_path: Path, listening: socket.socket) -> None:
    link = f'<Relationship Id="rId1" Type="x/externalLinkPath" Target="{address(listening)}" TargetMode="External"/>'
    parts = {
        "xl/externalLinks/externalLink1.xml": DDE,
        "xl/externalLinks/_rels/externalLink1.xml.rels": f"<Relationships>{link}</Relationships>",
        "xl/embeddings/oleObject1.bin": "x",
    }
    formula = with_cell("capture_line", "<c><f>[1]Sheet1!A1</f><v>1</v></c>", "linked")
    content = package(sheet(HEADER, formula, *decisions("beside")), parts=parts)
    landed = offer(tmp_path, {"decisions_links.xlsx": content})
    assert [found["rule"] for found in landed.rejections("decisions_links.xlsx")] == ["formula_cell"]
    assert payments_of(landed, "decisions_links.xlsx") == ["beside"]
    assert_nobody_came(listening)


def linked_to(target: str) -> bytes:
    """A package with a part that is a symbolic link."""
    link = zipfile.ZipInfo("xl/link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return with_part(PLAIN, link, target.encode())


@pytest.mark.parametrize(
    "content",
    [
        with_part(PLAIN, "../../escaped.txt"),
        with_part(PLAIN, "xl/../../../escaped.txt"),
        with_part(PLAIN, "/tmp/escaped.txt"),  # noqa: S108 - a name in a package, never a file
        linked_to("/etc/passwd"),
    ],
    ids=["up", "up from within", "absolute", "symbolic link"],
)
def test_case_114_a_part_that_points_out_of_the_package_is_never_written(content: bytes, tmp_path: Path) -> None:
    landed = offer(tmp_path, {"decisions_out.xlsx": content})
    told = landed.receipt("decisions_out.xlsx")
    assert told.outcome == "refused"
    assert "found a part that points out of the package" in told.reason
    assert list(tmp_path.rglob("escaped.txt")) == []


# --- 115 to 117: XML --------------------------------------------------------------------------------------------------

LAUGHS: Final = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPES: Final = {
    "laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>',
    "quadratic": f'<!DOCTYPE x [<!ENTITY q "{"a" * 50_000}">]>',
    "file": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;]>',
    "dtd": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
}
ENTITY: Final = {"laughs": "&l9;", "quadratic": "&q;" * 1_000, "file": "&f;", "parameter": "", "dtd": ""}


def camt_with(doctype: str, said: str) -> bytes:
    remittance = f"<RmtInf><Ustrd>{said}</Ustrd></RmtInf>"
    return camt_files.document(camt_files.entry(inner=camt_files.detail(more=remittance)), head=doctype)


TYPED = [put(f"camt053_{name}.xml", camt_with(doctype, ENTITY[name])) for name, doctype in DOCTYPES.items()]
TYPED_WORKBOOKS = [
    put(f"decisions_doctype_{name}.xlsx", package(sheet(HEADER, row(text("x")), before=doctype)))
    for name, doctype in DOCTYPES.items()
]
UTF16 = put("camt053_utf16.xml", camt_with(DOCTYPES["file"], "&f;").decode().encode("utf-16"))
OTHER_ENCODING = put("camt053_latin1.xml", b'<?xml version="1.0" encoding="ISO-8859-1"?>' + camt_with("", "x"))


@pytest.mark.parametrize("name", [*TYPED, *TYPED_WORKBOOKS])
def test_case_115_any_document_type_refuses_the_file_before_an_entity_is_looked_at(name: str, landed: Offered) -> None:
    assert "found a document type declaration" in refusal(landed, name)


def test_case_115_no_address_in_a_document_type_is_ever_asked(tmp_path: Path, listening: socket.socket) -> None:
    doctype = f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{address(listening)}">%p;<!ENTITY f SYSTEM "{address(listening)}">]>'
    content = package(sheet(HEADER, row(text("x")), before=doctype))
    landed = offer(tmp_path, {"camt053_1.xml": camt_with(doctype, "&f;"), "decisions_1.xlsx": content})
    assert set(landed.outcomes().values()) == {"refused"}
    assert_nobody_came(listening)


@pytest.mark.parametrize(("name", "told"), [(UTF16, "found UTF-16"), (OTHER_ENCODING, "found an encoding declared")])
def test_case_115_an_encoding_that_could_hide_a_document_type_refuses_the_file(
    name: str, told: str, landed: Offered
) -> None:
    assert told in refusal(landed, name)


DEEP_ONES = {
    put("camt053_deep.xml", camt_files.document("<x>" * DEEP)): "found elements nested without end",
    put("decisions_deep.xlsx", package("<worksheet>" + "<x>" * DEEP)): "found XML nested deeper than",
}


@pytest.mark.parametrize("name", DEEP_ONES)
def test_case_116_elements_nested_without_end_refuse_the_file(name: str, landed: Offered) -> None:
    assert DEEP_ONES[name] in refusal(landed, name)


WRONG = {
    put(
        "camt053_pain.xml", CAMT := camt_files.document().replace(b"camt.053.001", b"pain.001.001")
    ): "a document of pain.001",
    put(
        "camt053_foreign.xml", CAMT.replace(b"urn:iso:std:iso:20022:tech:xsd:pain.001.001.08", b"urn:x")
    ): "line 1: found",
    put(
        "camt053_unversioned.xml", CAMT.replace(b"pain.001.001.08", b"camt.053")
    ): "no ISO 20022 document with a version",
}
SETTLED: Final = "<RltdDts><IntrBkSttlmDt>2026-10-13</IntrBkSttlmDt></RltdDts>"
NO_AMOUNT = put(
    "camt053_no_amount.xml",
    camt_files.document(camt_files.entry().replace('<Amt Ccy="MXN">1450.00</Amt>', "")),
)
ENTRIES = put(
    "camt053_entries.xml",
    camt_files.document(
        camt_files.entry(reference="BOOKED"),
        camt_files.entry(reference="ANNOUNCED", status="PDNG"),
        camt_files.entry(inner=camt_files.detail("REVERSED", SETTLED), direction="DBIT", reversal="true"),
        camt_files.entry(reference="UNNAMED", direction="DBIT", reversal="true"),
        camt_files.entry(reference="DOLLARS", currency="USD"),
    ),
)


@pytest.mark.parametrize("name", WRONG)
def test_case_117_a_message_of_another_kind_or_without_a_version_is_refused(name: str, landed: Offered) -> None:
    assert WRONG[name] in refusal(landed, name)


def test_case_117_an_entry_without_an_amount_refuses_the_file(landed: Offered) -> None:
    told = refusal(landed, NO_AMOUNT)
    assert "line 2: found an entry without Amt" in told


def test_case_117_entries_that_are_no_plain_credit_are_returned_foreign_or_rejected(landed: Offered) -> None:
    told = landed.receipt(ENTRIES)
    assert (told.outcome, told.rows) == ("accepted", 5)
    rows = landed.rows("bank_transfers")
    found = rows[rows["file_name"] == ENTRIES]
    assert sorted(zip(found["tracking_key"], found["status"], found["currency"], strict=True)) == [
        ("BOOKED", "credited", "MXN"),
        ("DOLLARS", "credited", "USD"),
        ("REVERSED", "returned", "MXN"),
    ]
    assert [rejected["rule"] for rejected in landed.rejections(ENTRIES)] == ["pending", "reversal"]
    assert told.amount_centavos == 2 * 145_000
