"""The content digest of a table: equal for equal rows, whatever their order, chunks or encoding.

A digest is the SHA-256 over the schema and, column by column, over the sorted rows in one canonical byte form
(lengths and bytes of text, little-endian fixed-width values, validity as bytes). It decides whether a table changed
(CONTRACT §11) and whether two files hold the same multiset of rows (CONTRACT §4).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pyarrow
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    """The rows in one canonical order: by all columns from first to last, nulls last. Rows in it are not touched.

    Finding that they are costs a twentieth of sorting them, so who needs the order asks for it and never for whether
    somebody sorted before.
    """
    if _is_ordered(table):
        return table
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in table.column_names])
    return table.take(order)


def _is_ordered(table: pyarrow.Table) -> bool:
    """Whether no row is greater than the one after it; False as well where it cannot be told without sorting.

    Each column is asked only of the neighbours that are alike in all columns before it: mostly the first one tells.
    """
    alike = np.arange(max(table.num_rows - 1, 0))
    for name in table.column_names:
        if not len(alike):
            return True
        column = table[name]
        if column.null_count or pyarrow.types.is_floating(column.type):
            return False
        before, after = _pairs(column, alike)
        if pc.any(pc.greater(before, after)).as_py():
            return False
        alike = alike[pc.equal(before, after).to_numpy()]
    return True


def _pairs(
    column: pyarrow.ChunkedArray, firsts: NDArray[np.int64]
) -> tuple[pyarrow.ChunkedArray, pyarrow.ChunkedArray]:
    """The values at some places, and those after them."""
    if len(firsts) == len(column) - 1:
        return column.slice(0, len(firsts)), column.slice(1)
    return column.take(pyarrow.array(firsts)), column.take(pyarrow.array(firsts + 1))


def _update(digest: hashlib._Hash, column: pyarrow.Array | pyarrow.ChunkedArray) -> None:
    array = pyarrow.concat_arrays(column.chunks) if isinstance(column, pyarrow.ChunkedArray) else column
    digest.update(_validity(array))
    kind = array.type
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        whole = _filled(array, "").cast(pyarrow.large_binary())
        offsets = _offsets(whole)
        digest.update(_little_endian(np.diff(offsets)))
        digest.update(_text_bytes(whole, offsets))
        return
    plain = array.cast(pyarrow.int8()) if pyarrow.types.is_boolean(kind) else _as_integers(array)
    digest.update(_little_endian(_filled(plain, 0).to_numpy(zero_copy_only=False)))


def _little_endian(numbers: NDArray[np.int64]) -> memoryview:
    return np.ascontiguousarray(numbers, dtype="<i8").data


def _validity(array: pyarrow.Array) -> bytes:
    if not array.null_count:
        return b"\x01" * len(array)
    return np.asarray(pc.is_valid(array).to_numpy(zero_copy_only=False), dtype=np.uint8).tobytes()


def _filled(array: pyarrow.Array, value: str | int) -> pyarrow.Array:
    return pc.fill_null(array, value) if array.null_count else array


def _offsets(array: pyarrow.LargeBinaryArray) -> NDArray[np.int64]:
    buffer = array.buffers()[1]
    if buffer is None or not len(array):
        return np.zeros(1, "<i8")
    return np.frombuffer(buffer, dtype="<i8")[array.offset : array.offset + len(array) + 1]


def _text_bytes(array: pyarrow.LargeBinaryArray, offsets: NDArray[np.int64]) -> memoryview:
    content = array.buffers()[2]
    return memoryview(b"") if content is None else memoryview(content)[int(offsets[0]) : int(offsets[-1])]


def _as_integers(array: pyarrow.Array) -> pyarrow.Array:
    if pyarrow.types.is_date32(array.type):
        return array.cast(pyarrow.int32())
    return array if pyarrow.types.is_integer(array.type) else array.cast(pyarrow.int64())
