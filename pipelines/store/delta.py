"""One Delta table, partition by partition: what its commits say, and the rows that belong to a commit.

The commit that last changed a partition carries in its metadata the partition's content digest, number of rows and
columns, so that data and digest appear together or not at all. Each commit also states a Delta transaction whose
identifier is the partition and whose number is the version the writer expected to write. That has two uses: two
writers of one partition always conflict, also where both write no rows; and the commit of a partition is found again
at once however many others came after it, checkpoints included. (A commit that let others pass stands a few versions
after the one it expected: the search goes forward from there.)
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

import pyarrow
from deltalake import (
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    Schema,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError
from pyarrow import parquet

from pipelines.store.ordered import Ordered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from pipelines.store.places.base import Place

_READERS: Final = 4

WHOLE: Final = "whole"
"""The scope of a table that is not kept by month."""

_CONFIGURATION: Final = {
    # Old versions and their digests stay readable for good: nothing may be cleaned from the log.
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    # Opening reads the log from the last checkpoint on: 5 ms with 10, up to 30 ms with the default of 100.
    "delta.checkpointInterval": "10",
}
_UNSOUGHT: Final = ("file_name", "sha256", "sheet", "source_file", "source_sha256", "source_sheet")
"""Columns by which nobody looks for rows: their lowest and highest values are not worth what it takes to find them."""

# Who looks for one row reads a group of rows, not all of them (``slices``). Identifiers hardly repeat within a group,
# and what does repeat compresses as well without dictionaries: a quarter less to write and to keep (0032).
_WRITER: Final = WriterProperties(
    compression="ZSTD",
    max_row_group_size=16_384,
    default_column_properties=ColumnProperties(dictionary_enabled=False, statistics_enabled="CHUNK"),
    column_properties={
        name: ColumnProperties(dictionary_enabled=False, statistics_enabled="NONE") for name in _UNSOUGHT
    },
)

_GROUPS_AT_ONCE: Final = 8
"""Groups of rows that are read together, where a table is not held at once."""


@dataclass(frozen=True)
class Stamp:
    """What the commit that last changed a partition says of it."""

    version: int
    digest: str
    rows: int
    columns: tuple[str, ...]
    run_id: str


class Brought(NamedTuple):
    """A partition's content digest, and the Parquet files with its rows, named from the folder of the table."""

    digest: str
    files: tuple[str, ...]


def open_table(path: Place, version: int | None = None) -> DeltaTable | None:
    """The Delta table at ``path``, as it stands or stood; None where there is none.

    Its first commit makes a table, and is never cleaned away: a process may have died with nothing but folders made.
    """
    return _open(path, version) if _commit_path(path, 0).exists() else None


def create_table(path: Place, schema: pyarrow.Schema, *, by_month: bool) -> DeltaTable:
    """The Delta table at ``path``, made with the columns of ``schema`` where there is none."""
    found = open_table(path)
    if found:
        return found
    try:
        DeltaTable.create(
            path.address,
            Schema.from_arrow(schema),
            mode="ignore",
            partition_by=["month"] if by_month else None,
            configuration=_CONFIGURATION,
            storage_options=path.options,
        )
    except DeltaError:
        # Another process made it in the same moment; if that is not why, opening it fails with the reason.
        return _open(path)
    return _open(path)


def _open(path: Place, version: int | None = None) -> DeltaTable:
    return DeltaTable(path.address, version=version, storage_options=path.options)


def find_stamp(table: DeltaTable, path: Place, scope: str) -> Stamp | None:
    """What the commit that last changed ``scope`` (a month or ``WHOLE``) says; None where none ever did."""
    expected = table.transaction_version(scope)
    if expected is None:
        return None
    for version in range(expected, table.version() + 1):
        entry = _commit_info(path, version)
        if entry.get("quincena.scope") == scope:
            return _stamp(entry, version)
    return None


def _commit_info(path: Place, version: int) -> dict[str, Any]:
    """What commit ``version`` says of itself, from the log as the Delta protocol lays it down.

    ``DeltaTable.history`` is of no use here: it reads every commit from the newest back, also of a table opened at an
    older version, and numbers them wrongly then.
    """
    lines = _commit_path(path, version).read_bytes().splitlines()
    found: dict[str, Any] = next(action["commitInfo"] for action in map(json.loads, lines) if "commitInfo" in action)
    return found


def _commit_path(path: Place, version: int) -> Place:
    return path / "_delta_log" / f"{version:020d}.json"


def _stamp(entry: dict[str, Any], version: int) -> Stamp:
    return Stamp(
        version=version,
        digest=entry["quincena.digest"],
        rows=int(entry["quincena.rows"]),
        columns=tuple(entry["quincena.columns"].split(",")),
        run_id=entry["quincena.run_id"],
    )


def load_rows(path: Place, scope: str, stamp: Stamp) -> pyarrow.Table:
    """The rows of ``scope`` as the stamped commit left them: its columns in its order, plain Arrow types.

    The table library says which files they are, and does not read them: with its own file system (Python called back
    from Arrow's threads) about half of the processes that read a table were aborted when they ended.
    """
    table = _open(path, stamp.version)
    schema = _schema(table, stamp)
    names = _files(table, scope)
    with ThreadPoolExecutor(_READERS) as readers:
        found = readers.map(lambda name: _read(path / name, schema, scope), names)
        return pyarrow.concat_tables([schema.empty_table(), *found])


