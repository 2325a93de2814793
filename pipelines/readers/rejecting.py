"""Which rows are rejected, and the one thing told of each: its first failing column (CONTRACT §4)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow

from pipelines.readers import distinct
from pipelines.readers.kinds import FILE_MODELS
from pipelines.readers.raw import WHOLE_ROW, Failure
from schemas.tables.rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def rejections(raw: RawRows, failures: Sequence[Failure], sha256: str) -> pyarrow.Table:
    """One row of ``Rejection`` (without file_name) for every rejected row, in the order of the file."""
    if not failures and not raw.broken_lines.size:
        return _schema().empty_table()
    first, columns = _first_failures(failures, raw.lines.size)
    places = np.flatnonzero(first >= 0)
    told = first[places]
    reasons = np.array([failure.reason for failure in failures], dtype=object)
    others = np.array(
        [_others(number) for number in range(len({failure.place for failure in failures}) + 1)], dtype=object
    )
    frame = pd.DataFrame(
        {
            "sheet": raw.sheet_names().take(pyarrow.array(places)).to_pandas(),
            "row": raw.lines[places],
            "column": np.array([failure.column for failure in failures], dtype=object)[told],
            "rule": np.array([failure.rule for failure in failures], dtype=object)[told],
            "reason": reasons[told] + others[np.maximum(columns[places] - 1, 0)],
        },
    )
    broken = pd.DataFrame({"sheet": raw.sheet, "row": raw.broken_lines, "column": "", **_BROKEN})
    whole = pd.concat([frame, broken], ignore_index=True)
    # Rows are told in the order of the file: of several sheets, sheet by sheet.
    ordered = whole.sort_values("row", kind="stable") if raw.broken_lines.size else whole
    return _conform(ordered.assign(sha256=sha256))


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


@cache
def _schema() -> pyarrow.Schema:
    return pyarrow.schema([field for field in Rejection.arrow_schema() if field.name != "file_name"])


def _conform(frame: pd.DataFrame) -> pyarrow.Table:
    schema = _schema()
    return pyarrow.Table.from_arrays(
        [pyarrow.array(frame[field.name], from_pandas=True).cast(field.type) for field in schema], schema=schema
    )


_BROKEN = {
    "rule": "record_fields",
    "reason": "expected as many fields as the header has; correct the record at the source and send the row again",
}
