"""Rows at rest in canonical order, less some and with a few others: in canonical order again, without sorting all.

Slices at rest are read once, one after the other; into each go the few rows that stand before its last one. What comes
out is what ``schemas.digest.sort_rows`` of all rows would give (ADR 0050).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.digest import sort_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Truths = NDArray[np.bool_]


_SAME: Final = "coverage_month"
"""The one column before others that is the same everywhere in what a month publishes."""


class NotInOrderError(RuntimeError):
    """Rows that were to lie in canonical order do not."""


def merged(
    slices: Iterable[pyarrow.Table], leave: Callable[[pyarrow.Table], pyarrow.ChunkedArray], few: pyarrow.Table
) -> Iterator[pyarrow.Table]:
    """The rows of all slices but those that leave, and a few others, in canonical order, slice by slice.

    ``leave`` tells of each row of a slice whether it leaves. Rows alike in the first column that is not the same
    everywhere come together. Raises ``NotInOrderError``.
    """
    rest, kept, before = sort_rows(few), few.slice(0, 0), few.slice(0, 0)
    for table, is_last in _with_last(slices):
        _check(pyarrow.concat_tables([before, table.slice(0, 1)]))
        _check(table)
        before = table.slice(len(table) - 1)
        number = len(rest) if is_last else int(bisect(rest, before)[0])
        into = rest.slice(0, number)
        kept = pyarrow.concat_tables([kept, _mixed(table, leave(table), into, bisect(table, into))])
        rest = rest.slice(number)
        if len(kept) and not is_last:
            cut = _end_of_whole(kept)
            yield kept.slice(0, cut)
            kept = kept.slice(cut)
    yield pyarrow.concat_tables([kept, rest])


def _with_last(slices: Iterable[pyarrow.Table]) -> Iterator[tuple[pyarrow.Table, bool]]:
    """Each slice that has rows, and whether it is the last one."""
    held = None
    for table in slices:
        if len(table):
            if held is not None:
                yield held, False
            held = table
    if held is not None:
        yield held, True


def _check(table: pyarrow.Table) -> None:
    """Raise ``NotInOrderError`` where rows are not in order; where that cannot be told they are sorted, to know."""
    ordered = sort_rows(table)
    if ordered is not table and not ordered.equals(table):
        message = "rows that were to lie in canonical order do not"
        raise NotInOrderError(message)


def _mixed(table: pyarrow.Table, leaves: pyarrow.ChunkedArray, few: pyarrow.Table, place: Places) -> pyarrow.Table:
    """The rows of a slice that stay, and before the row at each ``place`` one of ``few``, which are in order."""
    stays = ~_true(leaves)
    if stays.all() and not len(few):
        return table
    number_before = np.append(0, np.cumsum(stays))
    order = np.insert(np.flatnonzero(stays), number_before[place], len(table) + np.arange(len(few)))
    return pyarrow.concat_tables([table, few]).combine_chunks().take(pyarrow.array(order))


def _end_of_whole(table: pyarrow.Table) -> int:
    """Where the rows begin that are alike with the last one in the first column that may differ anywhere."""
    column = next(table[name] for name in table.column_names if name != _SAME)
    # In order: what is alike with the last value stands at the end.
    last = pc.equal(column, column[-1]) if column[-1].is_valid else pc.is_null(column)
    return int(len(column) - _true(last).sum())


def bisect(rows: pyarrow.Table, few: pyarrow.Table) -> Places:
    """For each of ``few`` how many of ``rows``, which are in canonical order, stand before it."""
    low, high = np.zeros(len(few), np.int64), np.full(len(few), len(rows), np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        at = np.minimum(middle, len(rows) - 1)
        is_before = _are_before(rows, at, few) & (low < high)
        low, high = np.where(is_before, middle + 1, low), np.where(is_before | (low >= high), high, middle)
    return low


def _are_before(rows: pyarrow.Table, places: Places, few: pyarrow.Table) -> Truths:
    """Whether the row at each place stands before the one of ``few``: by all columns, nulls last."""
    found, alike = np.zeros(len(few), dtype=bool), np.arange(len(few))
    for name in rows.column_names:
        one, other = rows[name].take(pyarrow.array(places[alike])), few[name].take(pyarrow.array(alike))
        is_less = _true(pc.less(one, other)) | _true(pc.and_(pc.is_valid(one), pc.is_null(other)))
        is_same = _true(pc.equal(one, other)) | _true(pc.and_(pc.is_null(one), pc.is_null(other)))
        found[alike[is_less]] = True
        alike = alike[is_same]
        if not len(alike):
            break
    return found


def _true(values: pyarrow.ChunkedArray) -> Truths:
    return np.asarray(pc.fill_null(values, fill_value=False).to_numpy(), dtype=bool)
