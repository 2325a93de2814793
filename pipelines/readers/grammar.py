"""How a sender writes dates and amounts, to how the canonical files write them; what does not fit exactly fails."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas import values
from schemas.octets import LARGE_TEXT, columns, from_octets, octets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.layout import Amounts, Layout

_ZERO: Final = r"^0+\.00$"
_SEND_AGAIN: Final = "correct it at the source and send the row again"


class Converted(NamedTuple):
    """Canonical texts, which rows failed (their text is empty), and what is told of them."""

    texts: pyarrow.LargeStringArray
    failed: NDArray[np.bool_]
    rule: str
    reason: str


def convert(array: pyarrow.LargeStringArray, kind: str, layout: Layout) -> Converted:
    """A source column of type ``kind`` (``layout_files.TYPES``); an empty field stays empty and never fails here."""
    if kind == "date":
        return _dates(array, layout.dates.pattern)
    if kind in {"text", "rate"}:
        return Converted(array, np.zeros(len(array), np.bool_), "", "")
    return _amounts(array, kind, layout.amounts)


def _dates(array: pyarrow.LargeStringArray, pattern: str) -> Converted:
    iso = _reordered(array, pattern)
    valid = values.parse_dates(iso).valid
    filled = octets(array).lengths > 0
    texts = pc.if_else(pyarrow.array(valid), iso, "")
    return Converted(texts, filled & ~valid, "date", f"expected a date {pattern} that exists; {_SEND_AGAIN}")


def _reordered(array: pyarrow.LargeStringArray, pattern: str) -> pyarrow.LargeStringArray:
    """``YYYY-MM-DD`` out of texts that have exactly the form of ``pattern``; empty for all others."""
    order = [
        place for part in ("YYYY", "MM", "DD") for place in range(pattern.index(part), pattern.index(part) + len(part))
    ]
    texts = octets(array)
    matrix = columns(texts, len(pattern))
    fits = texts.lengths == len(pattern)
    for place, letter in enumerate(pattern):
        if letter not in "YMD":
            fits &= matrix[place] == ord(letter)
    fits &= (matrix[order] < 128).all(axis=0)  # noqa: PLR2004 - the first byte beyond ASCII
    dash = np.full((1, texts.lengths.size), ord("-"), np.uint8)
    figures = matrix[order]
    written = np.concatenate([figures[:4], dash, figures[4:6], dash, figures[6:]])[:, fits]
    width = written.shape[0]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(fits * width, dtype=np.int64)])
    return from_octets(np.ascontiguousarray(written.T).reshape(-1), offsets)


def _amounts(array: pyarrow.LargeStringArray, kind: str, grammar: Amounts) -> Converted:
    plain = array
    for text in grammar.none if kind != "balance" else ():
        plain = pc.if_else(pc.equal(plain, text), "", plain)
    filled = octets(plain).lengths > 0
    valid = np.asarray(pc.match_substring_regex(plain, _pattern(grammar)).to_numpy(zero_copy_only=False), np.bool_)
    plain = pc.if_else(pyarrow.array(valid), plain, "")
    if grammar.prefix:
        plain = pc.replace_substring(plain, grammar.prefix, "", max_replacements=1)
    if grammar.thousands:
        plain = pc.replace_substring(plain, grammar.thousands, "")
    if grammar.centavos:
        plain = pc.replace_substring_regex(plain, "^0*([0-9]+)([0-9]{2})$", r"\1.\2")
    if kind == "amount_or_none":
        plain = pc.if_else(pc.match_substring_regex(plain, _ZERO), "", plain)
    reason = f"expected an amount written like {_example(grammar)}; {_SEND_AGAIN}"
    return Converted(plain.cast(LARGE_TEXT), filled & ~valid, "amount", reason)


def _example(grammar: Amounts) -> str:
    return "123456 (centavos)" if grammar.centavos else f"{grammar.prefix}1{grammar.thousands}234.56"


def _pattern(grammar: Amounts) -> str:
    if grammar.centavos:
        return "^[0-9]{3,}$"
    whole = f"[0-9]{{1,3}}({re.escape(grammar.thousands)}[0-9]{{3}})*" if grammar.thousands else "[0-9]+"
    return rf"^{re.escape(grammar.prefix)}{whole}\.[0-9]{{2}}$"
