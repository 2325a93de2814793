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
    with staged(path.parent) as temporary:
        temporary.write(content)
        temporary.place(path, read_only=read_only, exclusive=exclusive)


class Staged:
    """A file that is being written under a temporary name; it is seen by nobody before ``place``."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor

    def write(self, content: bytes | memoryview) -> int:
        """Add ``content`` and give its length; raises ``OSError``."""
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        return len(content)

    def place(self, path: Path, *, read_only: bool = False, exclusive: bool = False) -> None:
        """Put the file, as it is now, at ``path`` for good; once, as ``write_atomically`` does."""
        make_folder(path.parent)
        os.fchmod(self._descriptor, _READ_ONLY if read_only else _WRITABLE)
        os.fsync(self._descriptor)
        if exclusive:
            os.link(self._path, path)
        else:
            self._path.replace(path)
        sync_folder(path.parent)


@contextmanager
def staged(folder: Path) -> Iterator[Staged]:
    """A new temporary file in ``folder``; gone at the end, whatever comes, unless it was placed."""
    make_folder(folder)
    path, descriptor = _open_locked(folder)
    try:
        yield Staged(path, descriptor)
    finally:
        with suppress(FileNotFoundError):
            path.unlink()
        os.close(descriptor)


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
    # A folder that another run removes meanwhile is walked past.
    names = ((root, name) for root, _, files in os.walk(folder) for name in files)
    return sum(
        _remove_if_orphan(folder / root / name)
        for root, name in names
        if name.startswith(".") and name.endswith(TEMPORARY_SUFFIX)
    )


def _open_locked(folder: Path) -> tuple[Path, int]:
    """A new temporary file in ``folder``, locked. A sweep may take it before the lock stands: then another one."""
    while True:
        temporary = folder / f".{secrets.token_hex(8)}{TEMPORARY_SUFFIX}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _WRITABLE)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return temporary, descriptor
        os.close(descriptor)


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
