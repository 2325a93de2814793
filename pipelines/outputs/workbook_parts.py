"""The parts of a workbook file (Office Open XML, ECMA-376) around the rows of its sheets, and their package.

The package has no document properties and one fixed date, so that the same rows give the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from enum import IntEnum
from typing import Final
from xml.sax.saxutils import escape, quoteattr


class Style(IntEnum):
    """Positions in the list of cell formats of ``_STYLES``."""

    PLAIN = 0
    HEADER = 1
    TEXT = 2
    NUMBER = 3
    DATE = 4
    FLAG = 5


_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_TITLE_CHARACTERS: Final = 31

# Numbers are shown as digits alone: with separators, centavos would be read as pesos. Text cells stay text when a
# person edits them (format @ and quotePrefix): an NSS keeps its zeros, `=1+1` does not become a formula.
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE7ECEF"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>'
    '<xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def letters(position: int) -> str:
    """The letters of a column by its position from 0: from A to Z, then AA."""
    before, last = divmod(position, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)


def sheet(header: list[str], widths: list[int], last: str, rows: bytes) -> bytes:
    """One sheet: ``header`` frozen above ``rows`` (XML), filters down to the cell ``last``, widths in characters."""
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>' for place, width in enumerate(widths, 1)
    )
    names = "".join(
        f'<c r="{letters(place)}1" s="{Style.HEADER}" t="inlineStr"><is><t>{escape(name)}</t></is></c>'
        for place, name in enumerate(header)
    )
    head = (
        f'{_XML}<worksheet xmlns="{_MAIN}"><dimension ref="A1:{last}"/><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData><row r="1">{names}</row>'
    )
    return head.encode() + rows + f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>'.encode()


def package(title: str, sheets: list[bytes]) -> bytes:
    """The workbook file of these sheets, called ``title``, ``title 2`` and so on."""
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relationships([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook(title, len(sheets)),
        "xl/_rels/workbook.xml.rels": _relationships(
            [*(("worksheet", f"worksheets/sheet{place}.xml") for place in _places(sheets)), ("styles", "styles.xml")]
        ),
        "xl/styles.xml": _STYLES.encode(),
        **{f"xl/worksheets/sheet{place}.xml": sheets[place - 1] for place in _places(sheets)},
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            archive.writestr(_entry(name), content)
    return file.getvalue()


def _places(sheets: list[bytes]) -> range:
    return range(1, len(sheets) + 1)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 0
    return entry


def _content_types(sheets: int) -> bytes:
    overrides = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    overrides += [(f"/xl/worksheets/sheet{place}.xml", "worksheet") for place in range(1, sheets + 1)]
    told = "".join(f'<Override PartName="{name}" ContentType="{_TYPES}.{kind}+xml"/>' for name, kind in overrides)
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{told}</Types>'
    ).encode()


def _relationships(targets: list[tuple[str, str]]) -> bytes:
    told = "".join(
        f'<Relationship Id="rId{place}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'.encode()


def _workbook(title: str, sheets: int) -> bytes:
    told = "".join(
        f'<sheet name={quoteattr(_sheet_name(title, place))} sheetId="{place}" r:id="rId{place}"/>'
        for place in range(1, sheets + 1)
    )
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{told}</sheets></workbook>'.encode()


def _sheet_name(title: str, place: int) -> str:
    number = f" {place}" if place > 1 else ""
    return re.sub(r"[^\w .-]", "_", title)[: _TITLE_CHARACTERS - len(number)] + number
