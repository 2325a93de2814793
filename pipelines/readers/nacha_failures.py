"""Why the row of a NACHA entry may be no use: each fault of a value, and what is expected in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.readers.nacha_entries import MANDATORY, Addenda, header_of, is_iat
from pipelines.readers.nacha_records import Records, unseen_in
from pipelines.readers.raw import CellFailure
from schemas.octets import digits, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.nacha_controls import Entries

    Mask = NDArray[np.bool_]
    Rows = NDArray[np.int64]

_SEND_AGAIN: Final = "ask the sender to correct it and to send the entry again"
_PURPOSES: Final = "ANN BUS DEP LOA MIS MOR PEN REM RLS SAL TAX TEL WEB ARC BOC POP RCK MTE POS SHR"


def failures_of(records: Records, entries: Entries, addenda: Addenda, kinds: NDArray[np.str_]) -> list[CellFailure]:
    """What makes an entry no use, whatever it is."""
    rows, headers = entries.rows, header_of(records, entries.rows)
    unseen = unseen_in(records.field(rows, 1, 94))
    unseen[addenda.entry[unseen_in(records.field(addenda.rows, 1, 94))]] = True
    service = records.texts(headers, 2, 4).to_numpy(zero_copy_only=False)
    only = np.where(entries.credit, service == "225", service == "220")
    told = [
        CellFailure(
            "Record",
            "control_characters",
            f"expected no control character in the entry or its addenda; {_SEND_AGAIN}",
            unseen,
        ),
        CellFailure(
            "Check Digit",
            "check_digit",
            f"expected the check digit of the routing number; {_SEND_AGAIN}",
            _misrouted(records, rows),
        ),
        CellFailure(
            "Service Class Code",
            "service_class",
            f"expected credits alone (220), debits alone (225) or both (200) as the batch header says; {_SEND_AGAIN}",
            np.asarray(only, np.bool_),
        ),
        *_failures_of_credits(records, entries, addenda, kinds == "credit"),
    ]
    return [failure for failure in told if failure.rows.any()]


def _misrouted(records: Records, rows: Rows) -> Mask:
    """The entries whose routing number has a wrong check digit (weights 3, 7, 1)."""
    values, valid = digits(records.field(rows, 4, 12))
    weights = np.array([3, 7, 1, 3, 7, 1, 3, 7, 1], np.int64)
    return np.asarray(~valid | ((values * weights[:, None]).sum(axis=0) % 10 != 0), np.bool_)


def _failures_of_credits(records: Records, entries: Entries, addenda: Addenda, credit: Mask) -> list[CellFailure]:
    rows, total = entries.rows, entries.rows.size
    headers, international = header_of(records, rows), is_iat(records, rows)
    values, numeric = digits(records.field(rows, 80, 94))
    own = (records.field(rows, 80, 87) == records.field(headers, 80, 87)).all(axis=0)
    keyed = numeric & own & (number(values) > 0)
    each_once = np.all([addenda.count(total, kind) == 1 for kind in MANDATORY], axis=0)
    purpose = records.texts(addenda.first(10, total), 4, 6).to_numpy(zero_copy_only=False)
    dollars = np.any(
        [records.texts(headers, *at).to_numpy(zero_copy_only=False) == "USD" for at in ((64, 66), (67, 69))], axis=0
    )
    told = [
        ("Trace Number", "tracking_key", "15 digits that begin with the originating institution", ~keyed),
        ("Addenda", "addenda", "each of the addenda 710 to 716 once", international & ~each_once),
        (
            "Transaction Type Code",
            "transaction_type",
            "a type of payment that NACHA has",
            international & each_once & ~np.isin(purpose, _PURPOSES.split()),
        ),
        (
            "Addenda Sequence Number",
            "addenda_sequence",
            "remittance addenda numbered from 0001 without a gap",
            _out_of_sequence(records, addenda, total),
        ),
        (
            "ISO Destination Currency Code",
            "currency",
            "USD as the originating or the destination currency",
            international & ~dollars,
        ),
    ]
    return [
        CellFailure(column, rule, f"expected {said}; {_SEND_AGAIN}", credit & mask) for column, rule, said, mask in told
    ]


def _out_of_sequence(records: Records, addenda: Addenda, total: int) -> Mask:
    rows, entry = addenda.remittance()
    before = np.searchsorted(entry, entry)
    values, numeric = digits(records.field(rows, 84, 87))
    wrong = ~numeric | (number(values) != np.arange(rows.size) - before + 1)
    return np.bincount(entry[wrong], minlength=total) > 0
