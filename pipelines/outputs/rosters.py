"""The rosters of the clinics: whom to receive and whom no longer, with no more of a person than that needs.

All rosters are one table, ordered by clinic; each is a run of its rows, so that thousands of clinics cost one pass.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.outputs import delimited
from pipelines.outputs.tallies import side_by_side, tally
from pipelines.store import spilled
from pipelines.store.ordered import Ordered
from schemas.octets import octets
from schemas.row_order import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

PENDING: Final = "pending"
"""The roster of those who have no clinic yet."""

COLUMNS: Final = (
    "coverage_month",
    "umf",
    "nss",
    "curp",
    "full_name",
    "status",
    "cause",
    "coverage_start",
    "coverage_end",
)
"""``status``: ``activated``; ``revoked``: no longer covered; ``moved``: covered, and now with another clinic."""

_SCHEMA: Final = pyarrow.schema(
    [(name, pyarrow.date32() if name in {"coverage_start", "coverage_end"} else pyarrow.string()) for name in COLUMNS]
)

# Names that stand as they are on every file system, also where `UMF 12` and `umf 12` are one file.
_PLAIN_NAME: Final = re.compile(r"[A-Z0-9]([A-Z0-9 _-]{0,58}[A-Z0-9])?")
_RESERVED: Final = re.compile(r"CON|PRN|AUX|NUL|PENDING|(COM|LPT)[0-9]")
_LONGEST: Final = 40
_AT_ONCE: Final = 500_000
"""Registrants whose rosters are made together, and somewhat more: a clinic is never divided."""

_OF_A_CHANGE: Final = ["coverage_month", "nss", "detail"]


class Rosters(NamedTuple):
    """Every roster: the ``rows`` of all, and by file name (without ending, sorted) where its rows start, how many."""

    rows: pyarrow.Table
    runs: Mapping[str, tuple[int, int]]

    def of(self, name: str) -> pyarrow.Table:
        """The roster in the file of this name."""
        return self.rows.slice(*self.runs[name])

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Each roster as CSV, by its file name, in the order of its rows."""
        header = delimited.header(self.rows)
        runs = sorted(self.runs.items(), key=lambda run: run[1])
        contents = _cut(delimited.lines(self.rows), [count for _, (_, count) in runs])
        for (name, _), content in zip(runs, contents, strict=True):
            yield name, b"".join([header, *content])


def by_clinic(activations: pyarrow.Table, changes: pyarrow.Table, before: pyarrow.Table | None) -> Rosters:
    """A roster for every clinic with somebody and for those pending.

    coverage_activations, coverage_changes and the activations published before → one row a registrant, with the
    activations first, ordered by name and NSS. Those revoked are told to the clinic that had expected them.
    """
    old = None if before is None else Ordered.of(before)
    rosters = _ordered(pyarrow.concat_tables(_listed(Ordered.of(activations), Ordered.of(changes), old)))
    return Rosters(rosters.rows, dict(sorted({PENDING: (0, 0), **rosters.runs}.items())))


def files(activations: Ordered, changes: Ordered, before: Ordered | None, scratch: Path) -> Iterator[tuple[str, bytes]]:
    """The files of ``by_clinic``; of many registrants some clinics at a time, laid apart in ``scratch``."""
    listed = _listed(activations, changes, before)
    clinics = tally(activations.slices(["umf"]), ["umf"])
    part, parts = _parts([found.number for found in clinics.values()])
    if parts == 1:
        whole: Iterable[pyarrow.Table] = [pyarrow.concat_tables(listed)]
    else:
        known = pyarrow.array([key[0] for key in clinics], pyarrow.string())
        paths = []
        for number, rows in enumerate(listed):
            paths.append(scratch / f"{number}.arrow")
            place = pc.fill_null(pc.index_in(rows["umf"], known), 0).to_numpy()
            spilled.write_parts(paths[-1], rows, part[place], parts)
        whole = (spilled.read_part(paths, number) for number in range(parts))
    is_pending = False
    for rosters in map(_ordered, whole):
        is_pending |= PENDING in rosters.runs
        yield from rosters.files()
    if not is_pending:
        yield PENDING, delimited.header(_SCHEMA.empty_table())


def _parts(sizes: list[int]) -> tuple[NDArray[np.int64], int]:
    """The part of each clinic, and how many parts there are: clinics go together until they are many registrants."""
    bounds = np.cumsum([0, *sizes[:-1]]) // _AT_ONCE if sizes else np.zeros(1, np.int64)
    return np.unique(bounds, return_inverse=True)[1], len(np.unique(bounds))


def _ordered(rows: pyarrow.Table) -> Rosters:
    ordered = rows.take(_order(rows))
    return Rosters(ordered, dict(sorted(_runs(ordered["umf"]))))


