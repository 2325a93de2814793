"""Tables at rest: Delta tables kept by month or whole, versioned, never changed without need, checked on every read.

The commit metadata of the table is the one source of truth for a partition's content digest: it is written in the
same atomic commit as the rows. Manifests repeat the digest, as a signature repeats what is signed. Nothing is ever
vacuumed: an older publication stays readable.
"""

from __future__ import annotations

import random
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow
import pyarrow.compute as pc
from deltalake.exceptions import CommitFailedError, DeltaError

from pipelines.store import delta, seals
from pipelines.store.ordered import Ordered
from schemas.digest import content_digest, sort_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deltalake import DeltaTable

    from pipelines.store.home import Home
    from pipelines.store.places.base import Place

_ATTEMPTS: Final = 5
_HELD_ROWS: Final = 500_000
"""Rows that are read at once; of a larger table some at a time."""
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class TableDamagedError(RuntimeError):
    """A table at rest is not what was published."""


class StoreBusyError(RuntimeError):
    """Other processes kept changing the same rows."""


@dataclass(frozen=True)
class TableVersion:
    """The state of one table for one ``month`` (of all of it when None): ``rows`` rows with this content ``digest``.

    ``version`` is that of the commit which brought it about; ``changed`` tells whether this call made that commit.
    """

    name: str
    version: int
    digest: str
    rows: int
    changed: bool = False
    month: str | None = None


def publish(
    home: Home,
    name: str,
    table: pyarrow.Table | Ordered,
    month: str | None = None,
    run_id: str = "",
    digest: str = "",
) -> TableVersion:
    """Let ``table`` be the rows of table ``name`` for ``month`` (for all of it when None), other months untouched.

    Equal content commits nothing. All rows must carry ``month`` in the column of that name. ``digest``: the content
    digest, where the caller has computed it. Raises ``StoreBusyError`` when other processes keep changing the same
    rows.
    """
    scope = _scope(month)
    ordered = table if isinstance(table, Ordered) else Ordered.of(table)
    _check_month(name, ordered, month)
    digest = digest or ordered.digest()
    path = home.tables / name
    for attempt in range(_ATTEMPTS):
        _pause(attempt)
        with _reaching(path):
            opened = delta.create_table(path, table.schema, by_month=month is not None)
            stamp = delta.find_stamp(opened, path, scope)
        if stamp and stamp.digest == digest:
            seals.seal(path)
            return _version(name, month, stamp)
        told = _stamp(opened, digest, ordered.num_rows, ordered.column_names, run_id)
        try:
            with _reaching(path):
                delta.commit(opened, path, ordered, told, scope=scope, adds=False)
        except CommitFailedError:
            continue
        return _committed(path, name, month, digest)
    raise StoreBusyError(_busy(name, month))


def append(home: Home, name: str, table: pyarrow.Table, run_id: str = "") -> TableVersion:
    """Add rows to a table that only grows; a column that earlier rows or these do not have is null in them.

    Raises ``StoreBusyError`` if another process adds to it at the same time: what was to be added may then stand there
    already, so the caller looks again. No rows: nothing is committed.
    """
    path = home.tables / name
    with _reaching(path):
        opened = delta.create_table(path, table.schema, by_month=False)
        stamp = delta.find_stamp(opened, path, delta.WHOLE)
    earlier = _load(path, name, delta.WHOLE, stamp) if stamp else table.schema.empty_table()
    if stamp and not table.num_rows:
        return _version(name, None, stamp)
    whole = pyarrow.concat_tables([earlier, table], promote_options="default")
    digest = content_digest(whole)
    added = Ordered.of(whole.slice(earlier.num_rows))
    told = _stamp(opened, digest, whole.num_rows, whole.column_names, run_id)
    try:
        with _reaching(path):
            delta.commit(opened, path, added, told, scope=delta.WHOLE, adds=True)
    except CommitFailedError:
        raise StoreBusyError(_busy(name, None)) from None
    return _committed(path, name, None, digest)


def current(home: Home, name: str, month: str | None = None, version: int | None = None) -> TableVersion | None:
    """What stands of table ``name`` for ``month``, or stood at table version ``version``; None where nothing does."""
    stamp = _find(home.tables / name, name, _scope(month), version)
    return _version(name, month, stamp) if stamp else None


def standing(home: Home, name: str, digest: str) -> TableVersion | None:
    """What stands of a table not kept by month, if it has this content digest; sealed, as by ``publish``."""
    found = current(home, name)
    if found is None or found.digest != digest:
        return None
    seals.seal(home.tables / name)
    return found


