"""Arrow files of a run: written whole or not there, cut into parts that are read one by one, a column at a time.

They belong to one run and are never kept, so nothing waits for the disk. What is written twice is the same twice: the
one that ends last stays.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow
from pyarrow import ipc

from schemas.octets import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# In threads of Arrow every column of every part is a task of its own, and most are too small for that; the other core
# has another step, or another slice that is put in order.
_WRITING: Final = ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_READING: Final = ipc.IpcReadOptions(use_threads=False)


def write_parts(path: Path, table: pyarrow.Table, part: NDArray[Any], parts: int) -> None:
    """Lay down the rows of ``table``, those of each part together; ``part`` is the part of each row.

    Rows of which it is ``parts`` are left away.
    """
    codes = part.astype(np.uint16 if parts <= np.iinfo(np.uint16).max else np.int64)
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(parts + 1))
    is_as_it_came = bounds[-1] == len(codes) and not (order[1:] < order[:-1]).any()
    # Put together first: out of one piece rows are taken faster.
    pieces = [whole(column) for column in table.columns]
    columns = pieces if is_as_it_came else [piece.take(pyarrow.array(order[: bounds[-1]])) for piece in pieces]
    ordered = pyarrow.RecordBatch.from_arrays(columns, schema=table.schema)
    with _placed(path) as sink, ipc.new_file(sink, table.schema, options=_WRITING) as writer:
        for start, end in pairwise(bounds.tolist()):
            writer.write_batch(ordered.slice(start, end - start))


def read_part(paths: Iterable[Path], part: int) -> pyarrow.Table:
    """The rows of one part out of every file, file after file; at least one file."""
    return pyarrow.Table.from_batches([_batch(path, part) for path in paths])


def write(path: Path, table: pyarrow.Table) -> None:
    """Lay down a table whole."""
    with _placed(path) as sink, ipc.new_file(sink, table.schema, options=_WRITING) as writer:
        writer.write_table(table)


def read(path: Path, columns: Sequence[str] | None = None) -> pyarrow.Table:
    """A table that was laid down, parts and all, or some of its columns."""
    with pyarrow.OSFile(str(path)) as source, ipc.open_file(source, options=_READING) as reader:
        whole = reader.read_all() if columns is None else None
        fields = [] if columns is None else [reader.schema.get_field_index(name) for name in columns]
    if whole is not None:
        return whole
    options = ipc.IpcReadOptions(included_fields=fields, use_threads=False)
    with pyarrow.OSFile(str(path)) as source, ipc.open_file(source, options=options) as reader:
        return reader.read_all().select(list(columns or ()))


def _batch(path: Path, part: int) -> pyarrow.RecordBatch:
    with pyarrow.OSFile(str(path)) as source, ipc.open_file(source, options=_READING) as reader:
        return reader.get_batch(part)


@contextmanager
def _placed(path: Path) -> Iterator[pyarrow.NativeFile]:
    """Where to write a file that stands at ``path`` once it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not named as the files that a home sweeps when any run begins: this one is not locked, and goes with its folder.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.half")
    try:
        with pyarrow.OSFile(str(temporary), "wb") as sink:
            yield sink
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
