"""Which rows are rejected, and the one thing told of each: its first failing column (CONTRACT §4)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.readers import distinct
from pipelines.readers.kinds import FILE_MODELS
from pipelines.readers.raw import WHOLE_ROW, Failure
from schemas.tables.rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout
    from pipelines.readers.mapping import Mapped
    from pipelines.readers.raw import RawRows


def failures_of(mapped: Mapped, layout: Layout) -> list[Failure]:
    """What fails in the ``n`` rows: first what the layout could not read, then what the canonical model demands."""
    model = FILE_MODELS[layout.kind]
    places = {name: place for place, name in enumerate(model.fields())}
    texts = mapped.texts.to_pandas()
    found = [
        Failure(mapped.sources[failed.column], failed.rule, failed.reason, failed.rows, places[failed.column])
        for failed in model.failures(texts)
    ]
    shared = distinct.failures(mapped, layout)
    return sorted([*mapped.failures, *found, *shared], key=lambda failure: failure.place)


def rejected_rows(failures: Sequence[Failure], rows: int) -> NDArray[np.bool_]:
    """The mask over all rows of those that fail anywhere."""
    mask = np.zeros(rows, np.bool_)
    for failure in failures:
        mask |= failure.rows
    return mask


def without(rows: pyarrow.Table, rejected: NDArray[np.bool_]) -> pyarrow.Table:
    """The rows that are not rejected; where these are few, what stands between them is copied as a whole."""
    places = np.flatnonzero(rejected)
    if not places.size:
        return rows
    if places.size * _FEW > rejected.size:
        return rows.filter(pyarrow.array(~rejected))
    bounds = [(first, stop - first) for first, stop in zip([0, *(places + 1)], [*places, rejected.size], strict=True)]
    columns = [
        pyarrow.concat_arrays([column.slice(first, size) for first, size in bounds])
        for column in (rows[name].chunk(0) for name in rows.column_names)
    ]
    return pyarrow.Table.from_arrays(columns, schema=rows.schema)


def rejections(raw: RawRows, failures: Sequence[Failure], sha256: str) -> pyarrow.Table:
    """One row of ``Rejection`` (without file_name) for every rejected row, in the order of the file."""
    if not failures and not raw.broken_lines.size:
        return _schema().empty_table()
    first, columns = _first_failures(failures, raw.lines.size)
    places = np.flatnonzero(first >= 0)
    told = pyarrow.array(first[places])
    more = [_others(number) for number in range(len({failure.place for failure in failures}) + 1)]
    reasons = pyarrow.array([failure.reason for failure in failures], pyarrow.string()).take(told)
    others = pyarrow.array(more, pyarrow.string()).take(pyarrow.array(np.maximum(columns[places] - 1, 0)))
    found = {
        "sheet": raw.sheet_names().take(pyarrow.array(places)),
        "row": pyarrow.array(raw.lines[places]),
        "column": pyarrow.array([failure.column for failure in failures], pyarrow.string()).take(told),
        "rule": pyarrow.array([failure.rule for failure in failures], pyarrow.string()).take(told),
        "reason": pc.binary_join_element_wise(reasons, others, ""),
    }
    broken = {"sheet": raw.sheet, "column": "", **_BROKEN, "row": pyarrow.array(raw.broken_lines)}
    return _in_order(
        [_conform(found, sha256), _conform(broken, sha256)] if raw.broken_lines.size else [_conform(found, sha256)]
    )


def _conform(found: Mapping[str, pyarrow.Array | str], sha256: str) -> pyarrow.Table:
    """Columns, or one text for all rows, as the table of rejections."""
    columns = {**found, "sha256": sha256}
    rows = len(columns["row"])
    whole = [
        pyarrow.repeat(said, rows) if isinstance(said := columns[field.name], str) else said for field in _schema()
    ]
    return pyarrow.Table.from_arrays(whole, schema=_schema())


def _in_order(parts: Sequence[pyarrow.Table]) -> pyarrow.Table:
    """Rejections in the order of the file: of several sheets, sheet by sheet."""
    if len(parts) == 1:
        return parts[0]
    whole = pyarrow.concat_tables(parts).combine_chunks()
    return whole.take(pyarrow.array(np.argsort(whole["row"].to_numpy(), kind="stable")))


def _first_failures(failures: Sequence[Failure], rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every row the index of its first failure (-1: none), and how many columns fail in it."""
    first = np.full(rows, -1, np.int64)
    columns = np.zeros(rows, np.int64)
    seen: dict[int, NDArray[np.bool_]] = {}
    for index, failure in enumerate(failures):
        first[(first < 0) & failure.rows] = index
        if failure.place == WHOLE_ROW:
            # What else is wrong with a row that is not to be used anyway helps nobody.
            columns[failure.rows] -= len(failures)
        before = seen.get(failure.place, np.zeros(rows, np.bool_))
        columns += failure.rows & ~before
        seen[failure.place] = before | failure.rows
    return first, columns


def _others(number: int) -> str:
    return f" (and {number} more column{'' if number == 1 else 's'} of the row failed)" if number else ""


_FEW: Final = 100
"""Rejected rows are few where at most one in so many is."""


@cache
def _schema() -> pyarrow.Schema:
    return pyarrow.schema([field for field in Rejection.arrow_schema() if field.name != "file_name"])


_BROKEN = {
    "rule": "record_fields",
    "reason": "expected as many fields as the header has; correct the record at the source and send the row again",
}
