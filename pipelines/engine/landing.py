"""Landing: files of the inbox are kept, read once and logged; receipts and rows are derived from that log.

The log (table ``landings``) gets all files of a run in one commit. A run that dies before it leaves originals and
landed rows that the next run writes again, byte for byte; one that dies after it has landed everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd
import pyarrow

from pipelines.engine import apart, reading
from pipelines.engine.repeats import Entry, Repeats, landed_rows, rows_at
from pipelines.readers import ROW_MODELS, first_numbers
from pipelines.rules.receipts import receipts
from pipelines.store import inbox, landed, locks, originals, seen, tables
from pipelines.store.attempts import attempt
from pipelines.store.home import Home
from schemas.tables.landings import Landing
from schemas.tables.receipts import Receipt
from schemas.tables.rejections import Rejection

LANDINGS: Final = "landings"
"""The table that logs what was offered."""

ATTEMPTS: Final = 2
"""How often a file may end the process that reads it; after that it is read in a process of its own."""

SHOWN_REJECTIONS: Final = reading.SHOWN_REJECTIONS

_WAIT_SECONDS: Final = 600.0
_ORDER: Final = ["received_at", "file_name", "sha256"]


@dataclass(frozen=True)
class LandingReport:
    """What a run of landing did: ``Landing`` rows of new files, files known before, names left for the next run."""

    landed: pd.DataFrame
    known: int
    changing: tuple[str, ...]


class CheckReport(NamedTuple):
    """What landing would say: a ``Receipt`` a file in the order given, and the first ``Rejection`` rows of each."""

    receipts: pd.DataFrame
    rejections: pd.DataFrame


class _Visit(NamedTuple):
    """One file looked at: its log entry if it is new, and what to remember of it."""

    landing: dict[str, Any] | None = None
    memory: tuple[inbox.Signature, str] | None = None
    is_changing: bool = False


def land(
    home: Home,
    where: Path | str,
    received_at: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> LandingReport:
    """Land every file of the inbox at a folder or URL that is new by name and bytes.

    All get one ``received_at`` (an aware instant). ``progress`` is called with files done and files offered. One
    process lands at a time: others wait. Raises ``HomeBusyError`` when that takes too long and
    ``inbox.UnreadableError`` when there is no such inbox.
    """
    moment = reading.utc(received_at)
    with locks.hold(home, LANDINGS, wait_seconds=_WAIT_SECONDS), inbox.open_inbox(where) as box:
        settled = seen.settled()
        names = box.names()
        visitor = _Visitor(home, box, moment)
        visits = {}
        for done, name in enumerate(names, start=1):
            visits[name] = visitor.visit(name)
            if progress:
                progress(done, len(names))
        report = _report(visits)
        if not report.landed.empty:
            tables.append(home, LANDINGS, Landing.to_arrow(report.landed))
        memories = {name: visit.memory for name, visit in visits.items() if visit.memory}
        seen.remember(home, box.key, memories, settled)
    return report


def offered(home: Home, as_of: datetime | None) -> pd.DataFrame:
    """The ``Landing`` rows of the home received by ``as_of`` (all when None), in order of receipt."""
    stored = tables.read(home, LANDINGS)
    frame = Landing.empty() if stored is None else Landing.from_log(stored)
    if as_of is not None:
        frame = frame[frame["received_at"] <= pd.Timestamp(reading.utc(as_of))]
    return frame.sort_values(_ORDER, ignore_index=True)


def issued(home: Home, as_of: datetime | None) -> pd.DataFrame:
    """The ``Receipt`` rows of the home as they stood by ``as_of`` (now when None)."""
    return receipts(offered(home, as_of), first_numbers())


def check(paths: list[Path], home: Home | None, received_at: datetime | None = None) -> CheckReport:
    """What landing would say of these files in this home (in an empty one when None), changing nothing."""
    moment = reading.utc(received_at or datetime.now(UTC))
    visited = [reading.inspect(path, moment) for path in paths]
    earlier = Landing.empty() if home is None else offered(home, None)
    asked = reading.log(_told_apart(home, earlier, [landing for landing, _ in visited], paths))
    whole = pd.concat([earlier, asked]).drop_duplicates(["file_name", "sha256"], ignore_index=True)
    answered = asked[["file_name", "sha256"]].merge(
        receipts(whole, first_numbers()), how="left", on=["file_name", "sha256"]
    )
    schema = Rejection.arrow_schema()
    shown = pyarrow.concat_tables(
        [schema.empty_table(), *(rejections.select(schema.names) for _, rejections in visited)]
    )
    return CheckReport(Receipt.conform(answered), Rejection.from_arrow(shown))


def _told_apart(home: Home | None, earlier: pd.DataFrame, asked: list[Entry], paths: list[Path]) -> list[Entry]:
    """The entries that files would get, those of other rows with other digests, as landing tells them apart."""
    known = Landing.to_arrow(earlier).to_pylist()
    landed_before = {entry["sha256"] for entry in known}
    places = {entry["sha256"]: path for entry, path in zip(asked, paths, strict=True)}

    def rows_of(entry: Entry) -> str:
        sha256 = entry["sha256"]
        return landed_rows(home, entry) if home and sha256 in landed_before else rows_at(places[sha256], entry)

    repeats = Repeats(known, rows_of)
    return [repeats.told(entry) for entry in asked]


def load_known_rows(home: Home, issued: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The sound rows of all accepted files of one kind, as its row model, ordered by (sha256, sheet, row).

    ``issued`` are ``Receipt`` rows; file name and moment of receipt come from the accepted one.
    """
    model = ROW_MODELS[kind]
    files = accepted_files(home, issued)
    files = files[files["kind"] == kind]
    rows = reading.load(home, files, landed.load_rows, model.arrow_schema(), files["rows"] - files["rejected_rows"])
    return model.from_arrow(rows)


