"""Attempts: which originals were being read when the process ended, and how often.

A file whose reading kills the process leaves its mark here. Only a memory: without it the file is tried again.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipelines.store.files import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.store.home import Home


@contextmanager
def attempt(home: Home, sha256: str) -> Iterator[int]:
    """Note that an original is about to be read, until it was, or failed in a way that was told.

    Gives how many attempts before this one ended with the process.
    """
    path = _path(home, sha256)
    make_folder(path.parent)
    # One byte an attempt. The mark has to outlive the process, not the power.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        earlier = os.fstat(descriptor).st_size
        os.write(descriptor, b".")
    finally:
        os.close(descriptor)
    try:
        yield earlier
    finally:
        path.unlink(missing_ok=True)


def _path(home: Home, sha256: str) -> Path:
    return home.work / "attempts" / sha256
