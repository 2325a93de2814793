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
import random
import time
from dataclasses import dataclass
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
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction

from pipelines.store import row_files
from pipelines.store.ordered import Ordered

if TYPE_CHECKING:
    from pipelines.store.places.base import Place

WHOLE: Final = "whole"
"""The scope of a table that is not kept by month."""

_CONFIGURATION: Final = {
    # Old versions and their digests stay readable for good: nothing may be cleaned from the log.
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    # Opening reads the log from the last checkpoint on: 5 ms with 10, up to 30 ms with the default of 100.
    "delta.checkpointInterval": "10",
}
_ADDED: Final = WriterProperties(
    compression="ZSTD", default_column_properties=ColumnProperties(dictionary_enabled=False)
)

_ATTEMPTS: Final = 50
"""How often a commit is offered while others change other partitions."""


@dataclass(frozen=True)
class Stamp:
    """What the commit that last changed a partition says of it, or is to say."""

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
    return row_files.read(_files(table, path, scope), _schema(table, stamp), _month(scope))


def slices_of(path: Place, scope: str, stamp: Stamp) -> Ordered:
    """As :func:`load_rows`, some groups of rows at a time, file after file by its first row: in order, as a rule."""
    table = _open(path, stamp.version)
    schema = _schema(table, stamp)
    return Ordered(schema, stamp.rows, row_files.parts(_files(table, path, scope), schema, _month(scope)))


def _files(table: DeltaTable, path: Place, scope: str) -> list[Place]:
    """The files of a scope."""
    adds = pyarrow.table(table.get_add_actions(flatten=True))
    names = adds["path"].to_pylist()
    months = [scope] * len(names) if scope == WHOLE else adds["partition.month"].to_pylist()
    return [path / unquote(name) for name, month in zip(names, months, strict=True) if month == scope]


def _month(scope: str) -> str | None:
    return None if scope == WHOLE else scope


def _schema(table: DeltaTable, stamp: Stamp) -> pyarrow.Schema:
    known = pyarrow.schema(table.schema().to_arrow())
    return _plain(pyarrow.schema([known.field(name) for name in stamp.columns]))


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


def commit(table: DeltaTable, path: Place, rows: Ordered, stamp: Stamp, *, scope: str, adds: bool) -> None:
    """Write ``rows`` as the partition ``scope``, or add them to it, in one commit that carries the ``stamp``.

    It says what the whole partition is afterwards. Raises ``CommitFailedError`` if the partition was changed since
    ``table`` was opened; commits to other partitions are let pass.
    """
    metadata = {
        "quincena.scope": scope,
        "quincena.digest": stamp.digest,
        "quincena.rows": str(stamp.rows),
        "quincena.columns": ",".join(stamp.columns),
        "quincena.run_id": stamp.run_id,
    }
    if adds:
        _add(table, rows, metadata)
    else:
        _replace(table, path, rows, metadata)


def _add(table: DeltaTable, rows: Ordered, metadata: dict[str, str]) -> None:
    """Rows that are added are few, and may have columns that the table did not: the library writes them."""
    known = pyarrow.schema(table.schema().to_arrow()).names
    write_deltalake(
        table,
        rows.batches(),
        mode="append",
        schema_mode=None if set(known) == set(rows.schema.names) else "merge",
        writer_properties=_ADDED,
        commit_properties=_properties(table, metadata),
    )


def _replace(table: DeltaTable, path: Place, rows: Ordered, metadata: dict[str, str]) -> None:
    """Write files, and let a commit name them in place of those that the partition had.

    To the library such a commit has read the whole table, so that it conflicts with any other that removed files. What
    was written stands all the same where only other partitions were changed: it is offered again.
    """
    scope = metadata["quincena.scope"]
    before = table.transaction_version(scope)
    schema = pyarrow.schema([field for field in _known(table, rows.schema) if field.name in rows.schema.names])
    if scope == WHOLE:
        added = [_action(file, {}) for file in row_files.write(path, "", rows, schema)]
    else:
        files = row_files.write(path, f"month={scope}/", rows, schema.remove(schema.get_field_index("month")))
        added = [_action(file, {"month": scope}) for file in files]
    for attempt in range(_ATTEMPTS):
        try:
            _offer(table, rows.schema, added, metadata)
        except CommitFailedError:
            table.update_incremental()
            if attempt == _ATTEMPTS - 1 or table.transaction_version(scope) != before:
                raise
            time.sleep(random.uniform(0, 0.02))  # noqa: S311 - spreads writers in time, guards nothing
        else:
            return


def _offer(table: DeltaTable, schema: pyarrow.Schema, added: list[AddAction], metadata: dict[str, str]) -> None:
    """One commit: these files instead of those that the partition has as ``table`` knows it."""
    scope = metadata["quincena.scope"]
    is_known = set(schema.names) <= set(pyarrow.schema(table.schema().to_arrow()).names)
    table.create_write_transaction(
        [*added],
        mode="overwrite",
        schema=table.schema() if is_known else Schema.from_arrow(_known(table, schema)),
        partition_by=table.metadata().partition_columns,
        partition_filters=None if scope == WHOLE else [("month", "=", scope)],
        commit_properties=_properties(table, metadata),
    )


def _action(file: row_files.Written, partition: dict[str, str | None]) -> AddAction:
    now = int(time.time() * 1000)
    return AddAction(
        file.name, file.size, partition, now, data_change=True, stats=json.dumps({"numRecords": file.rows})
    )


def _properties(table: DeltaTable, metadata: dict[str, str]) -> CommitProperties:
    stated = Transaction(metadata["quincena.scope"], table.version() + 1)
    return CommitProperties(custom_metadata=metadata, app_transactions=[stated])


def _known(table: DeltaTable, schema: pyarrow.Schema) -> pyarrow.Schema:
    """The columns of the table, and those of ``schema`` that it does not have yet."""
    known = pyarrow.schema(table.schema().to_arrow())
    return _plain(pyarrow.schema([*known, *(field for field in schema if field.name not in known.names)]))


def _plain(schema: pyarrow.Schema) -> pyarrow.Schema:
    """The schema without views, large types and dictionaries: the table library tells columns of text as those."""
    return pyarrow.schema([(field.name, _plain_type(field.type)) for field in schema])


def _plain_type(kind: pyarrow.DataType) -> pyarrow.DataType:
    if pyarrow.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    is_text = pyarrow.types.is_large_string(kind) or pyarrow.types.is_string_view(kind)
    return pyarrow.string() if is_text else kind
