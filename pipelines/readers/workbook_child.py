"""The child process that opens one untrusted workbook: standard library only, memory and time limited by the kernel.

Standard input is one line of JSON (``sheet``, ``memory_bytes``, ``cpu_seconds``), then the bytes of the workbook;
standard output is one JSON object: ``refusal`` (found, expected, remedy), or ``sheet``, ``merged_rows`` (the last row
of a merge) and ``cells``, each with row and column (from 1), kind and text.
Nothing is extracted to disk, no link is followed, no macro is run, a DTD ends the reading. A loop over cells is the
price of a pull parser; every other stage of reading works on whole columns.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import posixpath
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Callable
from string import ascii_uppercase
from typing import Any, Final
from xml.parsers import expat

DEPTH: Final = 64
SEND_AGAIN: Final = "export the sheet again as a plain .xlsx workbook"
TOO_LARGE: Final = ("more than fits into memory", "a workbook of ordinary size", SEND_AGAIN)
DAMAGED: Final = ("a damaged workbook", "a whole .xlsx workbook", SEND_AGAIN)
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DATE_FORMATS: Final = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
_NOT_A_CODE: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SIGNIFICANT: Final = 17

Handler = Callable[..., None]


class RefusedError(Exception):
    """The workbook is not one that may be read: what was found, expected, and what to do."""


def refuse(found: str, expected: str, remedy: str = SEND_AGAIN) -> RefusedError:
    """The refusal to raise."""
    return RefusedError(found, expected, remedy)


def nothing(*_: Any) -> None:  # noqa: ANN401 - a handler that does not care
    """Handle nothing."""


def walk(package: zipfile.ZipFile, part: str, on_start: Handler, on_end: Handler, on_text: Handler) -> None:
    """Pull one XML part through handlers: local names of elements only, no DTD, no endless depth."""
    depth = 0

    def started(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise refuse(found=f"XML nested deeper than {DEPTH}", expected="the XML of a workbook")
        on_start(name.rpartition(" ")[2], attributes)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        on_end(name.rpartition(" ")[2])

    def declared(*_: Any) -> None:  # noqa: ANN401 - expat's callback
        raise refuse(found="a document type declaration (DTD)", expected="XML without one")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler, parser.CharacterDataHandler = declared, on_text
    parser.StartElementHandler, parser.EndElementHandler = started, ended
    with package.open(part) as content:
        parser.ParseFile(content)


def elements(package: zipfile.ZipFile, part: str, *wanted: str) -> list[tuple[str, dict[str, str]]]:
    """The name and the attributes (by local name) of every element of some names, in order."""
    found: list[tuple[str, dict[str, str]]] = []

    def started(name: str, attributes: dict[str, str]) -> None:
        if name in wanted:
            found.append((name, {key.rpartition(" ")[2]: value for key, value in attributes.items()}))

    walk(package, part, started, nothing, nothing)
    return found


class SharedStrings:
    """The table of shared strings, in order; phonetic readings left out."""

    def __init__(self, package: zipfile.ZipFile, part: str) -> None:
        self.strings: list[str] = []
        self.parts: list[str] = []
        self.in_text = False
        self.phonetic = 0
        if part in package.namelist():
            walk(package, part, self._on_start, self._on_end, self._on_text)

    def _on_start(self, name: str, _: dict[str, str]) -> None:
        self.phonetic += name == "rPh"
        self.in_text = name == "t" and not self.phonetic

    def _on_end(self, name: str) -> None:
        self.phonetic -= name == "rPh"
        self.in_text = False
        if name == "si":
            self.strings.append(unescape("".join(self.parts)))
            self.parts = []

    def _on_text(self, data: str) -> None:
        if self.in_text:
            self.parts.append(data)


class Sheet:
    """The cells of a sheet, each with row, column, kind and text, exactly as the XML has them."""

    def __init__(self, strings: list[str], date_styles: set[int], *, from_1904: bool) -> None:
        self.strings, self.date_styles, self.from_1904 = strings, date_styles, from_1904
        self.cells: list[tuple[int, int, str, str]] = []
        self.merged_rows = 0
        self.row = self.column = 0
        self.attributes: dict[str, str] = {}
        self.parts: list[str] = []
        self.in_value = self.has_formula = False

    def read(self, package: zipfile.ZipFile, part: str) -> None:
        """Pull the sheet's part through."""
        walk(package, part, self._on_start, self._on_end, self._on_text)

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._begin_row(int(attributes.get("r", self.row + 1)))
        elif name == "c":
            self._place(attributes)
        elif name == "f":
            self.has_formula = True
        elif name in {"v", "t"}:
            self.in_value = True
        elif name == "mergeCell":
            last = attributes["ref"].rpartition(":")[2]
            self.merged_rows = max(self.merged_rows, int(last.strip(ascii_uppercase)))

    def _on_end(self, name: str) -> None:
        if name in {"v", "t"}:
            self.in_value = False
        elif name == "c" and (self.parts or self.has_formula):
            kind, text = self._said("".join(self.parts))
            if text or kind != "t":
                self.cells.append((self.row, self.column, kind, text))

    def _on_text(self, data: str) -> None:
        if self.in_value:
            self.parts.append(data)

    def _begin_row(self, row: int) -> None:
        if row <= self.row:
            raise refuse(found="rows out of order", expected="rows in ascending order")
        self.row, self.column = row, 0

    def _place(self, attributes: dict[str, str]) -> None:
        self.attributes, self.parts, self.has_formula = attributes, [], False
        reference = attributes.get("r")
        if reference is None:
            self.column += 1
            return
        match = _REFERENCE.fullmatch(reference)
        if match is None or int(match[2]) != self.row or column_number(match[1]) <= self.column:
            raise refuse(found="a cell that is not where it says", expected="cells in their rows, from left to right")
        self.column = column_number(match[1])

    def _said(self, value: str) -> tuple[str, str]:
        """Kind and text: ``t`` text, ``n`` number, ``d`` date, ``b`` boolean, ``e`` error, ``f`` formula."""
        kind = self.attributes.get("t", "n")
        if self.has_formula:
            return "f", value
        if kind == "s":
            return "t", self.strings[int(value)]
        if kind in {"str", "inlineStr"}:
            return "t", unescape(value)
        if kind in {"b", "e", "d"}:
            return kind, value
        if int(self.attributes.get("s", "0")) in self.date_styles:
            return date_of(value, from_1904=self.from_1904)
        return "n", shortest(value)


