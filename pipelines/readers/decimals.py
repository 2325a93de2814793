"""Amounts as XML writes them (any number of places) as exact whole numbers, for sums and comparisons; never rounded."""

from __future__ import annotations

import re
from typing import Final

_PLACES: Final = 10
_WRITTEN: Final = re.compile(rf"[0-9]{{1,18}}(?:\.[0-9]{{1,{_PLACES}}})?")
_LEAST: Final = 2


def units(text: str) -> int | None:
    """The amount in units of 10^-10; None where the text is no amount without a sign."""
    if not _WRITTEN.fullmatch(text):
        return None
    whole, _, places = text.partition(".")
    return int(whole + places.ljust(_PLACES, "0"))


def padded(text: str) -> str:
    """An amount with fewer than two places with two (XML drops the zeros at the end); any other text as it is."""
    if text[-1 - _LEAST : -_LEAST] == "." or units(text) is None:
        return text
    whole, _, places = text.partition(".")
    return f"{whole}.{places.ljust(_LEAST, '0')}"


def shown(amount: int) -> str:
    """An amount in units as a figure: thousands set apart, two places or as many as it has."""
    whole, places = divmod(abs(amount), 10**_PLACES)
    written = f"{places:0{_PLACES}d}".rstrip("0").ljust(_LEAST, "0")
    return f"{'-' if amount < 0 else ''}{whole:,}.{written}"
