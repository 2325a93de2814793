"""The content digest of a table: equal for equal rows, whatever their order, chunks or encoding.

A digest is the SHA-256 over the schema and, column by column, over the sorted rows in one canonical byte form
(lengths and bytes of text, little-endian fixed-width values, validity as bytes). It decides whether a table changed
(CONTRACT §11) and whether two files hold the same multiset of rows (CONTRACT §4).
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.row_order import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray


_NEARLY_ALL: Final = 0.8

_KEPT_BYTES: Final = 1 << 27
"""Text of a column that is held from one look at it to the next."""


def content_digest(table: pyarrow.Table) -> str:
    """SHA-256 (hex) of the multiset of rows of ``table``, independent of their order and of how they are chunked."""
    ordered = sort_rows(table)
    return digest_of_slices(ordered.schema, ordered.num_rows, lambda name: [ordered[name]])


def digest_of_slices(schema: pyarrow.Schema, rows: int, read: Callable[[str], Iterable[pyarrow.ChunkedArray]]) -> str:
    """The content digest of a table whose rows lie in canonical order in slices.

    ``read`` gives a column slice by slice; it is asked once for each, of a large column of text twice, and never for
    two at once.
    """
    digest = hashlib.sha256()
    digest.update(f"{rows}".encode())
    for field in schema:
        digest.update(f"\n{field.name}:{field.type}\n".encode())
        of_kind = _update_texts if _is_text(field.type) else _update_numbers
        of_kind(digest, partial(_arrays, read, field.name))
    return digest.hexdigest()


def _arrays(read: Callable[[str], Iterable[pyarrow.ChunkedArray]], name: str) -> Iterator[pyarrow.Array]:
    for column in read(name):
        yield from column.chunks


def sort_rows(table: pyarrow.Table) -> pyarrow.Table:
    """The rows in one canonical order: by all columns from first to last, nulls last. Rows in it are not touched.

    Finding that they are costs a twentieth of sorting them, so who needs the order asks for it and never for whether
    somebody sorted before.
    """
    places = order_of(table)
    return table if places is None else table.take(pyarrow.array(places))


def order_of(table: pyarrow.Table) -> NDArray[Any] | None:
    """The places at which the rows stand in the order of :func:`sort_rows`; None where they are in it already."""
    return None if _is_ordered(table) else in_order(table)


def sort_wanted(table: pyarrow.Table, is_wanted: pyarrow.ChunkedArray) -> pyarrow.Table:
    """The wanted rows of ``table``, as ``sort_rows`` gives them; where these are nearly all, they are copied once."""
    count = pc.sum(is_wanted, min_count=0).as_py()
    if count == table.num_rows:
        return sort_rows(table)
    if count < table.num_rows * _NEARLY_ALL or _is_ordered(table):
        return sort_rows(table.filter(is_wanted))
    places = in_order(table)
    return table.take(pyarrow.array(places[is_wanted.to_numpy()[places]]))


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


def _update_numbers(digest: hashlib._Hash, arrays: Callable[[], Iterator[pyarrow.Array]]) -> None:
    """Two parts, each of all rows: which values there are, the values."""
    values = []
    for array in arrays():
        digest.update(_validity(array))
        values.append(array)
    for array in values:
        digest.update(_little_endian(_filled(_as_integers(array), 0).to_numpy(zero_copy_only=False)))


def _update_texts(digest: hashlib._Hash, arrays: Callable[[], Iterator[pyarrow.Array]]) -> None:
    """Three parts, each of all rows: which values there are, the lengths of text, the text.

    A column is read again for its text only where that is too much to be kept from the first time.
    """
    lengths: list[NDArray[Any]] = []
    kept: list[tuple[NDArray[Any], memoryview]] = []
    size = 0
    for array in arrays():
        digest.update(_validity(array))
        offsets, content = _text(array)
        lengths.append(np.diff(offsets))
        size += int(offsets[-1] - offsets[0])
        if size <= _KEPT_BYTES:
            kept.append((offsets, content))
        else:
            kept.clear()
    for of_array in lengths:
        digest.update(_little_endian(of_array))
    for offsets, content in kept if size <= _KEPT_BYTES else map(_text, arrays()):
        digest.update(content[int(offsets[0]) : int(offsets[-1])])


def _text(array: pyarrow.Array) -> tuple[NDArray[Any], memoryview]:
    """Where each text begins in the bytes of all, and where the last ends; the bytes."""
    filled = _filled(array, "")
    _, bounds, content = filled.buffers()
    kind = "<i8" if pyarrow.types.is_large_string(filled.type) else "<i4"
    if bounds is None or not len(filled):
        return np.zeros(1, kind), memoryview(b"")
    offsets = np.frombuffer(bounds, kind)[filled.offset : filled.offset + len(filled) + 1]
    return offsets, memoryview(b"" if content is None else content)


def _is_text(kind: pyarrow.DataType) -> bool:
    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind))


def _little_endian(numbers: NDArray[np.int64]) -> memoryview:
    return np.ascontiguousarray(numbers, dtype="<i8").data


def _validity(array: pyarrow.Array) -> bytes:
    if not array.null_count:
        return b"\x01" * len(array)
    return np.asarray(pc.is_valid(array).to_numpy(zero_copy_only=False), dtype=np.uint8).tobytes()


def _filled(array: pyarrow.Array, value: str | int) -> pyarrow.Array:
    return pc.fill_null(array, value) if array.null_count else array


def _as_integers(array: pyarrow.Array) -> pyarrow.Array:
    if pyarrow.types.is_boolean(array.type):
        return array.cast(pyarrow.int8())
    if pyarrow.types.is_date32(array.type):
        return array.cast(pyarrow.int32())
    return array if pyarrow.types.is_integer(array.type) else array.cast(pyarrow.int64())
