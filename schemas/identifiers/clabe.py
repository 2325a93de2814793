"""CLABE, clave bancaria estandarizada: 18 digits, the last by weights 3, 7, 1 (DOMAIN §3). No bank is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from schemas.octets import TextColumn, as_array, columns, digits, octets

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTH: Final = 18
_WEIGHTS: Final = np.array([3, 7, 1], np.uint8)


def is_valid(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text is 18 ASCII digits with a right check digit.

    >>> import pandas as pd
    >>> is_valid(pd.Series(["002010077777777771", "072180000101234567"])).tolist()
    [True, False]
    """
    texts = octets(as_array(column))
    values, are_digits = digits(columns(texts, LENGTH))
    held = np.minimum(values, 9)
    weights = np.resize(_WEIGHTS, LENGTH - 1)[:, None]
    total = (held[:-1] * weights % 10).sum(axis=0, dtype=np.int64)
    return np.asarray(are_digits & (texts.lengths == LENGTH) & ((10 - total % 10) % 10 == held[-1]), np.bool_)
