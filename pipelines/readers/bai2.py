"""BAI2 balance reports: every transaction as text, after all control totals and counts agreed (CONTRACT §4).

A file is ``01 (02 (03 16* 49)* 98)* 99``; record 88 continues the one before. Amounts are whole numbers of the
currency's smallest unit; sums are checked as such at account, group and file, signs included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow

from pipelines.readers import encoding
from pipelines.readers.bai2_records import CODES, Record, check_count, check_funds, split
from pipelines.readers.raw import RawRows
from pipelines.readers.refusal import Refused, counted
from schemas.octets import LARGE_TEXT

if TYPE_CHECKING:
    from pipelines.readers.layout import Layout

COLUMNS: Final = (
    "Originator",
    "Group status",
    "As-of date",
    "Account",
    "Currency",
    "Type code",
    "Direction",
    "Amount",
    "Bank reference",
    "Customer reference",
    "Text",
)
_REMEDY: Final = "ask the bank for the whole file as it was written"
_DEFAULT_CURRENCY: Final = "USD"  # the standard's own default; nothing is guessed
_PLACES: Final = {"JPY": 0, "KRW": 0, "CLP": 0, "PYG": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3}
_AFTER: Final = {
    "": ("01",),
    "01": ("02", "99"),
    "02": ("03", "98"),
    "03": ("16", "49"),
    "16": ("16", "49"),
    "49": ("03", "98"),
    "98": ("02", "99"),
    "99": (),
}
"""Record → those that may follow it."""


@dataclass
class _Sums:
    """What an account, a group or the file amounts to so far: total, parts within, physical records."""

    total: int = 0
    parts: int = 0
    records: int = 0

    def add(self, inner: _Sums) -> None:
        self.total += inner.total
        self.parts += 1
        self.records += inner.records


def read(content: bytes, layout: Layout) -> RawRows:
    """The transactions of a BAI2 file; raises ``Refused`` where its structure or a control does not agree."""
    text = encoding.to_utf8(content, layout.bai2.encoding).decode()
    records = split(text)
    _check_order(records)
    reader = _Reader()
    for record in records:
        reader.take(record)
    limit = layout.limits.rows
    if len(reader.rows) > limit:
        raise Refused(
            found=counted(len(reader.rows), "row"),
            expected=f"at most {counted(limit, 'row')}",
            remedy="ask for smaller files",
        )
    columns = zip(*reader.rows, strict=True) if reader.rows else ((),) * len(COLUMNS)
    arrays = [pyarrow.array(column, LARGE_TEXT) for column in columns]
    return RawRows(pyarrow.table(arrays, names=list(COLUMNS)), np.array(reader.lines, np.int64))


def _check_order(records: list[Record]) -> None:
    if not records or records[-1].code != "99":
        line = records[-1].line if records else 0
        raise Refused(
            found="no file trailer at the end", expected="record 99 as the last one", remedy=_REMEDY, line=line
        )
    before = ""
    for record in records:
        allowed = _AFTER[before]
        if record.code not in allowed:
            found = f"record {record.code}" if record.code in {*CODES, "88"} else "an unknown record code"
            expected = f"record {' or '.join(allowed)}" if allowed else "the end of the file"
            place = f"{expected} after record {before}" if before else f"{expected} first"
            raise Refused(found=found, expected=place, remedy=_REMEDY, line=record.line)
        before = record.code


class _Reader:
    """Takes records in order; knows the group and the account they are in."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []
        self.lines: list[int] = []
        self._sums = {level: _Sums() for level in ("file", "group", "account")}
        self._group: tuple[str, str, str] = ("", "", "")
        self._group_currency = ""
        self._account: tuple[str, str] = ("", "")

    def take(self, record: Record) -> None:
        level = {"01": "file", "99": "file", "02": "group", "98": "group"}.get(record.code, "account")
        if record.code in {"01", "02", "03"}:
            self._sums[level] = _Sums()
        self._sums[level].records += record.physical
        match record.code:
            case "02":
                self._open_group(record)
            case "03":
                self._open_account(record)
            case "16":
                self._transaction(record)
            case "49" | "98" | "99":
                self._close(record)

    def _open_group(self, record: Record) -> None:
        _receiver, originator, status, as_of, _time, currency = (record.take() for _ in range(6))
        self._group = (originator, status, _iso(as_of))
        self._group_currency = currency

    def _open_account(self, record: Record) -> None:
        account, currency = record.take(), record.take()
        self._account = (account, currency or self._group_currency or _DEFAULT_CURRENCY)
        while record.has_more():
            code = record.take()
            amount = record.amount("an amount", empty=True)
            record.take()  # number of items, which the standard leaves to the bank
            check_funds(record, amount)
            self._sums["account"].total += amount if code else 0

    def _transaction(self, record: Record) -> None:
        code, amount = record.take(), record.amount("an amount", empty=True)
        check_funds(record, amount)
        self._sums["account"].total += amount
        bank, customer, text = record.take(), record.take(), record.rest()
        account, currency = self._account
        written = _written(amount, currency)
        self.rows.append((*self._group, account, currency, code, _direction(code), written, bank, customer, text))
        self.lines.append(record.line)

    def _close(self, record: Record) -> None:
        inner, outer, parts = {
            "49": ("account", "group", ""),
            "98": ("group", "file", "account"),
            "99": ("file", "", "group"),
        }[record.code]
        sums, total = self._sums[inner], record.amount("a control total")
        if total != sums.total:
            raise record.refusal(
                found=f"a control total of {total:,}", expected=f"{sums.total:,}, the sum of its {inner}'s amounts"
            )
        if parts:
            check_count(record, parts, sums.parts)
        check_count(record, "record", sums.records)
        if outer:
            self._sums[outer].add(sums)


def _direction(code: str) -> str:
    number = int(code) if len(code) == 3 and code.isascii() and code.isdigit() else 0  # noqa: PLR2004 - three digits
    if 100 <= number <= 399:  # noqa: PLR2004 - the standard's range of credits
        return "credit"
    return "debit" if 400 <= number <= 699 else "other"  # noqa: PLR2004 - the standard's range of debits


def _written(amount: int, currency: str) -> str:
    """A whole number of smallest units with a point; three places stay three, and reject the row later."""
    places = _PLACES.get(currency, 2)
    sign, figures = "-" if amount < 0 else "", str(abs(amount)).rjust(places + 1, "0")
    whole, fraction = figures[: len(figures) - places], figures[len(figures) - places :]
    return f"{sign}{whole}.{fraction.ljust(2, '0')}"


def _iso(date: str) -> str:
    """``YYMMDD`` as ``20YY-MM-DD``, whether or not there is such a day; anything else as it is."""
    return f"20{date[:2]}-{date[2:4]}-{date[4:]}" if len(date) == 6 else date  # noqa: PLR2004 - YYMMDD