def _files(table: DeltaTable, scope: str) -> list[str]:
    """The files of a scope, named from the folder of the table."""
    adds = pyarrow.table(table.get_add_actions(flatten=True))
    paths = adds["path"].to_pylist()
    if scope == WHOLE:
        return [unquote(name) for name in paths]
    months = adds["partition.month"].to_pylist()
    return [unquote(name) for name, month in zip(paths, months, strict=True) if month == scope]


def slices_of(path: Place, scope: str, stamp: Stamp) -> Ordered:
    """As :func:`load_rows`, some groups of rows at a time, file after file by its first row: in order, as a rule."""
    table = _open(path, stamp.version)
    schema = _schema(table, stamp)
    opened = (parquet.ParquetFile((path / name).buffer()) for name in _files(table, scope))
    files = [file for file in opened if file.num_row_groups]
    files.sort(key=lambda file: _first_row(_shaped(file, [0], schema, scope, None)))
    parts = [
        partial(_shaped, file, range(start, min(start + _GROUPS_AT_ONCE, file.num_row_groups)), schema, scope)
        for file in files
        for start in range(0, file.num_row_groups, _GROUPS_AT_ONCE)
    ]
    return Ordered(schema, stamp.rows, tuple(parts))


def _first_row(rows: pyarrow.Table) -> list[tuple[bool, Any]]:
    return [(value is None, value) for row in rows.slice(0, 1).to_pylist() for value in row.values()]


def _schema(table: DeltaTable, stamp: Stamp) -> pyarrow.Schema:
    known = pyarrow.schema(table.schema().to_arrow())
    return _plain(pyarrow.schema([known.field(name) for name in stamp.columns]))


def _read(path: Place, schema: pyarrow.Schema, scope: str) -> pyarrow.Table:
    """The rows of one file."""
    file = parquet.ParquetFile(path.buffer())
    return _shaped(file, range(file.num_row_groups), schema, scope, None)


def _shaped(
    file: parquet.ParquetFile, groups: Sequence[int], schema: pyarrow.Schema, scope: str, asked: Sequence[str] | None
) -> pyarrow.Table:
    """Groups of rows; columns that they were written without are empty, and their month stands in the file's name."""
    schema = schema if asked is None else pyarrow.schema([schema.field(name) for name in asked])
    held = [name for name in schema.names if name in file.schema_arrow.names]
    rows = file.read_row_groups(list(groups), columns=held)
    count = sum(file.metadata.row_group(group).num_rows for group in groups)
    columns = {name: rows[name].cast(schema.field(name).type) for name in held}
    for name in schema.names:
        if name not in columns:
            value = scope if name == "month" and scope != WHOLE else None
            columns[name] = pyarrow.repeat(pyarrow.scalar(value, schema.field(name).type), count)
    return pyarrow.table([columns[name] for name in schema.names], schema=schema)


def brought_by(commit: bytes) -> Brought:
    """What a commit that wrote a partition anew (every one of ``tables.publish``) says: all rows of its scope.

    Raises ``ValueError``, ``KeyError`` or ``StopIteration`` where it is not such a commit.
    """
    actions = [json.loads(line) for line in commit.splitlines()]
    info = next(action["commitInfo"] for action in actions if "commitInfo" in action)
    if info["operationParameters"]["mode"] != "Overwrite":
        message = "a commit that adds to rows before it does not hold all of them"
        raise ValueError(message)
    added = tuple(unquote(action["add"]["path"]) for action in actions if "add" in action)
    return Brought(info["quincena.digest"], added)


def commit(
    table: DeltaTable,
    rows: pyarrow.RecordBatchReader,
    *,
    scope: str,
    adds: bool,
    digest: str,
    total: int,
    run_id: str,
) -> None:
    """Write ``rows`` as the partition ``scope``, or add them to it, in one commit that carries the partition's digest.

    ``digest`` and ``total`` are of the whole partition afterwards. Raises ``CommitFailedError`` if the partition was
    changed since ``table`` was opened; commits to other partitions are let pass.
    """
    metadata = {
        "quincena.scope": scope,
        "quincena.digest": digest,
        "quincena.rows": str(total),
        "quincena.columns": ",".join(rows.schema.names),
        "quincena.run_id": run_id,
    }
    known = pyarrow.schema(table.schema().to_arrow()).names
    schema_mode: Literal["merge"] | None = None if set(known) == set(rows.schema.names) else "merge"
    properties = CommitProperties(
        custom_metadata=metadata,
        app_transactions=[Transaction(scope, table.version() + 1)],
    )
    if adds:
        write_deltalake(
            table,
            rows,
            mode="append",
            schema_mode=schema_mode,
            writer_properties=_WRITER,
            commit_properties=properties,
        )
        return
    write_deltalake(
        table,
        rows,
        mode="overwrite",
        predicate=None if scope == WHOLE else f"month = '{scope}'",
        schema_mode=schema_mode,
        writer_properties=_WRITER,
        commit_properties=properties,
    )


def _plain(schema: pyarrow.Schema) -> pyarrow.Schema:
    """The schema without views, large types and dictionaries: the table library tells columns of text as those."""
    return pyarrow.schema([(field.name, _plain_type(field.type)) for field in schema])


def _plain_type(kind: pyarrow.DataType) -> pyarrow.DataType:
    if pyarrow.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    is_text = pyarrow.types.is_large_string(kind) or pyarrow.types.is_string_view(kind)
    return pyarrow.string() if is_text else kind
