"""Check digits of made-up identifiers, on matrices of digits (DOMAIN §3). Written here a second time on purpose:
a generator that borrowed the product's own arithmetic could not find a mistake in it.
"""  # noqa: D205

from __future__ import annotations

import numpy as np

from pipelines.sample.text import Codes, Ints, digit_matrix

CURP_ORDER = "0123456789ABCDEFGHIJKLMN\u00d1OPQRSTUVWXYZ"
_CURP_VALUE = np.zeros(256, dtype=np.int64)
_CURP_VALUE[[ord(letter) for letter in CURP_ORDER]] = np.arange(len(CURP_ORDER))


def with_luhn_digit(bodies: Ints) -> Codes:
    """NSS (número de seguridad social) of ten-digit bodies: ASCII codes, shape (n, 11), Luhn digit last."""
    digits = digit_matrix(bodies, 10)
    doubled = digits[:, 1::2] * 2
    total = digits[:, 0::2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)  # noqa: PLR2004  # cast out nines
    return np.column_stack([digits, -total % 10]).astype(np.uint8) + ord("0")


def with_curp_digit(bodies: Codes) -> Codes:
    """CURP (clave única de registro de población) of 17-character bodies: ASCII codes, shape (n, 18)."""
    weights = np.arange(18, 1, -1)
    total = _CURP_VALUE[bodies] @ weights
    return np.column_stack([bodies, -total % 10 + ord("0")]).astype(np.uint8)


def with_clabe_digit(bodies: Ints) -> Codes:
    """CLABE (clave bancaria estandarizada) of 17-digit bodies: ASCII codes, shape (n, 18)."""
    digits = digit_matrix(bodies, 17)
    total = (digits * np.resize([3, 7, 1], 17) % 10).sum(axis=1)
    return np.column_stack([digits, -total % 10]).astype(np.uint8) + ord("0")