def read(home: Home, name: str, month: str | None = None, version: int | None = None) -> pyarrow.Table | None:
    """The rows of table ``name`` for ``month`` (all of a table not kept by month when None) in canonical order.

    With ``version``, as they stood at that version of the table. None where nothing was published. Raises
    ``TableDamagedError`` naming table and month where the rows are not those that were published.
    """
    scope = _scope(month)
    path = home.tables / name
    stamp = _find(path, name, scope, version)
    return _load(path, name, scope, stamp) if stamp else None


def read_slices(home: Home, name: str, month: str | None = None, version: int | None = None) -> Ordered | None:
    """As :func:`read`; of a large table only some rows are held at one time."""
    scope = _scope(month)
    path = home.tables / name
    stamp = _find(path, name, scope, version)
    if stamp is None:
        return None
    with _damage_told(path, name, scope):
        large = delta.slices_of(path, scope, stamp) if stamp.rows > _HELD_ROWS else None
        # The digest is that of rows in order: where it is the one, they lie in order.
        if large is not None and large.digest() == stamp.digest:
            return large
    return Ordered.of(_load(path, name, scope, stamp))


def _scope(month: str | None) -> str:
    if month is None:
        return delta.WHOLE
    if not _MONTH.fullmatch(month):
        message = "a month is written YYYY-MM"
        raise ValueError(message)
    return month


def _check_month(name: str, table: Ordered, month: str | None) -> None:
    if month is None or all(_is_of(rows["month"], month) for rows in table.slices(["month"])):
        return
    message = f"table {name}: rows of another month than {month}"
    raise ValueError(message)


def _is_of(column: pyarrow.ChunkedArray, month: str) -> bool:
    return bool(pc.all(pc.equal(column, month), min_count=0).as_py())


def _find(path: Place, name: str, scope: str, version: int | None) -> delta.Stamp | None:
    try:
        opened = delta.open_table(path, version)
        return delta.find_stamp(opened, path, scope) if opened else None
    except (DeltaError, KeyError, StopIteration, ValueError, OSError) as error:
        path.blame(error)
        raise TableDamagedError(_damaged(name, scope, "its log cannot be read")) from None


def _load(path: Place, name: str, scope: str, stamp: delta.Stamp) -> pyarrow.Table:
    with _damage_told(path, name, scope):
        rows = sort_rows(delta.load_rows(path, scope, stamp))
        digest = content_digest(rows)
    if digest != stamp.digest:
        raise TableDamagedError(_damaged(name, scope, "its rows are not those that were published"))
    return rows


@contextmanager
def _damage_told(path: Place, name: str, scope: str) -> Iterator[None]:
    try:
        yield
    except (DeltaError, pyarrow.ArrowException, KeyError, ValueError, OSError) as error:
        path.blame(error)
        raise TableDamagedError(_damaged(name, scope, "its rows cannot be read")) from None


def _version(name: str, month: str | None, stamp: delta.Stamp, *, changed: bool = False) -> TableVersion:
    return TableVersion(name, stamp.version, stamp.digest, stamp.rows, changed=changed, month=month)


def _stamp(opened: DeltaTable, digest: str, rows: int, columns: list[str], run_id: str) -> delta.Stamp:
    """What the next commit of a table is to say."""
    return delta.Stamp(opened.version() + 1, digest, rows, tuple(columns), run_id)


def _committed(path: Place, name: str, month: str | None, digest: str) -> TableVersion:
    """The version just written, sealed. Another process may have written the scope since: then its digest differs."""
    seals.seal(path)
    stamp = _find(path, name, _scope(month), None)
    if stamp is None or stamp.digest != digest:
        raise StoreBusyError(_busy(name, month))
    return _version(name, month, stamp, changed=True)


@contextmanager
def _reaching(path: Place) -> Iterator[None]:
    """Where what is done fails, and the place does not answer, that is what is told: ``UnreachedError``."""
    try:
        yield
    except CommitFailedError:
        raise
    except (DeltaError, OSError) as error:
        path.blame(error)
        raise


def _pause(attempt: int) -> None:
    if attempt:
        time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - spreads writers in time, guards nothing


def _busy(name: str, month: str | None) -> str:
    return f"table {name}{f' of {month}' if month else ''}: other processes keep writing it; try again when they ended"


def _damaged(name: str, scope: str, found: str) -> str:
    of_month = "" if scope == delta.WHOLE else f" of {scope}"
    return f"table {name}{of_month} is damaged: {found}; restore it from a copy, or the last good version stands"
