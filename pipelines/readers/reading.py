"""A file's bytes to typed rows and rejections, or to the one reason why it is refused (CONTRACT §3, §4)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow

from pipelines.readers import bai2, camt, controls, delimited, fixed_width, mt940, nacha, rejecting, workbook
from pipelines.readers.layout_files import layout_for, layouts
from pipelines.readers.mapping import to_canonical
from pipelines.readers.months import touched
from pipelines.readers.raw import RawRows
from pipelines.readers.refusal import Refused, counted
from pipelines.readers.typed import PROVENANCE, sum_of_pesos, to_rows
from schemas.digest import content_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout

MECHANICS: Final[Mapping[str, Callable[[bytes, Layout], RawRows]]] = {
    "bai2": bai2.read,
    "camt": camt.read,
    "delimited": delimited.read,
    "mt940": mt940.read,
    "nacha": nacha.read,
    "fixed_width": fixed_width.read,
    "workbook": workbook.read,
}
"""Mechanics named by a layout → what makes text of the bytes."""


def _no_rejections() -> pyarrow.Table:
    empty = RawRows(pyarrow.table({}), np.zeros(0, np.int64))
    return rejecting.rejections(empty, [], "")


@dataclass(frozen=True)
class ReadFile:
    """What a file is: refused with a reason, or rows and rejections of its layout.

    ``rows`` has the columns of the kind's row model without file_name and received_at, ``rejections`` those of
    ``Rejection`` without file_name. ``data_rows`` counts both. ``rows_digest`` tells the multiset of rows, whatever the
    name, the order, the quoting or the layout; it is empty where there are no rows.
    """

    layout: str = ""
    kind: str = ""
    refusal: str = ""
    rows: pyarrow.Table | None = None
    rejections: pyarrow.Table = field(default_factory=_no_rejections)
    data_rows: int = 0
    amount_centavos: int = 0
    rows_digest: str = ""
    months: tuple[str, ...] = ()


def read_file(name: str, content: bytes) -> ReadFile:
    """Read ``content`` by the layout whose name pattern ``name`` has. Pure: no path, no clock."""
    layout = layout_for(name)
    if layout is None:
        patterns = ", ".join(pattern for known in layouts() for pattern in known.patterns)
        refused = Refused(
            "a name that no layout has", f"one of {patterns}", "rename the file, or declare a layout for its sender"
        )
        return ReadFile(refusal=refused.message(name))
    try:
        return _read(content, layout)
    except Refused as refused:
        return ReadFile(layout=layout.name, refusal=refused.message(name))


def _read(content: bytes, layout: Layout) -> ReadFile:
    if len(content) > layout.limits.file_bytes:
        limit = counted(layout.limits.file_bytes, "byte")
        raise Refused(
            found=counted(len(content), "byte"), expected=f"at most {limit}", remedy="split the file and send the parts"
        )
    raw = MECHANICS[layout.mechanics](content, layout)
    mapped = to_canonical(raw, layout)
    controls.check(raw, mapped, layout)
    failures = rejecting.failures_of(mapped, layout)
    rejected = rejecting.rejected_rows(failures, raw.lines.size)
    sha256 = hashlib.sha256(content).hexdigest()
    sound = mapped.texts if not rejected.any() else mapped.texts.filter(pyarrow.array(~rejected))
    rows = to_rows(sound, layout.kind, sha256, raw.sheet, raw.lines[~rejected])
    return ReadFile(
        layout=layout.name,
        kind=layout.kind,
        rows=rows,
        rejections=rejecting.rejections(raw, failures, sha256),
        data_rows=raw.lines.size + raw.broken_lines.size,
        amount_centavos=sum_of_pesos(rows, layout.kind),
        rows_digest=_rows_digest(rows, raw, rejected, layout.kind),
        months=touched(rows, layout.kind),
    )


def _rows_digest(rows: pyarrow.Table, raw: RawRows, rejected: NDArray[np.bool_], kind: str) -> str:
    """Digest of the multiset: sound rows by what they mean, rejected rows by their text as sent."""
    if not raw.lines.size and not raw.broken_lines.size:
        return ""
    sound = content_digest(rows.drop_columns(list(PROVENANCE)))
    as_sent = raw.columns.select(sorted(raw.columns.column_names)).filter(pyarrow.array(rejected))
    parts = [kind, sound, content_digest(as_sent), raw.broken_digest]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
