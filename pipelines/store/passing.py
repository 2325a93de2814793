"""Folders of one process, for a while: any number beside each other, gone with it, swept where it was killed.

Each has a lock beside it that the kernel frees when its process dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pipelines.store.files import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK: Final = ".lock"


@contextmanager
def own_folder(parent: Path) -> Iterator[Path]:
    """A new folder in ``parent`` that no other process uses; what dead ones left there is removed first."""
    make_folder(parent)
    sweep(parent)
    lock, descriptor = _locked(parent)
    try:
        folder = lock.with_suffix("")
        folder.mkdir()
        yield folder
    finally:
        _remove(lock)
        os.close(descriptor)


def sweep(parent: Path) -> None:
    """Remove the folders in ``parent`` whose process is dead, and leave the others alone."""
    for lock in parent.glob(f"*{_LOCK}"):
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:  # its process has just ended
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(lock)
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)


def _locked(parent: Path) -> tuple[Path, int]:
    """A new lock, held. A sweep may take it before it is: then another one."""
    while True:
        lock = parent / f"{secrets.token_hex(8)}{_LOCK}"
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return lock, descriptor
        os.close(descriptor)


def _remove(lock: Path) -> None:
    """The folder first: were this process killed here, the lock would still tell the next sweep of it."""
    shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
    lock.unlink(missing_ok=True)
