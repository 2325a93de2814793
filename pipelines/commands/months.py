"""Months and instants as they are written on the command line."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from pipelines.commands.messages import BAD_INSTANT, BAD_MONTH, LONG_SPAN, ONE_MONTH, Fault

LONGEST_SPAN: Final = 120
_MONTH: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
_RANGE: Final = ".."


def months(written: str) -> list[str]:
    """``"2026-11..2027-01"`` → the months from the first to the last; one month is a range of one.

    Raises ``Fault`` (wrong usage).
    """
    first, _, last = written.partition(_RANGE)
    bounds = [_MONTH.fullmatch(bound) for bound in (first, last if _RANGE in written else first)]
    start, end = (int(found[1]) * 12 + int(found[2]) - 1 if found else -1 for found in bounds)
    if min(start, end) < 0 or start > end:
        raise Fault(BAD_MONTH, found=written)
    if end - start >= LONGEST_SPAN:
        raise Fault(LONG_SPAN, found=written, count=end - start + 1, limit=LONGEST_SPAN)
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


def one_month(written: str) -> str:
    """A single month; raises ``Fault`` (wrong usage)."""
    found = months(written)
    if _RANGE in written:
        raise Fault(ONE_MONTH, found=written)
    return found[0]


def instant(written: str, option: str = "--received-at") -> datetime:
    """An instant with its zone; raises ``Fault`` (wrong usage)."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise Fault(BAD_INSTANT, option=option, found=written) from None
    if found.tzinfo is None or "T" not in written.upper():
        raise Fault(BAD_INSTANT, option=option, found=written)
    return found
