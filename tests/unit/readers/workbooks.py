"""Small .xlsx packages written by hand, so that each part can be wrong in its own way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from types import MappingProxyType

COLUMNS = ("payment_id", "action", "capture_line", "reason", "decided_by", "approved_by", "decided_at")
VALUES = ("bank_transfer|2026-10-14|40012|K1", "refund", "", "Asked", "ana", "luis", "2026-10-20T10:00:00Z")
SPREADSHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
STYLES = (
    f'<styleSheet {SPREADSHEET}><numFmts><numFmt numFmtId="164" formatCode="[$-80A]dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="0.00&quot;d&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)


def text(value: str, reference: str = "") -> str:
    """A cell with inline text."""
    place = f' r="{reference}"' if reference else ""
    escaped = value.replace("&", "&amp;").replace("<", "&lt;")
    return f'<c{place} t="inlineStr"><is><t>{escaped}</t></is></c>'


def row(*cells: str, number: int | None = None) -> str:
    """A row of cells, where it says so with its number."""
    place = "" if number is None else f' r="{number}"'
    return f"<row{place}>{''.join(cells)}</row>"


HEADER = row(*map(text, COLUMNS))
RECORD = row(*map(text, VALUES))


def sheet(*rows: str, after: str = "", before: str = "") -> str:
    """The XML of a sheet."""
    return f"{before}<worksheet {SPREADSHEET}><sheetData>{''.join(rows)}</sheetData>{after}</worksheet>"


def workbook(*sheets: tuple[str, str], date_1904: bool = False) -> str:
    """The XML of a workbook with sheets of these names and states."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{place}" state="{state}" r:id="rId{place}"/>'
        for place, (name, state) in enumerate(sheets, 1)
    )
    properties = f'<workbookPr date1904="{int(date_1904)}"/>'
    return f"<workbook {SPREADSHEET} {RELATIONS}>{properties}<sheets>{listed}</sheets></workbook>"


def package(
    *sheets: str,
    states: tuple[str, ...] = (),
    date_1904: bool = False,
    parts: Mapping[str, str | bytes] = MappingProxyType({}),
) -> bytes:
    """A whole .xlsx package; ``parts`` add or replace parts by name."""
    names = [(f"S{place}", (states or ("visible",) * len(sheets))[place]) for place in range(len(sheets))]
    links = "".join(
        f'<Relationship Id="rId{place}" Target="worksheets/s{place}.xml"/>' for place in range(1, len(sheets) + 1)
    )
    whole: dict[str, str | bytes] = {
        "xl/workbook.xml": workbook(*names, date_1904=date_1904),
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
        "xl/styles.xml": STYLES,
        **{f"xl/worksheets/s{place}.xml": content for place, content in enumerate(sheets, 1)},
        **parts,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return packed.getvalue()
