"""A folder of this machine, or of a file system that it shares."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import pyarrow

from pipelines.store import files
from pipelines.store.places.base import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader
    from pathlib import Path

_READABLE: Final = 0o644


@dataclass(frozen=True)
class LocalPlace(Place):
    """What stands below the folder ``root``."""

    root: Path
    key: str = ""

    @cached_property
    def path(self) -> Path:
        """Where it stands on this machine."""
        return self.root / self.key

    @property
    def address(self) -> str:
        """Its path."""
        return str(self.path)

    @property
    def options(self) -> None:
        """None: a path says it all."""
        return

    def _at(self, key: str) -> LocalPlace:
        return LocalPlace(self.root, key)

    def prepare(self, folders: tuple[str, ...]) -> None:
        """Make the folders and those above them, to last a power loss."""
        for name in folders:
            files.make_folder(self.path / name)

    def sweep(self) -> None:
        """Remove the temporary files of writers that were killed."""
        files.sweep(self.path)

    def exists(self) -> bool:
        """Whether something stands there."""
        return self.path.exists()

    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path.is_dir()

    def size(self) -> int:
        """The bytes of the file."""
        return self.path.stat().st_size

    def names(self) -> list[str]:
        """The names of what stands in this folder and is no folder itself."""
        return sorted(entry.name for entry in self._entries() if not entry.is_dir())

    def folders(self) -> list[str]:
        """The names of the folders in this one."""
        return sorted(entry.name for entry in self._entries() if entry.is_dir())

    def files(self) -> list[LocalPlace]:
        """Every file below this folder but the temporary ones."""
        below = (path for path in self.path.rglob("*") if not path.is_dir())
        whole = (path for path in below if not path.name.endswith(files.TEMPORARY_SUFFIX))
        return [self._at(key) for key in sorted(path.relative_to(self.root).as_posix() for path in whole)]

    def _entries(self) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.path) as entries:
                return list(entries)
        except (FileNotFoundError, NotADirectoryError):
            return []

    def read_bytes(self) -> bytes:
        """All of the file."""
        return self.path.read_bytes()

    def buffer(self) -> pyarrow.Buffer:
        """The file mapped into memory."""
        with pyarrow.memory_map(self.address) as mapped:
            return mapped.read_buffer()

    def open(self) -> BufferedReader:
        """The file, opened."""
        return self.path.open("rb")

    def ranged(self) -> pyarrow.NativeFile:
        """The file, opened."""
        return pyarrow.OSFile(self.address)

    def write(self, content: bytes, *, read_only: bool = False, exclusive: bool = False) -> None:
        """As ``files.write_atomically``."""
        files.write_atomically(self.path, content, read_only=read_only, exclusive=exclusive)

    @contextmanager
    def staged(self) -> Iterator[_Staged]:
        """A temporary file in this folder."""
        with files.staged(self.path) as temporary:
            yield _Staged(self.path, temporary)

    def extend(self, added: Callable[[bytes], bytes]) -> None:
        """Append, holding the file's lock."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _READABLE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            whole = _read_to_last_line(descriptor)
            lines = added(whole)
            if lines:
                os.write(descriptor, lines)
                os.fsync(descriptor)
            if lines and not whole:
                files.sync_folder(self.path.parent)
        finally:
            os.close(descriptor)


class _Staged:
    """A temporary file in ``folder``."""

    def __init__(self, folder: Path, temporary: files.Staged) -> None:
        self._folder, self._temporary = folder, temporary
        self.write = temporary.write

    def place(self, name: str, *, read_only: bool = False) -> None:
        """Give it its name, below the folder."""
        self._temporary.place(self._folder / name, read_only=read_only)


def _read_to_last_line(descriptor: int) -> bytes:
    """The content of the file, and the file without the beginning of a line."""
    content = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        os.ftruncate(descriptor, len(whole))
    return whole
