"""What is said when a command fails: a line that tells what to do, never a traceback, never a value of a row."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines.commands.messages import DISK, FOUND_PROBLEM, NOT_PUBLISHED, UNEXPECTED, Fault
from pipelines.commands.messages_store import BAD_STORE, STORE
from pipelines.outputs.exports import ExportFormatError
from pipelines.outputs.package import WorkbookLimitError
from pipelines.readers import LayoutError
from pipelines.rules.policy import PolicyError
from pipelines.store.files import write_atomically
from pipelines.store.home import HomePathError
from pipelines.store.inbox import UnreadableError
from pipelines.store.landed import LandedDamagedError
from pipelines.store.locks import HomeBusyError
from pipelines.store.originals import OriginalDamagedError
from pipelines.store.places.address import StoreAddressError
from pipelines.store.places.base import UnreachedError
from pipelines.store.publications import ManifestDamagedError, PublicationConflictError
from pipelines.store.tables import StoreBusyError, TableDamagedError
from schemas.table import TableSchemaError

if TYPE_CHECKING:
    from types import TracebackType

_TELLING: Final = (
    ExportFormatError,
    HomeBusyError,
    LandedDamagedError,
    LayoutError,
    ManifestDamagedError,
    OriginalDamagedError,
    PolicyError,
    PublicationConflictError,
    StoreBusyError,
    TableDamagedError,
    TableSchemaError,
    UnreadableError,
    WorkbookLimitError,
)
"""Errors of our own: their text names files, tables, columns and figures, never a value of a row."""


def as_fault(error: Exception, home: Path) -> Fault:
    """The fault to tell for any exception of a command."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, HomePathError | StoreAddressError):
        return Fault(FOUND_PROBLEM if isinstance(error, HomePathError) else BAD_STORE, detail=str(error))
    if isinstance(error, UnreachedError):
        return Fault(STORE[error.why], NOT_PUBLISHED)
    if isinstance(error, _TELLING):
        return Fault(FOUND_PROBLEM, NOT_PUBLISHED, detail=str(error))
    if isinstance(error, OSError) and error.strerror:
        return Fault(DISK, NOT_PUBLISHED, path=error.filename or home, detail=error.strerror)
    return Fault(UNEXPECTED, NOT_PUBLISHED, kind=type(error).__name__, log=_keep(error, home))


def _keep(error: Exception, home: Path) -> Path:
    """Keep where an unexpected error came from: classes and lines of code, not its text, which may quote a row."""
    content = "\n".join(_places(error)) + "\n"
    for folder in (home / "logs", Path(tempfile.gettempdir())):
        path = folder / "quincena-error.log"
        if folder.parent.is_dir():
            try:
                write_atomically(path, content.encode())
            except OSError:
                continue
            return path
    return home / "logs"


def _places(error: BaseException | None) -> list[str]:
    lines: list[str] = []
    while error is not None:
        lines += [f"{type(error).__module__}.{type(error).__qualname__}", *_frames(error.__traceback__)]
        error = error.__cause__ or error.__context__
    return lines


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
