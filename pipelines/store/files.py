"""Files written whole or not at all: temporary file, fsync, rename, fsync of the folder.

A writer holds a kernel lock on its temporary file, so that a sweep tells a file left by a killed process from one that
is being written now: the kernel frees the lock of a process that dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEMPORARY_SUFFIX: Final = ".partial"
"""How the name of a file that is still being written ends; it begins with a dot."""

_WRITABLE: Final = 0o644
_READ_ONLY: Final = 0o444


def write_atomically(path: Path, content: bytes, *, read_only: bool = False, exclusive: bool = False) -> None:
    """Put ``content`` at ``path``: readers see what stood there before, or all of it, also after a crash or power loss.

    ``exclusive`` raises ``FileExistsError`` where something stands at ``path`` already, and leaves that as it is.
    Raises ``OSError`` (full disk, no permission) with the earlier content untouched and no temporary file left.
    """
    make_folder(path.parent)
    with _temporary(path) as (temporary, descriptor):
        os.fchmod(descriptor, _READ_ONLY if read_only else _WRITABLE)
        _write_all(descriptor, content)
        os.fsync(descriptor)
        if exclusive:
            os.link(temporary, path)
        else:
            temporary.replace(path)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """The folder and those above it, each new one made to last a power loss."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last a power loss."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> int:
    """Remove the temporary files that killed writers left anywhere under ``folder``; how many there were."""
    return sum(_remove_if_orphan(path) for path in folder.rglob(f".*{TEMPORARY_SUFFIX}"))


@contextmanager
def _temporary(path: Path) -> Iterator[tuple[Path, int]]:
    temporary, descriptor = _open_locked(path)
    try:
        yield temporary, descriptor
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
        os.close(descriptor)


def _open_locked(path: Path) -> tuple[Path, int]:
    """A new temporary file beside ``path``, locked. A sweep may take it before the lock stands: then another one."""
    while True:
        temporary = path.with_name(f".{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _WRITABLE)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return temporary, descriptor
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _remove_if_orphan(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(descriptor)
    return True
