"""Capture line, línea de captura: opaque, 8 to 60 characters of A-Z and 0-9 once normalised (CONTRACT §3, §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from schemas.octets import TextColumn, as_array, from_octets, octets

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

SHORTEST: Final = 8
LONGEST: Final = 60


def _upper() -> NDArray[np.uint8]:
    table = np.zeros(256, np.uint8)
    for letter in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        table[ord(letter)] = table[ord(letter.lower())] = ord(letter)
    return table


_UPPER: Final = _upper()
"""Byte → what stands for it in a normalised line; 0 where nothing does."""


def normalise(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Each text with a-z as A-Z and every character outside [A-Z0-9] removed (CONTRACT §7); the index stays.

    >>> import pandas as pd
    >>> normalise(pd.Series(["abcd-1234 5678", "ñandú"])).tolist()
    ['ABCD12345678', 'AND']
    """
    normalised = normalise_array(as_array(texts)).to_pandas().astype("str")
    return pd.Series(normalised.array, index=texts.index, name=texts.name)


def normalise_array(array: pyarrow.LargeStringArray) -> pyarrow.LargeStringArray:
    """As ``normalise``, on an Arrow array of large strings."""
    texts = octets(array)
    upper = _UPPER[texts.data]
    kept = upper != 0
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept, dtype=np.int64)])
    bounds = np.concatenate([texts.starts, [texts.data.size]])
    return from_octets(upper[kept], before[bounds])


def is_valid(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text, normalised, has 8 to 60 characters.

    >>> import pandas as pd
    >>> is_valid(pd.Series(["2610-AAAA-0001", "1234567"])).tolist()
    [True, False]
    """
    lengths = octets(normalise_array(as_array(column))).lengths
    return np.asarray((lengths >= SHORTEST) & (lengths <= LONGEST), dtype=np.bool_)
