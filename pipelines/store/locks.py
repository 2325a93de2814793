"""Locks of a home: held through the kernel, so that the lock of a process that dies is free at once."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pipelines.store.files import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.store.home import Home

_PAUSE_SECONDS: Final = 0.05


class HomeBusyError(RuntimeError):
    """Another process holds the lock for longer than one was ready to wait."""


@contextmanager
def hold(home: Home, name: str, *, wait_seconds: float) -> Iterator[None]:
    """Hold the lock ``name`` of ``home``, waiting for at most ``wait_seconds``.

    The lock file stays behind on purpose: removing it would let two processes lock two files of one name.
    Raises ``HomeBusyError`` naming the lock.
    """
    make_folder(home.locks)
    descriptor = os.open(home.locks / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(descriptor, name, wait_seconds)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, name: str, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while not _try(descriptor):
        if time.monotonic() >= deadline:
            message = f"another process is busy with '{name}' in this home; try again when it has ended"
            raise HomeBusyError(message)
        time.sleep(_PAUSE_SECONDS)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
