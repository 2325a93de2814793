"""What can be told for certain of an unknown sender's file: a beginning of its layout, never a guess (DESIGN §5).

What the bytes leave open stays open: it becomes a question in the layout file, and a layout with a question in it is
not taken.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import Final

from pipelines.readers import package, workbook_process
from pipelines.readers.layout import Layout
from pipelines.readers.refusal import Refused

DELIMITERS: Final = (",", ";", "|", "\t")
_LOOKED_AT: Final = 1 << 20
_LINES: Final = 200
_COLUMNS: Final = 200
_LONG_NUMBER: Final = re.compile(r"[0-9]{5}|@")
_MARK: Final = rb"\A(?:\xef\xbb\xbf)?"
_STANDARDS: Final = (
    ("camt053", re.compile(_MARK + rb"\s*<(?s:.{0,1000}?)urn:iso:std:iso:20022:tech:xsd:camt\.053\b")),
    ("camt054", re.compile(_MARK + rb"\s*<(?s:.{0,1000}?)urn:iso:std:iso:20022:tech:xsd:camt\.054\b")),
    ("mt940", re.compile(_MARK + rb"[\x00-\x20]*(?:\{1:|:20:)(?s:.*?)^:60[FM]:", re.MULTILINE)),
    ("mt942", re.compile(_MARK + rb"[\x00-\x20]*(?:\{1:|:20:)(?s:.*?)^:34F:", re.MULTILINE)),
    ("nacha_iat", re.compile(rb"\A101[^\r\n]{91}(?:\r?\n|\Z)")),
    ("bai2", re.compile(rb"\A01,[^\r\n]*/")),
)
"""Layout of a standard → how its files begin."""


@dataclass(frozen=True)
class Sketch:
    """What is certain; an empty value is a question. ``columns`` are those of the header, in its order.

    ``like``: the layout of the standard that the file follows; then it says everything else too.
    ``only_ascii``: no letter tells the encoding. ``record_length``: all lines have it, as records of fixed width.
    """

    like: str = ""
    mechanics: str = ""
    encoding: str = ""
    delimiter: str = ""
    columns: tuple[str, ...] = ()
    sheet: str = ""
    only_ascii: bool = False
    record_length: int = 0


def of_file(content: bytes) -> Sketch:
    """What the file says of itself."""
    if content.startswith(b"PK"):
        return _of_workbook(content)
    like = next((name for name, pattern in _STANDARDS if pattern.match(content[:_LOOKED_AT])), "")
    return Sketch(like=like) if like else _of_text(content)


def _of_workbook(content: bytes) -> Sketch:
    """A workbook of one sheet names it, and the columns of its first row where they are names."""
    asking = Layout("", "", "", (), "workbook", tuple(map(str, range(_COLUMNS))), ())
    try:
        (sheet,), _ = workbook_process.ask(content, package.look(content), asking)
    except (Refused, ValueError):  # several sheets, or one that cannot be opened
        return Sketch(mechanics="workbook")
    first = [column[0].as_py() for column in sheet.texts] if sheet.lines.size and sheet.lines[0] == 1 else []
    while first and not first[-1]:
        first.pop()
    return Sketch(mechanics="workbook", sheet=sheet.name, columns=_names(first))


def _of_text(content: bytes) -> Sketch:
    encoding, text = _decoded(content)
    only_ascii = content.isascii()
    lines = [line for line in text.splitlines()[:_LINES] if line]
    fitting = [(delimiter, header) for delimiter in DELIMITERS if (header := _header(lines, delimiter))]
    if len(fitting) == 1:
        delimiter, header = fitting[0]
        return Sketch("", "delimited", encoding, delimiter, _names(header), only_ascii=only_ascii)
    lengths = {len(line) for line in lines}
    if not fitting and len(lines) > 1 and len(lengths) == 1:
        return Sketch(encoding=encoding, only_ascii=only_ascii, record_length=lengths.pop())
    return Sketch(encoding=encoding, only_ascii=only_ascii)


def _decoded(content: bytes) -> tuple[str, str]:
    """UTF-8 where letters show it; whether others are cp1252 or latin-1 is the sender's to say."""
    head = content[:_LOOKED_AT]
    whole = head[: head.rfind(b"\n") + 1] or head
    try:
        text = whole.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "", whole.decode("latin-1")
    return ("" if content.isascii() else "utf-8"), text


def _header(lines: list[str], delimiter: str) -> list[str]:
    """The cells of the first line, if it has several and every line as many."""
    try:
        records = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return []
    counts = {len(record) for record in records}
    return records[0] if len(counts) == 1 and counts.pop() > 1 else []


def _names(cells: list[str]) -> tuple[str, ...]:
    """The cells if they are names of columns: filled, different, none like a value of a row, which may be personal."""
    are_names = len(set(cells)) == len(cells) and all(cell and cell.strip() == cell for cell in cells)
    if not are_names or any(_LONG_NUMBER.search(cell) or not cell.isprintable() for cell in cells):
        return ()
    return tuple(cells)
