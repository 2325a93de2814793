"""The child process that opens one untrusted workbook: standard library only, memory and time limited by the kernel.

Its first argument is JSON (``sheets``, ``ignored``, ``title_rows``, ``rows``, ``columns``, ``text_bytes``,
``cached_formulas``, ``memory_bytes``, ``cpu_seconds``), standard input the bytes of the workbook. Standard output is
blocks of rows (``workbook_sheet``), then one last line of JSON: ``refusal`` (found, expected, remedy, sheet), or
``sheets`` and ``hidden``, the hidden sheets with values that no layout declares.
Nothing is extracted to disk, no link is followed, no macro is run, no formula computed.
"""

from __future__ import annotations

import gc
import io
import json
import re
import resource
import sys
import zipfile
import zlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, BinaryIO, Final
from xml.parsers import expat

from pipelines.readers.workbook_sheet import Book, Room, Sheet
from pipelines.readers.workbook_values import shows_date, unescape
from pipelines.readers.workbook_xml import (
    SEND_AGAIN,
    Markup,
    RefusedError,
    SharedStrings,
    elements,
    local,
    pull,
    refuse,
)

TOO_LARGE: Final = ("more than fits into memory", "a workbook of ordinary size", SEND_AGAIN)
DAMAGED: Final = ("a damaged workbook", "a whole .xlsx workbook", SEND_AGAIN)
_FAULTS: Final = (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, LookupError, ValueError, RuntimeError)


@dataclass(frozen=True)
class Listed:
    """A sheet as the workbook lists it: its name, whether it is hidden, its part."""

    name: str
    is_hidden: bool
    part: str


@dataclass(frozen=True)
class Parts:
    """The sheets in order, the parts of shared strings and styles, and whether days count from 1904."""

    sheets: tuple[Listed, ...]
    strings: str
    styles: str
    from_1904: bool


class _Said(Exception):  # noqa: N818 - not an error: the answer is found
    """A value was found; no more of the sheet needs to be looked at."""


def parts_of(package: zipfile.ZipFile) -> Parts:
    """Where the workbook says its parts are; raises ``RefusedError`` where one is not its own."""
    workbook = elements(package, "xl/workbook.xml", "sheet", "workbookPr")
    links = elements(package, "xl/_rels/workbook.xml.rels", "Relationship")
    targets = {said["Id"]: said for _, said in links}
    kinds = {said.get("Type", "").rpartition("/")[2]: said for said in targets.values()}
    sheets = tuple(
        Listed(said["name"], said.get("state", "visible") != "visible", _inside(targets[said["id"]]))
        for name, said in workbook
        if name == "sheet"
    )
    for each in ([sheet.name for sheet in sheets], [sheet.part for sheet in sheets]):
        if len(set(each)) != len(each):
            raise refuse(found="two sheets that are one", expected="sheets that differ in name and content")
    strings = _inside(kinds["sharedStrings"]) if "sharedStrings" in kinds else "xl/sharedStrings.xml"
    styles = _inside(kinds["styles"]) if "styles" in kinds else "xl/styles.xml"
    return Parts(sheets, strings, styles, any(said.get("date1904") in {"1", "true"} for _, said in workbook))


def _inside(link: dict[str, str]) -> str:
    """The part that a link of the workbook leads to, which must lie within the package."""
    target = link["Target"]
    steps = [] if target.startswith("/") else ["xl"]
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1] or [step]
        elif step not in {"", "."}:
            steps.append(step)
    if link.get("TargetMode") == "External" or ":" in target or ".." in steps or not steps:
        raise refuse(found="a sheet outside the workbook", expected="sheets within it")
    return "/".join(steps)


def date_styles(package: zipfile.ZipFile, part: str) -> set[str]:
    """The cell styles, by number, that show a date."""
    if part not in package.namelist():
        return set()
    styles = elements(package, part, "numFmt", "cellXfs", "xf")
    names = [name for name, _ in styles]
    # The formats of cells are the xf elements after cellXfs; those before it are of named styles.
    cells = [said for name, said in styles[names.index("cellXfs") :] if name == "xf"] if "cellXfs" in names else []
    own = {said["numFmtId"]: said["formatCode"] for name, said in styles if name == "numFmt"}
    return {str(place) for place, said in enumerate(cells) if shows_date(said.get("numFmtId", "0"), own)}


