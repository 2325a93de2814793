"""Arrivals: files that wait in the inbox, and the months that have to be run again because of them.

A look, never a landing: nothing is kept, and no file that cannot be read stops the look at the others.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import pandas as pd

from pipelines.engine import landing
from pipelines.readers import ReadFile, read_stream
from pipelines.rules.calendar import month_number
from pipelines.rules.policy import PolicyBook
from pipelines.store import inbox, publications, seen
from pipelines.store.attempts import attempt
from pipelines.store.home import Home

MOST_FILES: Final = 100
"""How many files are read in one look; the next look goes on."""

_CHUNK: Final = 1 << 20
_EVERY_MONTH: Final = ("registrants", "capture_lines", "decisions")
"""Kinds that may change any month, whatever their rows say."""


class Arrival(NamedTuple):
    """One file looked at. ``mark`` tells this state of this file from any other; ``digest`` is "" if landed."""

    mark: str
    digest: str
    months: tuple[str, ...] = ()
    touches_all: bool = False


class Look(NamedTuple):
    """What one look found. ``marks``, of this look and earlier ones, of files still there, is for the next one."""

    arrivals: list[Arrival]
    marks: list[str]


def look(home: Home, where: str | Path, marks: Collection[str]) -> Look:
    """The files of the inbox at a folder or URL that have none of the ``marks`` of earlier looks.

    At most ``MOST_FILES`` are read. Raises ``inbox.UnreadableError`` when the inbox is not there or not reached.
    """
    offered = landing.offered(home, None)
    waiting = _waiting(home, offered)
    known = set(zip(offered["file_name"], offered["sha256"], strict=True))
    found: list[Arrival] = []
    standing: set[str] = set()
    with inbox.open_inbox(where) as box:
        remembered = seen.recall(home, box.key)
        for name in box.names():
            signature = box.signature(name)
            mark = _mark(name, signature)
            standing.add(mark)
            earlier = remembered.get(name)
            is_landed = earlier is not None and earlier[0] == signature and (inbox.printable(name), earlier[1]) in known
            if mark not in marks and not is_landed and len(found) < MOST_FILES:
                found += _look_at(home, box, name, known, waiting)
    return Look(found, sorted(standing & {*marks, *(arrival.mark for arrival in found)}))


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
    return publications.months(home)


def _waiting(home: Home, offered: pd.DataFrame) -> dict[str, set[str]]:
    """Series → the months of its files that are held: a file of the series may set them free."""
    if not offered["series"].any():
        return {}
    issued = landing.issued(home, None)
    held = issued.loc[issued["outcome"] == "held", ["file_name", "sha256"]]
    months: dict[str, set[str]] = {}
    waiting = offered.merge(held, on=["file_name", "sha256"])
    for series, touched in zip(waiting["series"], waiting["months"], strict=True):
        months.setdefault(series, set()).update(touched.split())
    return months


def _look_at(
    home: Home, box: inbox.Inbox, offered_as: str, known: set[tuple[str, str]], waiting: dict[str, set[str]]
) -> list[Arrival]:
    """What one file asks for, with those of its series that wait for it; nothing while it is still being written."""
    name = inbox.printable(offered_as)
    mark = _mark(offered_as, box.signature(offered_as))
    home.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=home.work) as copy:  # in the home: it holds personal data
        try:
            sha256 = _copied(box.open(offered_as), copy)
        except inbox.ChangingError:
            return []
        except inbox.UnreadableError:
            return [Arrival(mark, "" if (name, "") in known else _digest([name]))]
        if (name, sha256) in known:
            return [Arrival(mark, "")]
        found = _read(home, name, copy, sha256)
    freed = waiting.get(found.series, set()) if found.series else set()
    months = tuple(sorted({*found.months, *freed}))
    return [Arrival(mark, _digest([name, sha256]), months, found.kind in _EVERY_MONTH)]


def _copied(offered: AbstractContextManager[BinaryIO], copy: BinaryIO) -> str:
    """Copy a file chunk by chunk, and give the SHA-256 of its bytes."""
    digest = hashlib.sha256()
    with offered as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    copy.seek(0)
    return digest.hexdigest()


def _read(home: Home, name: str, copy: BinaryIO, sha256: str) -> ReadFile:
    """What the file says; nothing of one that fails its reader or ends the process: landing tells of it."""
    with attempt(home, f"look-{sha256}") as earlier:
        if earlier >= landing.ATTEMPTS:
            return ReadFile()
        try:
            return read_stream(name, copy, sha256, lambda _rows, _rejections: None)
        except Exception:  # noqa: BLE001 - here it must not hide its siblings
            return ReadFile()


def _is_near(month: str, touched: str, policy: PolicyBook) -> bool:
    """Whether a payment made in ``touched`` may pay a line due in ``month``."""
    distance = abs(month_number(month) - month_number(touched))
    return distance <= policy.governing(max(touched, policy.entries[0].effective_from)).window_months


def _mark(name: str, signature: inbox.Signature | None) -> str:
    return hashlib.sha256(f"{inbox.printable(name)} {signature}".encode()).hexdigest()[:16]


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:16]
