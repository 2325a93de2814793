"""Values as the text that leaves in a file: dates and instants in ISO 8601, text never null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.octets import at, octets

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGE_TEXT: Final = pyarrow.large_string()


def as_text(array: pyarrow.Array) -> pyarrow.LargeStringArray:
    """Values as text: ``2026-10-15``, ``2026-10-15T23:30:00Z``, ``true``, ``145000``; an empty value is ``""``."""
    kind = array.type
    text = _instants(array) if pyarrow.types.is_timestamp(kind) and kind.tz else array.cast(_LARGE_TEXT)
    return pc.fill_null(text, "") if text.null_count else text


def join(*parts: Any) -> pyarrow.LargeStringArray:  # noqa: ANN401 - arrays of text and single texts
    """Arrays and texts put together, element by element."""
    return pc.binary_join_element_wise(*(_large(part) for part in parts), _large(""))


def concatenate(rows: pyarrow.LargeStringArray) -> bytes:
    """All elements of an array of text without nulls one after the other, as UTF-8."""
    return octets(rows).data.tobytes()


def holds(text: pyarrow.LargeStringArray, *needles: bytes) -> bool:
    """Whether one of these bytes stands anywhere in the texts: far cheaper than asking each of them."""
    whole = concatenate(text)
    return any(needle in whole for needle in needles)


def begins_or_ends_with(text: pyarrow.LargeStringArray, letters: bytes) -> bool:
    """Whether one of the texts begins or ends with one of these (ASCII) letters."""
    return bool(first_is(text, letters).any() or _is(text, -1, letters).any())


def first_is(text: pyarrow.LargeStringArray, letters: bytes) -> NDArray[np.bool_]:
    """Of each text whether it begins with one of these (ASCII) letters."""
    return _is(text, 0, letters)


def _is(text: pyarrow.LargeStringArray, place: int, letters: bytes) -> NDArray[np.bool_]:
    column = octets(text)
    if not column.data.size:
        return np.zeros(len(text), np.bool_)
    wanted = np.zeros(256, np.bool_)
    wanted[list(letters)] = True
    return np.asarray(wanted[at(column, place)] & (column.lengths > 0), dtype=np.bool_)


def _large(part: Any) -> Any:  # noqa: ANN401 - as join
    return pyarrow.scalar(part, _LARGE_TEXT) if isinstance(part, str) else part


def _instants(array: pyarrow.Array) -> pyarrow.Array:
    """UTC instants; the fraction of a second only where there is one."""
    written = array.cast(pyarrow.timestamp("us")).cast(_LARGE_TEXT)
    short = pc.replace_substring_regex(written, r"\.0+$", "")
    return join(pc.replace_substring(short, " ", "T"), "Z")
