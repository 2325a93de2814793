"""CURP, clave única de registro de población: 18 characters, the last a check digit (DOMAIN §3).

Nothing but the alphabet and the check digit is demanded: entity ``NE`` (born abroad) and sex ``X`` exist, and replaced
words break every finer pattern. Many substitutions pass the check digit, so a CURP is weak evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow.compute as pc

from schemas.octets import TextColumn, as_array, columns, octets

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

LENGTH: Final = 18
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_ENYE: Final = "\x01"
_OUTSIDE: Final = 255


def _values() -> NDArray[np.uint8]:
    table = np.full(256, _OUTSIDE, np.uint8)
    for value, letter in enumerate(_ALPHABET.replace("Ñ", _ENYE)):
        table[ord(letter)] = value
    return table


_VALUES: Final = _values()


def is_valid(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text is 18 characters of 0-9, A-Z and Ñ, the last of them the right check digit.

    >>> import pandas as pd
    >>> is_valid(pd.Series(["BOXW310820HNERXN09", "BOXW310820HNERXN08"])).tolist()
    [True, False]
    """
    array, clean = _one_byte_a_letter(as_array(column))
    texts = octets(array)
    values = _VALUES[columns(texts, LENGTH)]
    known = (values != _OUTSIDE).all(axis=0)
    # At most 36 x (2 + ... + 18), or 255 times it where a character is none: two bytes hold the sum.
    total = np.zeros(texts.lengths.size, np.uint16)
    for place, row in enumerate(values[:-1]):
        total += row * np.uint16(LENGTH - place)
    # The check digit 0 to 9 is a value below ten, so the comparison also demands a digit.
    return np.asarray(clean & known & (texts.lengths == LENGTH) & ((10 - total % 10) % 10 == values[-1]), np.bool_)


def _one_byte_a_letter(array: pyarrow.LargeStringArray) -> tuple[pyarrow.LargeStringArray, NDArray[np.bool_]]:
    """The texts with Ñ as one byte, and which of them did not hold that byte before."""
    data = octets(array).data
    clean = np.ones(len(array), np.bool_)
    if data.size and data.min() <= ord(_ENYE):
        clean = ~pc.match_substring(array, _ENYE).to_numpy(zero_copy_only=False)
    if data.size and data.max() >= 128:  # noqa: PLR2004 - the first byte beyond ASCII
        array = pc.replace_substring(array, "Ñ", _ENYE)
    return array, clean
