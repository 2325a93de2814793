"""Controls of a NACHA file: counts, hashes and sums of every batch and of the file; what differs refuses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.readers.nacha_records import (
    ADDENDA,
    BATCH_CONTROL,
    BATCH_HEADER,
    ENTRY,
    FILE_CONTROL,
    FILE_HEADER,
    WHOLE_FILE,
    Records,
)
from pipelines.readers.refusal import Refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Figures = NDArray[np.int64]
    Mask = NDArray[np.bool_]

_HASH: Final = 10**10
_BLOCK: Final = 10
_ADV_CODES: Final = tuple(range(81, 89))
_CODES: Final = (*(code for tens in (20, 30, 40) for code in range(tens + 1, tens + 10) if code % 5), *range(51, 57))


@dataclass(frozen=True)
class Entries:
    """Of the ``n`` entries: the record, transaction code, whether a credit, cents; and which are of ADV batches."""

    rows: NDArray[np.int64]
    codes: Figures
    credit: Mask
    cents: Figures
    advice: Mask


def entries_of(records: Records) -> Entries:
    """The entries of the file; raises ``Refused`` where a code or amount cannot be read (no total could be checked)."""
    rows = records.rows(ENTRY)
    classes = records.texts(records.rows(BATCH_HEADER), 51, 53).to_numpy(zero_copy_only=False)
    advice = np.asarray(classes == "ADV", np.bool_)[records.batch_of[rows]]
    codes = records.figures(rows, 2, 3, "Transaction Code")
    unknown = np.flatnonzero(~np.where(advice, np.isin(codes, _ADV_CODES), np.isin(codes, _CODES)))
    if unknown.size:
        raise Refused(
            found="a transaction code that entries of its batch do not have",
            expected="21 to 56, or 81 to 88 in an ADV batch",
            remedy=WHOLE_FILE,
            line=int(records.lines[rows[unknown[0]]]),
            column="Transaction Code",
        )
    cents = np.zeros(rows.size, np.int64)
    cents[advice] = records.figures(rows[advice], 28, 39, "Amount")
    cents[~advice] = records.figures(rows[~advice], 30, 39, "Amount")
    credit = np.where(advice, codes % 2 == 1, codes % 10 < 5)  # noqa: PLR2004 - 1 to 4 are credits
    return Entries(rows, codes, np.asarray(credit, np.bool_), cents, np.asarray(advice, np.bool_))


def check(records: Records, entries: Entries) -> None:
    """Check every control record; raises ``Refused`` with what is stated and what there is."""
    _check_form(records)
    controls = records.rows(BATCH_CONTROL)
    batch_of = records.batch_of[entries.rows]
    advice = np.zeros(controls.size, np.bool_)
    advice[batch_of] = entries.advice
    if advice.any() and not advice.all():
        line = int(records.lines[records.rows(BATCH_HEADER)[np.flatnonzero(advice != advice[0])[0]]])
        expected = "ADV batches in a file of their own"
        raise Refused(found="ADV batches beside others", expected=expected, remedy=WHOLE_FILE, line=line)
    hashes = records.figures(entries.rows, 4, 11, "Receiving DFI Identification")
    has_addenda = records.kinds == ADDENDA
    sums = {
        "count": _by_batch(np.ones(entries.rows.size, np.int64), batch_of, controls.size)
        + np.bincount(records.batch_of[has_addenda], minlength=controls.size),
        "hash": _by_batch(hashes, batch_of, controls.size),
        "debit": _by_batch(np.where(entries.credit, 0, entries.cents), batch_of, controls.size),
        "credit": _by_batch(np.where(entries.credit, entries.cents, 0), batch_of, controls.size),
    }
    _check_against_headers(records, controls, advice)
    _check_batches(records, controls, sums, advice=bool(advice.any()))
    _check_file(records, {name: figures.sum(keepdims=True) for name, figures in sums.items()}, bool(advice.any()))


def _by_batch(values: Figures, batch_of: Figures, batches: int) -> Figures:
    """Sums of entries by batch, in whole numbers; every batch has at least one entry."""
    if not batches:
        return np.zeros(0, np.int64)
    return np.add.reduceat(values, np.searchsorted(batch_of, np.arange(batches)))


def _check_form(records: Records) -> None:
    header = records.field(records.rows(FILE_HEADER), 35, 40)[:, 0].tobytes()
    if header != b"094101":
        raise Refused(
            found="another record size, blocking factor or format",
            expected="094, 10 and 1 in columns 35 to 40",
            remedy="ask the sender for a NACHA file of 94 columns",
            line=int(records.lines[0]),
        )


def _check_against_headers(records: Records, controls: Figures, advice: Mask) -> None:
    headers = records.rows(BATCH_HEADER)
    for name, first, last in (
        ("Service Class Code", 2, 4),
        ("Originating DFI Identification", 80, 87),
        ("Batch Number", 88, 94),
    ):
        wrong = (records.field(controls, first, last) != records.field(headers, first, last)).any(axis=0)
        if wrong.any():
            place = int(np.argmax(wrong))
            stated, header = records.texts(controls, first, last), records.texts(headers, first, last)
            _refuse(name, f"{stated[place]}", f"{header[place]}, as in its batch header", records, int(controls[place]))
    company, said = records.field(controls, 45, 54), records.field(headers, 41, 50)
    differs = (company != said).any(axis=0) & (company != ord(" ")).any(axis=0) & ~advice
    if differs.any():
        raise Refused(
            found="another company identification than in its batch header",
            expected="the same, or blanks",
            remedy=WHOLE_FILE,
            line=int(records.lines[controls[np.argmax(differs)]]),
            column="Company Identification",
        )
    numbers = records.figures(headers, 88, 94, "Batch Number")
    fallen = np.flatnonzero(np.diff(numbers) <= 0)
    if fallen.size:
        place = int(fallen[0])
        expected = f"more than {int(numbers[place]):,}, that of the batch before it"
        _refuse("Batch Number", f"{int(numbers[place + 1]):,}", expected, records, int(headers[place + 1]))


def _check_batches(records: Records, controls: Figures, sums: dict[str, Figures], *, advice: bool) -> None:
    amounts = ((21, 40), (41, 60)) if advice else ((21, 32), (33, 44))
    places = {"count": (5, 10), "hash": (11, 20), "debit": amounts[0], "credit": amounts[1]}
    _compare(records, controls, sums, places, "batch")


def _check_file(records: Records, sums: dict[str, Figures], advice: bool) -> None:  # noqa: FBT001 - private
    control = records.rows(FILE_CONTROL)
    amounts = ((32, 51), (52, 71)) if advice else ((32, 43), (44, 55))
    lines = np.array([records.kinds.size])
    whole = {
        "batches": np.array([records.rows(BATCH_HEADER).size]),
        "blocks": -(-lines // _BLOCK),
        **sums,
    }
    places = {
        "batches": (2, 7),
        "blocks": (8, 13),
        "count": (14, 21),
        "hash": (22, 31),
        "debit": amounts[0],
        "credit": amounts[1],
    }
    _compare(records, control, whole, places, "file")


_TOLD: Final[dict[str, tuple[str, str]]] = {
    "batches": ("Batch Count", "the number of its batches"),
    "blocks": ("Block Count", "the number of blocks of ten lines"),
    "count": ("Entry/Addenda Count", "the number of its entries and addenda"),
    "hash": ("Entry Hash", "the sum of the receiving institutions of its entries"),
    "debit": ("Total Debit Amount", "the sum of its debits"),
    "credit": ("Total Credit Amount", "the sum of its credits"),
}
"""Control → its name, and what it must equal."""


def _compare(
    records: Records, controls: Figures, sums: dict[str, Figures], places: dict[str, tuple[int, int]], whose: str
) -> None:
    for name, (first, last) in places.items():
        column, remark = _TOLD[name]
        stated = records.figures(controls, first, last, column)
        actual = sums[name] % _HASH if name == "hash" else sums[name]
        wrong = np.flatnonzero(stated != actual)
        if wrong.size:
            place = int(wrong[0])
            found, expected = (_shown(name, int(figures[place])) for figures in (stated, actual))
            _refuse(f"{column} of the {whose}", found, f"{expected}, {remark}", records, int(controls[place]))


def _shown(name: str, figure: int) -> str:
    if name == "hash":
        return f"{figure}"
    return f"{figure // 100:,}.{figure % 100:02d}" if name in {"debit", "credit"} else f"{figure:,}"


def _refuse(column: str, stated: str, expected: str, records: Records, row: int) -> None:
    raise Refused(
        found=f"{stated} stated", expected=expected, remedy=WHOLE_FILE, line=int(records.lines[row]), column=column
    )
