"""Files with the same rows: a digest says that two may be alike, the rows themselves say that they are (CONTRACT §4).

A file that repeats another is not used, so that nobody's rows may be taken for another's because of a digest. Two files
with one digest and different rows, which nobody has ever seen, get different digests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow

from pipelines.engine import reading
from pipelines.readers import ROW_MODELS
from pipelines.store import landed
from schemas.digest import content_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pipelines.store.home import Home

_MARK: Final = ":"
_NOT_OF_THE_ROW: Final = ("file_name", "sha256", "sheet", "row", "received_at")

Entry = dict[str, Any]
"""One entry of the log of landings."""


class Repeats:
    """The files known by what their rows look like; ``rows_of`` gives the digest over all sound rows of one."""

    def __init__(self, known: Iterable[Entry], rows_of: Callable[[Entry], str]) -> None:
        self._rows_of = rows_of
        self._known: dict[tuple[str, str], list[Entry]] = {}
        for entry in known:
            self._add(entry)

    def told(self, entry: Entry) -> Entry:
        """The entry of a file just read, with a digest that no file of other rows has; it is known from now on."""
        alike = self._known.get(_key(entry), [])
        if alike and all(other["sha256"] != entry["sha256"] for other in alike):
            entry = {**entry, "rows_digest": self._digest(entry, alike)}
        self._add(entry)
        return entry

    def _digest(self, entry: Entry, alike: list[Entry]) -> str:
        rows = self._rows_of(entry)
        for other in alike:
            if self._rows_of(other) == rows:
                return str(other["rows_digest"])
        return f"{entry['rows_digest']}{_MARK}{rows}"

    def _add(self, entry: Entry) -> None:
        if entry["rows_digest"]:
            self._known.setdefault(_key(entry), []).append(entry)


def _key(entry: Entry) -> tuple[str, str]:
    return entry["kind"], entry["rows_digest"].partition(_MARK)[0]


def landed_rows(home: Home, entry: Entry) -> str:
    """Digest over all sound rows of a file that is landed, in one order."""
    schema = ROW_MODELS[entry["kind"]].arrow_schema()
    files = reading.log([entry])
    sound = files["rows"] - files["rejected_rows"]
    return _digest_of(reading.load(home, files, landed.load_rows, schema, sound), entry)


def rows_at(path: Path, entry: Entry) -> str:
    """As ``landed_rows``, of a file that is nowhere landed."""
    return _digest_of(reading.rows_at(path), entry)


def _digest_of(rows: pyarrow.Table, entry: Entry) -> str:
    names = ROW_MODELS[entry["kind"]].arrow_schema().names
    return content_digest(rows.select([name for name in names if name not in _NOT_OF_THE_ROW]))
