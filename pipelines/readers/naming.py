"""Names of files: which layout a name chooses, and that no name can choose two (CONTRACT §4)."""

from __future__ import annotations

import calendar
import re
from datetime import date
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Final

from pipelines.readers.layout import LayoutError
from pipelines.readers.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.readers.layout import Effective, Layout

    Days = tuple[date, date]

_DATE: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})?")
_SHAPES: Final = "YYYY-MM-DD, YYYYMMDD or YYYY-MM"


def choose(file_name: str, layouts: Iterable[Layout]) -> Layout | None:
    """The one layout of the name and of the date in it; None where no layout has the name. Raises ``Refused``."""
    named = [layout for layout in layouts if layout.has_name(file_name)]
    holding = [layout for layout in named if _holds(layout.effective, file_name)]
    if named and not holding:
        ranges = " or ".join(f"{layout.name} ({_told(layout.effective)})" for layout in named)
        raise Refused(
            found="a name with a date on which no layout holds",
            expected=f"a date within {ranges}",
            remedy="correct the date in the name, or declare the layout of that time",
        )
    return next(iter(holding), None)


def check(layouts: Iterable[Layout]) -> None:
    """No name may be of two layouts on one day; raises ``LayoutError`` naming both and their patterns."""
    for one, other in combinations(layouts, 2):
        meeting = [f"{a} and {b}" for a in one.patterns for b in other.patterns if _meet(a, b)]
        if meeting and not _apart(one.effective, other.effective):
            both = f"layouts {one.name} and {other.name}: one name may have both patterns, {meeting[0]}"
            message = f"{both}; change a pattern, or let their [effective] days not overlap"
            raise LayoutError(message)


def faults_of(layout: Layout) -> list[str]:
    """What a layout says amiss of names and of the days on which it holds."""
    faults = [] if layout.patterns else ["patterns is empty"]
    faults += [f"patterns: {text} has [ or ]" for text in layout.patterns if set(text) & {"[", "]"}]
    said = layout.effective
    if (said.since or said.until) and not said.name:
        faults.append("effective needs name, the pattern of the date in the file's name")
    if said.name and not (said.since or said.until):
        faults.append("effective needs from, until or both")
    if said.name and _groups(said.name) != 1:
        faults.append("effective.name is no pattern with exactly one group")
    if said.since and said.until and said.since > said.until:
        faults.append("effective.from is after effective.until")
    return faults


def _groups(pattern: str) -> int:
    try:
        return re.compile(pattern).groups
    except re.error:
        return -1


def _holds(said: Effective, file_name: str) -> bool:
    if not said.name:
        return True
    first, last = _days(said, file_name)
    since, until = _range(said)
    return since <= first and last <= until


def _days(said: Effective, file_name: str) -> Days:
    """The first and last day that the date in a name means; raises ``Refused`` where there is none."""
    found = re.search(said.name, file_name)
    written = _DATE.fullmatch(found[1] or "") if found else None
    try:
        if written:
            year, month, day = int(written[1]), int(written[2]), int(written[3] or 0)
            last = day or calendar.monthrange(year, month)[1]
            return date(year, month, day or 1), date(year, month, last)
    except ValueError:  # month 13, or 30 February: no date either
        pass
    raise Refused(
        found="a name without the date that tells which layout holds",
        expected=f"a date {_SHAPES} in the name, as {said.name} finds it",
        remedy="rename the file as its sender names such files",
    )


def _range(said: Effective) -> Days:
    return said.since or date.min, said.until or date.max


def _apart(one: Effective, other: Effective) -> bool:
    """Whether two layouts never hold on one day; one without days holds on all of them."""
    (since, until), (others_since, others_until) = _range(one), _range(other)
    return until < others_since or others_until < since


def _told(said: Effective) -> str:
    since = f"from {said.since}" if said.since else ""
    until = f"until {said.until}" if said.until else ""
    return " ".join(part for part in (since, until) if part)


def _meet(one: str, other: str) -> bool:
    """Whether some name has both patterns, of letters, ``*`` (any letters) and ``?`` (one letter)."""

    @cache
    def meet(at: int, others_at: int) -> bool:
        here, there = one[at : at + 1], other[others_at : others_at + 1]
        if here == "*":
            return meet(at + 1, others_at) or bool(there and meet(at, others_at + 1))
        if there == "*":
            return meet(at, others_at + 1) or bool(here and meet(at + 1, others_at))
        if not here or not there:
            return here == there
        return (here == there or "?" in {here, there}) and meet(at + 1, others_at + 1)

    return meet(0, 0)
