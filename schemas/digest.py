"""The content digest of a table: equal for equal rows, whatever their order, chunks or encoding.

A digest is the SHA-256 over the schema and, column by column, over the sorted rows in one canonical byte form
(lengths and bytes of text, little-endian fixed-width values, validity as bytes). It decides whether a table changed
(CONTRACT §11) and whether two files hold the same multiset of rows (CONTRACT §4).
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow
import pyarrow.compute as pc


def content_digest(table: pyarrow.Table) -> str:
    """SHA-256 (hex) of the multiset of rows of ``table``, independent of their order and of how they are chunked."""
    ordered = sort_rows(table)
    digest = hashlib.sha256()
    digest.update(f"{ordered.num_rows}".encode())
    for field in ordered.schema:
        digest.update(f"\n{field.name}:{field.type}\n".encode())
        _update(digest, ordered[field.name].combine_chunks())
    return digest.hexdigest()


def sort_rows(table: pyarrow.Table) -> pyarrow.Table:
    """The rows in one canonical order: by all columns from first to last, nulls last."""
    if table.num_rows <= 1:
        return table
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in table.column_names])
    return table.take(order)


def _update(digest: hashlib._Hash, column: pyarrow.Array | pyarrow.ChunkedArray) -> None:
    array = pyarrow.concat_arrays(column.chunks) if isinstance(column, pyarrow.ChunkedArray) else column
    digest.update(np.asarray(pc.is_valid(array).to_numpy(zero_copy_only=False), dtype=np.uint8).tobytes())
    kind = array.type
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        whole = pc.fill_null(array, "").cast(pyarrow.large_binary())
        digest.update(pc.binary_length(whole).to_numpy(zero_copy_only=False).astype("<i8").tobytes())
        digest.update(_text_bytes(whole))
        return
    plain = array.cast(pyarrow.int8()) if pyarrow.types.is_boolean(kind) else _as_integers(array)
    digest.update(pc.fill_null(plain, 0).to_numpy(zero_copy_only=False).astype("<i8").tobytes())


def _text_bytes(array: pyarrow.LargeBinaryArray) -> memoryview:
    _, offsets, content = array.buffers()
    if content is None or len(array) == 0:
        return memoryview(b"")
    bounds = np.frombuffer(offsets, dtype="<i8")[array.offset : array.offset + len(array) + 1]
    return memoryview(content)[int(bounds[0]) : int(bounds[-1])]


def _as_integers(array: pyarrow.Array) -> pyarrow.Array:
    if pyarrow.types.is_date32(array.type):
        return array.cast(pyarrow.int32())
    return array if pyarrow.types.is_integer(array.type) else array.cast(pyarrow.int64())
