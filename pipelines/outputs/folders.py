"""A folder replaced whole: readers see the folder that stood there before, or the new one, never a mixture.

Where the system can exchange two names in one step, there is no moment without the folder. Where it cannot, the old
one is set aside first; a process that dies in between leaves it there, and ``heal`` puts it back.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pipelines.store.files import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

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


def replace(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Let ``folder`` hold exactly ``files`` (relative name → content); whether anything changed.

    A folder that holds them already is not touched. Raises ``OSError`` (full disk, no permission) with the folder as it
    was. To be called with the parent ``alone``.
    """
    heal(folder.parent)
    if _content(folder) == dict(files):
        return False
    new = _beside(folder, _NEW)
    try:
        _write(new, files)
        _swap(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    sync_folder(folder.parent)
    return True


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


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write every file, then make all of them last: a disk takes many requests at once faster than one by one."""
    paths = {folder / name: content for name, content in files.items()}
    parents = {folder, *(path.parent for path in paths)}
    for parent in sorted(parents):
        parent.mkdir(exist_ok=parent != folder)
    for path, content in paths.items():
        with path.open("xb") as file:
            file.write(content)
    with ThreadPoolExecutor(_WRITERS) as writers:
        list(writers.map(_sync_file, paths))
    for parent in parents:
        sync_folder(parent)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _content(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if not path.is_dir()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()}


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(f".{folder.name}{ending}")
