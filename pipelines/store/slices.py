"""Few rows out of many: what a table or a landed file holds of some keys, without reading the rest of it.

Of each group of rows the columns asked for are read first, and the others only where one of them holds a key; a group
whose lowest and highest value exclude every key is not read at all. No content digest can be computed of a few rows:
the bytes of every file are held against the SHA-256 that was noted when it was written instead, before anything of it
is believed. For a table these are the seals of the commit that the publication names, for landed rows the list beside
them. What this leaves to ``quincena verify`` are the files that a question does not need.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow
import pyarrow.compute as pc
from deltalake.exceptions import DeltaError
from pyarrow import parquet

from pipelines.store import delta, seals, tables
from pipelines.store.landed import LandedDamagedError, noted_digest, rows_path
from pipelines.store.tables import TableDamagedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from pipelines.store.home import Home
    from pipelines.store.places.base import Place
    from pipelines.store.tables import TableVersion

    Keys = Mapping[str, Collection[str] | Collection[int] | "Ending"]

_READERS: Final = 4


@dataclass(frozen=True)
class Ending:
    """Instead of the values of a column: how its text ends."""

    text: str


class AlteredError(ValueError):
    """The bytes of a file are not those that were noted."""


class Slices:
    """The rows of one home by their keys. A file is opened, and its bytes held against their digest, once."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._opened: dict[Place, _Opened] = {}
        self._sealed: dict[str, Mapping[str, str]] = {}
        self._sound: set[TableVersion] = set()

    def published(self, version: TableVersion, keys: Keys, schema: pyarrow.Schema) -> pyarrow.Table:
        """The rows of a published table in which one of the columns named in ``keys`` holds one of its values.

        Raises ``TableDamagedError`` naming the table where it cannot be read, or is not what was published.
        """
        wanted = _filled(keys)
        try:
            paths = self._files_of(version)
            if paths is None:
                found = [_filtered(self._whole(version), wanted)]
            else:
                opened = [self._open(path, digest) for path, digest in paths.items()]
                found = [rows for file in opened for rows in file.matching(wanted)]
        except (DeltaError, pyarrow.ArrowException, KeyError, StopIteration, ValueError, OSError) as error:
            self.home.tables.blame(error)
            of_month = f" of {version.month}" if version.month else ""
            message = f"table {version.name}{of_month}: a file of it is gone or was altered; restore it from a copy"
            raise TableDamagedError(message) from None
        return pyarrow.concat_tables([schema.empty_table(), *(_shaped(rows, schema, version.month) for rows in found)])

    def landed(self, files: Iterable[tuple[str, str]], keys: Keys, schema: pyarrow.Schema) -> pyarrow.Table:
        """The landed rows of the files given as (layout, sha256) in which a column named in ``keys`` holds a value.

        Columns of ``schema`` that the files do not have are empty. Raises ``LandedDamagedError`` naming the file.
        """
        wanted = _filled(keys)

        def read(file: tuple[str, str]) -> list[pyarrow.Table]:
            path = rows_path(self.home, *file)
            try:
                opened = self._open(path, noted_digest(self.home, *file))
                return [_shaped(rows, schema, None) for rows in opened.matching(wanted)]
            except (pyarrow.ArrowException, KeyError, ValueError, OSError):
                told = f"landed rows are gone or were altered: {path.parent.name}/{path.name}"
                message = f"{told}; the next run reads them again from the original"
                raise LandedDamagedError(message) from None

        with ThreadPoolExecutor(_READERS) as readers:
            found = [rows for of_file in readers.map(read, files) for rows in of_file]
        return pyarrow.concat_tables([schema.empty_table(), *found])

    def is_sound(self, version: TableVersion) -> bool:
        """Whether the bytes of a published table are those that were sealed (of one not sealed, its content).

        One that was found sound is not looked at again.
        """
        if version in self._sound:
            return True
        try:
            paths = self._files_of(version)
            if paths is None:
                self._whole(version)
            elif any(path.sha256() != digest for path, digest in paths.items()):
                return False
        except (DeltaError, TableDamagedError, KeyError, StopIteration, ValueError, OSError) as error:
            self.home.tables.blame(error)
            return False
        self._sound.add(version)
        return True

    def pieces(
        self, version: TableVersion, schema: pyarrow.Schema, columns: Sequence[str], at_once: int
    ) -> Iterator[pyarrow.Table]:
        """The rows of a published table that is sound, of these columns of ``schema``, some ``at_once`` at a time.

        File after file by its first row: in canonical order, as a rule.
        """
        paths = self._files_of(version)
        if paths is None:
            yield self._whole(version).select(list(columns))
            return
        asked = pyarrow.schema([schema.field(name) for name in columns])
        for path in sorted(paths, key=_first_row) if len(paths) > 1 else paths:
            with path.ranged() as source, parquet.ParquetFile(source) as file:
                kept = [name for name in columns if name in file.schema_arrow.names]
                for batch in file.iter_batches(batch_size=at_once, columns=kept):
                    yield _shaped(pyarrow.Table.from_batches([batch]), asked, version.month)

    def _files_of(self, version: TableVersion) -> dict[Place, str] | None:
        """The files of a version with their digests; None where its commit is not sealed (a home of long ago)."""
        folder = self.home.tables / version.name
        if version.name not in self._sealed:
            self._sealed[version.name] = seals.read(folder).digests
        sealed = self._sealed[version.name]
        commit = seals.commit_name(version.version)
        if commit not in sealed:
            return None
        content = (folder / commit).read_bytes()
        _check(content, sealed[commit])
        brought = delta.brought_by(content)
        if brought.digest != version.digest:
            raise AlteredError
        return {folder / name: sealed[name] for name in brought.files}

    def _whole(self, version: TableVersion) -> pyarrow.Table:
        """All rows of a version, by its content digest."""
        stands = tables.current(self.home, version.name, version.month, version.version)
        rows = tables.read(self.home, version.name, version.month, version.version)
        if stands is None or rows is None or stands.digest != version.digest:
            raise AlteredError
        return rows

    def _open(self, path: Place, digest: str) -> _Opened:
        if path not in self._opened:
            content = path.buffer()
            _check(content, digest)
            self._opened[path] = _Opened(parquet.ParquetFile(content))
        return self._opened[path]


