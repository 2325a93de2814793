"""The tags of MT940 and MT942 messages: their texts by the library's grammar, exact amounts, nothing repaired."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from mt940 import tags as grammar

from pipelines.readers.refusal import Refused

PLACES: Final = 15
"""Amounts are whole numbers of 10^-15: more places than an amount of fifteen characters can have."""

REMEDY: Final = "ask the bank for the whole file as it was written"
_AMOUNT: Final = re.compile(r"([0-9]+)(?:,([0-9]*))?")
_EXPECTED: Final = re.compile(r"^(\d{6}(?:\d{4}|\s{4})?)E(?=[CD])")
# The library's grammars, not its parsers: those repair dates, and log what they cannot read.
_ENTRY: Final = grammar.Statement().re
_BALANCE: Final = grammar.FinalOpeningBalance().re
_SUM: Final = grammar.SumDebitEntries().re
NUMBER: Final = grammar.StatementNumber().re


@dataclass(frozen=True)
class Tag:
    """A tag without its colons (``-``: the end of a message), its text, the line on which it stands."""

    name: str
    text: str
    line: int

    def refusal(self, found: str, expected: str) -> Refused:
        """What to raise for this tag."""
        return Refused(found=found, expected=expected, remedy=REMEDY, line=self.line, column=self.name)


@dataclass
class Entry:
    """One ``:61:`` with the ``:86:`` after it. ``mark`` is C, D, RC or RD, with E in front where only expected."""

    line: int
    mark: str
    amount: int
    said: dict[str, str]
    details: list[str] = field(default_factory=list)

    @property
    def signed(self) -> int:
        """What it adds to the balance."""
        if self.mark.startswith("E"):
            return 0
        return self.amount if self.mark in {"C", "RD"} else -self.amount


@dataclass(frozen=True)
class Figure:
    """A balance (signed) or a total with its number of entries."""

    tag: Tag
    currency: str
    amount: int
    entries: int = 0


def exact(text: str) -> int | None:
    """``1234,5`` as a whole number of 10^-15; None where it is no amount."""
    match = _AMOUNT.fullmatch(text)
    return None if match is None else int(match[1] + (match[2] or "").ljust(PLACES, "0"))


def written(amount: int) -> str:
    """A whole number of 10^-15 with a point and at least two places, all that there are."""
    whole, fraction = divmod(abs(amount), 10**PLACES)
    places = f"{fraction:0{PLACES}d}".rstrip("0").ljust(2, "0")
    return f"{'-' if amount < 0 else ''}{whole}.{places}"


def read_balance(tag: Tag) -> Figure:
    """The signed balance of a ``:60:`` or ``:62:``; raises ``Refused``."""
    match = _BALANCE.fullmatch(tag.text.rstrip())
    amount = exact(match["amount"]) if match else None
    if match is None or amount is None:
        raise tag.refusal(
            found="a balance that cannot be read", expected="C or D, YYMMDD, currency, amount with a comma"
        )
    return Figure(tag, match["currency"], amount if match["status"].upper() == "C" else -amount)


def read_total(tag: Tag) -> Figure:
    """The total of a ``:90:``; raises ``Refused``."""
    match = _SUM.fullmatch(tag.text.rstrip())
    amount = exact(match["amount"]) if match else None
    if match is None or amount is None:
        raise tag.refusal(found="a total that cannot be read", expected="number, currency, amount with a comma")
    return Figure(tag, match["currency"], amount, int(match["number"] or 0))


def read_entry(tag: Tag) -> Entry:
    """The entry of a ``:61:``, its details not yet with it; raises ``Refused``."""
    text = tag.text.rstrip(" ")
    plain = _EXPECTED.sub(r"\1", text, count=1)
    match = _ENTRY.match(plain)
    amount = exact(match["amount"]) if match else None
    if match is None or amount is None:
        raise tag.refusal(
            found="an entry that cannot be read", expected="value date, mark, amount with a comma, type, references"
        )
    said = {name: value or "" for name, value in match.groupdict().items()}
    end = match.end("bank_reference")
    if said["bank_reference"] and plain[end : end + 1] not in {"", "\n"}:
        # The library cuts a reference that is too long; two that differ in their ends alone must not become one.
        said["bank_reference"] = ""
    mark = said["status"].upper()
    return Entry(tag.line, f"E{mark}" if plain != text else mark, amount, said)
