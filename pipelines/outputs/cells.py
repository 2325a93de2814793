"""Values as the text that leaves in a file: dates and instants in ISO 8601, text never null."""

from __future__ import annotations

from typing import Any

import pyarrow
import pyarrow.compute as pc


def as_text(array: pyarrow.Array) -> pyarrow.Array:
    """Values as text: ``2026-10-15``, ``2026-10-15T23:30:00Z``, ``true``, ``145000``; an empty value is ``""``."""
    kind = array.type
    text = _instants(array) if pyarrow.types.is_timestamp(kind) and kind.tz else array.cast(pyarrow.large_string())
    return pc.fill_null(text, "")


def join(*parts: Any) -> pyarrow.Array:  # noqa: ANN401 - arrays of text and single texts
    """Arrays and texts put together, element by element."""
    return pc.binary_join_element_wise(*(_large(part) for part in parts), _large(""))


def concatenate(rows: pyarrow.Array, separator: str = "") -> bytes:
    """All elements of an array of text one after the other, as UTF-8."""
    whole = pyarrow.LargeListArray.from_arrays(pyarrow.array([0, len(rows)], pyarrow.int64()), rows)
    joined = pc.binary_join(whole, _large(separator))[0].as_buffer()
    return b"" if joined is None else bytes(joined)


def _large(part: Any) -> Any:  # noqa: ANN401 - as join
    return pyarrow.scalar(part, pyarrow.large_string()) if isinstance(part, str) else part


def _instants(array: pyarrow.Array) -> pyarrow.Array:
    """UTC instants; the fraction of a second only where there is one."""
    written = array.cast(pyarrow.timestamp("us")).cast(pyarrow.large_string())
    short = pc.replace_substring_regex(written, r"\.0+$", "")
    return join(pc.replace_substring(short, " ", "T"), "Z")
