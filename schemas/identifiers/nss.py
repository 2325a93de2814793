"""NSS, número de seguridad social: 11 digits, the last one by Luhn (DOMAIN §3). Always text: leading zeros count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from schemas.octets import TextColumn, as_array, columns, digits, octets

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTH: Final = 11
_NINE: Final = np.uint8(9)


def is_valid(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text is 11 ASCII digits whose Luhn sum is a multiple of ten.

    >>> import pandas as pd
    >>> is_valid(pd.Series(["12345678903", "12345678904"])).tolist()
    [True, False]
    """
    texts = octets(as_array(column))
    values, are_digits = digits(columns(texts, LENGTH))
    held = np.minimum(values, _NINE)
    # Doubled, with the digits of the double added up: at most 99 for all of them, so that bytes hold the sum.
    doubled = held[1::2] + held[1::2] - (held[1::2] > 4) * _NINE  # noqa: PLR2004 - from 5 on the double has two digits
    total = held[0::2].sum(axis=0, dtype=np.uint8) + doubled.sum(axis=0, dtype=np.uint8)
    return np.asarray(are_digits & (texts.lengths == LENGTH) & (total % 10 == 0), np.bool_)


def lacks_one_digit(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text is 10 ASCII digits: a spreadsheet probably removed a leading zero."""
    texts = octets(as_array(column))
    if not (texts.lengths == LENGTH - 1).any():
        return np.zeros(texts.lengths.size, np.bool_)
    _, are_digits = digits(columns(texts, LENGTH - 1))
    return np.asarray(are_digits & (texts.lengths == LENGTH - 1), np.bool_)
