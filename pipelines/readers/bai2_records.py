"""The records of a BAI2 file, continuations put to them, and their fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pipelines.readers.refusal import Refused, counted

CODES: Final = ("01", "02", "03", "16", "49", "98", "99")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,18}")
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_EXPORT_AGAIN: Final = "ask the bank for the file again, as it was written"


@dataclass
class Record:
    """A record without its code: one part for each physical line (the record's own, then its 88), from ``line`` on.

    Fields are taken off the front one by one; the slash that ends a line is no part of it, any other slash is.
    """

    code: str
    line: int
    parts: list[str] = field(default_factory=list)
    physical: int = 1

    def has_more(self) -> bool:
        """Whether a field is left."""
        return bool(self.parts)

    def take(self) -> str:
        """The next field; empty where the record ends before it."""
        if not self.parts:
            return ""
        value, comma, rest = self.parts[0].partition(",")
        if comma:
            self.parts[0] = rest
        else:
            del self.parts[0]
        return value.strip(" ")

    def rest(self) -> str:
        """Everything left as text, commas and slashes in it, a line end where one line went on in the next."""
        text = "\n".join(part for part in self.parts if part)
        self.parts = []
        return text

    def amount(self, name: str, *, empty: bool = False) -> int:
        """The next field as a signed whole number (no point is written); empty is 0 where that is allowed."""
        text = self.take()
        if empty and not text:
            return 0
        if _AMOUNT.fullmatch(text) is None:
            raise self.refusal(found=f"{name} that is no whole number", expected="digits, with a sign in front or none")
        return int(text)

    def count(self, name: str) -> int:
        """The next field as a number of things."""
        text = self.take()
        if _COUNT.fullmatch(text) is None:
            raise self.refusal(found=f"{name} that is no number", expected="digits")
        return int(text)

    def refusal(self, found: str, expected: str) -> Refused:
        """What to raise for this record."""
        return Refused(
            found=found, expected=expected, remedy=_EXPORT_AGAIN, line=self.line, column=f"record {self.code}"
        )


def split(text: str) -> list[Record]:
    """The logical records of ``text`` in order; raises ``Refused`` for a line that is none."""
    records: list[Record] = []
    for number, written in enumerate(_LINE_END.split(text), start=1):
        line = written.rstrip(" ")
        if not line:
            continue
        code, content = line[:2], line[3:].removesuffix("/")
        if code == "88" and records:
            records[-1].parts.append(content)
            records[-1].physical += 1
        else:
            records.append(Record(code, number, [content]))
        if line[2:3] not in {",", "/"}:
            raise Refused(
                found="a line that is no record",
                expected="a record code of two digits and a comma",
                remedy=_EXPORT_AGAIN,
                line=number,
            )
    return records


def check_count(record: Record, thing: str, expected: int) -> None:
    """Take the next field, which must say that there are ``expected`` things."""
    stated = record.count(f"a number of {thing}s")
    if stated != expected:
        raise record.refusal(found=f"{counted(stated, thing)} stated", expected=f"{expected:,}, as many as there are")


def check_funds(record: Record, amount: int) -> None:
    """Take the availability of an amount off the record; where it is distributed, its parts make the amount."""
    kind = record.take().upper()
    if kind in {"", "0", "1", "2", "Z"}:
        return
    if kind == "V":
        record.take(), record.take()
        return
    if kind == "S":
        parts = sum(record.amount("an available amount", empty=True) for _ in range(3))
    elif kind == "D":
        parts = 0
        for _ in range(record.count("a number of distributions")):
            if not record.has_more():
                raise record.refusal(
                    found="a distribution that breaks off", expected="days and an amount for each one stated"
                )
            record.count("a number of days")
            parts += record.amount("an available amount", empty=True)
    else:
        raise record.refusal(found="an unknown funds type", expected="0, 1, 2, S, V, D, Z or nothing")
    if parts != amount:
        raise record.refusal(found=f"an amount of {amount:,}", expected=f"{parts:,}, the sum of its availabilities")
