"""The Parquet files of a table: written some groups of rows at a time, whole or not there, and read likewise.

What is held while a table is written is what is read of it at one time, however many rows it has (0048). A file has the
form that readers of few rows live on (``slices``): small groups, with the lowest and highest values of sought columns.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

import pyarrow
from pyarrow import parquet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.store.ordered import Ordered, Read
    from pipelines.store.places.base import Place, Staged

UNSOUGHT: Final = ("file_name", "sha256", "sheet", "source_file", "source_sha256", "source_sheet")
"""Columns by which nobody looks for rows: their lowest and highest values are not worth what it takes to find them."""

GROUP_ROWS: Final = 16_384
"""Rows of a group: who looks for one row reads so many, not all of them."""

GROUPS_AT_ONCE: Final = 8
"""Groups of rows that are written or read together."""

_READERS: Final = 4

_FULL: Final = 128 << 20
"""Bytes after which a file ends and the next one begins."""


class Written(NamedTuple):
    """A file with rows, named from the folder of its table."""

    name: str
    rows: int
    size: int


def write(table: Place, folder: str, rows: Ordered, schema: pyarrow.Schema) -> list[Written]:
    """Write the rows, the columns of ``schema`` alone, as files in ``folder`` of a table; none where there are no rows.

    No file is seen before it is whole. Where this fails, and where nobody commits them, files stay that nothing reads.
    """
    written: list[Written] = []
    groups = rows.narrowed(schema.names).groups(GROUP_ROWS * GROUPS_AT_ONCE)
    while file := _write_file(table, f"{folder}part-{len(written):05d}-{uuid4()}-c000.zstd.parquet", groups, schema):
        written.append(file)
    return written


def _write_file(table: Place, name: str, groups: Iterator[pyarrow.Table], schema: pyarrow.Schema) -> Written | None:
    """One file, of as many groups as it takes to fill it; None where none is left."""
    count = 0
    with table.staged() as file:
        sink = _Sink(file)
        with _writer(sink, schema) as writer:
            for group in groups:
                writer.write_table(group.cast(schema), row_group_size=GROUP_ROWS)
                count += group.num_rows
                del group
                if sink.tell() >= _FULL:
                    break
        if count:
            file.place(name)
    return Written(name, count, sink.tell()) if count else None


def _writer(sink: _Sink, schema: pyarrow.Schema) -> parquet.ParquetWriter:
    # Identifiers hardly repeat within a group, and what does repeat compresses as well without dictionaries: a quarter
    # less to write and to keep (0032).
    return parquet.ParquetWriter(
        pyarrow.PythonFile(sink, "w"),
        schema,
        version="2.6",
        compression="zstd",
        use_dictionary=False,
        write_statistics=[name for name in schema.names if name not in UNSOUGHT],
        store_schema=False,
    )


def read(files: Sequence[Place], schema: pyarrow.Schema, month: str | None) -> pyarrow.Table:
    """All rows of files at once; the month of their rows where they are kept by month."""
    with ThreadPoolExecutor(_READERS) as readers:
        found = readers.map(lambda path: _read_file(path, schema, month), files)
        return pyarrow.concat_tables([schema.empty_table(), *found])


def parts(files: Sequence[Place], schema: pyarrow.Schema, month: str | None) -> tuple[Read, ...]:
    """As :func:`read`, some groups of rows at a time, file after file by its first row."""
    opened = (parquet.ParquetFile(path.buffer()) for path in files)
    held = [file for file in opened if file.num_row_groups]
    held.sort(key=lambda file: _first_row(_shaped(file, [0], schema, month, None)))
    return tuple(
        partial(_shaped, file, range(start, min(start + GROUPS_AT_ONCE, file.num_row_groups)), schema, month)
        for file in held
        for start in range(0, file.num_row_groups, GROUPS_AT_ONCE)
    )


def _first_row(rows: pyarrow.Table) -> list[tuple[bool, Any]]:
    return [(value is None, value) for row in rows.slice(0, 1).to_pylist() for value in row.values()]


def _read_file(path: Place, schema: pyarrow.Schema, month: str | None) -> pyarrow.Table:
    file = parquet.ParquetFile(path.buffer())
    return _shaped(file, range(file.num_row_groups), schema, month, None)


def _shaped(
    file: parquet.ParquetFile,
    groups: Sequence[int],
    schema: pyarrow.Schema,
    month: str | None,
    asked: Sequence[str] | None,
) -> pyarrow.Table:
    """Groups of rows; columns that they were written without are empty, and their month stands in the file's name."""
    schema = schema if asked is None else pyarrow.schema([schema.field(name) for name in asked])
    held = [name for name in schema.names if name in file.schema_arrow.names]
    rows = file.read_row_groups(list(groups), columns=held)
    count = sum(file.metadata.row_group(group).num_rows for group in groups)
    columns = {name: rows[name].cast(schema.field(name).type) for name in held}
    for name in schema.names:
        if name not in columns:
            value = month if name == "month" else None
            columns[name] = pyarrow.repeat(pyarrow.scalar(value, schema.field(name).type), count)
    return pyarrow.table([columns[name] for name in schema.names], schema=schema)


class _Sink:
    """A file that is being written, as pyarrow writes to one, and how much of it there is."""

    closed = False

    def __init__(self, file: Staged) -> None:
        self._file, self._size = file, 0

    def write(self, content: bytes) -> int:
        self._file.write(content)
        self._size += len(content)
        return len(content)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing is held back."""
