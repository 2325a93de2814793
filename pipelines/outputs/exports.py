"""A table as a file that leaves: Parquet for programs, CSV for both, a workbook for people (CONTRACT §13).

The same rows in the same order give the same bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from pyarrow import parquet

from pipelines.outputs import delimited, workbook
from pipelines.store.files import staged
from pipelines.store.ordered import Ordered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow

    from pipelines.store.files import Staged

    Form = Callable[[Ordered, BinaryIO, str], None]

_GROUP_ROWS: Final = 1 << 20
"""Rows of a group of a Parquet file, however the table is sliced: the bytes do not tell."""


class ExportFormatError(ValueError):
    """No export has this ending."""


def write_table(table: pyarrow.Table | Ordered, path: Path, title: str = "table") -> None:
    """Write ``table`` to ``path``, whole or not at all, in the format that its ending names.

    ``title`` names the sheet of a workbook. Raises ``ExportFormatError`` for another ending, ``WorkbookLimitError``
    for text that no workbook holds, and ``OSError``.
    """
    _form(path.suffix)
    with staged(path.parent) as temporary:
        known = table if isinstance(table, Ordered) else Ordered.as_it_is(table)
        write(known, path.suffix, cast("BinaryIO", _Sink(temporary)), title)
        temporary.place(path)


def encode(table: pyarrow.Table | Ordered, ending: str, title: str = "table") -> bytes:
    """The bytes of the file that ``write_table`` would write; raises the same."""
    sink = io.BytesIO()
    write(table if isinstance(table, Ordered) else Ordered.as_it_is(table), ending, sink, title)
    return sink.getvalue()


def write(table: Ordered, ending: str, sink: BinaryIO, title: str = "table") -> None:
    """Write into ``sink`` what ``encode`` gives, some rows at a time; raises the same."""
    _form(ending)(table, sink, title)


def is_export(path: Path) -> bool:
    """Whether the ending of ``path`` names a format."""
    return path.suffix.lower() in _FORMATS


class _Sink(io.RawIOBase):
    """A file that is being written, as libraries want to see one."""

    def __init__(self, file: Staged) -> None:
        self._file, self._size = file, 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, content: Any) -> int:  # noqa: ANN401 - whatever has bytes
        written = self._file.write(memoryview(content).cast("B"))
        self._size += written
        return written


def _form(ending: str) -> Form:
    form = _FORMATS.get(ending.lower())
    if form is None:
        message = f"found the ending {ending or 'none'!r}, expected one of {', '.join(_FORMATS)}"
        raise ExportFormatError(message)
    return form


def _parquet(table: Ordered, sink: BinaryIO, _title: str) -> None:
    schema = table.schema.remove_metadata()
    with parquet.ParquetWriter(sink, schema, version="2.6", compression="zstd", write_page_checksum=True) as writer:
        for rows in table.groups(_GROUP_ROWS):
            writer.write_table(rows.replace_schema_metadata(None), row_group_size=_GROUP_ROWS)
        if not table.num_rows:
            writer.write_table(schema.empty_table())


def _csv(table: Ordered, sink: BinaryIO, _title: str) -> None:
    delimited.write(table, sink)


def _workbook(table: Ordered, sink: BinaryIO, title: str) -> None:
    sink.write(workbook.encode(table, title))


_FORMATS: Final[dict[str, Form]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".xlsx": _workbook,
}
