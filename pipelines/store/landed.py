"""Landed rows: what a reader made of one original, kept by layout and SHA-256, so that it is read once.

Beside the two Parquet files of a landing stands the list of their digests, in the form of ``sha256sum``, written last:
a flipped bit in a Parquet file is otherwise read in silence, in its footer also where its pages have checksums. The
same tables give the same bytes: nothing in them tells when or where they were written.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import pyarrow
from pyarrow import parquet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from pipelines.store.home import Home
    from pipelines.store.places.base import Place, Staged

_GROUP_ROWS: Final = 16_384
"""Rows that are read together: who looks for one row reads no more than these (``slices``)."""

_READERS: Final = 4
"""Threads that open landed files: with thousands of small ones the time goes into opening them."""


class LandedDamagedError(RuntimeError):
    """Landed rows are gone or altered, or are not of the schema asked for."""


def save(home: Home, layout: str, sha256: str, rows: pyarrow.Table, rejections: pyarrow.Table) -> None:
    """Keep the rows and rejections read from the original ``sha256``; saving the same again writes nothing."""
    with writing(home, sha256) as writer:
        writer.add(rows, rejections)
        writer.commit(layout)


@contextmanager
def writing(home: Home, sha256: str) -> Iterator[Writer]:
    """What keeps the rows read from an original as they come; nothing is kept before ``Writer.commit``."""
    with home.landed.staged() as rows, home.landed.staged() as rejections, ThreadPoolExecutor(1) as hand:
        yield Writer(home, sha256, {"rejections": _Part(rejections), "rows": _Part(rows)}, hand)


class Writer:
    """The rows and rejections of one original, block after block; the same blocks give the same bytes.

    A block is written when the next one comes, while that is worked on; so one that comes alone needs no thread.
    """

    def __init__(self, home: Home, sha256: str, parts: dict[str, _Part], hand: ThreadPoolExecutor) -> None:
        self._home, self._sha256, self._parts, self._hand = home, sha256, parts, hand
        self._last: Callable[[], None] | None = None
        self._under_way: Future[None] | None = None

    def add(self, rows: pyarrow.Table, rejections: pyarrow.Table) -> None:
        """Add a block; the first one says which columns there are. Raises what went wrong with those before it."""
        self._wait()
        if self._last:
            self._under_way = self._hand.submit(self._last)
        self._last = partial(self._write, rows, rejections)

    def _write(self, rows: pyarrow.Table, rejections: pyarrow.Table) -> None:
        self._parts["rows"].add(rows)
        self._parts["rejections"].add(rejections)

    def _wait(self) -> None:
        if self._under_way:
            self._under_way.result()

    def end(self) -> None:
        """Write the block added last. Raises what went wrong with it, or with those before it."""
        self._wait()
        self._under_way = None
        if self._last:
            self._last()
        self._last = None

    def commit(self, layout: str) -> None:
        """Keep what was added, under ``layout``; what is kept already is not written again."""
        self.end()
        folder = self._home.landed / layout
        digests = {_name(self._sha256, part): self._parts[part].close() for part in self._parts}
        said = "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode()
        listed = folder / _digests_name(self._sha256)
        is_listed = listed.exists() and listed.read_bytes() == said
        for part, written in self._parts.items():
            path = folder / _name(self._sha256, part)
            if not (is_listed and path.exists() and path.sha256() == digests[path.name]):
                written.file.place(f"{layout}/{path.name}", read_only=True)
        if not is_listed:
            listed.write(said, read_only=True)


class _Part:
    """A Parquet file that is being written, and the digest of its bytes; a sink in the sense of pyarrow."""

    closed = False

    def __init__(self, file: Staged) -> None:
        self.file = file
        self._digest = hashlib.sha256()
        self._size = 0
        self._writer: parquet.ParquetWriter | None = None

    def add(self, table: pyarrow.Table) -> None:
        if self._writer is None:
            # In groups of so few rows dictionaries cost more time than they save. LZ4 takes three quarters more room
            # than zstd, and a quarter less time to write and to read (docs/decisions/0045).
            self._writer = parquet.ParquetWriter(
                pyarrow.PythonFile(self, "w"),
                table.schema,
                version="2.6",
                compression="lz4",
                use_dictionary=False,
                write_statistics=False,
            )
        if table.num_rows or not self._size:
            self._writer.write_table(table.combine_chunks(), row_group_size=_GROUP_ROWS)

    def close(self) -> str:
        """End the file and give its digest."""
        if self._writer is not None:
            self._writer.close()
        return self._digest.hexdigest()

    def write(self, content: bytes) -> int:
        self._digest.update(content)
        self._size += self.file.write(content)
        return len(content)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing is held back."""


