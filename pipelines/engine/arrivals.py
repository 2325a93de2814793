"""Arrivals: files that wait in the inbox, and the months that have to be run again because of them.

A look, never a landing: nothing is kept, and no file that cannot be read stops the look at the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Final, NamedTuple

from pipelines.engine import landing
from pipelines.readers import read_file
from pipelines.rules.calendar import month_number
from pipelines.rules.policy import PolicyBook
from pipelines.store import inbox, publications, seen
from pipelines.store.home import Home

MOST_FILES: Final = 100
"""How many files are read in one look; the next look goes on."""

_EVERY_MONTH: Final = ("registrants", "capture_lines", "decisions")
"""Kinds that may change any month, whatever their rows say."""


class Arrival(NamedTuple):
    """One file looked at. ``mark`` tells this state of this file from any other; ``digest`` is "" if landed."""

    mark: str
    digest: str
    months: tuple[str, ...] = ()
    touches_all: bool = False


def look(home: Home, folder: Path, marks: Collection[str]) -> list[Arrival]:
    """The files of ``folder`` that have none of the ``marks`` of earlier looks, at most ``MOST_FILES`` of them.

    Raises ``inbox.UnreadableError`` when there is no such folder.
    """
    offered = landing.offered(home, None)
    known = set(zip(offered["file_name"], offered["sha256"], strict=True))
    remembered = seen.recall(home, folder)
    found: list[Arrival] = []
    for name in inbox.names(folder):
        signature = inbox.signature(folder / name)
        mark = _mark(name, signature)
        earlier = remembered.get(name)
        is_landed = earlier is not None and earlier[0] == signature and (inbox.printable(name), earlier[1]) in known
        if mark not in marks and not is_landed and len(found) < MOST_FILES:
            found += _look_at(folder / name, mark, known)
    return found


def months_to_run(home: Home, arrivals: list[Arrival], policy: PolicyBook) -> dict[str, str]:
    """Month → digest of the arrivals that ask for it.

    A month is asked for where rows touch it, or where it was published and they are within the policy's window of it.
    A registry or decision may change any published month; a file that does not read is told of by the latest one.
    """
    published = published_months(home)
    asked: dict[str, list[str]] = {}
    for arrival in (arrival for arrival in arrivals if arrival.digest):
        near = [month for month in published if any(_is_near(month, touched, policy) for touched in arrival.months)]
        others = published if arrival.touches_all else published[-1:] if not arrival.months else []
        for month in {*arrival.months, *near, *others}:
            asked.setdefault(month, []).append(arrival.digest)
    return {month: _digest(digests) for month, digests in sorted(asked.items())}


def published_months(home: Home) -> list[str]:
    """The months that have a publication, in order."""
    folders = home.publications.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]")
    return sorted(folder.name for folder in folders if publications.numbers(home, folder.name))


def marks_of(folder: Path, marks: Collection[str], arrivals: list[Arrival]) -> list[str]:
    """The marks to remember: those of earlier looks and of this one, of files that are still there."""
    standing = {_mark(name, inbox.signature(folder / name)) for name in inbox.names(folder)}
    return sorted(standing & {*marks, *(arrival.mark for arrival in arrivals)})


def _look_at(path: Path, mark: str, known: set[tuple[str, str]]) -> list[Arrival]:
    """What one file asks for; nothing while it is still being written."""
    name = inbox.printable(path.name)
    try:
        content = inbox.fetch(path)
    except inbox.ChangingError:
        return []
    except inbox.UnreadableError:
        return [Arrival(mark, "" if (name, "") in known else _digest([name]))]
    sha256 = hashlib.sha256(content).hexdigest()
    if (name, sha256) in known:
        return [Arrival(mark, "")]
    try:
        found = read_file(name, content)
    except Exception:  # noqa: BLE001 - landing refuses it and says so; here it must not hide its siblings
        return [Arrival(mark, _digest([name, sha256]))]
    return [Arrival(mark, _digest([name, sha256]), found.months, found.kind in _EVERY_MONTH)]


def _is_near(month: str, touched: str, policy: PolicyBook) -> bool:
    """Whether a payment made in ``touched`` may pay a line due in ``month``."""
    distance = abs(month_number(month) - month_number(touched))
    return distance <= policy.governing(max(touched, policy.entries[0].effective_from)).window_months


def _mark(name: str, signature: inbox.Signature | None) -> str:
    return hashlib.sha256(f"{inbox.printable(name)} {signature}".encode()).hexdigest()[:16]


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:16]
