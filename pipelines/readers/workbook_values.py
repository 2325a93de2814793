"""What the cells of a workbook say: references, numbers, dates, escapes. Standard library only: the child uses it."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final

LAST_COLUMN: Final = 16_384
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DATE_FORMATS: Final = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
_NOT_A_CODE: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_LONGEST_CODE: Final = 255
_DECIMAL: Final = re.compile(r"-?[0-9]{1,17}\.[0-9]{1,30}")
_SERIAL: Final = re.compile(r"([0-9]{1,7})(\.[0-9]{1,30})?")
_SIGNIFICANT: Final = 17
_LAST_SERIAL: Final = 2_957_003
_PHANTOM: Final = 60


def unescape(text: str) -> str:
    """``_x000D_`` and its like as the character meant; half a surrogate pair means none and stays as written."""
    return _ESCAPED.sub(_meant, text) if "_x" in text else text


def _meant(match: re.Match[str]) -> str:
    letter = chr(int(match[1], 16))
    return match[0] if "\ud800" <= letter <= "\udfff" else letter


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27; 0 where no sheet has such a column."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        return 0
    total = 0
    for letter in letters:
        total = total * 26 + ord(letter) - ord("A") + 1
    return total if total <= LAST_COLUMN else 0


@lru_cache(maxsize=1 << 16)
def shortest(text: str) -> str:
    """A number's shortest decimal text of the same value; a text with more digits than a double holds stays."""
    if not _DECIMAL.fullmatch(text) or sum(letter.isdigit() for letter in text.lstrip("-0.")) > _SIGNIFICANT:
        return text
    return repr(float(text)).removesuffix(".0")


@lru_cache(maxsize=1 << 16)
def date_of(text: str, *, from_1904: bool) -> tuple[str, str]:
    """A date cell's serial number as ``YYYY-MM-DD``, with a time where it has one; else a number, left as it is.

    Serials up to 60, the 29th of February 1900 that never was, are no dates in a workbook that counts from 1900.
    """
    match = _SERIAL.fullmatch(text)
    if match is None or int(match[1]) > _LAST_SERIAL or (int(match[1]) <= _PHANTOM and not from_1904):
        return "n", text
    day = (dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 30)) + dt.timedelta(days=int(match[1]))
    if not match[2] or not match[2].strip(".0"):
        return "d", day.isoformat()
    seconds = round(float(f"0{match[2]}") * 86_400)
    clock = dt.datetime.combine(day, dt.time.min, dt.UTC) + dt.timedelta(seconds=seconds)
    return "d", clock.strftime("%Y-%m-%dT%H:%M:%S")


def shows_date(number: str, own: dict[str, str]) -> bool:
    """Whether a number format, built in or the workbook's own, shows a year or a day; raises ``ValueError``."""
    code = own.get(number, "")
    if len(code) > _LONGEST_CODE:
        message = "no number format is so long"
        raise ValueError(message)
    return int(number) in _DATE_FORMATS or bool(set("yd") & set(_NOT_A_CODE.sub("", code).lower()))
