"""NACHA files (94 columns, IAT and returns among them): every entry a row, once all its controls agree.

The columns are fields of the format under its own names, those of the batch header and the addenda beside those of
the entry; dates are written YYYY-MM-DD, amounts with a point. ``Entry Kind`` says what the entry is: ``credit``,
``debit``, ``prenote``, ``reversal``, ``return``, ``unnamed_return`` (the original's trace number is missing),
``dishonored_return``, ``notification_of_change`` or ``advice`` (ADV).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.readers import nacha_controls, nacha_entries, nacha_failures
from pipelines.readers.nacha_records import FILE_HEADER, Records, records_of, to_texts
from pipelines.readers.raw import RawRows
from schemas.octets import LARGE_TEXT, digits, from_octets, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout
    from pipelines.readers.nacha_controls import Entries
    from pipelines.readers.nacha_entries import Addenda
    from pipelines.readers.raw import CellFailure

    Rows = NDArray[np.int64]

_TEXT_WIDTH = 80


def read(content: bytes, layout: Layout) -> RawRows:
    """The entries of a NACHA file as text; raises ``Refused`` where it is not whole or a control does not agree."""
    records = records_of(content, layout.limits)
    entries = nacha_controls.entries_of(records)
    nacha_controls.check(records, entries)
    addenda = nacha_entries.addenda_of(records, entries)
    nacha_entries.check_traces(records, entries)
    kinds = nacha_entries.kinds_of(records, entries, addenda)
    failures = nacha_failures.failures_of(records, entries, addenda, kinds)
    columns = {
        **_of_headers(records, entries, layout.nacha.first_year),
        **_of_entries(records, entries),
        **_of_addenda(records, entries, addenda),
        # Where something is wrong with an entry, that is told rather than what it is.
        "Entry Kind": pyarrow.array(np.where(_faulty(failures, kinds.size), "", kinds), LARGE_TEXT),
    }
    table = pyarrow.table(columns).select(list(layout.columns))
    return RawRows(columns=table, lines=records.lines[entries.rows], failures=tuple(failures))


def _faulty(failures: list[CellFailure], total: int) -> NDArray[np.bool_]:
    mask = np.zeros(total, np.bool_)
    for failure in failures:
        mask |= failure.rows
    return mask


def _of_headers(records: Records, entries: Entries, first_year: int) -> dict[str, Any]:
    headers = nacha_entries.header_of(records, entries.rows)
    international = nacha_entries.is_iat(records, entries.rows)
    created = np.repeat(records.rows(FILE_HEADER), entries.rows.size)
    company = records.field(headers, 5, 20)
    company[:, international] = ord(" ")
    currencies = records.field(headers, 64, 69)
    currencies[:, ~international] = ord(" ")
    return {
        "File Creation Date": _dates(records.field(created, 24, 29), first_year),
        "Service Class Code": records.texts(headers, 2, 4),
        "Company Name": to_texts(company),
        "Company Identification": records.texts(headers, 41, 50),
        "Standard Entry Class Code": records.texts(headers, 51, 53),
        "Company Entry Description": records.texts(headers, 54, 63),
        "ISO Originating Currency Code": to_texts(currencies[:3]),
        "ISO Destination Currency Code": to_texts(currencies[3:]),
        "Effective Entry Date": _dates(records.field(headers, 70, 75), first_year),
        "Originating DFI Identification": records.texts(headers, 80, 87),
        "Batch Number": records.texts(headers, 88, 94),
    }


def _dates(matrix: NDArray[np.uint8], first_year: int) -> pyarrow.LargeStringArray:
    """YYMMDD as YYYY-MM-DD, the year one of the hundred from ``first_year`` on; anything else as it is written."""
    values, numeric = digits(matrix)
    years = first_year + (number(values[:2]) - first_year) % 100
    century = np.stack([years // 1000 + ord("0"), years // 100 % 10 + ord("0")]).astype(np.uint8)
    dash = np.full((1, numeric.size), ord("-"), np.uint8)
    written = to_texts(np.concatenate([century, matrix[:2], dash, matrix[2:4], dash, matrix[4:]]))
    return pc.if_else(pyarrow.array(numeric), written, to_texts(matrix))


def _of_entries(records: Records, entries: Entries) -> dict[str, Any]:
    rows = entries.rows
    international = nacha_entries.is_iat(records, rows)
    account, name, identification = (records.field(rows, *at) for at in ((13, 29), (55, 76), (40, 54)))
    corporate = records.texts(rows, 59, 74)
    is_corporate = records.texts(nacha_entries.header_of(records, rows), 51, 53).to_numpy(zero_copy_only=False) == "CTX"
    for matrix in (account, name, identification):
        matrix[:, international | entries.advice] = ord(" ")
    foreign = pc.if_else(pyarrow.array(international), records.texts(rows, 40, 74), to_texts(account))
    return {
        "Transaction Code": records.texts(rows, 2, 3),
        "Receiving DFI Identification": records.texts(rows, 4, 12),
        "DFI Account Number": foreign,
        "Amount": _amounts(entries.cents),
        "Individual Identification Number": to_texts(identification),
        "Individual Name": pc.if_else(pyarrow.array(is_corporate), corporate, to_texts(name)),
        "Trace Number": records.texts(rows, 80, 94),
    }


def _amounts(cents: Rows) -> pyarrow.LargeStringArray:
    whole, part = (pyarrow.array(figure).cast(LARGE_TEXT) for figure in (cents // 100, cents % 100))
    padded = pc.utf8_lpad(part, 2, "0")
    return pc.binary_join_element_wise(whole, padded, pyarrow.scalar(".", LARGE_TEXT))


def _of_addenda(records: Records, entries: Entries, addenda: Addenda) -> dict[str, Any]:
    total = entries.rows.size
    texts = {
        "Receiver Name": (10, 47, 81),
        "Originator Name": (11, 4, 38),
        "Return Reason Code": (99, 4, 6),
        "Original Entry Trace Number": (99, 7, 21),
    }
    columns: dict[str, Any] = {}
    for name, (kind, first, last) in texts.items():
        rows = addenda.first(kind, total)
        columns[name] = pc.if_else(pyarrow.array(rows >= 0), records.texts(rows, first, last), "")
    return {**columns, "Payment Related Information": _remittance(records, addenda, total)}


def _remittance(records: Records, addenda: Addenda, total: int) -> pyarrow.LargeStringArray:
    """The 80 columns of text of every remittance addenda, one after the other as they were cut up."""
    rows, entry = addenda.remittance()
    counts = np.bincount(entry, minlength=total)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts * _TEXT_WIDTH, dtype=np.int64)])
    data = np.ascontiguousarray(records.field(rows, 4, 83).T).reshape(-1)
    return pc.ascii_trim(from_octets(data, offsets), " ")
