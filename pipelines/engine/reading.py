"""One file read: its entry in the log of landings, and its rows and rejections brought back from where they are kept.

Landed rows are derived: where they are gone, altered or of an older version's columns, they are read again from the
original, and used if they still are what the log says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.readers import ReadFile, read_file
from pipelines.store import inbox, landed, originals
from pipelines.store.home import Home
from schemas.tables.landings import Landing
from schemas.tables.rejections import Rejection

Loader = Callable[[Home, Iterable[tuple[str, str]], pyarrow.Schema], pyarrow.Table]
"""``landed.load_rows`` or ``landed.load_rejections``."""

_FROM_LOG = ("file_name", "received_at")
"""Columns that are not kept with the rows: equal bytes may be offered under several names."""


def land_content(home: Home, name: str, sha256: str, content: bytes, received_at: datetime) -> dict[str, Any]:
    """Read a file, keep its rows and rejections, and give its entry in the log."""
    found = _read(name, content)
    if not found.refusal:
        _save(home, sha256, found)
    return _entry(name, sha256, received_at, found)


def inspect(path: Path, received_at: datetime) -> tuple[dict[str, Any], pyarrow.Table]:
    """The log entry that a file would get, and its ``Rejection`` rows; nothing is kept."""
    name = inbox.printable(path.name)
    schema = Rejection.arrow_schema()
    try:
        content = inbox.fetch(path)
    except inbox.ChangingError:
        refusal = "the file changed while it was read; offer it when it is complete"
        return unreadable(name, received_at, refusal), schema.empty_table()
    except inbox.UnreadableError as refused:
        return unreadable(name, received_at, str(refused)), schema.empty_table()
    found = _read(name, content)
    names = pyarrow.repeat(name, found.rejections.num_rows)
    rejections = found.rejections.append_column("file_name", names).select(schema.names)
    return _entry(name, hashlib.sha256(content).hexdigest(), received_at, found), rejections


def unreadable(name: str, received_at: datetime, reason: str) -> dict[str, Any]:
    """The log entry of a file whose bytes could not be had."""
    entry: dict[str, Any] = dict.fromkeys(("layout", "kind", "sha256", "rows_digest", "months"), "")
    figures = dict.fromkeys(("rows", "rejected_rows", "amount_centavos"), 0)
    return {**entry, **figures, "file_name": name, "received_at": utc(received_at), "refusal": f"{name}: {reason}"}


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
    kept = pyarrow.schema([field for field in schema if field.name not in _FROM_LOG])
    table = _load_or_restore(home, filled, loader, kept)
    order = pyarrow.array(filled["sha256"], type=pyarrow.string())
    position = pc.index_in(table["sha256"].combine_chunks(), value_set=order)
    _check_counts(position, expected)
    known = Landing.to_arrow(filled).select([name for name in _FROM_LOG if name in schema.names]).take(position)
    for field in known.schema:
        table = table.append_column(field, known[field.name])
    keys = [("position", "ascending"), ("sheet", "ascending"), ("row", "ascending")]
    return table.take(pc.sort_indices(table.append_column("position", position), sort_keys=keys)).select(schema.names)


def utc(moment: datetime) -> datetime:
    """The instant in UTC; raises ``ValueError`` where it has no offset."""
    if moment.tzinfo is None:
        message = "an instant needs its offset from UTC"
        raise ValueError(message)
    return moment.astimezone(UTC)


def _read(name: str, content: bytes) -> ReadFile:
    """The file as its reader gives it; a fault of the reader refuses this file and spares the others."""
    try:
        return read_file(name, content)
    except Exception as fault:  # noqa: BLE001 - one bad file never stops the others (CONTRACT §4)
        # Only the class is told: the text of a fault may carry values.
        told = f"{name}: the reader failed ({type(fault).__name__}); report it, and offer the file under another name"
    rejected = pyarrow.schema([field for field in Rejection.arrow_schema() if field.name != "file_name"])
    return ReadFile("", "", told, None, rejected.empty_table(), 0, 0, "", ())


def _entry(name: str, sha256: str, received_at: datetime, found: ReadFile) -> dict[str, Any]:
    return {
        "file_name": name,
        "sha256": sha256,
        "layout": found.layout,
        "kind": "" if found.refusal else found.kind,
        "received_at": utc(received_at),
        "refusal": found.refusal,
        "rows": found.data_rows,
        "rejected_rows": found.rejections.num_rows,
        "amount_centavos": found.amount_centavos,
        "rows_digest": found.rows_digest,
        "months": " ".join(found.months),
    }


def _save(home: Home, sha256: str, found: ReadFile) -> None:
    if found.rows is not None:
        landed.save(home, found.layout, sha256, found.rows, found.rejections)


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
    try:
        loader(home, [(entry["layout"], entry["sha256"])], schema)
    except landed.LandedDamagedError:
        found = _read(entry["file_name"], originals.fetch(home, entry["sha256"]))
    else:
        return
    again = _entry(entry["file_name"], entry["sha256"], entry["received_at"].to_pydatetime(), found)
    if again != {**entry, "received_at": again["received_at"]}:
        message = f"original {entry['sha256']} no longer reads as it was landed"
        raise landed.LandedDamagedError(message)
    _save(home, entry["sha256"], found)


def _check_counts(position: pyarrow.Array, expected: list[int]) -> None:
    counted = pc.value_counts(position).to_pylist()
    found = {entry["values"]: entry["counts"] for entry in counted}
    if found != dict(enumerate(expected)):
        message = "landed rows are not as many as were landed; the home was altered"
        raise landed.LandedDamagedError(message)
