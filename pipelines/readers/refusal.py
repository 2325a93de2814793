"""Why a file is refused: always where, what was found, what was expected and what to do; never a value of a row."""

from __future__ import annotations

from dataclasses import dataclass

_SHOWN: int = 60


@dataclass
class Refused(Exception):  # noqa: N818 - a refusal is an outcome of reading, not an error of the program
    """The file is not readable as its layout says (CONTRACT §4)."""

    found: str
    expected: str
    remedy: str
    line: int = 0
    column: str = ""
    sheet: str = ""

    def message(self, name: str) -> str:
        """One sentence for the receipt of the file called ``name``."""
        sheet = f", sheet {shown(self.sheet)}" if self.sheet else ""
        line = f", line {self.line}" if self.line else ""
        column = f", column {self.column}" if self.column else ""
        return f"{shown(name, 255)}{sheet}{line}{column}: found {self.found}; expected {self.expected}; {self.remedy}"


def shown(text: str, longest: int = _SHOWN) -> str:
    """A name of a file, sheet or column as it may be shown: nothing invisible in it, and not endless."""
    visible = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
    return visible if len(visible) <= longest else f"{visible[:longest]}…"


def counted(number: int, thing: str) -> str:
    """``1 record``, ``2 records``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
