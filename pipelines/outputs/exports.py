"""A table as a file that leaves: Parquet for programs, CSV for both, a workbook for people (CONTRACT §13).

The same rows in the same order give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow
from pyarrow import parquet

from pipelines.outputs import delimited, workbook
from pipelines.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class ExportFormatError(ValueError):
    """No export has this ending."""


def write_table(table: pyarrow.Table, path: Path, title: str = "table") -> None:
    """Write ``table`` to ``path``, whole or not at all, in the format that its ending names.

    ``title`` names the sheet of a workbook. Raises ``ExportFormatError`` for another ending, ``WorkbookLimitError``
    for text that no workbook holds, and ``OSError``.
    """
    write_atomically(path, encode(table, path.suffix, title))


def encode(table: pyarrow.Table, ending: str, title: str = "table") -> bytes:
    """The bytes of the file that ``write_table`` would write; raises the same."""
    form = _FORMATS.get(ending.lower())
    if form is None:
        message = f"found the ending {ending or 'none'!r}, expected one of {', '.join(_FORMATS)}"
        raise ExportFormatError(message)
    return form(table, title)


def is_export(path: Path) -> bool:
    """Whether the ending of ``path`` names a format."""
    return path.suffix.lower() in _FORMATS


def _parquet(table: pyarrow.Table, _title: str) -> bytes:
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(
        table.combine_chunks().replace_schema_metadata(None),
        sink,
        version="2.6",
        compression="zstd",
        write_page_checksum=True,
    )
    return bytes(sink.getvalue())


def _csv(table: pyarrow.Table, _title: str) -> bytes:
    return delimited.encode(table)


_FORMATS: Final[dict[str, Callable[[pyarrow.Table, str], bytes]]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".xlsx": workbook.encode,
}
