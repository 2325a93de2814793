"""Few rows out of many: what a table or a landed file holds of some keys, without reading the rest of it.

Of each group of rows the columns asked for are read first, and the others only where one of them holds a key; a group
whose lowest and highest value exclude every key is not read at all. So no digest is checked here: who must know that
nothing was altered asks ``tables.read``, ``landed.load_rows`` or ``quincena verify``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow
import pyarrow.compute as pc
from deltalake.exceptions import DeltaError
from pyarrow import parquet

from pipelines.store import delta
from pipelines.store.landed import LandedDamagedError, rows_path
from pipelines.store.tables import TableDamagedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from pipelines.store.home import Home
    from pipelines.store.tables import TableVersion

    Keys = Mapping[str, Collection[str] | Collection[int] | "Ending"]

_READERS: Final = 4


@dataclass(frozen=True)
class Ending:
    """Instead of the values of a column: how its text ends."""

    text: str


def published(home: Home, version: TableVersion, keys: Keys, schema: pyarrow.Schema) -> pyarrow.Table:
    """The rows of a published table in which one of the columns named in ``keys`` holds one of its values.

    Raises ``TableDamagedError`` naming the table where it cannot be read.
    """
    folder = home.tables / version.name
    try:
        opened = delta.open_table(folder, version.version)
        paths = delta.files_of(opened, version.month) if opened else []
        found = [_matching(path, keys) for path in paths]
    except (DeltaError, pyarrow.ArrowException, KeyError, ValueError, OSError):
        message = f"table {version.name} is damaged: its rows cannot be read; restore it from a copy"
        raise TableDamagedError(message) from None
    return pyarrow.concat_tables([schema.empty_table(), *(_shaped(rows, schema, version.month) for rows in found)])


def landed(home: Home, files: Iterable[tuple[str, str]], keys: Keys, schema: pyarrow.Schema) -> pyarrow.Table:
    """The landed rows of the files given as (layout, sha256) in which a column named in ``keys`` holds a value of it.

    Columns of ``schema`` that the files do not have are empty. Raises ``LandedDamagedError`` naming the file.
    """

    def read(file: tuple[str, str]) -> pyarrow.Table:
        path = rows_path(home, *file)
        try:
            return _shaped(_matching(path, keys), schema, None)
        except (pyarrow.ArrowException, KeyError, ValueError, OSError):
            message = f"landed rows cannot be read: {path.parent.name}/{path.name}"
            raise LandedDamagedError(message) from None

    with ThreadPoolExecutor(_READERS) as readers:
        return pyarrow.concat_tables([schema.empty_table(), *readers.map(read, files)])


def _matching(path: Path | str, keys: Keys) -> pyarrow.Table:
    """Rows of one Parquet file in which a key is found, whole."""
    file = parquet.ParquetFile(path, memory_map=True)
    wanted = {name: values for name, values in keys.items() if isinstance(values, Ending) or values}
    groups = [group for group in range(file.num_row_groups) if _may_hold(file.metadata.row_group(group), wanted)]
    found = [file.schema_arrow.empty_table()]
    hits = _hits(file.read_row_groups(groups, columns=list(wanted)), wanted).combine_chunks()
    start = 0
    for group in groups:
        held = hits.slice(start, file.metadata.row_group(group).num_rows)
        start += len(held)
        if pc.any(held, min_count=0).as_py():
            found.append(file.read_row_group(group, use_threads=False).filter(held))
    return pyarrow.concat_tables(found)


def _may_hold(group: parquet.RowGroupMetaData, wanted: Keys) -> bool:
    """Whether a group of rows can hold a key, by the lowest and highest value written beside each column."""
    positions = {group.column(place).path_in_schema: place for place in range(group.num_columns)}
    for name, values in wanted.items():
        known = group.column(positions[name]).statistics
        if isinstance(values, Ending) or known is None or not known.has_min_max:
            return True
        if any(known.min <= value <= known.max for value in values):
            return True
    return False


def _hits(keyed: pyarrow.Table, wanted: Keys) -> pyarrow.ChunkedArray:
    first, *others = (_hit(keyed[name], values) for name, values in wanted.items())
    for other in others:
        first = pc.or_(first, other)
    return first


def _hit(column: pyarrow.ChunkedArray, values: Collection[str] | Collection[int] | Ending) -> pyarrow.ChunkedArray:
    if isinstance(values, Ending):
        return pc.ends_with(column, pattern=values.text)
    return pc.is_in(column, value_set=pyarrow.array(sorted(values), column.type))


def _shaped(rows: pyarrow.Table, schema: pyarrow.Schema, month: str | None) -> pyarrow.Table:
    """The rows with exactly the columns of ``schema``; the month stands in the name of the folder of the file."""
    columns = {}
    for field in schema:
        if field.name in rows.column_names:
            columns[field.name] = rows[field.name].cast(field.type)
        else:
            absent = month if field.name == "month" and month else ""
            empty = absent if pyarrow.types.is_string(field.type) else None
            columns[field.name] = pyarrow.repeat(pyarrow.scalar(empty, field.type), rows.num_rows)
    return pyarrow.table(columns, schema=schema)
