"""A file that has ended the process that read it twice: read in a process of its own, and parked if that one ends too.

`python -m pipelines.engine.apart` is that process: one line of JSON in, one out; the rows go where they always go.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pipelines.engine import memory, reading
from pipelines.store.home import Home

SECONDS: Final = 900
"""How long such a file may take."""

_PARKED: Final = (
    "found a file that ended the program twice as it was read, and a process of its own as well; expected one that can "
    "be read, so it is parked and not tried again; export it anew and offer it under another name"
)


def land_original(home: Home, name: str, sha256: str, received_at: datetime) -> dict[str, Any]:
    """As ``reading.land_original``; a file that ends this process too gets the entry of one that is refused.

    Raises ``OSError`` where the process ended by itself because rows cannot be kept.
    """
    asked = {
        "home": str(home.root.absolute()),
        "store": home.store,
        "name": name,
        "sha256": sha256,
        "received_at": received_at.isoformat(),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.engine.apart"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _parked(name, sha256, received_at)
    if done.returncode < 0:
        return _parked(name, sha256, received_at)
    if done.returncode:
        message = "the rows of a file that is read in a process of its own could not be kept"
        raise OSError(message)
    entry: dict[str, Any] = json.loads(done.stdout)
    return {**entry, "received_at": received_at}


def _parked(name: str, sha256: str, received_at: datetime) -> dict[str, Any]:
    return {**reading.unreadable(name, received_at, _PARKED), "sha256": sha256}


def main() -> None:
    """Read the file that standard input names and answer its entry in the log."""
    memory.end_first()
    asked = json.loads(sys.stdin.buffer.read())
    received_at = datetime.fromisoformat(asked["received_at"])
    entry = reading.land_original(
        Home(Path(asked["home"]), asked["store"]), asked["name"], asked["sha256"], received_at
    )
    json.dump({**entry, "received_at": asked["received_at"]}, sys.stdout)


if __name__ == "__main__":
    main()
