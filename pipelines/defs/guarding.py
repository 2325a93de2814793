"""The guard around everything that Dagster calls: no value of a row gets into a failure, hence into the run history.

The text of an exception may quote what it stumbled over. Errors of our own never do, and are told; of any other only
the class and the place are.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import dagster as dg

from pipelines.defs.progress import StageEvent, tell
from pipelines.defs.working import WorkingTableMissingError
from pipelines.engine.ordering import RowsLostError
from pipelines.engine.publishing import NotProvenError
from pipelines.engine.sharding.cluster import NoWorkersError
from pipelines.engine.sharding.gathering import NotApartError
from pipelines.engine.sharding.settings import SettingsError
from pipelines.engine.sharding.steps import frames
from pipelines.rules.decision_chain import BrokenChainError
from pipelines.rules.policy import PolicyError
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
    from collections.abc import Iterator

TELLING: Final = (
    BrokenChainError,
    HomeBusyError,
    HomePathError,
    LandedDamagedError,
    ManifestDamagedError,
    NotApartError,
    RowsLostError,
    NotProvenError,
    NoWorkersError,
    OriginalDamagedError,
    PolicyError,
    PublicationConflictError,
    SettingsError,
    StoreAddressError,
    StoreBusyError,
    TableDamagedError,
    TableSchemaError,
    UnreachedError,
    UnreadableError,
    WorkingTableMissingError,
)
"""Errors whose text names files, tables, columns and figures, never a value of a row."""


@contextmanager
def guard() -> Iterator[None]:
    """Turn any exception into a failure that is not tried again and quotes no value."""
    try:
        yield
    except dg.Failure:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, its text may quote a row
        told = _told(error)
        raise dg.Failure(told, allow_retries=False) from None


@contextmanager
def stage(month: str, name: str) -> Iterator[None]:
    """Do the work of a stage under :func:`guard`, and tell when it begins and ends."""
    tell(StageEvent(month, name, "started"))
    with guard():
        yield
    tell(StageEvent(month, name, "finished"))


def _told(error: Exception) -> str:
    if isinstance(error, TELLING):
        return str(error)
    what = f": {error.strerror}," if isinstance(error, OSError) else ""
    return f"{type(error).__name__}{what} {_place(error)}"


def _place(error: BaseException) -> str:
    """The innermost line of ours that the exception came through."""
    through = frames(error)
    ours = [frame for frame in through if "/pipelines/" in frame.filename or "/schemas/" in frame.filename]
    where = (ours or through)[-1]
    package = "pipelines" if "/pipelines/" in where.filename else "schemas"
    module = f"{package}/{where.filename.rpartition(f'/{package}/')[2]}"
    return f"in {module}, line {where.lineno} ({where.name}); its text is withheld because it may quote a row"
