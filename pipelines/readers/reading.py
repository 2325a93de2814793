"""A file's bytes to typed rows and rejections, or to the one reason why it is refused (CONTRACT §3, §4)."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from os import SEEK_END
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
import pyarrow

from pipelines.readers import bai2, camt, cep, controls, delimited, fixed_width, mt940, nacha, rejecting, workbook
from pipelines.readers.kinds import TELLING
from pipelines.readers.layout import Controls
from pipelines.readers.layout_files import layout_for, layouts
from pipelines.readers.mapping import to_canonical
from pipelines.readers.months import touched
from pipelines.readers.raw import RawRows
from pipelines.readers.refusal import Refused, counted, shown
from pipelines.readers.sequence import place_of
from pipelines.readers.typed import PROVENANCE, sum_of_pesos, to_rows
from schemas.multiset import Multiset
from schemas.outline import Outline
from schemas.remembered import forget

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout

    Keep = Callable[[pyarrow.Table, pyarrow.Table], None]

MECHANICS: Final[Mapping[str, Callable[[bytes, Layout], RawRows]]] = {
    "bai2": bai2.read,
    "camt": camt.read,
    "cep": cep.read,
    "delimited": delimited.read,
    "mt940": mt940.read,
    "nacha": nacha.read,
    "fixed_width": fixed_width.read,
    "workbook": workbook.read,
}
"""Mechanics named by a layout → what makes text of the bytes."""

DIGEST_FORM: Final = "3-"
"""How digests of rows begin; another way of digesting begins otherwise, so that the two are never compared."""


@cache
def _no_rejections() -> pyarrow.Table:
    empty = RawRows(pyarrow.table({}), np.zeros(0, np.int64))
    return rejecting.rejections(empty, [], "")


@dataclass(frozen=True)
class ReadFile:
    """What a file is: refused with a reason, or rows and rejections of its layout.

    ``rows`` has the columns of the kind's row model without file_name and received_at, ``rejections`` those of
    ``Rejection`` without file_name; a stream that was read gave them away. ``data_rows`` counts both. ``rows_digest``
    tells the multiset of rows, whatever the name, the order, the quoting or the layout; it is empty where there are
    no rows.
    """

    layout: str = ""
    kind: str = ""
    refusal: str = ""
    rows: pyarrow.Table | None = None
    rejections: pyarrow.Table = field(default_factory=_no_rejections)
    data_rows: int = 0
    rejected_rows: int = 0
    amount_centavos: int = 0
    rows_digest: str = ""
    months: tuple[str, ...] = ()
    hold: str = ""
    notes: str = ""
    series: str = ""
    number: int = 0


def read_file(name: str, content: bytes) -> ReadFile:
    """Read ``content`` by the layout whose name pattern ``name`` has, with its rows. Pure: no path, no clock."""
    return _collected(content, lambda *given: read_stream(name, *given))


def read_as(name: str, content: bytes, layout: Layout) -> ReadFile:
    """Read ``content`` by ``layout``, whatever its name."""
    return _collected(content, lambda source, sha256, keep: _read_or_refuse(name, source, sha256, keep, layout))


def read_stream(name: str, source: BinaryIO, sha256: str, keep: Keep) -> ReadFile:
    """Read a file block by block; ``keep`` gets the rows and rejections of each, which are void if it is refused.

    ``source`` is seekable, ``sha256`` the digest of its bytes. What is given back has no rows or rejections.
    """
    try:
        layout = layout_for(name)
    except Refused as refused:
        return ReadFile(refusal=refused.message(name))
    if layout is None:
        patterns = ", ".join(pattern for known in layouts() for pattern in known.patterns)
        remedy = "rename the file, or declare a layout for its sender"
        return ReadFile(refusal=Refused("a name that no layout has", f"one of {patterns}", remedy).message(name))
    return _read_or_refuse(name, source, sha256, keep, layout)


def _read_or_refuse(name: str, source: BinaryIO, sha256: str, keep: Keep, layout: Layout) -> ReadFile:
    try:
        return _read(name, source, sha256, keep, layout)
    except Refused as refused:
        return ReadFile(layout=layout.name, refusal=refused.message(name))


def _collected(content: bytes, read: Callable[[BinaryIO, str, Keep], ReadFile]) -> ReadFile:
    """What ``read`` gives of ``content``, with all rows and rejections."""
    kept: list[tuple[pyarrow.Table, pyarrow.Table]] = []
    sha256 = hashlib.sha256(content).hexdigest()
    found = read(io.BytesIO(content), sha256, lambda rows, rejections: kept.append((rows, rejections)))
    if found.refusal:
        return found
    rows, rejections = (pyarrow.concat_tables(part) for part in zip(*kept, strict=True))
    return replace(found, rows=rows, rejections=rejections)


def _read(name: str, source: BinaryIO, sha256: str, keep: Keep, layout: Layout) -> ReadFile:
    _check_size(source, layout)
    tally = _Tally(name, layout)
    for raw in _blocks(source, layout):
        mapped = to_canonical(raw, layout)
        controls.check(raw, mapped, layout)
        failures = rejecting.failures_of(mapped, layout)
        rejected = rejecting.rejected_rows(failures, raw.lines.size)
        # Typed before the rejected are taken out: what was parsed to be checked is not parsed again.
        rows = to_rows(mapped.texts, layout.kind, sha256, raw.sheet_names(), raw.lines)
        rows = rejecting.without(rows, rejected)
        rejections = rejecting.rejections(raw, failures, sha256)
        tally.add(raw, rows, rejected)
        keep(rows, rejections)
        forget()
    return tally.read_file()


def _check_size(source: BinaryIO, layout: Layout) -> None:
    size = source.seek(0, SEEK_END)
    source.seek(0)
    if size > layout.limits.file_bytes:
        limit = counted(layout.limits.file_bytes, "byte")
        raise Refused(
            found=counted(size, "byte"), expected=f"at most {limit}", remedy="split the file and send the parts"
        )


def _blocks(source: BinaryIO, layout: Layout) -> Iterator[RawRows]:
    """The rows of a file, at least one block; what has to be seen whole (by its mechanics or controls) is one block."""
    if layout.mechanics == "delimited" and layout.controls == Controls():
        yield from _ahead(delimited.stream(source, layout))
    else:
        yield MECHANICS[layout.mechanics](source.read(), layout)


def _ahead(blocks: Iterator[RawRows]) -> Generator[RawRows, None, None]:
    """The same blocks; while one of them is worked on, another core parses the next."""
    with ThreadPoolExecutor(1) as parser:
        coming = parser.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = parser.submit(next, blocks, None)
            yield block


class _Tally:
    """What the blocks of a file add up to."""

    def __init__(self, name: str, layout: Layout) -> None:
        self._name, self._layout, self._kind = name, layout, layout.kind
        self._rows = self._rejected = self._centavos = 0
        self._months: set[str] = set()
        self._sound, self._as_sent, self._broken = Outline(TELLING[layout.kind]), Multiset(), Multiset()
        self._hold = ""
        self._notes: dict[str, None] = {}
        self._place = ("", 0)

    def add(self, raw: RawRows, rows: pyarrow.Table, rejected: NDArray[np.bool_]) -> None:
        """Add a block: its rows as they were read, typed, and which of them were rejected."""
        broken = len(raw.broken_texts)
        self._place = place_of(self._name, raw.number, self._layout)
        self._hold = self._about(raw.hold)
        self._notes |= dict.fromkeys(raw.notes)
        self._rows += raw.lines.size + broken
        self._rejected += int(rejected.sum()) + broken
        self._centavos += sum_of_pesos(rows, self._kind)
        self._months.update(touched(rows, self._kind))
        self._sound.add(rows.drop_columns(list(PROVENANCE)))
        if rejected.any():
            as_sent = raw.columns.select(sorted(raw.columns.column_names))
            self._as_sent.add(as_sent.filter(pyarrow.array(rejected)))
        if broken:
            self._broken.add(pyarrow.table({"record": pyarrow.array(raw.broken_texts, pyarrow.large_string())}))

    def read_file(self) -> ReadFile:
        """What the file is, all its blocks added."""
        return ReadFile(
            layout=self._layout.name,
            kind=self._kind,
            data_rows=self._rows,
            rejected_rows=self._rejected,
            amount_centavos=self._centavos,
            rows_digest=self._digest(),
            months=tuple(sorted(self._months)),
            hold=self._hold,
            notes=self._about("; ".join(self._notes)),
            series=self._place[0],
            number=self._place[1],
        )

    def _about(self, said: str) -> str:
        return f"{shown(self._name, 255)}, {said}" if said else ""

    def _digest(self) -> str:
        """Digest of the multiset: sound rows by the outline of what they mean, rejected ones by every byte as sent.

        Sound rows are kept, and compared where two files have one digest; rejected rows are not.
        """
        if not self._rows:
            return ""
        parts = [self._kind, self._sound.digest(), self._as_sent.digest(), self._broken.digest()]
        return DIGEST_FORM + hashlib.sha256("\n".join(parts).encode()).hexdigest()
