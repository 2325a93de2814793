"""The messages of an MT940 or MT942 file: tags with their lines, entries, balances and totals, as written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pipelines.readers.mt940_tags import NUMBER, REMEDY, Entry, Figure, Tag, read_balance, read_entry, read_total
from pipelines.readers.refusal import Refused

# Only the tags of the two messages: a line of details may begin with the rest of a time, like ":12:11".
_NAMES: Final = "13[CD]?|20|21|25P?|28C?|34F?|60[FM]?|61|62[FM]?|64|65|86|90[CD]|NS|940|942"
_TAG: Final = re.compile(rf"^(?::({_NAMES}):|(-)(?:\}}.*)?[\x03 \t]*$)", re.MULTILINE)
_ENVELOPE: Final = re.compile(r"[\s\x01\x03]*(?:\{[^\n]*[\s\x01\x03]*)*")


@dataclass
class Message:
    """One message. ``number`` and ``part`` are 0 where not said; ``fault`` is of its first entry that is none."""

    line: int
    reference: str = ""
    account: str = ""
    number: int = 0
    part: int = 0
    openings: list[Figure] = field(default_factory=list)
    closings: list[Figure] = field(default_factory=list)
    totals: dict[str, Figure] = field(default_factory=dict)
    floor_currency: str = ""
    entries: list[Entry] = field(default_factory=list)
    is_outside: bool = False
    fault: Refused | None = None

    @property
    def currency(self) -> str:
        """The one currency of the message; empty where it names none."""
        figures = [*self.openings, *self.totals.values()]
        return figures[0].currency if figures else self.floor_currency


def split(text: str) -> list[Message]:
    """The messages of ``text`` (lines end in a line feed); raises ``Refused`` for what cannot be placed or read."""
    messages: list[Message] = []
    current: Message | None = None
    before = ""
    for tag in _tags(text):
        if tag.name in {"-", "940", "942"}:
            current = None
        elif current is None or tag.name == "20":
            current = Message(tag.line, is_outside=bool(messages) and tag.name in {"61", "86"})
            messages.append(current)
        if current is not None:
            _put(current, tag, before)
        before = before if before == "61" and tag.name in {"86", "NS"} else tag.name
    for message in messages:
        message.is_outside &= not (message.openings or message.closings)
    return messages


def _tags(text: str) -> list[Tag]:
    matches = list(_TAG.finditer(text))
    _check_between(text[: matches[0].start()] if matches else "", 1)
    tags: list[Tag] = []
    line, counted_to = 1, 0
    for place, match in enumerate(matches):
        end = matches[place + 1].start() if place + 1 < len(matches) else len(text)
        line += text.count("\n", counted_to, match.start())
        counted_to = match.start()
        value = text[match.end() : end]
        if match[2]:
            _check_between(value, line)
        tags.append(Tag(match[1] or "-", value.rstrip("\n\x03"), line))
    return tags


def _check_between(text: str, line: int) -> None:
    if _ENVELOPE.fullmatch(text) is None:
        raise Refused(
            found="text outside a message", expected="a tag like :20: at the start of a line", remedy=REMEDY, line=line
        )


def _put(message: Message, tag: Tag, before: str) -> None:
    """Put to the message what the tag says; tags that neither a row nor a control needs are passed over."""
    match tag.name[:2]:
        case "20":
            message.reference = tag.text.strip()
        case "25":
            message.account = tag.text.strip()
        case "28":
            _put_number(message, tag)
        case "34":
            message.floor_currency = message.floor_currency or tag.text[:3]
        case "60" | "62" | "90":
            _put_figure(message, tag)
        case "61":
            _put_entry(message, tag)
        case "86" if before == "61" and message.entries:
            # Only what follows an entry is its; what follows a balance is about the statement.
            message.entries[-1].details.append(tag.text)


def _put_number(message: Message, tag: Tag) -> None:
    match = NUMBER.match(tag.text.strip())
    if match is not None:
        message.number, message.part = int(match["statement_number"]), int(match["sequence_number"] or 0)


def _put_figure(message: Message, tag: Tag) -> None:
    match tag.name[:2]:
        case "60":
            message.openings.append(read_balance(tag))
        case "62":
            message.closings.append(read_balance(tag))
        case _ if tag.name in message.totals:
            raise tag.refusal(found="a second total of one kind", expected="one in a message")
        case _:
            message.totals[tag.name] = read_total(tag)


def _put_entry(message: Message, tag: Tag) -> None:
    try:
        message.entries.append(read_entry(tag))
    except Refused as refused:
        # Told only after what is wrong with the message as a whole.
        message.fault = message.fault or refused
