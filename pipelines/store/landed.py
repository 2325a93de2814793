"""Landed rows: what a reader made of one original, kept by layout and SHA-256, so that it is read once.

Beside the two Parquet files of a landing stands the list of their digests, in the form of ``sha256sum``, written last:
a flipped bit in a Parquet file is otherwise read in silence, in its footer also where its pages have checksums. The
same tables give the same bytes: nothing in them tells when or where they were written.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import pyarrow
from pyarrow import parquet

from pipelines.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipelines.store.home import Home

_READERS: Final = 4
"""Threads that open landed files: with thousands of small ones the time goes into opening them."""


class LandedDamagedError(RuntimeError):
    """Landed rows are gone or altered, or are not of the schema asked for."""


def save(home: Home, layout: str, sha256: str, rows: pyarrow.Table, rejections: pyarrow.Table) -> None:
    """Keep the rows and rejections read from the original ``sha256``; saving the same again writes nothing."""
    folder = home.landed / layout
    contents = {_name(sha256, "rejections"): _encode(rejections), _name(sha256, "rows"): _encode(rows)}
    digests = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items())
    for name, content in {**contents, _digests_name(sha256): digests.encode()}.items():
        if not (folder / name).exists() or (folder / name).read_bytes() != content:
            write_atomically(folder / name, content, read_only=True)


def load_rows(home: Home, files: Iterable[tuple[str, str]], schema: pyarrow.Schema) -> pyarrow.Table:
    """The rows of the files given as (layout, sha256), file after file, as one table of ``schema``.

    Raises ``LandedDamagedError`` naming the file.
    """
    return _load(home, files, "rows", schema)


def load_rejections(home: Home, files: Iterable[tuple[str, str]], schema: pyarrow.Schema) -> pyarrow.Table:
    """As ``load_rows``, the rejections."""
    return _load(home, files, "rejections", schema)


def _name(sha256: str, part: str) -> str:
    return f"{sha256}.{part}.parquet"


def _digests_name(sha256: str) -> str:
    return f"{sha256}.sha256"


def _encode(table: pyarrow.Table) -> bytes:
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(table.combine_chunks(), sink, version="2.6", compression="zstd", write_statistics=False)
    return bytes(sink.getvalue())


def _load(home: Home, files: Iterable[tuple[str, str]], part: str, schema: pyarrow.Schema) -> pyarrow.Table:
    with ThreadPoolExecutor(_READERS) as readers:
        found = readers.map(lambda file: _read(home.landed / file[0], file[1], part, schema), files)
        return pyarrow.concat_tables([schema.empty_table(), *found])


def _read(folder: Path, sha256: str, part: str, schema: pyarrow.Schema) -> pyarrow.Table:
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
    table = parquet.read_table(pyarrow.BufferReader(content), use_threads=False)
    if not table.schema.equals(schema):
        message = f"landed rows have other columns than this version reads: {folder.name}/{name}"
        raise LandedDamagedError(message)
    return table