def _cut(lines: Iterator[pyarrow.LargeStringArray], counts: Iterable[int]) -> Iterator[list[memoryview]]:
    """The bytes of so many lines, and of so many after them: what is held is what makes up one of these."""
    bounds, data, place = np.zeros(1, np.int64), np.zeros(0, np.uint8), 0
    for wanted in counts:
        parts, lacking = [], wanted
        while lacking:
            if place == len(bounds) - 1:
                column = octets(next(lines))
                bounds, data, place = np.append(column.starts, column.data.size), column.data, 0
            end = min(place + lacking, len(bounds) - 1)
            parts.append(data[bounds[place] : bounds[end]].data)
            place, lacking = end, lacking - (end - place)
        yield parts


def _listed(activations: Ordered, changes: Ordered, before: Ordered | None) -> Iterator[pyarrow.Table]:
    """The rows of all rosters, some at a time: those activated, and those whom a clinic needs to expect no longer."""
    revoked = changes.filtered(lambda rows: pc.equal(rows["change"], "revoked"), [*_OF_A_CHANGE, "change"])
    revoked = revoked.select(_OF_A_CHANGE)
    is_known = pyarrow.repeat(False, revoked.num_rows)  # noqa: FBT003 - a value of a column
    pairs = ((rows, None) for rows in activations.slices()) if before is None else side_by_side(activations, before)
    for now, old in pairs:
        yield _told(now, "activated", "")
        if old is not None:
            yield from _gone(now, old, revoked)
            is_known = pc.or_(is_known, pc.is_in(revoked["nss"], old["nss"].combine_chunks()))
    # One who is revoked and of whom nothing was told before is told to no clinic, with the NSS alone.
    untold = revoked.filter(pc.invert(is_known))
    yield _told(untold, "revoked", untold["detail"])


def file_name(umf: str) -> str:
    """A safe name for the file of a clinic, another one for every UMF: ``UMF 12``, ``umf-12~1f0c9a52``, ``pending``."""
    if not umf:
        return PENDING
    if _PLAIN_NAME.fullmatch(umf) and not _RESERVED.fullmatch(umf):
        return umf
    readable = re.sub(r"[^A-Za-z0-9]+", "-", umf)[:_LONGEST].strip("-").lower()
    return f"{readable}~{hashlib.sha256(umf.encode()).hexdigest()[:12]}"


def _gone(now: pyarrow.Table, old: pyarrow.Table, revoked: pyarrow.Table) -> Iterator[pyarrow.Table]:
    """Registrants whom a clinic had been told to expect and that need no longer."""
    place = pc.index_in(old["nss"], now["nss"].combine_chunks())
    lost = old.filter(pc.is_null(place))
    # A clinic is told why the line covers nobody now, not what brought it to light.
    cause = revoked["detail"].take(pc.index_in(lost["nss"], revoked["nss"].combine_chunks()))
    yield _told(lost, "revoked", pc.fill_null(cause, ""))
    elsewhere = pc.and_(pc.not_equal(now["umf"].take(place), old["umf"]), pc.not_equal(old["umf"], ""))
    yield _told(old.filter(elsewhere), "moved", "umf")


def _told(rows: pyarrow.Table, status: str, cause: Any) -> pyarrow.Table:  # noqa: ANN401 - one text or a column
    """The rows of a roster; a column that these do not have is empty in them."""
    known = {name: rows[name] for name in COLUMNS if name in rows.column_names}
    given = {"status": status, "cause": cause}
    columns = []
    for field in _SCHEMA:
        empty = "" if pyarrow.types.is_string(field.type) else None
        value = given.get(field.name, known.get(field.name, empty))
        is_column = isinstance(value, pyarrow.ChunkedArray)
        columns.append(value if is_column else pyarrow.repeat(pyarrow.scalar(value, field.type), rows.num_rows))
    return pyarrow.table(columns, schema=_SCHEMA)


def _order(rows: pyarrow.Table) -> pyarrow.Array:
    """By clinic, then status, name and NSS. Clinics are few: they are compared as numbers."""
    clinics = rows["umf"].combine_chunks().dictionary_encode()
    places = pc.rank(clinics.dictionary, tiebreaker="dense").cast(pyarrow.int64()).take(clinics.indices)
    first = ["status", "full_name", "nss"]
    keys = rows.select([*first, *(name for name in COLUMNS if name not in {*first, "umf"})])
    return pyarrow.array(in_order(keys.add_column(0, "clinic", places)))


def _runs(clinics: pyarrow.ChunkedArray) -> Iterator[tuple[str, tuple[int, int]]]:
    """File name of each distinct value of a sorted column, with where its rows start and how many they are."""
    start = 0
    for value, count in zip(*pc.value_counts(clinics).flatten(), strict=True):
        yield file_name(value.as_py()), (start, count.as_py())
        start += count.as_py()
