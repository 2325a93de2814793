"""What was seen in an inbox: the digests of files that did not change since, so that no night reads all of them again.

Only a memory. Without it every file is read and hashed again, with the same outcome.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from typing import TYPE_CHECKING, Final

from pipelines.store.files import write_atomically
from pipelines.store.inbox import Signature

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.store.home import Home

_SETTLED_NS: Final = 2_000_000_000

Seen = dict[str, tuple[Signature, str]]
"""Name → the signature the file had when it was read, and the SHA-256 of its bytes."""


def recall(home: Home, inbox: str) -> Seen:
    """What was seen in the inbox whose ``key`` is given; nothing where the memory is missing or unreadable."""
    try:
        entries = json.loads(_path(home, inbox).read_bytes())
        return {name: (Signature(*fields), sha256) for name, (fields, sha256) in entries.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def settled() -> int:
    """The moment, in ns, before which a file must have changed for its signature to be trusted from now on.

    A file that changed a moment before it was read may change again within the same tick of the file system's clock,
    and its signature would not show it.
    """
    return time.time_ns() - _SETTLED_NS


def remember(home: Home, inbox: str, seen: Seen, settled_ns: int) -> None:
    """Keep what was seen in the inbox whose ``key`` is given; ``settled_ns`` is what ``settled`` gave before the look.

    The times of a server are by its own clock: there, that a file stood still before it was read says as much.
    """
    entries = {
        name: entry for name, entry in seen.items() if max(entry[0].changed_ns, entry[0].modified_ns) < settled_ns
    }
    if entries != recall(home, inbox):
        write_atomically(_path(home, inbox), json.dumps(entries, sort_keys=True).encode())


def _path(home: Home, inbox: str) -> Path:
    folder = hashlib.sha256(os.fsencode(inbox)).hexdigest()[:16]
    return home.work / "seen" / f"{folder}.json"
