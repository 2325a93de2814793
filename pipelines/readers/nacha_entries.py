"""What a NACHA entry is (a credit, a return, a change notice …), and the addenda that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.readers.nacha_records import ADDENDA, BATCH_HEADER, WHOLE_FILE, Records
from pipelines.readers.refusal import Refused
from schemas.octets import digits, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.nacha_controls import Entries

    Mask = NDArray[np.bool_]
    Rows = NDArray[np.int64]

MANDATORY: Final = tuple(range(10, 17))
_REMITTANCE: Final = (5, 17)
_KNOWN: Final = (2, 5, *range(10, 19), 98, 99)
_DISHONOURED: Final = (61, 67, 68, 69, 70)
_NOT_ONE: Final = -1


@dataclass(frozen=True)
class Addenda:
    """The addenda records: the row of each, its type code, and the entry (from 0) that it belongs to."""

    rows: Rows
    types: Rows
    entry: Rows

    def first(self, kind: int, entries: int) -> Rows:
        """For every entry the row of its first addenda record of a type; -1 where it has none."""
        rows = np.full(entries, _NOT_ONE, np.int64)
        mine = self.types == kind
        rows[self.entry[mine][::-1]] = self.rows[mine][::-1]
        return rows

    def count(self, entries: int, *kinds: int) -> Rows:
        """For every entry how many addenda records of these types it has; without types: of all."""
        mine = np.isin(self.types, kinds) if kinds else np.ones(self.types.size, np.bool_)
        return np.bincount(self.entry[mine], minlength=entries).astype(np.int64)

    def remittance(self) -> tuple[Rows, Rows]:
        """The rows that carry text of the payer, and the entry of each."""
        mine = np.isin(self.types, _REMITTANCE)
        return self.rows[mine], self.entry[mine]


def addenda_of(records: Records, entries: Entries) -> Addenda:
    """The addenda of the file; raises ``Refused`` where they are not those that their entries announce."""
    rows = records.rows(ADDENDA)
    addenda = Addenda(rows, records.figures(rows, 2, 3, "Addenda Type Code"), records.entry_of[rows])
    _refuse(records, rows[~np.isin(addenda.types, _KNOWN)], "Addenda Type Code", "an unknown type", "a type of NACHA")
    numbered = rows[addenda.types < _KNOWN[-2]]
    own = records.field(numbered, 88, 94)
    of_entry = records.field(entries.rows[records.entry_of[numbered]], 88, 94)
    strays = numbered[(own != of_entry).any(axis=0)]
    _refuse(
        records, strays, "Entry Detail Sequence Number", "the number of another entry", "that of the entry above it"
    )
    _check_announced(records, entries, addenda)
    return addenda


def _check_announced(records: Records, entries: Entries, addenda: Addenda) -> None:
    total = addenda.count(entries.rows.size)
    announced = records.field(entries.rows, 79, 79)[0] == ord("1")
    wrong = np.flatnonzero(announced != (total > 0))
    if wrong.size:
        said = "1" if announced[wrong[0]] else "no 1"
        expected = f"{'1' if total[wrong[0]] else '0'}, as {total[wrong[0]]:,} addenda follow"
        _refuse(records, entries.rows[wrong], "Addenda Record Indicator", f"{said} stated", expected)
    international, corporate = is_iat(records, entries.rows), _class(records, entries.rows) == "CTX"
    # Both ways of counting are met in IAT files: all addenda, and the mandatory ones alone.
    alone = np.where(international, addenda.count(entries.rows.size, *MANDATORY), total)
    for mask, first, last in ((international, 13, 16), (corporate, 55, 58)):
        mine = np.flatnonzero(mask)
        stated = records.figures(entries.rows[mine], first, last, "Number of Addenda Records")
        wrong = np.flatnonzero((stated != total[mine]) & (stated != alone[mine]))
        if wrong.size:
            found, expected = f"{stated[wrong[0]]:,} stated", f"{total[mine][wrong[0]]:,}, the addenda that follow"
            _refuse(records, entries.rows[mine[wrong]], "Number of Addenda Records", found, expected)


def _refuse(records: Records, rows: Rows, column: str, found: str, expected: str) -> None:
    if rows.size:
        raise Refused(found, expected, WHOLE_FILE, line=int(records.lines[rows[0]]), column=column)


def check_traces(records: Records, entries: Entries) -> None:
    """Within a batch trace numbers go up; raises ``Refused``."""
    values, valid = digits(records.field(entries.rows, 80, 94))
    traces, batches = number(values), records.batch_of[entries.rows]
    falls = (np.diff(traces) <= 0) & (np.diff(batches) == 0) & valid[1:] & valid[:-1]
    found, expected = "a trace number not above that of the entry before it", "trace numbers that go up within a batch"
    _refuse(records, entries.rows[1:][falls], "Trace Number", found, expected)


def header_of(records: Records, rows: Rows) -> Rows:
    """The batch header of every entry."""
    return records.rows(BATCH_HEADER)[records.batch_of[rows]]


def _class(records: Records, rows: Rows) -> NDArray[np.object_]:
    texts: NDArray[np.object_] = records.texts(header_of(records, rows), 51, 53).to_numpy(zero_copy_only=False)
    return texts


def is_iat(records: Records, rows: Rows) -> Mask:
    """The entries of international batches, their change notices included."""
    notice = records.texts(header_of(records, rows), 5, 20).to_numpy(zero_copy_only=False)
    return np.asarray((_class(records, rows) == "IAT") | (notice == "IATCOR"), np.bool_)


def kinds_of(records: Records, entries: Entries, addenda: Addenda) -> NDArray[np.str_]:
    """What every entry is, in one word; of several the first that holds."""
    change, back = (addenda.first(kind, entries.rows.size) for kind in (98, 99))
    returned = (back != _NOT_ONE) & entries.credit
    reason, is_reason = digits(records.field(back, 5, 6))
    original, is_number = digits(records.field(back, 7, 21))
    named = is_number & (number(original) > 0)
    reversal = records.texts(header_of(records, entries.rows), 54, 63).to_numpy(zero_copy_only=False) == "REVERSAL"
    announced = np.isin(entries.codes % 10, (3, 8)) | (entries.cents == 0)
    choices = {
        "advice": entries.advice,
        "notification_of_change": change != _NOT_ONE,
        "dishonored_return": returned & is_reason & np.isin(number(reason), _DISHONOURED),
        "return": returned & named,
        "unnamed_return": returned,
        "reversal": np.asarray(reversal, np.bool_),
        "prenote": announced,
        "debit": ~entries.credit,
    }
    return np.select(list(choices.values()), list(choices), default="credit")
