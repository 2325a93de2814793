"""MT940 statements and MT942 interim reports: every entry as text, after balances, totals and sequence agreed.

The library ``mt-940`` gives the grammar of the tags. What its parsers make of them is not used: they move a date that
does not exist to one that does, cut long details, and put the text about a statement to its last entry.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow

from pipelines.readers import encoding
from pipelines.readers.mt940_controls import check_balances, check_sequence, check_totals
from pipelines.readers.mt940_messages import Message, split
from pipelines.readers.mt940_tags import Entry, written
from pipelines.readers.raw import RawRows
from pipelines.readers.refusal import Refused, counted
from schemas.octets import LARGE_TEXT

if TYPE_CHECKING:
    from pipelines.readers.layout import Layout

COLUMNS: Final = (
    "Account",
    "Statement",
    "Mark",
    "Value date",
    "Entry date",
    "Amount",
    "Currency",
    "Type",
    "Customer reference",
    "Bank reference",
    "Supplementary details",
    "Details",
    "Purpose",
    "Counter account",
    "Counter name",
)
_STRUCTURED: Final = re.compile(r"\s?\d{3}\?")
_SUB_FIELD: Final = re.compile(r"\?(\d{2})")
_PURPOSE: Final = {f"{number}" for number in (*range(20, 30), *range(60, 64))}
_CENTURY: Final = 80  # a year from 80 on is of the last century, as SWIFT has it
_HALF_YEAR: Final = 6


def read(content: bytes, layout: Layout) -> RawRows:
    """The entries of all messages of a file; raises ``Refused`` where its structure or a control does not agree."""
    text, misfit = _decoded(content, layout.mt940.encoding)
    messages = split(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not messages:
        raise misfit or Refused(
            found="no message",
            expected="tags like :20: at the start of a line",
            remedy="ask the bank for the file again",
            line=1,
        )
    _check(messages, layout)
    if misfit:
        raise misfit
    return _rows(messages, layout)


def _check(messages: list[Message], layout: Layout) -> None:
    inside = [message for message in messages if not message.is_outside]
    for message in inside:
        (check_totals if layout.mt940.message == "942" else check_balances)(message)
    check_sequence(inside)
    for message in messages:
        if message.fault:
            raise message.fault


def _decoded(content: bytes, declared: str) -> tuple[str, Refused | None]:
    """The text, and why it is not of its encoding: balances are ASCII and are checked even then."""
    try:
        return encoding.to_utf8(content, declared).decode(), None
    except Refused as refused:
        return content.decode("latin-1"), refused


def _rows(messages: list[Message], layout: Layout) -> RawRows:
    entries = [(message, entry) for message in messages for entry in message.entries]
    if len(entries) > layout.limits.rows:
        limit = counted(layout.limits.rows, "row")
        raise Refused(
            found=counted(len(entries), "row"), expected=f"at most {limit}", remedy="ask the bank for smaller files"
        )
    currencies = {id(message): message.currency for message in messages}
    rows = [_row(message, currencies[id(message)], entry) for message, entry in entries]
    columns = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
    arrays = [pyarrow.array(column, LARGE_TEXT) for column in columns]
    lines = np.array([entry.line for _, entry in entries], np.int64)
    return RawRows(pyarrow.table(arrays, names=list(COLUMNS)), lines)


def _row(message: Message, currency: str, entry: Entry) -> tuple[str, ...]:
    said, details = entry.said, "\n".join(entry.details)
    purpose, counter_account, counter_name = _sub_fields(details)
    value_date, entry_date = _dates(said)
    return (
        message.account,
        "" if message.is_outside else f"{message.number}/{message.part}",
        entry.mark,
        value_date,
        entry_date,
        written(entry.amount),
        currency,
        said["id"],
        said["customer_reference"],
        said["bank_reference"],
        said["extra_details"],
        details,
        purpose,
        counter_account,
        counter_name,
    )


def _dates(said: dict[str, str]) -> tuple[str, str]:
    """Value date and entry date ``YYYY-MM-DD``, existing or not; the entry date is of the year it is nearest in."""
    year = int(said["year"])
    year += 1900 if year >= _CENTURY else 2000
    value = f"{year}-{said['month']}-{said['day']}"
    month, day = said["entry_month"].strip(), said["entry_day"].strip()
    if not month or not day:
        return value, ""
    ahead = int(month) - int(said["month"])
    year += (ahead < -_HALF_YEAR) - (ahead > _HALF_YEAR)
    return value, f"{year}-{month}-{day}"


def _sub_fields(details: str) -> tuple[str, str, str]:
    """Purpose, account and name of the other side, out of details in sub-fields ``?20``; else only the whole text.

    Lines of such details are cut after 65 characters wherever that is, in a sub-field's number too.
    """
    if _STRUCTURED.match(details) is None:
        return details, "", ""
    _, *parts = _SUB_FIELD.split(details.replace("\n", ""))
    said = list(zip(parts[::2], parts[1::2], strict=True))
    purpose = "\n".join(text for code, text in said if code in _PURPOSE)
    account = "".join(text for code, text in said if code == "31")
    name = "".join(text for code, text in said if code in {"32", "33"})
    return purpose, account.strip(), name.strip()
