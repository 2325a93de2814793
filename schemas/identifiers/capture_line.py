"""Capture line, línea de captura: opaque, 8 to 60 characters of A-Z and 0-9 once normalised (CONTRACT §3, §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from schemas.octets import TextColumn, as_array, from_octets, octets
from schemas.remembered import remembered

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

SHORTEST: Final = 8
LONGEST: Final = 60


_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KEPT: Final = b"0123456789" + _LETTERS + _LETTERS.lower()
_MARK: Final = b"\x00"
_MARKED: Final = bytes(ord(chr(byte).upper()) if byte in _KEPT else _MARK[0] for byte in range(256))
"""Byte → what stands for it in a normalised line; the mark where nothing does."""


def normalise(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Each text with a-z as A-Z and every character outside [A-Z0-9] removed (CONTRACT §7); the index stays.

    >>> import pandas as pd
    >>> normalise(pd.Series(["abcd-1234 5678", "ñandú"])).tolist()
    ['ABCD12345678', 'AND']
    """
    normalised = normalise_array(as_array(texts)).to_pandas().astype("str")
    return pd.Series(normalised.array, index=texts.index, name=texts.name)


@remembered
def normalise_array(column: TextColumn) -> pyarrow.LargeStringArray:
    """As ``normalise``, on an Arrow array of large strings."""
    array = as_array(column)
    texts = octets(array)
    written = texts.data.tobytes()
    marked = written.translate(_MARKED)
    if _MARK not in marked:
        return array if marked == written else _array(marked, texts.starts, texts.data.size)
    removed = np.flatnonzero(np.frombuffer(marked, np.uint8) == _MARK[0])
    upper = marked.translate(None, _MARK)
    return _array(upper, texts.starts - np.searchsorted(removed, texts.starts), len(upper))


def _array(data: bytes, starts: NDArray[np.int64], size: int) -> pyarrow.LargeStringArray:
    return from_octets(np.frombuffer(data, np.uint8), np.append(starts, size))


def is_valid(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text, normalised, has 8 to 60 characters.

    >>> import pandas as pd
    >>> is_valid(pd.Series(["2610-AAAA-0001", "1234567"])).tolist()
    [True, False]
    """
    lengths = octets(normalise_array(as_array(column))).lengths
    return np.asarray((lengths >= SHORTEST) & (lengths <= LONGEST), dtype=np.bool_)
