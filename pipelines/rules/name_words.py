"""The words of names and texts as numbers: split, counted, and the rarest of each in order (docs/decisions/0019).

Names are compared without accents, case or the order of their words; Ñ counts as N. A word has two letters or more.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.rules.likeness import expand, in_order
from schemas.octets import as_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

WORDS: Final = 8
"""Words of a name or text that are looked at: the rarest among registrants."""

PAIRS: Final = tuple(combinations(range(WORDS), 2))

COUNTED: Final = ["word", "number"]
"""A word, and how many texts have it."""


class Words(NamedTuple):
    """Words of many texts: ``code[i]``, a place in ``known``, stands in text ``owner[i]``; owners come in order."""

    owner: Whole
    code: Whole
    known: pyarrow.Array


class WordPairs(NamedTuple):
    """Every two of the rarest words of texts: ``first[i]`` and ``second[i]``, the rarer one first, of ``owner[i]``."""

    owner: Whole
    first: Whole
    second: Whole


def fold(names: pd.Series[str] | pyarrow.Array) -> pyarrow.Array:
    """Each name in A-Z and single spaces: no accents, no digits, Ñ as N.

    >>> import pandas as pd
    >>> fold(pd.Series(["Íñigo  Núñez-Ruiz"])).to_pylist()
    ['INIGO NUNEZ RUIZ']
    """
    plain = pc.replace_substring_regex(pc.utf8_normalize(as_array(names), form="NFKD"), r"\p{M}+", "")
    return pc.utf8_trim(pc.replace_substring_regex(pc.utf8_upper(plain), "[^A-Z]+", " "), characters=" ")


def split(texts: pd.Series[str]) -> Words:
    """Words of two letters and more of each text, folded.

    Few words are written many times, so that each is folded once; one that is written may fold to several.
    """
    owner, written = _pieces(as_array(texts))
    encoded = pc.dictionary_encode(written)
    of_written, folded = _pieces(fold(encoded.dictionary))
    is_word = pc.greater(pc.binary_length(folded), 1)
    words = pc.dictionary_encode(folded.filter(is_word))
    of_written = of_written[is_word.to_numpy(zero_copy_only=False)]
    number = np.bincount(of_written, minlength=len(encoded.dictionary))
    first = np.cumsum(number) - number
    code = encoded.indices.to_numpy()
    each = words.indices.to_numpy()[expand(first[code], number[code])] if len(code) else np.zeros(0, np.int32)
    return Words(np.repeat(owner, number[code]), each.astype(np.int64), words.dictionary)


def counted(words: Words) -> pd.DataFrame:
    """How many texts have each word: ``COUNTED``, the rarest first, those as rare in the order of the alphabet."""
    once = in_order(words.owner << 32 | words.code) & 0xFFFFFFFF
    number = np.bincount(once, minlength=len(words.known)).astype(np.int64)
    return _rarest_first(pd.DataFrame({"word": pd.Series(words.known, dtype="str"), "number": number}))


def total(counts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """``COUNTED`` of several sets of texts as of one set; at least one."""
    every = pd.concat(counts, ignore_index=True)
    summed: pd.DataFrame = every.groupby("word", as_index=False).agg({"number": "sum"})
    return _rarest_first(summed)


def rare_pairs(words: Words, counts: pd.DataFrame) -> WordPairs:
    """Every two of the ``WORDS`` rarest words of each text, as their places in ``counts``; other words are unknown."""
    place = pc.fill_null(pc.index_in(words.known, value_set=as_array(counts["word"])), -1).to_numpy().astype(np.int64)
    known = place[words.code] if len(place) else words.code
    is_known = known >= 0
    both = in_order(words.owner[is_known] << 32 | known[is_known])
    matrix, texts = _side_by_side(both >> 32, both & 0xFFFFFFFF)
    pairs = [(matrix[first], matrix[second], matrix[second] >= 0) for first, second in PAIRS]
    pairs = [pair for pair in pairs if pair[2].any()] or pairs[:1]
    return WordPairs(
        np.concatenate([texts[is_there] for _, _, is_there in pairs]),
        np.concatenate([first[is_there] for first, _, is_there in pairs]),
        np.concatenate([second[is_there] for _, second, is_there in pairs]),
    )


def _side_by_side(owner: Whole, word: Whole) -> tuple[Whole, Whole]:
    """The first ``WORDS`` words of each text, one below the other (−1 for none), and the texts."""
    is_next = np.ones(owner.size, np.bool_)
    is_next[1:] = owner[1:] != owner[:-1]
    row, start = np.cumsum(is_next) - 1, np.flatnonzero(is_next)
    place = np.arange(owner.size) - start[row]
    matrix = np.full((WORDS, start.size), -1, np.int64)
    is_rare = place < WORDS
    matrix[place[is_rare], row[is_rare]] = word[is_rare]
    return matrix, owner[is_next]


def _rarest_first(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.sort_values(["number", "word"], ignore_index=True)


def _pieces(texts: pyarrow.Array) -> tuple[Whole, pyarrow.Array]:
    """What stands between the spaces of each text: whose it is, and the text itself."""
    lists = pc.split_pattern(texts, " ")
    owner = np.repeat(np.arange(len(texts)), pc.list_value_length(lists).to_numpy(zero_copy_only=False))
    return owner, pc.list_flatten(lists)
