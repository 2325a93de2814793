"""One sheet of an untrusted workbook, read cell by cell. Standard library only: the child uses it.

A loop over cells is the price of a pull parser; every other stage of reading works on whole columns.
"""

from __future__ import annotations

import json
import zipfile
from array import array
from dataclasses import dataclass
from string import ascii_uppercase
from typing import BinaryIO, Final

from pipelines.readers.workbook_values import column_number, date_of, shortest, unescape
from pipelines.readers.workbook_xml import LONGEST_TEXT, Markup, pull, refuse, too_long

LAST_ROW: Final = 1_048_576
BLOCK_ROWS: Final = 4_096
BLOCK_SIZE: Final = 4 << 20


@dataclass
class Book:
    """What all sheets of a workbook share: its strings, the styles that show a date, the epoch, formulas allowed."""

    strings: list[str]
    date_styles: set[str]
    from_1904: bool = False
    cached_formulas: bool = False


@dataclass
class Room:
    """What a sheet may hold: rows above the header, filled rows below, columns; and bytes of text, all sheets."""

    title_rows: int
    rows: int
    columns: int
    text_bytes: int


class Sheet(Markup):
    """The filled rows of a sheet below its titles, every cell with its kind and the text that the XML has.

    Kinds: ``t`` text, ``n`` number, ``d`` date, ``b`` boolean, ``e`` error, ``f`` formula. Whole blocks are written to
    ``out``: a line of JSON (``sheet``, ``rows``, ``bytes`` of every column), then as 32-bit numbers the row numbers,
    the kinds column by column, and for every column the lengths of its texts and their UTF-8.
    """

    def __init__(self, place: int, book: Book, room: Room, out: BinaryIO) -> None:
        super().__init__()
        self.place, self.book, self.room, self.out = place, book, room, out
        self.columns: dict[str, int] = {}
        self.row = self.column = self.size = self.filled_rows = 0
        self.block_size = 0
        self.row_text = ""
        self.in_row = self.in_value = self.has_formula = self.is_silent = self.is_hidden = False
        self.attributes: dict[str, str] = {}
        self.parts: list[str] = []
        self.cells: dict[int, tuple[str, str]] = {}
        self.block: list[tuple[int, dict[int, tuple[str, str]]]] = []
        self.last_row = self.merged_rows = self.hidden_rows = self.hidden_columns = 0

    def read(self, package: zipfile.ZipFile, part: str) -> None:
        """Pull the sheet's part through; raises ``RefusedError``."""
        pull(package, part, self._on_start, self._on_end, self._on_text)
        self._write_block()

    def _on_start(self, name: str, said: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._place(said)
        elif name in {"v", "t"}:
            self.in_value = not self.is_silent
        elif name == "row":
            self._begin_row(said)
        else:
            self.deeper()
            self._note(name, said)

    def _on_end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        self.in_value = False
        if name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name not in {"v", "t"}:
            self.depth -= 1
            self.is_silent = self.is_silent and name != "rPh"

    def _on_text(self, data: str) -> None:
        if self.in_value:
            self.size += len(data)
            if self.size > LONGEST_TEXT:
                raise too_long()
            self.parts.append(data)

    def _note(self, name: str, said: dict[str, str]) -> None:
        if name == "f":
            self.has_formula = True
        elif name == "rPh":
            self.is_silent = True
        elif name == "mergeCell":
            last = said["ref"].rpartition(":")[2]
            self.merged_rows = max(self.merged_rows, whole(last.strip(ascii_uppercase + "$")))
        elif name == "col" and said.get("hidden") in {"1", "true"}:
            first = min(whole(said["min"]), self.room.columns)
            self.hidden_columns += min(whole(said["max"]), self.room.columns) - first + 1

    def _begin_row(self, said: dict[str, str]) -> None:
        row = whole(said["r"]) if "r" in said else self.row + 1
        if row <= self.row or self.in_row:
            raise refuse(found="rows out of order", expected="rows in ascending order")
        if row > LAST_ROW:
            raise refuse(found="a row number that no sheet has", expected=f"at most {LAST_ROW:,}")
        self.row, self.row_text, self.column, self.in_row = row, str(row), 0, True
        self.is_hidden = said.get("hidden") in {"1", "true"}

    def _place(self, said: dict[str, str]) -> None:
        reference = said.get("r")
        if reference is None:
            column = self.column + 1
        else:
            letters = reference.removesuffix(self.row_text)
            column = self.columns.get(letters) or self.columns.setdefault(letters, column_number(letters))
        if column <= self.column or not self.in_row:
            raise refuse(found="a cell that is not where it says", expected="cells in their rows, from left to right")
        self.column, self.attributes, self.parts, self.size, self.has_formula = column, said, [], 0, False

    def _end_cell(self) -> None:
        if not self.parts and not self.has_formula:
            self.waste()
            return
        kind, text = self._said("".join(self.parts))
        if self.row <= self.room.title_rows or (not text and kind == "t"):
            self.waste()
            return
        if self.column > self.room.columns:
            found = f"a value in column {self.column}"
            raise refuse(found, expected=f"values in {self.room.columns // 2} columns")
        self.useful += 1
        self.block_size += len(text)
        self.cells[self.column] = kind, text

    def _said(self, value: str) -> tuple[str, str]:
        kind = self.attributes.get("t", "n")
        if self.has_formula and not (value and self.book.cached_formulas):
            return "f", value
        if kind == "s":
            return "t", self.book.strings[whole(value)]
        if kind in {"str", "inlineStr"}:
            return "t", unescape(value)
        if kind in {"b", "e", "d"}:
            return kind, value
        if self.attributes.get("s") in self.book.date_styles:
            return date_of(value, from_1904=self.book.from_1904)
        return "n", value if value.isdigit() else shortest(value)

    def _end_row(self) -> None:
        self.in_row = False
        if not self.cells:
            self.waste()
            return
        self.hidden_rows += self.is_hidden
        self.last_row = self.row
        self.filled_rows += 1
        if self.filled_rows > self.room.rows:
            raise refuse(
                found=f"more than {self.room.rows:,} rows, header and totals included",
                expected="no more",
                remedy="split the file and send the parts",
            )
        self.block.append((self.row, self.cells))
        self.cells = {}
        if len(self.block) == BLOCK_ROWS or self.block_size > BLOCK_SIZE:
            self._write_block()

    def _write_block(self) -> None:
        if not self.block:
            return
        lines = array("I", [line for line, _ in self.block]).tobytes()
        rows = [cells for _, cells in self.block]
        width = max(max(cells) for cells in rows)
        absent = ("t", "")
        kinds, columns, sizes = [], [], []
        for column in range(1, width + 1):
            said = [cells.get(column, absent) for cells in rows]
            texts = [text for _, text in said]
            kinds.append("".join([kind for kind, _ in said]).encode("ascii"))
            content = "".join(texts).encode()
            lengths = [len(text) for text in texts] if content.isascii() else [len(text.encode()) for text in texts]
            columns += [array("I", lengths).tobytes(), content]
            sizes.append(len(content))
        self._take_room(sum(sizes))
        head = {"sheet": self.place, "rows": len(rows), "bytes": sizes}
        self.out.write(b"".join([json.dumps(head).encode(), b"\n", lines, *kinds, *columns]))
        self.block, self.block_size = [], 0

    def _take_room(self, size: int) -> None:
        self.room.text_bytes -= size
        if self.room.text_bytes < 0:
            raise refuse(
                found="more text than a workbook of ordinary size holds",
                expected="a workbook of ordinary size",
                remedy="split the file and send the parts",
            )


def whole(text: str) -> int:
    """A number of at most seven digits; raises ``ValueError``."""
    if not (text.isascii() and text.isdigit() and len(text) <= 7):  # noqa: PLR2004 - as many as a row number has
        message = "no whole number"
        raise ValueError(message)
    return int(text)