def _check(content: bytes | pyarrow.Buffer, digest: str) -> None:
    if hashlib.sha256(content).hexdigest() != digest:
        raise AlteredError


def _first_row(path: Place) -> list[tuple[bool, Any]]:
    """The first row of a file; nulls are last."""
    with path.ranged() as source, parquet.ParquetFile(source) as file:
        rows = next(file.iter_batches(batch_size=1), None)
        return [(value is None, value) for row in (rows.to_pylist() if rows else []) for value in row.values()]


def _filled(keys: Keys) -> Keys:
    return {name: values for name, values in keys.items() if isinstance(values, Ending) or values}


class _Opened:
    """A Parquet file whose bytes are sound. A column that is looked through again is not read again."""

    def __init__(self, file: parquet.ParquetFile) -> None:
        self._file = file
        self._columns: dict[tuple[str, tuple[int, ...]], pyarrow.ChunkedArray] = {}

    def matching(self, wanted: Keys) -> list[pyarrow.Table]:
        """Rows in which a key is found, whole, group by group; none of most files."""
        count = self._file.num_row_groups
        groups = tuple(group for group in range(count) if _may_hold(self._file.metadata.row_group(group), wanted))
        self._read(groups, list(wanted))
        hits = _hits({name: self._columns[name, groups] for name in wanted}, wanted)
        if not pc.any(hits, min_count=0).as_py():
            return []
        start, found = 0, []
        for group in groups:
            held = hits.slice(start, self._file.metadata.row_group(group).num_rows)
            start += len(held)
            if pc.any(held, min_count=0).as_py():
                found.append(self._file.read_row_group(group, use_threads=False).filter(held))
        return found

    def _read(self, groups: tuple[int, ...], names: list[str]) -> None:
        """Read what of these columns was not read before, in one go."""
        lacking = [name for name in names if (name, groups) not in self._columns]
        if lacking:
            columns = self._file.read_row_groups(groups, columns=lacking, use_threads=len(groups) > 1)
            self._columns |= {(name, groups): columns[name] for name in lacking}


def _filtered(rows: pyarrow.Table, wanted: Keys) -> pyarrow.Table:
    return rows.filter(_hits(rows, wanted))


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


def _hits(keyed: pyarrow.Table | Mapping[str, pyarrow.ChunkedArray], wanted: Keys) -> pyarrow.ChunkedArray:
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