def unescape(text: str) -> str:
    """``_x000D_`` and its like as the character meant."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    total = 0
    for letter in letters:
        total = total * 26 + ord(letter) - ord("A") + 1
    return total


def shortest(text: str) -> str:
    """A number's shortest decimal text of the same value; a text with more digits than a double holds stays."""
    if (
        not re.fullmatch(r"-?[0-9]+\.[0-9]+", text)
        or sum(letter.isdigit() for letter in text.lstrip("-0.")) > _SIGNIFICANT
    ):
        return text
    return repr(float(text)).removesuffix(".0")


def date_of(text: str, *, from_1904: bool) -> tuple[str, str]:
    """A date cell's serial number as ``YYYY-MM-DD``, with a time where it has one; else a number, left as it is."""
    match = re.fullmatch(r"([0-9]{1,7})(\.[0-9]+)?", text)
    if match is None or int(match[1]) > 2_957_003 or (int(match[1]) <= 60 and not from_1904):  # noqa: PLR2004 - 1900-02-29
        return "n", text
    day = (dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 30)) + dt.timedelta(days=int(match[1]))
    if not match[2] or not match[2].strip(".0"):
        return "d", day.isoformat()
    seconds = round(float(f"0{match[2]}") * 86_400)
    clock = dt.datetime.combine(day, dt.time.min, dt.UTC) + dt.timedelta(seconds=seconds)
    return "d", clock.strftime("%Y-%m-%dT%H:%M:%S")


