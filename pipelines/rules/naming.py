"""Whom a text names (CONTRACT §7): capture lines and registrants found in free text, without likeness or guessing.

A text is cut into tokens of ``[A-Z0-9]`` (``a–z`` raised, every other character separates). A capture line is named
by a token or by up to eight consecutive tokens run together; an NSS or a CURP by a single token. Tokens of one text
lie one behind the other in one buffer, so a run of tokens is a stretch of bytes: no text is ever copied or looped over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_RUN: Final = 8
LONGEST_LINE: Final = 60
NSS_DIGITS: Final = 11
CURP_CHARACTERS: Final = 18


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
    raised = pc.ascii_upper(_arrow(texts))
    spaced = pc.utf8_trim(pc.replace_substring_regex(raised, pattern="[^A-Z0-9]+", replacement=" "), characters=" ")
    lists = pc.split_pattern(spaced.cast(pyarrow.large_string()), pattern=" ")
    owner = np.repeat(np.arange(len(texts)), pc.list_value_length(lists).to_numpy(zero_copy_only=False))
    flat = pc.list_flatten(lists)
    lengths = pc.binary_length(flat).to_numpy(zero_copy_only=False).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    filled = lengths > 0
    bounds = np.concatenate([starts[:-1][filled], starts[-1:]])
    return Tokens(owner[filled].astype(np.int64), bounds, _characters(flat))


def named_lines(tokens: Tokens, lines: pd.Series[str]) -> Named:
    """Which of ``lines`` (normalised, distinct) each text names by one to eight consecutive tokens; each pair once."""
    wanted = np.zeros(LONGEST_LINE + 2, dtype=bool)
    wanted[np.clip(lines.str.len().to_numpy(dtype=np.int64), 0, LONGEST_LINE + 1)] = True
    wanted[[0, LONGEST_LINE + 1]] = False
    runs = [runs_of(tokens, length, wanted) for length in range(1, LONGEST_RUN + 1)]
    owner, start, size = (np.concatenate(part) for part in zip(*runs, strict=True))
    found = _look_up(tokens.characters, start, size, lines)
    hit = found >= 0
    pairs = np.unique(np.stack([owner[hit], found[hit]], axis=1), axis=0)
    return Named(pairs[:, 0], pairs[:, 1])


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
    found = np.full(len(start), -1, dtype=np.int64)
    whole = _arrow(keys).cast(pyarrow.large_string())
    for length in np.unique(size):
        chosen = size == length
        stretch = characters[start[chosen][:, None] + np.arange(length)]
        offsets = np.arange(len(stretch) + 1, dtype=np.int64) * length
        texts = pyarrow.LargeStringArray.from_buffers(
            len(stretch), pyarrow.py_buffer(offsets), pyarrow.py_buffer(np.ascontiguousarray(stretch))
        )
        found[chosen] = pc.fill_null(pc.index_in(texts, value_set=whole), -1).to_numpy(zero_copy_only=False)
    return found


def _arrow(texts: pd.Series[str]) -> pyarrow.Array:
    array = pyarrow.array(texts, from_pandas=True)
    return array.combine_chunks() if isinstance(array, pyarrow.ChunkedArray) else array


def _characters(flat: pyarrow.LargeStringArray) -> NDArray[np.uint8]:
    _, offsets, content = flat.buffers()
    if content is None or len(flat) == 0:
        return np.empty(0, dtype=np.uint8)
    bounds = np.frombuffer(offsets, dtype="<i8")[flat.offset : flat.offset + len(flat) + 1]
    return np.frombuffer(content, dtype=np.uint8)[int(bounds[0]) : int(bounds[-1])]
