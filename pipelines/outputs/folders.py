"""A folder replaced whole: readers see the folder that stood there before, or the new one, never a mixture.

Where the system can exchange two names in one step, there is no moment without the folder. Where it cannot, the old
one is set aside first; a process that dies in between leaves it there, and ``heal`` puts it back.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import io
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, cast

from pipelines.store.files import make_folder, sync_folder
from pipelines.store.pairs import in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Content = bytes | Callable[[BinaryIO], object]
    """What a file is to hold, or what writes it."""

    Files = Mapping[str, Content] | Iterable[tuple[str, Content]]
    """What each file is to hold, by its name from the folder."""

_NEW: Final = ".new"
_OLD: Final = ".old"
_AT_CWD: Final = -100
_EXCHANGE: Final = 2
_WRITERS: Final = 8


@contextmanager
def alone(parent: Path) -> Iterator[None]:
    """Be the only process that replaces folders in ``parent``; the kernel frees the lock of one that dies."""
    make_folder(parent)
    descriptor = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Replaced(NamedTuple):
    """Whether a folder changed, and the SHA-256 of each file that it holds now, in the order in which they came."""

    is_new: bool
    digests: dict[str, str]


def replace(folder: Path, files: Files) -> Replaced:
    """Let ``folder`` hold exactly ``files``, by relative name.

    A folder that holds them already is not touched. Raises ``OSError`` (full disk, no permission) with the folder as it
    was. To be called with the parent ``alone``.
    """
    heal(folder.parent)
    new = _beside(folder, _NEW)
    try:
        digests = _write(new, files)
        if digests == digests_of(folder):
            return Replaced(is_new=False, digests=digests)
        _make_last(new)
        _swap(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    sync_folder(folder.parent)
    return Replaced(is_new=True, digests=digests)


def digests_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder, by relative name."""
    paths = [path for path in folder.rglob("*") if not path.is_dir()]
    return {path.relative_to(folder).as_posix(): _digest_of(path) for path in paths if path.is_file()}


def heal(parent: Path) -> None:
    """Bring back folders that a dead process had set aside, and remove what it had begun."""
    for old in parent.glob(f".*{_OLD}"):
        folder = parent / old.name.removeprefix(".").removesuffix(_OLD)
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.rename(folder)
    for new in parent.glob(f".*{_NEW}"):
        shutil.rmtree(new, ignore_errors=True)


def passing(folder: Path) -> Path:
    """A name beside a folder for what is needed for a while: ``heal`` removes what a dead process left there."""
    return _beside(folder, _NEW)


def _swap(new: Path, folder: Path) -> None:
    if not folder.exists():
        new.rename(folder)
    elif not _exchange(new, folder):
        old = _beside(folder, _OLD)
        folder.rename(old)
        new.rename(folder)
        sync_folder(folder.parent)
        shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system or the file system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    return rename is not None and rename(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE) == 0


class _Noting(io.RawIOBase):
    """A file that is written and digested at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest, self._size = file, hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, content: Any) -> int:  # noqa: ANN401 - whatever has bytes
        self.digest.update(content)
        self._size += memoryview(content).nbytes
        return self._file.write(content)


def _write(folder: Path, files: Files) -> dict[str, str]:
    """Write every file, two at a time; the digest of each."""
    folder.mkdir()
    named = files.items() if isinstance(files, Mapping) else files
    return dict(in_turn(lambda file: (file[0], _write_file(folder / file[0], file[1])), named))


def _write_file(path: Path, content: Content) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        noting = _Noting(file)
        if isinstance(content, bytes):
            noting.write(content)
        else:
            content(cast("BinaryIO", noting))
    return noting.digest.hexdigest()


def _make_last(folder: Path) -> None:
    """A disk takes many requests at once faster than one by one."""
    paths = list(folder.rglob("*"))
    with ThreadPoolExecutor(_WRITERS) as writers:
        list(writers.map(_sync_file, [path for path in paths if path.is_file()]))
    for parent in (folder, *(path for path in paths if path.is_dir())):
        sync_folder(parent)


def _digest_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(f".{folder.name}{ending}")
