"""NSS, número de seguridad social: 11 digits, the last one by Luhn (DOMAIN §3). Always text: leading zeros count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from schemas.octets import TextColumn, as_array, columns, digits, octets

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTH: Final = 11
_DOUBLED: Final = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], np.uint8)


def is_valid(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text is 11 ASCII digits whose Luhn sum is a multiple of ten.

    >>> import pandas as pd
    >>> is_valid(pd.Series(["12345678903", "12345678904"])).tolist()
    [True, False]
    """
    texts = octets(as_array(column))
    values, are_digits = digits(columns(texts, LENGTH))
    held = np.minimum(values, 9)
    total = held[0::2].sum(axis=0, dtype=np.int64) + _DOUBLED[held[1::2]].sum(axis=0, dtype=np.int64)
    return np.asarray(are_digits & (texts.lengths == LENGTH) & (total % 10 == 0), np.bool_)


def lacks_one_digit(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text is 10 ASCII digits: a spreadsheet probably removed a leading zero."""
    texts = octets(as_array(column))
    if not (texts.lengths == LENGTH - 1).any():
        return np.zeros(texts.lengths.size, np.bool_)
    _, are_digits = digits(columns(texts, LENGTH - 1))
    return np.asarray(are_digits & (texts.lengths == LENGTH - 1), np.bool_)
