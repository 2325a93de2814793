"""A local folder as an inbox: read without following, running or blocking on anything."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pipelines.store.inboxes.base import NOT_REGULAR, Inbox, Signature, Source, Terms, UnreadableError, cannot_be_read

_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class FolderInbox(Inbox):
    """The files that stand in one folder; folders in it are not entered."""

    def __init__(self, folder: Path, terms: Terms) -> None:
        super().__init__(str(folder.absolute()), terms)
        self._folder = folder

    def signature(self, name: str) -> Signature | None:
        """The signature of a regular file at this moment; None for anything else."""
        return self._now(name)

    def _look(self) -> dict[str, Signature | None]:
        try:
            with os.scandir(self._folder) as entries:
                found = [entry.name for entry in entries]
        except OSError as error:
            message = f"The inbox {self._folder} cannot be opened ({error.strerror}): name a folder that exists"
            raise UnreadableError(message) from None
        return {name: self._now(name) for name in found}

    def _now(self, name: str) -> Signature | None:
        try:
            status = (self._folder / name).lstat()
        except OSError:
            return None
        return _signature(status) if stat.S_ISREG(status.st_mode) else None

    def _has_rested(self, signature: Signature) -> bool:
        # The moment of the last change of state cannot be set by a copy that keeps the times of its source.
        settled_ns = time.time_ns() - int(self._terms.settle_seconds * 1e9)
        return max(signature.modified_ns, signature.changed_ns) < settled_ns

    @contextmanager
    def _opened(self, name: str) -> Iterator[Source]:
        descriptor = _open(self._folder / name)
        try:
            yield _Descriptor(descriptor)
        finally:
            os.close(descriptor)


class _Descriptor:
    """An open regular file of this machine."""

    def __init__(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        # Looked at again on the open file: the name may stand for something else by now.
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(NOT_REGULAR)
        self._descriptor = descriptor
        self._before = _signature(status)
        self.size = status.st_size

    def read(self, size: int) -> bytes:
        try:
            return os.read(self._descriptor, size)
        except OSError as error:
            raise cannot_be_read(error.strerror) from None

    def is_unchanged(self) -> bool:
        return _signature(os.fstat(self._descriptor)) == self._before


def _open(path: Path) -> int:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise UnreadableError(NOT_REGULAR)
        return os.open(path, _OPEN)
    except OSError as error:
        raise cannot_be_read(error.strerror) from None


def _signature(status: os.stat_result) -> Signature:
    return Signature(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
