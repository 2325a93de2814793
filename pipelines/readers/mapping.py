"""From a sender's columns to the canonical ones, as text, by the layout's expressions; no guesses (CONTRACT §3).

A field that its layout cannot read becomes empty and its row a failure; the canonical model judges everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.readers import forms, grammar
from pipelines.readers.expressions import evaluate
from pipelines.readers.kinds import FILE_MODELS
from pipelines.readers.raw import WHOLE_ROW, CellFailure, Failure
from schemas.files.fields import one_of
from schemas.octets import LARGE_TEXT, as_array

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pipelines.readers.layout import Case, Condition, Expression, Layout
    from pipelines.readers.raw import RawRows

    Rows = NDArray[np.int64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Mapped:
    """The canonical columns as text, what could not be read, and the source column told for each canonical one."""

    texts: pyarrow.Table
    failures: tuple[Failure, ...]
    sources: dict[str, str]
    typed: pyarrow.Table


def to_canonical(raw: RawRows, layout: Layout) -> Mapped:
    """All ``n`` rows under the canonical columns of the layout's kind, in the order of CONTRACT §3."""
    said = FILE_MODELS[layout.kind].fields()
    fields = list(said)
    if layout.canonical:
        cells = [_placed(failure, layout, fields) for failure in raw.failures]
        cells += _foreign(raw.columns, said)
        return Mapped(_whole(raw.columns, fields), tuple(cells), {name: name for name in fields}, raw.columns)
    typed, type_failures = _typed(raw.columns, layout)
    masks = _case_masks(typed, layout)
    failures = [_rejection(case, mask) for case, mask in zip(layout.cases, masks, strict=True) if case.reject]
    failures += forms.failures(raw, layout)
    failures += [_placed(failure, layout, fields) for failure in (*raw.failures, *type_failures)]
    columns = {}
    for place, name in enumerate(fields):
        columns[name], failed = _column(typed, layout, masks, name)
        failures += [Failure(cell.column, cell.rule, cell.reason, cell.rows, place) for cell in failed]
    return Mapped(pyarrow.table(columns), tuple(failures), _sources(layout, fields), typed)


def _whole(columns: pyarrow.Table, fields: list[str]) -> pyarrow.Table:
    """A canonical file's columns in order; empty where it has no such column."""
    empty = pyarrow.repeat(pyarrow.scalar("", LARGE_TEXT), columns.num_rows)
    return pyarrow.table({name: columns[name] if name in columns.column_names else empty for name in fields})


def _foreign(columns: pyarrow.Table, fields: Mapping[str, Mapping[str, Any]]) -> list[Failure]:
    """The words of a canonical file that only other layouts may say."""
    failures = []
    for place, (name, said) in enumerate(fields.items()):
        if said["elsewhere"]:
            words = pyarrow.array(said["elsewhere"], LARGE_TEXT)
            rows = pc.is_in(as_array(columns[name]), value_set=words).to_numpy(zero_copy_only=False)
            rule = one_of(said["allowed"])
            failures.append(Failure(name, rule.name, rule.reason, rows, place))
    return failures


def _typed(columns: pyarrow.Table, layout: Layout) -> tuple[pyarrow.Table, list[CellFailure]]:
    """The source columns with dates and amounts in canonical text."""
    failures = []
    for name in layout.apostrophes:
        bare = pc.replace_substring_regex(as_array(columns[name]), "(?s)^'(.*?)'?$", r"\1")
        columns = columns.set_column(columns.column_names.index(name), name, bare)
    for name, kind in layout.types.items():
        converted = grammar.convert(as_array(columns[name]), kind, layout)
        columns = columns.set_column(columns.column_names.index(name), name, converted.texts)
        if converted.failed.any():
            failures.append(CellFailure(name, converted.rule, converted.reason, converted.failed))
    return columns, failures


def _case_masks(columns: pyarrow.Table, layout: Layout) -> list[Mask]:
    """For every case the rows that are of it: of the first case all of whose conditions they meet."""
    free = np.ones(columns.num_rows, np.bool_)
    masks = []
    for case in layout.cases:
        mask = free.copy()
        for condition in case.when:
            mask &= _meets(columns, condition)
        free &= ~mask
        masks.append(mask)
    return masks


def _meets(columns: pyarrow.Table, condition: Condition) -> Mask:
    array = as_array(columns[condition.column])
    meets = np.ones(len(array), np.bool_)
    if condition.begins:
        meets &= pc.starts_with(array, condition.begins).to_numpy(zero_copy_only=False)
    if condition.matches:
        meets &= pc.match_substring_regex(array, condition.matches).to_numpy(zero_copy_only=False)
    if condition.filled is not None:
        meets &= pc.not_equal(array, "").to_numpy(zero_copy_only=False) == condition.filled
    return meets


def _rejection(case: Case, mask: Mask) -> Failure:
    assert case.reject is not None  # noqa: S101 - the caller asks for rejecting cases only
    return Failure(case.reject.column, case.reject.rule, case.reject.reason, mask, WHOLE_ROW)


def _column(
    columns: pyarrow.Table, layout: Layout, masks: list[Mask], name: str
) -> tuple[pyarrow.LargeStringArray, list[CellFailure]]:
    """One canonical column: every case's rows by its own expression, put back in their order."""
    groups = _groups(layout, masks, name)
    failures: list[CellFailure] = []
    parts = []
    for rows, expression in groups:
        texts, failed = evaluate(columns.take(pyarrow.array(rows)) if len(groups) > 1 else columns, expression, layout)
        parts.append(texts)
        failures += [_spread(cell, rows, columns.num_rows) for cell in failed]
    if len(groups) == 1:
        return parts[0], failures
    order = np.argsort(np.concatenate([rows for rows, _ in groups]), kind="stable")
    return pyarrow.concat_arrays(parts).take(pyarrow.array(order)), failures


def _groups(layout: Layout, masks: list[Mask], name: str) -> list[tuple[Rows, Expression | None]]:
    expressions = [case.columns.get(name) for case in layout.cases]
    if all(expression == expressions[0] for expression in expressions):
        return [(np.arange(masks[0].size), expressions[0])]
    return [(np.flatnonzero(mask), expression) for mask, expression in zip(masks, expressions, strict=True)]


def _spread(failure: CellFailure, rows: Rows, total: int) -> CellFailure:
    mask = np.zeros(total, np.bool_)
    mask[rows] = failure.rows
    return CellFailure(failure.column, failure.rule, failure.reason, mask)


def _placed(failure: CellFailure, layout: Layout, fields: list[str]) -> Failure:
    """The failure of a source column at the place of the first canonical column made from it."""
    used = [place for place, name in enumerate(fields) if failure.column in _columns_of(layout, name)]
    return Failure(failure.column, failure.rule, failure.reason, failure.rows, min(used, default=len(fields)))


def _columns_of(layout: Layout, name: str) -> list[str]:
    expressions = [case.columns[name] for case in layout.cases if name in case.columns]
    return [column for said in expressions for column in (*said.source, said.date) if column]


def _sources(layout: Layout, fields: list[str]) -> dict[str, str]:
    """Canonical column → the source columns of all other rows, as told in a rejection."""
    sources = {}
    for name in fields:
        said = layout.cases[-1].columns.get(name)
        named = [] if said is None else [column for column in (said.date, *said.source) if column]
        sources[name] = " + ".join(named) or name
    return sources
