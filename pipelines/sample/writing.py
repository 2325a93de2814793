"""Columns of text to CSV bytes: quoted where RFC 4180 asks for it, built by column and cut into files by slices."""

from __future__ import annotations

import pathlib

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute

_QUOTED = '[",\r\n]'
_MARK = b"\xef\xbb\xbf"


class Lines:
    """The records of a frame of text columns as consecutive CSV lines, to be written slice by slice."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.header = (",".join(str(column) for column in frame.columns) + "\n").encode("ascii")
        if frame.isna().to_numpy().any():
            message = "a cell of the sample is missing: columns were joined out of line"
            raise ValueError(message)
        cells = [_cell(frame[column]) for column in frame.columns]
        ended = _joined(_joined(*cells, by=","), _scalar("\n"), by="")
        whole = ended.combine_chunks() if isinstance(ended, pyarrow.ChunkedArray) else ended
        self._offsets = np.frombuffer(whole.buffers()[1], dtype=np.int64)[: len(frame) + 1]
        self._text = memoryview(whole.buffers()[2]) if len(frame) else memoryview(b"")

    def body(self, start: int, stop: int) -> bytes:
        """Bytes of the records from `start` up to `stop`."""
        return bytes(self._text[self._offsets[start] : self._offsets[stop]])


def _scalar(text: str) -> pyarrow.Scalar:
    return pyarrow.scalar(text, pyarrow.large_string())


def _joined(*columns: pyarrow.Array | pyarrow.Scalar, by: str) -> pyarrow.Array:
    return pyarrow.compute.binary_join_element_wise(*columns, _scalar(by))


def _cell(column: pd.Series) -> pyarrow.Array:
    plain = pyarrow.array(column, pyarrow.large_string())
    needs = pyarrow.compute.match_substring_regex(plain, _QUOTED)
    if not pyarrow.compute.any(needs).as_py():
        return plain
    doubled = pyarrow.compute.replace_substring(plain, '"', '""')
    quoted = _joined(_scalar('"'), doubled, _scalar('"'), by="")
    return pyarrow.compute.if_else(needs, quoted, plain)


def write_table(path: pathlib.Path, frame: pd.DataFrame) -> None:
    """Write a whole frame of text columns as UTF-8 CSV."""
    lines = Lines(frame)
    path.write_bytes(lines.header + lines.body(0, len(frame)))


def dressed(content: bytes, form: int) -> bytes:
    """The same records in another form a sender may choose: 1 with a byte-order mark, 2 with CRLF, else as they are."""
    if form == 1:
        return _MARK + content
    return content.replace(b"\n", b"\r\n") if form == 2 else content  # noqa: PLR2004