def load_rows(
    home: Home, files: Iterable[tuple[str, str]], schema: pyarrow.Schema, columns: Sequence[str] | None = None
) -> pyarrow.Table:
    """The rows of the files given as (layout, sha256), file after file, as one table of ``schema``, or some columns.

    Raises ``LandedDamagedError`` naming the file.
    """
    return _load(home, files, "rows", schema, columns)


def load_rejections(home: Home, files: Iterable[tuple[str, str]], schema: pyarrow.Schema) -> pyarrow.Table:
    """As ``load_rows``, the rejections."""
    return _load(home, files, "rejections", schema)


def are_sound(home: Home, files: Iterable[tuple[str, str]]) -> bool:
    """Whether the bytes of the rows of all files given as (layout, sha256) are those that were written."""

    def is_sound(file: tuple[str, str]) -> bool:
        try:
            return rows_path(home, *file).sha256() == noted_digest(home, *file)
        except (OSError, KeyError, ValueError):
            return False

    with ThreadPoolExecutor(_READERS) as readers:
        return all(readers.map(is_sound, files))


def groups(home: Home, layout: str, sha256: str) -> list[int]:
    """How many rows each group of the landed rows of one original has, in order; the bytes are checked, not held.

    Raises ``LandedDamagedError`` naming the file.
    """
    path = rows_path(home, layout, sha256)
    try:
        digests = (path.parent / _digests_name(sha256)).read_bytes()
        found = path.sha256()
    except FileNotFoundError:
        message = f"landed rows are missing: {layout}/{path.name}"
        raise LandedDamagedError(message) from None
    if f"{found}  {path.name}\n".encode() not in digests:
        message = f"landed rows were altered: {layout}/{path.name}"
        raise LandedDamagedError(message)
    with path.ranged() as source:
        told = parquet.read_metadata(source)
    return [told.row_group(number).num_rows for number in range(told.num_row_groups)]


def load_groups(
    home: Home, layout: str, sha256: str, chosen: range, columns: Sequence[str] | None = None
) -> pyarrow.Table:
    """Some groups of the landed rows of one original, or some columns, whose bytes ``groups`` has checked."""
    with rows_path(home, layout, sha256).ranged() as source, parquet.ParquetFile(source) as file:
        return file.read_row_groups(list(chosen), columns=columns, use_threads=False)


def rows_path(home: Home, layout: str, sha256: str) -> Place:
    """Where the rows of one original lie."""
    return home.landed / layout / _name(sha256, "rows")


def noted_digest(home: Home, layout: str, sha256: str) -> str:
    """The SHA-256 that the file of those rows had when it was written; raises ``KeyError`` where none is noted."""
    noted = (home.landed / layout / _digests_name(sha256)).read_bytes().decode()
    digests = {name: digest for digest, _, name in (line.partition("  ") for line in noted.splitlines())}
    return digests[_name(sha256, "rows")]


def _name(sha256: str, part: str) -> str:
    return f"{sha256}.{part}.parquet"


def _digests_name(sha256: str) -> str:
    return f"{sha256}.sha256"


def _load(
    home: Home,
    files: Iterable[tuple[str, str]],
    part: str,
    schema: pyarrow.Schema,
    columns: Sequence[str] | None = None,
) -> pyarrow.Table:
    asked = schema.names if columns is None else list(columns)
    with ThreadPoolExecutor(_READERS) as readers:
        found = readers.map(lambda file: _read(home.landed / file[0], file[1], part, schema, asked), files)
        return pyarrow.concat_tables([schema.empty_table().select(asked), *found])


def _read(folder: Place, sha256: str, part: str, schema: pyarrow.Schema, columns: list[str]) -> pyarrow.Table:
    name = _name(sha256, part)
    try:
        content = (folder / name).read_bytes()
        digests = (folder / _digests_name(sha256)).read_bytes()
    except FileNotFoundError:
        message = f"landed rows are missing: {folder.name}/{name}"
        raise LandedDamagedError(message) from None
    if f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode() not in digests:
        message = f"landed rows were altered: {folder.name}/{name}"
        raise LandedDamagedError(message)
    with parquet.ParquetFile(pyarrow.BufferReader(content)) as file:
        if not file.schema_arrow.equals(schema):
            message = f"landed rows have other columns than this version reads: {folder.name}/{name}"
            raise LandedDamagedError(message)
        return file.read(columns, use_threads=False).select(columns)
