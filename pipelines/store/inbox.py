"""The inbox: names of the files offered and their bytes, read without following, running or blocking on anything.

Names beginning with a dot are left alone: a sender that copies slowly writes under such a name and renames at the end.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_BYTES: Final = 1 << 30
"""The largest file read."""

_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class UnreadableError(Exception):
    """A file offered cannot be read; the text is the refusal without the file's name."""


class ChangingError(Exception):
    """A file was changed while it was read; it is left for the next run."""


class Signature(NamedTuple):
    """What changes of a file when its bytes do: device, inode, size in bytes, change of content and of state in ns."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


def names(folder: Path) -> list[str]:
    """The names offered in a folder, sorted; those beginning with a dot are left out.

    Raises ``UnreadableError`` when there is no such folder.
    """
    try:
        with os.scandir(folder) as entries:
            found = [entry.name for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        message = f"The inbox {folder} cannot be opened ({error.strerror}): name a folder that exists"
        raise UnreadableError(message) from None
    return sorted(found, key=os.fsencode)


def printable(name: str) -> str:
    """The name of a file as text that can be stored; bytes that are not UTF-8 are written in hexadecimal."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def signature(path: Path) -> Signature | None:
    """The signature of a regular file; None for anything else."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return _signature(status) if stat.S_ISREG(status.st_mode) else None


def fetch(path: Path) -> bytes:
    """The bytes of a regular file.

    Raises ``UnreadableError`` for anything else (link, pipe, device, folder), for what may not be opened and for more
    than ``LIMIT_BYTES``; ``ChangingError`` if it changed in the meantime.
    """
    try:
        descriptor = _open(path)
        with os.fdopen(descriptor, "rb") as file:
            before = os.fstat(descriptor)
            _check(before)
            content = file.read(before.st_size + 1)
            after = os.fstat(descriptor)
    except OSError as error:
        message = f"the file could not be opened or read ({error.strerror}); make it readable and offer it again"
        raise UnreadableError(message) from None
    if _signature(before) != _signature(after) or len(content) != after.st_size:
        raise ChangingError
    return content


def _open(path: Path) -> int:
    if not stat.S_ISREG(path.lstat().st_mode):
        raise UnreadableError(_NOT_REGULAR)
    return os.open(path, _OPEN)


def _check(status: os.stat_result) -> None:
    # Looked at again on the open file: the name may stand for something else by now.
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError(_NOT_REGULAR)
    if status.st_size > LIMIT_BYTES:
        message = f"found {status.st_size} bytes, expected at most {LIMIT_BYTES}; split the file"
        raise UnreadableError(message)


def _signature(status: os.stat_result) -> Signature:
    return Signature(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


_NOT_REGULAR: Final = "found a link, folder, pipe or device, expected a regular file; put the file itself in the inbox"