def load_rejections(home: Home, issued: pd.DataFrame) -> pd.DataFrame:
    """The ``Rejection`` rows of all accepted files, ordered by (sha256, sheet, row)."""
    files = accepted_files(home, issued)
    expected = files["rejected_rows"]
    return Rejection.from_arrow(reading.load(home, files, landed.load_rejections, Rejection.arrow_schema(), expected))


def accepted_files(home: Home, issued: pd.DataFrame) -> pd.DataFrame:
    """The ``Landing`` rows of the files that ``Receipt`` rows say were accepted, ordered by digest."""
    accepted = issued.loc[issued["outcome"] == "accepted", ["file_name", "sha256"]]
    return offered(home, None).merge(accepted, on=["file_name", "sha256"]).sort_values("sha256", ignore_index=True)


class _Visitor:
    """One landing of one inbox: looks at its files, one after the other."""

    def __init__(self, home: Home, box: inbox.Inbox, received_at: datetime) -> None:
        self._home, self._box, self._received_at = home, box, received_at
        logged = offered(home, None)
        self._known = set(zip(logged["file_name"], logged["sha256"], strict=True))
        self._repeats = Repeats(Landing.to_arrow(logged).to_pylist(), partial(landed_rows, home))
        self._memory = seen.recall(home, box.key)

    def visit(self, offered_as: str) -> _Visit:
        """Keep and read the file if it is new by name and bytes."""
        name, signature = inbox.printable(offered_as), self._box.signature(offered_as)
        remembered = self._memory.get(offered_as)
        if remembered and remembered[0] == signature and (name, remembered[1]) in self._known:
            return _Visit(memory=remembered)
        try:
            sha256, is_new = originals.keep(self._home, self._box.open(offered_as))
        except inbox.ChangingError:
            return _Visit(is_changing=True)
        except inbox.UnreadableError as refusal:
            return self._unreadable(name, str(refusal))
        memory = (signature, sha256) if signature else None
        if (name, sha256) in self._known:
            return _Visit(memory=memory)
        self._known.add((name, sha256))
        return _Visit(self._repeats.told(self._land(name, sha256, is_new=is_new)), memory)

    def _unreadable(self, name: str, reason: str) -> _Visit:
        landing = None if (name, "") in self._known else reading.unreadable(name, self._received_at, reason)
        self._known.add((name, ""))
        return _Visit(landing)

    def _land(self, name: str, sha256: str, *, is_new: bool) -> dict[str, Any]:
        with attempt(self._home, sha256) as earlier:
            if earlier < ATTEMPTS:
                return reading.land_original(self._home, name, sha256, self._received_at, is_new=is_new)
            return apart.land_original(self._home, name, sha256, self._received_at)


def _report(visits: dict[str, _Visit]) -> LandingReport:
    entries = [visit.landing for visit in visits.values() if visit.landing]
    changing = tuple(inbox.printable(name) for name, visit in visits.items() if visit.is_changing)
    return LandingReport(reading.log(entries), len(visits) - len(entries) - len(changing), changing)