def has_values(package: zipfile.ZipFile, part: str) -> bool:
    """Whether any cell of the sheet says something."""
    markup = Markup()
    inside: list[str] = []

    def started(name: str, _: dict[str, str]) -> None:
        markup.deeper()
        inside.append(local(name))
        if inside[-1] == "f":
            raise _Said

    def ended(_: str) -> None:
        markup.depth -= 1
        inside.pop()

    def said(text: str) -> None:
        if inside and inside[-1] in {"v", "t"} and text.strip():
            raise _Said

    try:
        pull(package, part, started, ended, said)
    except _Said:
        return True
    return False


def choose(sheets: tuple[Listed, ...], asked: dict[str, Any]) -> tuple[list[Listed], list[Listed]]:
    """The sheets that the layout declares, or the first visible one, and those that must say nothing."""
    declared = asked["sheets"]
    others = [sheet for sheet in sheets if not _has_name(sheet, asked["ignored"])]
    if not declared:
        chosen = [sheet for sheet in others if not sheet.is_hidden][:1]
    else:
        chosen = [sheet for sheet in others if _has_name(sheet, declared)]
    missing = [name for name in declared if not any(_has_name(sheet, [name]) for sheet in chosen)]
    if missing or not chosen:
        expected = f"a sheet called {missing[0]}" if missing else "a visible sheet"
        raise refuse(found="no such sheet", expected=expected)
    return chosen, [sheet for sheet in others if sheet not in chosen]


def _has_name(sheet: Listed, patterns: list[str]) -> bool:
    return any(fnmatchcase(sheet.name, pattern) for pattern in patterns)


def read(package: zipfile.ZipFile, asked: dict[str, Any], out: BinaryIO) -> dict[str, Any]:
    """Write the blocks of the chosen sheets; what is to be said of them at the end."""
    parts = parts_of(package)
    chosen, others = choose(parts.sheets, asked)
    saying = [sheet for sheet in others if has_values(package, sheet.part)]
    beside = [sheet.name for sheet in saying if not sheet.is_hidden]
    if beside:
        found, expected = "another sheet with values", "values on the declared sheets only"
        remedy = "remove what stands there, or declare the sheet, and send the workbook again"
        raise RefusedError(found, expected, remedy, beside[0])
    strings = SharedStrings(package, parts.strings, unescape).strings
    book = Book(strings, date_styles(package, parts.styles), parts.from_1904, asked["cached_formulas"])
    room = Room(asked["title_rows"], asked["rows"], asked["columns"], asked["text_bytes"])
    told = [_read_sheet(package, place, listed, Sheet(place, book, room, out)) for place, listed in enumerate(chosen)]
    return {"sheets": told, "hidden": [sheet.name for sheet in saying]}


def _read_sheet(package: zipfile.ZipFile, place: int, listed: Listed, sheet: Sheet) -> dict[str, Any]:
    try:
        sheet.read(package, listed.part)
    except RefusedError as refused:
        raise RefusedError(*refused.args, listed.name) from None
    return {
        "sheet": place,
        "name": listed.name,
        "is_hidden": listed.is_hidden,
        "last_row": sheet.last_row,
        "merged_rows": sheet.merged_rows,
        "hidden_rows": sheet.hidden_rows,
        "hidden_columns": sheet.hidden_columns,
    }


def answer(content: bytes, asked: dict[str, Any], out: BinaryIO) -> dict[str, Any]:
    """Write the blocks to ``out``; what the child says last: of the sheets, or the refusal."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return read(package, asked, out)
    except RefusedError as refused:
        told = refused.args
    except MemoryError:
        told = TOO_LARGE
    except _FAULTS as fault:
        # Zlib and expat have words of their own for memory that the limit does not give them.
        told = TOO_LARGE if re.search("Error -4|out of memory", str(fault)) else DAMAGED
    return {"refusal": dict(zip(("found", "expected", "remedy", "sheet"), told, strict=False))}


def main() -> None:
    """Take the limits, read, answer."""
    asked = json.loads(sys.argv[1])
    # Nothing here makes cycles; looking for them among millions of cells costs a tenth of the time.
    gc.disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory_bytes"], asked["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (asked["cpu_seconds"], asked["cpu_seconds"]))
    last = answer(sys.stdin.buffer.read(), asked, sys.stdout.buffer)
    sys.stdout.buffer.write(json.dumps(last).encode() + b"\n")
    sys.stdout.buffer.flush()
