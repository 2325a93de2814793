"""What a run that published notes for the next one of its month: of what it was made, and the figures it told.

A note says nothing that the store does not know better. It lies in ``work`` of the home and may be deleted at any
time; one that is gone, altered or of another form only costs that the month is worked on whole.
"""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from pipelines.engine import publishing
from pipelines.store import publications, tables
from pipelines.store.files import write_atomically
from schemas.catalog import PUBLISHED
from schemas.digest import content_digest
from schemas.tables.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from pipelines.engine.figures import Figures
    from pipelines.rules.policy import PolicyBook
    from pipelines.store.home import Home
    from pipelines.store.publications import Publication

OF_THE_HOME: Final = tuple(name for name, published in PUBLISHED.items() if published.scope == "home")
"""The tables of the whole home: another month's run may publish them in between."""

LOG: Final = "decision_log"
"""The one of them that is continued from what stood before: what stands is what was published."""

_FORM: Final = 1
_LIBRARIES: Final = ("holidays", "numpy", "pandera", "rapidfuzz", "tzdata")
"""Libraries that reckon, beside those that the digest of the program tells."""


@dataclass(frozen=True)
class Grounds:
    """Of what a month was made: equal grounds give equal tables.

    ``program`` is whatever reckons and writes, as one digest, ``policy`` the digest of every dated entry, ``receipts``
    that of the ``landed_receipts`` of the home: which files there are, and what became of each.
    """

    program: str
    policy: str
    receipts: str


@dataclass(frozen=True)
class Note:
    """What a run of ``month`` found: its grounds, the publication in force when it ended, and its figures.

    ``home`` has the digests of the tables of the whole home as this run published or found them.
    """

    month: str
    grounds: Grounds
    publication: int
    manifest: str
    home: Mapping[str, str]
    figures: Mapping[str, Figures]


def grounds(program: str, policy: PolicyBook, issued: pd.DataFrame) -> Grounds:
    """The grounds of a run; ``program`` tells its sources, ``issued`` are its ``Receipt`` rows."""
    reckons = [program, platform.python_version(), *(f"{name} {metadata.version(name)}" for name in _LIBRARIES)]
    return Grounds(
        hashlib.sha256("\n".join(reckons).encode()).hexdigest(),
        publishing.digest_policy(policy),
        content_digest(Receipt.to_arrow(issued)),
    )


def remember(
    home: Home,
    publication: Publication,
    stands_on: Grounds,
    told: Mapping[str, Figures],
    whole: Mapping[str, pd.DataFrame],
) -> None:
    """Note what a run has made: the figures of every working table, and its tables of the whole home."""
    log = tables.current(home, LOG)
    digests = {name: content_digest(PUBLISHED[name].model.to_arrow(whole[name])) for name in OF_THE_HOME if name != LOG}
    note = Note(
        month=publication.month,
        grounds=stands_on,
        publication=publication.number,
        manifest=publications.digest_of_manifest(publication),
        home={**digests, LOG: log.digest if log else ""},
        figures={name: dict(figures) for name, figures in told.items()},
    )
    write_atomically(_path(home, note.month), _encoded(asdict(note)))


def recall(home: Home, month: str) -> Note | None:
    """What was noted of a month; None where nothing was, or where the note is not what was written."""
    try:
        content = _path(home, month).read_bytes()
        said: dict[str, Any] = json.loads(content)["note"]
        note = Note(**{**said, "grounds": Grounds(**said["grounds"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return note if _encoded(asdict(note)) == content and note.month == month else None


def _path(home: Home, month: str) -> Path:
    return home.work / "notes" / f"{month}.json"


def _encoded(note: dict[str, Any]) -> bytes:
    content = {"form": _FORM, "note": note}
    digest = hashlib.sha256(_canonical(content)).hexdigest()
    return _canonical({**content, "digest": digest})


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
