"""One file read: its entry in the log of landings, and its rows and rejections brought back from where they are kept.

Landed rows are derived: where they are gone, altered or of an older version's columns, they are read again from the
original, and used if they still are what the log says.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.readers import DIGEST_FORM, ReadFile, read_stream
from pipelines.store import inbox, landed, originals
from pipelines.store.home import Home
from schemas.tables.landings import Landing
from schemas.tables.rejections import Rejection

Loader = Callable[[Home, Iterable[tuple[str, str]], pyarrow.Schema], pyarrow.Table]
"""``landed.load_rows`` or ``landed.load_rejections``."""

Keep = Callable[[pyarrow.Table, pyarrow.Table], None]
"""What takes the rows and rejections of a block."""

SHOWN_REJECTIONS: Final = 100
"""How many rejections of a file ``check`` shows."""

_OF_THE_ROWS = ("layout", "kind", "refusal", "rows", "rejected_rows", "amount_centavos", "rows_digest", "months")
"""What the log says of a file's rows: the same whenever it is read."""

_FROM_LOG = ("file_name", "received_at")
"""Columns that are not kept with the rows: equal bytes may be offered under several names."""


def land_original(home: Home, name: str, sha256: str, received_at: datetime, *, is_new: bool = False) -> dict[str, Any]:
    """Read a file that is kept (just now: ``is_new``), keep its rows and rejections, and give its entry in the log."""
    with originals.opened(home, sha256, is_new=is_new) as source, landed.writing(home, sha256) as writer:
        found = _read(name, source, sha256, writer.add, writer.end)
        if not found.refusal:
            writer.commit(found.layout)
    return _entry(name, sha256, received_at, found)


def inspect(path: Path, received_at: datetime) -> tuple[dict[str, Any], pyarrow.Table]:
    """The log entry that a file would get, and its first ``Rejection`` rows; nothing is kept."""
    name = inbox.printable(path.name)
    schema = Rejection.arrow_schema()
    with TemporaryFile() as copy:
        try:
            with inbox.open_file(path) as stream:
                shutil.copyfileobj(stream, copy)
        except inbox.ChangingError:
            refusal = "found a file that changed while it was read; expected a whole file; offer it when it is complete"
            return unreadable(name, received_at, refusal), schema.empty_table()
        except inbox.UnreadableError as refused:
            return unreadable(name, received_at, str(refused)), schema.empty_table()
        copy.seek(0)
        sha256 = hashlib.file_digest(copy, "sha256").hexdigest()
        first = _First()
        found = _read(name, copy, sha256, first.add)
    shown = first.rejections if not found.refusal else first.rejections.slice(0, 0)
    return _entry(name, sha256, received_at, found), shown.append_column("file_name", pyarrow.repeat(name, len(shown)))


def rows_at(path: Path) -> pyarrow.Table:
    """All sound rows of a file that can be read; nothing is kept."""
    blocks: list[pyarrow.Table] = []
    with TemporaryFile() as copy:
        with inbox.open_file(path) as stream:
            shutil.copyfileobj(stream, copy)
        copy.seek(0)
        _read(inbox.printable(path.name), copy, "", lambda rows, _rejections: blocks.append(rows))
    return pyarrow.concat_tables(blocks)


@cache
def _schema_of_rejections() -> pyarrow.Schema:
    """The columns of rejections as a reader gives them."""
    return pyarrow.schema([field for field in Rejection.arrow_schema() if field.name != "file_name"])


class _First:
    """The first rejections of a file."""

    def __init__(self) -> None:
        self.rejections = _schema_of_rejections().empty_table()

    def add(self, _rows: pyarrow.Table, rejections: pyarrow.Table) -> None:
        """Take note of a block."""
        whole = pyarrow.concat_tables([self.rejections, rejections])
        self.rejections = whole.slice(0, SHOWN_REJECTIONS)


def unreadable(name: str, received_at: datetime, reason: str) -> dict[str, Any]:
    """The log entry of a file whose bytes could not be had."""
    read = ReadFile(refusal=f"{name}: {reason}")
    return _entry(name, "", received_at, read)


def log(entries: list[dict[str, Any]]) -> pd.DataFrame:
    """Log entries as ``Landing`` rows."""
    table = pyarrow.Table.from_pylist(entries, schema=Landing.arrow_schema())
    return Landing.conform(Landing.from_arrow(table))


def load(
    home: Home, files: pd.DataFrame, loader: Loader, schema: pyarrow.Schema, rows: pd.Series[int]
) -> pyarrow.Table:
    """What ``loader`` gives for the ``Landing`` rows ``files`` (ordered by digest), as a table of ``schema``.

    Ordered by (sha256, sheet, row). ``rows`` is how many each file must have. Raises ``LandedDamagedError`` where they
    are not what was landed and the original does not bring them back, ``OriginalDamagedError`` where that is gone too.
    """
    filled, expected = files[rows > 0].reset_index(drop=True), rows[rows > 0].tolist()
    table = _load_or_restore(home, filled, loader, _kept(schema))
    _check_counts(table, filled, expected)
    known = Landing.to_arrow(filled).select([name for name in _FROM_LOG if name in schema.names])
    for field in known.schema:
        table = table.append_column(field, _repeated(known[field.name], expected))
    if not _is_in_order(table):
        position = pyarrow.array(np.repeat(np.arange(len(expected)), expected))
        keys = [("position", "ascending"), ("sheet", "ascending"), ("row", "ascending")]
        table = table.take(pc.sort_indices(table.append_column("position", position), sort_keys=keys))
    return table.select(schema.names)


