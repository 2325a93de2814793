"""Whom a text names (CONTRACT §7): capture lines and registrants found in free text, without likeness or guessing.

A text is cut into tokens of ``[A-Z0-9]`` (``a–z`` raised, every other character separates). A capture line is named
by a token or by up to eight consecutive tokens run together; an NSS or a CURP by a single token. Tokens of one text
lie one behind the other in one buffer, so a run of tokens is a stretch of bytes: no text is ever copied or looped over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules.keys import NOWHERE, positions
from pipelines.rules.likeness import in_order
from schemas.octets import as_array, from_octets, octets

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_RUN: Final = 8
LONGEST_LINE: Final = 60
NSS_DIGITS: Final = 11
CURP_CHARACTERS: Final = 18

_RAISED: Final = np.array(
    [ord(chr(byte).upper()) if chr(byte).isascii() and chr(byte).isalnum() else 0 for byte in range(256)], np.uint8
)
"""Byte → what stands for it in a token, 0 where it separates."""


class Tokens(NamedTuple):
    """Tokens of many texts: ``owner`` is the text's position, ``starts`` the byte bounds in ``characters``."""

    owner: NDArray[np.int64]
    starts: NDArray[np.int64]
    characters: NDArray[np.uint8]


class Named(NamedTuple):
    """Pairs: text position, position in what was looked up."""

    text: NDArray[np.int64]
    found: NDArray[np.int64]


def tokenise(texts: pd.Series[str]) -> Tokens:
    """Tokens of each text, in order."""
    written = octets(as_array(texts))
    raised = _RAISED[written.data]
    is_kept = raised != 0
    # A token begins where a text does, or behind a character that separates.
    begins, ends = is_kept.copy(), is_kept.copy()
    begins[1:] &= ~is_kept[:-1]
    ends[:-1] &= ~is_kept[1:]
    first = written.starts[written.lengths > 0]
    begins[first] = is_kept[first]
    ends[first[1:] - 1] = is_kept[first[1:] - 1]
    start = np.flatnonzero(begins)
    bounds = np.append(0, np.cumsum(np.flatnonzero(ends) + 1 - start))
    filled = np.flatnonzero(written.lengths > 0)
    return Tokens(filled[np.searchsorted(first, start, side="right") - 1], bounds, raised[is_kept])


def named_lines(tokens: Tokens, lines: pd.Series[str]) -> Named:
    """Which of ``lines`` (normalised, distinct) each text names by one to eight consecutive tokens; each pair once."""
    wanted = np.zeros(LONGEST_LINE + 2, dtype=bool)
    wanted[np.clip(lines.str.len().to_numpy(dtype=np.int64), 0, LONGEST_LINE + 1)] = True
    wanted[[0, LONGEST_LINE + 1]] = False
    runs = [runs_of(tokens, length, wanted) for length in range(1, LONGEST_RUN + 1)]
    owner, start, size = (np.concatenate(part) for part in zip(*runs, strict=True))
    found = _look_up(tokens.characters, start, size, lines)
    hit = found >= 0
    pairs = in_order(owner[hit] * np.int64(len(lines)) + found[hit])
    return Named(*np.divmod(pairs, max(len(lines), 1)))


def named_keys(tokens: Tokens, keys: pd.Series[str], characters: int) -> Named:
    """Which of ``keys`` (distinct, all of ``characters`` characters) each text names by a single token."""
    wanted = np.zeros(LONGEST_LINE + 2, dtype=bool)
    wanted[characters] = True
    owner, start, size = runs_of(tokens, 1, wanted)
    found = _look_up(tokens.characters, start, size, keys)
    return Named(owner[found >= 0], found[found >= 0])


def runs_of(
    tokens: Tokens, length: int, wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Owner, start and size of every run of ``length`` tokens of one text whose size is wanted."""
    number = len(tokens.owner) - length + 1
    if number <= 0:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, nothing
    start = tokens.starts[:number]
    size = tokens.starts[length : length + number] - start
    same_text = tokens.owner[:number] == tokens.owner[length - 1 :]
    kept = same_text & wanted[np.clip(size, 0, LONGEST_LINE + 1)]
    return tokens.owner[:number][kept], start[kept], size[kept]


def _look_up(
    characters: NDArray[np.uint8], start: NDArray[np.int64], size: NDArray[np.int64], keys: pd.Series[str]
) -> NDArray[np.int64]:
    """Position in ``keys`` of each stretch of bytes, −1 where it is none of them."""
    found = np.full(len(start), NOWHERE, dtype=np.int64)
    for length in np.unique(size):
        chosen = np.flatnonzero(size == length)
        stretch = np.lib.stride_tricks.sliding_window_view(characters, length)[start[chosen]]
        texts = from_octets(stretch.reshape(-1), np.arange(len(stretch) + 1, dtype=np.int64) * length)
        found[chosen] = positions(texts, keys)
    return found