def parts_of(package: zipfile.ZipFile) -> tuple[list[tuple[str, bool, str]], bool]:
    """The sheets (name, hidden, part) in order, and whether days count from 1904."""
    workbook = elements(package, "xl/workbook.xml", "sheet", "workbookPr")
    links = elements(package, "xl/_rels/workbook.xml.rels", "Relationship")
    targets = {said["Id"]: posixpath.normpath(posixpath.join("/xl", said["Target"])).lstrip("/") for _, said in links}
    sheets = [
        (said["name"], said.get("state", "visible") != "visible", targets[said["id"]])
        for name, said in workbook
        if name == "sheet"
    ]
    from_1904 = any(said.get("date1904") in {"1", "true"} for _, said in workbook)
    return sheets, from_1904


def date_styles(package: zipfile.ZipFile) -> set[int]:
    """The cell styles that show a date."""
    if "xl/styles.xml" not in package.namelist():
        return set()
    styles = elements(package, "xl/styles.xml", "numFmt", "cellXfs", "xf")
    names = [name for name, _ in styles]
    # The formats of cells are the xf elements after cellXfs; those before it are of named styles.
    cells = [said for name, said in styles[names.index("cellXfs") :] if name == "xf"] if "cellXfs" in names else []
    own = {said["numFmtId"]: said["formatCode"] for name, said in styles if name == "numFmt"}
    return {place for place, said in enumerate(cells) if shows_date(said.get("numFmtId", "0"), own)}


def shows_date(number: str, own: dict[str, str]) -> bool:
    """Whether a number format, built in or the workbook's own, shows a year or a day."""
    return int(number) in _DATE_FORMATS or bool(set("yd") & set(_NOT_A_CODE.sub("", own.get(number, "")).lower()))


def cells_of(package: zipfile.ZipFile, wanted: str) -> dict[str, Any]:
    """The cells of the sheet called ``wanted``, or of the only visible one; no other sheet may say anything."""
    sheets, from_1904 = parts_of(package)
    chosen = [sheet for sheet in sheets if (sheet[0] == wanted if wanted else not sheet[1])][:1]
    if not chosen:
        raise refuse(found="no such sheet", expected=f"a sheet called {wanted}" if wanted else "a visible sheet")
    for name, hidden, part in sheets:
        if (name, hidden, part) not in chosen and elements(package, part, "v", "t", "f"):
            raise refuse(
                found=f"{'a hidden' if hidden else 'another'} sheet with values", expected="values on one sheet only"
            )
    strings = SharedStrings(package, "xl/sharedStrings.xml").strings
    sheet = Sheet(strings, date_styles(package), from_1904=from_1904)
    sheet.read(package, chosen[0][2])
    return {"sheet": chosen[0][0], "merged_rows": sheet.merged_rows, "cells": sheet.cells}


def answer(content: bytes, wanted: str) -> dict[str, Any]:
    """What the child says: the cells, or the refusal."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return cells_of(package, wanted)
    except RefusedError as refused:
        found, expected, remedy = refused.args
    except MemoryError:
        found, expected, remedy = TOO_LARGE
    except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, LookupError, ValueError, RuntimeError) as e:
        # Zlib and expat have words of their own for memory that the limit does not give them.
        found, expected, remedy = TOO_LARGE if re.search("Error -4|out of memory", str(e)) else DAMAGED
    return {"refusal": {"found": found, "expected": expected, "remedy": remedy}}


def main() -> None:
    """Take the limits, read, answer."""
    asked = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory_bytes"], asked["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (asked["cpu_seconds"], asked["cpu_seconds"]))
    json.dump(answer(sys.stdin.buffer.read(), asked["sheet"]), sys.stdout)


if __name__ == "__main__":
    main()