def load_columns(home: Home, files: pd.DataFrame, schema: pyarrow.Schema, columns: Sequence[str]) -> pyarrow.Table:
    """As ``load``, some columns that are kept with the rows, which are not counted."""
    filled = files[files["rows"] > files["rejected_rows"]]
    return _load_or_restore(home, filled, partial(landed.load_rows, columns=columns), _kept(schema))


def utc(moment: datetime) -> datetime:
    """The instant in UTC; raises ``ValueError`` where it has no offset."""
    if moment.tzinfo is None:
        message = "an instant needs its offset from UTC"
        raise ValueError(message)
    return moment.astimezone(UTC)


def _read(name: str, source: BinaryIO, sha256: str, keep: Keep, end: Callable[[], None] = lambda: None) -> ReadFile:
    """The file as its reader gives it; a fault of the reader refuses this file and spares the others.

    ``end`` is called after the last block. Raises ``OSError`` where rows cannot be kept: that is no fault of the file.
    """
    try:
        found = read_stream(name, source, sha256, keep)
        end()
    except OSError:
        raise
    except Exception as fault:  # noqa: BLE001 - one bad file never stops the others (CONTRACT §4)
        # Only the class is told: the text of a fault may carry values.
        told = (
            f"found a fault of its reader ({type(fault).__name__}); expected rows of its layout; "
            "report it, and offer the file again under another name"
        )
        return ReadFile(refusal=f"{name}: {told}")
    return found


def _entry(name: str, sha256: str, received_at: datetime, found: ReadFile) -> dict[str, Any]:
    return {
        "file_name": name,
        "sha256": sha256,
        "layout": found.layout,
        "kind": "" if found.refusal else found.kind,
        "received_at": utc(received_at),
        "refusal": found.refusal,
        "hold": found.hold,
        "notes": found.notes,
        "series": found.series,
        "number": found.number,
        "rows": found.data_rows,
        "rejected_rows": found.rejected_rows,
        "amount_centavos": found.amount_centavos,
        "rows_digest": found.rows_digest,
        "months": " ".join(found.months),
    }


def _load_or_restore(home: Home, files: pd.DataFrame, loader: Loader, schema: pyarrow.Schema) -> pyarrow.Table:
    pairs = list(zip(files["layout"], files["sha256"], strict=True))
    try:
        return loader(home, pairs, schema)
    except landed.LandedDamagedError:
        for entry in files.to_dict("records"):
            _restore(home, entry, loader, schema)
    return loader(home, pairs, schema)


def _restore(home: Home, entry: dict[Any, Any], loader: Loader, schema: pyarrow.Schema) -> None:
    """Read a file again from its original where its landed rows are no good."""
    sha256 = entry["sha256"]
    try:
        loader(home, [(entry["layout"], sha256)], schema)
    except landed.LandedDamagedError:
        pass
    else:
        return
    with originals.opened(home, sha256) as source, landed.writing(home, sha256) as writer:
        found = _read(entry["file_name"], source, sha256, writer.add, writer.end)
        again = _entry(entry["file_name"], sha256, entry["received_at"].to_pydatetime(), found)
        if entry["rows_digest"].startswith(DIGEST_FORM):
            # The digest is the one logged where files of other rows shared it.
            again["rows_digest"] += entry["rows_digest"][len(again["rows_digest"]) :]
        else:  # a digest of an earlier form says nothing of this one; the figures have to be the same
            again["rows_digest"] = entry["rows_digest"]
        if any(again[name] != entry[name] for name in _OF_THE_ROWS):
            message = f"original {sha256} no longer reads as it was landed"
            raise landed.LandedDamagedError(message)
        writer.commit(found.layout)


def _kept(schema: pyarrow.Schema) -> pyarrow.Schema:
    """The columns that are kept with the rows."""
    return pyarrow.schema([field for field in schema if field.name not in _FROM_LOG])


def _is_in_order(table: pyarrow.Table) -> bool:
    """Whether within each file and sheet the rows stand in order, sheets too: files stand in order anyway."""
    if table.num_rows <= 1:
        return True
    before, here = table.slice(0, table.num_rows - 1), table.slice(1)
    is_other_file = pc.not_equal(before["sha256"], here["sha256"])
    is_later_sheet = pc.less(before["sheet"], here["sheet"])
    is_later_row = pc.and_(pc.equal(before["sheet"], here["sheet"]), pc.less(before["row"], here["row"]))
    return bool(pc.all(pc.or_(is_other_file, pc.or_(is_later_sheet, is_later_row))).as_py())


def _repeated(column: pyarrow.ChunkedArray, times: list[int]) -> pyarrow.ChunkedArray:
    """Each value so many times, the next one after it."""
    repeats = [pyarrow.repeat(value, number) for value, number in zip(column, times, strict=True)]
    return pyarrow.chunked_array(repeats, column.type)


def _check_counts(table: pyarrow.Table, files: pd.DataFrame, expected: list[int]) -> None:
    """The loader gives file after file: each must have as many rows as were landed, and no row of another."""
    found, first = table["sha256"], 0
    for sha256, rows in zip(files["sha256"], expected, strict=True):
        if not pc.all(pc.equal(found.slice(first, rows), sha256), min_count=0).as_py():
            break
        first += rows
    if first != table.num_rows or first != sum(expected):
        message = "landed rows are not as many as were landed; the home was altered"
        raise landed.LandedDamagedError(message)
