"""Controls that a file carries about itself: what does not add up refuses the file with both figures (CONTRACT §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow.compute as pc

from pipelines.readers.refusal import Refused, counted
from schemas import values
from schemas.octets import as_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout, RunningBalance, Totals
    from pipelines.readers.mapping import Mapped
    from pipelines.readers.raw import RawRows, Section

    Centavos = NDArray[np.int64]
    Mask = NDArray[np.bool_]

_REMEDY = "ask the sender for the whole file as it was exported"


def check(raw: RawRows, mapped: Mapped, layout: Layout) -> None:
    """Check every control that the layout declares; raises ``Refused``."""
    if layout.controls.running_balance is not None:
        _check_balance(raw, mapped, layout.controls.running_balance)
    if layout.controls.totals is not None:
        for section in raw.sections:
            _check_totals(section, mapped, layout.controls.totals)


def _check_balance(raw: RawRows, mapped: Mapped, control: RunningBalance) -> None:
    """Between two rows of an account whose balances can be read, the movements between them explain the difference.

    A movement that cannot be read (its row is rejected) leaves the step over it unchecked.
    """
    account, order = _by_account(mapped, control)
    steps = _steps(raw, mapped, control)
    wrong = _first_wrong_step(steps, account, order)
    if wrong is None:
        return
    if control.newest_first_too and _first_wrong_step(steps, account[::-1], order[::-1]) is None:
        return
    line, stated, expected = wrong
    _refuse(stated, expected, control.balance, line, "the balance before it, plus credits, less debits")


class _Steps(NamedTuple):
    """Of every row: its line, what it moves (void where not ``read``) and its balance (void where not ``known``)."""

    lines: Centavos
    moved: Centavos
    read: Mask
    stated: Centavos
    known: Mask


def _steps(raw: RawRows, mapped: Mapped, control: RunningBalance) -> _Steps:
    credit, credit_read = _amounts(mapped, control.credit)
    debit, debit_read = _amounts(mapped, control.debit)
    read = credit_read & debit_read
    if control.sign:
        signs = as_array(mapped.typed[control.sign])
        is_credit, is_debit = (pc.equal(signs, sign).to_numpy(zero_copy_only=False) for sign in ("+", "-"))
        credit, debit, read = credit * is_credit, debit * is_debit, read & (is_credit | is_debit)
    balance = values.parse_amounts(mapped.typed[control.balance])
    return _Steps(raw.lines, credit - debit, read, balance.meant, balance.valid)


def _first_wrong_step(steps: _Steps, account: Centavos, order: Centavos) -> tuple[int, int, int] | None:
    """Line, balance stated and balance expected of the first step, by line, that does not follow."""
    lines, stated = steps.lines[order], steps.stated[order]
    moved = np.cumsum(steps.moved[order])
    unread = np.cumsum(~steps.read[order])
    known = np.flatnonzero(steps.known[order])
    earlier, later = known[:-1], known[1:]
    expected = stated[earlier] + moved[later] - moved[earlier]
    comparable = (unread[later] == unread[earlier]) & (account[later] == account[earlier])
    wrong = np.flatnonzero(comparable & (expected != stated[later]))
    if not wrong.size:
        return None
    first = wrong[np.argmin(lines[later][wrong])]
    return int(lines[later][first]), int(stated[later][first]), int(expected[first])


def _by_account(mapped: Mapped, control: RunningBalance) -> tuple[Centavos, Centavos]:
    """The accounts (as codes) of the rows put together by account, each in the file's order, and that order."""
    if not control.account:
        return np.zeros(mapped.typed.num_rows, np.int64), np.arange(mapped.typed.num_rows)
    accounts = as_array(mapped.typed[control.account])
    codes = accounts.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    order = np.argsort(codes, kind="stable")
    return codes[order], order


def _amounts(mapped: Mapped, name: str) -> tuple[Centavos, Mask]:
    """Centavos of a source column, nothing counted as 0, and which rows could be read."""
    amounts = values.parse_amounts(mapped.typed[name])
    read = np.ones(amounts.valid.size, np.bool_)
    for failure in mapped.failures:
        if failure.column == name and failure.place >= 0:
            read &= ~failure.rows
    return np.where(amounts.valid & read, amounts.meant, 0), read


def _check_totals(section: Section, mapped: Mapped, control: Totals) -> None:
    """The totals row is there, counts the rows, and sums its columns; amounts that cannot be read only leave room."""
    if not section.totals:
        found = "no totals row at the end"
        raise Refused(
            found=found,
            expected=f"a last row with {control.label} in {control.label_column}",
            remedy=_REMEDY,
            sheet=section.sheet,
        )
    rows = section.stop - section.first
    stated = values.parse_counts(np.array([section.totals[control.count_column]]))
    if not stated.valid[0] or stated.meant[0] != rows:
        found = f"{counted(rows, 'row')} above the totals row"
        expected = f"{int(stated.meant[0]):,} as it states" if stated.valid[0] else "the number of rows stated in it"
        raise Refused(
            found=found,
            expected=expected,
            remedy=_REMEDY,
            line=section.totals_line,
            column=control.count_column,
            sheet=section.sheet,
        )
    for column in control.sums:
        _check_sum(section, mapped, column)


def _check_sum(section: Section, mapped: Mapped, column: str) -> None:
    stated = values.parse_amounts(np.array([section.totals[column]]))
    if not stated.valid[0]:
        found = "no readable sum in the totals row"
        raise Refused(
            found=found,
            expected="an amount with two places",
            remedy=_REMEDY,
            line=section.totals_line,
            column=column,
            sheet=section.sheet,
        )
    amounts, read = (whole[section.first : section.stop] for whole in _amounts(mapped, column))
    total, expected = sum(amounts.tolist()), int(stated.meant[0])
    if total > expected or (total < expected and read.all()):
        _refuse(expected, total, column, section.totals_line, "the sum of the rows", section.sheet)


def _refuse(stated: int, expected: int, column: str, line: int, remark: str, sheet: str = "") -> None:
    found = f"{_pesos(stated)} stated"
    raise Refused(
        found=found, expected=f"{_pesos(expected)}, {remark}", remedy=_REMEDY, line=line, column=column, sheet=sheet
    )


def _pesos(centavos: int) -> str:
    sign = "-" if centavos < 0 else ""
    return f"{sign}{abs(centavos) // 100:,}.{abs(centavos) % 100:02d}"
