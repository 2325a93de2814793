"""What a camt statement says of itself: opening + entries = closing, and its totals; both figures where it differs."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pipelines.readers import decimals
from pipelines.readers.camt_elements import Element
from pipelines.readers.camt_entries import REMEDY, Tally
from pipelines.readers.refusal import Refused

_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = "CLBD"
_DIRECTIONS: Final = {"TtlNtries": ("CRDT", "DBIT"), "TtlCdtNtries": ("CRDT",), "TtlDbtNtries": ("DBIT",)}


class Balance(NamedTuple):
    """A balance of a statement: its type code, units with sign, currency, and the line it stands on."""

    code: str
    units: int
    currency: str
    line: int


def check(statement: Element, namespace: str, tally: Tally) -> bool:
    """Check the balances and totals of one statement against its entries; raises ``Refused`` with both figures.

    Says whether it has an opening and a closing balance: without both, nothing proves that no entry is missing.
    """
    known = balances(statement, namespace)
    closing = [balance for balance in known if balance.code == _CLOSING]
    opening = next((found for code in _OPENING if (found := [b for b in known if b.code == code])), [])
    if opening and closing and not tally.unread:
        _check_closing(opening, closing, tally)
    for summary in statement.iterchildren(f"{{{namespace}}}TxsSummry"):
        _check_summary(summary, namespace, tally)
    return bool(opening and closing)


def balances(statement: Element, namespace: str) -> list[Balance]:
    """The balances of a statement whose amounts can be read; raises ``Refused`` at one whose amount cannot."""
    space = {"n": namespace}
    found = []
    for element in statement.iterchildren(f"{{{namespace}}}Bal"):
        code = _text(element.find("n:Tp/n:CdOrPrtry/n:Cd", space)) or _text(element.find("n:Tp/n:Cd", space))
        amount, direction = element.find("n:Amt", space), _text(element.find("n:CdtDbtInd", space))
        size = decimals.units(_text(amount))
        if size is None or direction not in {"CRDT", "DBIT"}:
            expected = "an amount without a sign, and CRDT or DBIT"
            raise Refused(
                found="a balance that cannot be read",
                expected=expected,
                remedy=REMEDY,
                line=element.sourceline,
                column="Bal",
            )
        signed = size if direction == "CRDT" else -size
        found.append(Balance(code, signed, amount.get("Ccy", ""), element.sourceline))
    return found


def _check_closing(opening: list[Balance], closing: list[Balance], tally: Tally) -> None:
    """In every currency the opening balance, plus booked credits, less booked debits, is the closing balance."""
    for stated in closing:
        start = next((balance for balance in opening if balance.currency == stated.currency), None)
        known = start or opening[0]
        expected = known.units + _net(tally, known.currency)
        if start is None or expected != stated.units:
            raise Refused(
                found=f"{decimals.shown(stated.units)} {stated.currency} stated as closing balance",
                expected=f"{decimals.shown(expected)} {known.currency}, the opening balance plus credits, less debits",
                remedy=REMEDY,
                line=stated.line,
                column=_CLOSING,
            )


def _net(tally: Tally, currency: str) -> int:
    credit, debit = (tally.sums.get((currency, direction, True), 0) for direction in ("CRDT", "DBIT"))
    return credit - debit


def _check_summary(summary: Element, namespace: str, tally: Tally) -> None:
    """Totals may count what is only announced, or booked entries alone: either is a whole file."""
    for name, directions in _DIRECTIONS.items():
        element = summary.find(f"{{{namespace}}}{name}")
        if element is None:
            continue
        number, total = (_text(element.find(f"{{{namespace}}}{part}")) for part in ("NbOfNtries", "Sum"))
        counts = {_count(tally, directions, every=every) for every in (True, False)}
        if number and number not in {str(count) for count in counts}:
            _refuse(_plain(number), str(max(counts)), "the number of its entries", element, name)
        sums = {_sum(tally, directions, every=every) for every in (True, False)}
        size = decimals.units(total)
        if total and not tally.unread and size not in sums:
            stated = "no amount" if size is None else decimals.shown(size)
            _refuse(stated, decimals.shown(max(sums)), "the sum of its entries", element, name)


def _count(tally: Tally, directions: tuple[str, ...], *, every: bool) -> int:
    return sum(n for (way, booked), n in tally.counts.items() if way in directions and (every or booked))


def _sum(tally: Tally, directions: tuple[str, ...], *, every: bool) -> int:
    return sum(n for (_, way, booked), n in tally.sums.items() if way in directions and (every or booked))


def _refuse(stated: str, expected: str, remark: str, element: Element, column: str) -> None:
    raise Refused(
        found=f"{stated} stated",
        expected=f"{expected}, {remark}",
        remedy=REMEDY,
        line=element.sourceline,
        column=column,
    )


def _plain(number: str) -> str:
    return (
        f"{int(number):,}" if number.isascii() and number.isdigit() and len(number) < len(str(1 << 63)) else "no count"
    )


def _text(element: Any) -> str:  # noqa: ANN401 - an element of a library without types, or None
    return "" if element is None else (element.text or "").strip()
