"""Many values that are sought in a column that comes slice by slice, in order or not."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import Any

import pyarrow
import pyarrow.compute as pc


class Sought:
    """Values, of which in each slice only those are looked for that lie between its lowest and its highest.

    Arrow makes a table of all values that are looked for anew with each call: of many slices, and as many more values,
    that is most of the work. In slices of a table in order each value is looked for in one or two of them.
    """

    def __init__(self, values: pyarrow.Array) -> None:
        self._values = values

    def among(self, column: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
        """Which values of a column are among those sought, as ``pyarrow.compute.is_in`` tells it."""
        if self._values.null_count:
            return pc.is_in(column, value_set=self._values)
        ends = pc.min_max(column)
        low, high = ends["min"].as_py(), ends["max"].as_py()
        if low is None:
            return pc.is_in(column, value_set=self._values.slice(0, 0))
        start = bisect_left(self._in_order, low, key=_plain)
        end = bisect_right(self._in_order, high, key=_plain)
        return pc.is_in(column, value_set=self._in_order.slice(start, end - start))

    @cached_property
    def _in_order(self) -> pyarrow.Array:
        return self._values.take(pc.array_sort_indices(self._values))


def _plain(value: pyarrow.Scalar) -> Any:  # noqa: ANN401 - a text, a number, a date
    return value.as_py()
