"""The place of a file in the sequence of its sender's files, by its name or its header (CONTRACT §4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pipelines.readers.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.readers.layout import Layout, Sequence

_GROUPS: Final = {"number", "series"}
_LARGEST: Final = 2**63 - 1
_REMEDY: Final = "ask the sender for the file as it numbers such files"


def place_of(file_name: str, raw_number: int | None, layout: Layout) -> tuple[str, int]:
    """The series a file is of and its number there; ``("", 0)`` where the layout declares no sequence.

    ``raw_number`` is what the file itself says. A series is the layout's name, and what the name of the file says of
    it. Raises ``Refused`` where neither name nor file say a number, or where they say two.
    """
    said = layout.sequence
    if said is None:
        return "", 0
    named = _named(file_name, said)
    number = int(named["number"]) if "number" in named else raw_number
    if number is None:
        raise Refused(
            found="no number of the file in its sequence", expected=_where(said), remedy=_REMEDY, column=said.header
        )
    if raw_number not in (None, number):
        raise Refused(
            found=f"number {number} in the name and {raw_number} in the file",
            expected="one number in both",
            remedy=_REMEDY,
            column=said.header,
        )
    if number > _LARGEST:
        raise Refused(found="a number of the file beyond any sequence", expected=f"at most {_LARGEST}", remedy=_REMEDY)
    return " ".join([layout.name, *([named["series"]] if "series" in named else [])]), number


def first_numbers(layouts: Iterable[Layout]) -> dict[str, int]:
    """Series, or name of a layout for all its other series → the first number that must be there."""
    found: dict[str, int] = {}
    for layout in layouts:
        if layout.sequence:
            found[layout.name] = layout.sequence.first
            found |= {f"{layout.name} {series}": number for series, number in layout.sequence.begins.items()}
    return found


def faults_of(layout: Layout) -> list[str]:
    """What a layout says amiss of its sequence."""
    said = layout.sequence
    if said is None:
        return []
    groups = _groups(said.name)
    faults = [] if said.header or "number" in groups else ["sequence needs a group number in name, or header"]
    if said.name and (not groups or not groups <= _GROUPS):
        faults.append("sequence.name is no pattern with the groups number, series or both and no other")
    if said.begins and "series" not in groups:
        faults.append("sequence.begins needs a group series in sequence.name")
    if min([said.first, *said.begins.values()]) < 0:
        faults.append("sequence.first and sequence.begins are 0 or more")
    records = layout.fixed_width if layout.mechanics == "fixed_width" else None
    if said.header and (records is None or said.header not in records.header.fields):
        faults.append("sequence.header is no field of the header record of fixed_width")
    return faults


def _groups(pattern: str) -> set[str]:
    try:
        found = re.compile(pattern)
    except re.error:
        return set()
    return set(found.groupindex) if found.groups == len(found.groupindex) else set()


def _named(file_name: str, said: Sequence) -> dict[str, str]:
    """Group → what it holds in the name; raises ``Refused`` where the name lacks what the pattern finds."""
    if not said.name:
        return {}
    found = re.search(said.name, file_name)
    named = {group: text for group, text in (found.groupdict() if found else {}).items() if text}
    number = named.get("number", "0")
    if set(named) != _groups(said.name) or not (number.isascii() and number.isdigit()):
        raise Refused(
            found="a name that does not say the file's place in its sequence", expected=_where(said), remedy=_REMEDY
        )
    return named


def _where(said: Sequence) -> str:
    places = [f"in the name, as {said.name} finds it"] if said.name else []
    places += [f"in field {said.header} of the header"] if said.header else []
    return " and ".join(places)
