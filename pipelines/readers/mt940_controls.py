"""What MT940 and MT942 messages say of themselves: balances, totals and sequence, checked with both figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.readers.mt940_tags import REMEDY, written
from pipelines.readers.refusal import Refused, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.readers.mt940_messages import Message
    from pipelines.readers.mt940_tags import Figure


def check_balances(message: Message) -> None:
    """MT940: one opening balance, plus the entries, is the one closing balance; raises ``Refused``."""
    if len(message.openings) != 1 or len(message.closings) != 1:
        found = f"{counted(len(message.openings), 'opening balance')} and {len(message.closings):,} closing"
        raise Refused(
            found=found,
            expected="one :60F: or :60M: and one :62F: or :62M: in a message",
            remedy=REMEDY,
            line=message.line,
        )
    if message.fault:
        raise message.fault
    opening, closing = message.openings[0], message.closings[0]
    _check_currency(opening, closing)
    lines = [entry.line for entry in message.entries]
    if lines and not opening.tag.line < lines[0] <= lines[-1] < closing.tag.line:
        raise closing.tag.refusal(
            found="entries before or after the balances", expected="all :61: between opening and closing"
        )
    total = opening.amount + sum(entry.signed for entry in message.entries)
    if total != closing.amount:
        found = f"a closing balance of {written(closing.amount)}, which does not close"
        raise closing.tag.refusal(found=found, expected=f"{written(total)}, the opening balance plus the entries")


def check_totals(message: Message) -> None:
    """MT942: number and sum of the debits and of the credits are those stated; raises ``Refused``.

    The reversal of a credit (``RC``) is a debit entry, that of a debit (``RD``) a credit entry (SWIFT MT 942, field
    61). Whether the totals count entries that are only expected (``EC``, ``ED``), field 90 leaves open: either is a
    whole message, as long as number and sum count the same.
    """
    if message.fault:
        raise message.fault
    figures = list(message.totals.values())
    for figure in figures[1:]:
        _check_currency(figures[0], figure)
    for name, marks, expected in (("90D", {"D", "RC"}, "ED"), ("90C", {"C", "RD"}, "EC")):
        entries = [entry.amount for entry in message.entries if entry.mark in marks]
        every = entries + [entry.amount for entry in message.entries if entry.mark == expected]
        stated = message.totals.get(name)
        if stated is None:
            if entries or not figures:
                raise Refused(
                    found=f"no total :{name}: in a message",
                    expected="the totals of its entries",
                    remedy=REMEDY,
                    line=message.line,
                )
            continue
        if (stated.amount, stated.entries) == (sum(every), len(every)):
            continue
        if stated.amount != sum(entries):
            found = f"a total of {written(stated.amount)}, which does not close"
            raise stated.tag.refusal(found=found, expected=f"{written(sum(entries))}, the sum of the entries")
        if stated.entries != len(entries):
            found = f"{counted(stated.entries, 'entry')} stated".replace("entrys", "entries")
            raise stated.tag.refusal(found=found, expected=f"{len(entries):,}, as many as there are")


def check_sequence(messages: Sequence[Message]) -> None:
    """Messages of one account follow one another by number and part, each opening with the balance before."""
    last: dict[str, Message] = {}
    for message in messages:
        before = last.get(message.account)
        last[message.account] = message
        if before is None or not (before.number and message.number):
            continue
        follows = (message.number, message.part) == (before.number, before.part + 1)
        is_next = message.number in {before.number + 1, 1} and message.part <= 1
        if not (follows or (is_next and message.number != before.number)):
            raise Refused(
                found=f"statement {message.number}/{message.part} after {before.number}/{before.part}",
                expected=f"{before.number}/{before.part + 1} or {before.number + 1}/1 of the account",
                remedy=REMEDY,
                line=message.line,
                column="28C",
            )
        if message.openings and before.closings:
            _check_continues(before.closings[0], message.openings[0])


def _check_continues(closing: Figure, opening: Figure) -> None:
    _check_currency(closing, opening)
    if closing.amount != opening.amount:
        found = f"an opening balance of {written(opening.amount)}"
        raise opening.tag.refusal(
            found=found, expected=f"{written(closing.amount)}, the closing balance of the statement before"
        )


def _check_currency(first: Figure, second: Figure) -> None:
    if first.currency != second.currency:
        raise second.tag.refusal(
            found=f"the currency {second.currency}", expected=f"{first.currency}, as in :{first.tag.name}:"
        )
