"""Columns of few different words (a bucket, a reason, a rule), made at once from numbers that stand for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from schemas.octets import LARGE_TEXT, as_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Truths = NDArray[np.bool_] | pd.Series[bool]
    """One truth a row."""


def worded(code: NDArray[Any], words: Sequence[str], index: pd.Index[Any] | None = None) -> pd.Series[str]:
    """The word at each ``code`` (n, from 0 on) as a column; n, on ``index`` (0 … n − 1 when None)."""
    known = pyarrow.array(words, pyarrow.large_string())
    return pd.Series(known.take(pyarrow.array(code)), index=index, dtype="str")


def first_of(applies: Sequence[Truths], words: Sequence[str], otherwise: str) -> pd.Series[str]:
    """For each row the word of the first condition (n truths each) that applies, ``otherwise`` where none does; n."""
    return worded(first_place(applies), [*words, otherwise])


def first_place(applies: Sequence[Truths]) -> NDArray[np.int8]:
    """For each row the number of the first condition that applies, the number of conditions where none does; n."""
    place = np.full(len(applies[0]), len(applies), dtype=np.int8)
    for number in reversed(range(len(applies))):
        place[np.asarray(applies[number], dtype=bool)] = number
    return place


def everywhere(word: str, index: pd.Index[Any]) -> pd.Series[str]:
    """The same word in every row of ``index``."""
    return pd.Series(pyarrow.repeat(pyarrow.scalar(word, pyarrow.large_string()), len(index)), index=index, dtype="str")


def joined(*parts: pd.Series[str] | pyarrow.Array | str) -> pyarrow.LargeStringArray:
    """In each row the parts with ``|`` between them; at least one is a column, a text stands in every row.

    >>> joined("bank_transfer", pd.Series(["a", "b"])).to_pylist()
    ['bank_transfer|a', 'bank_transfer|b']
    """
    texts = [pyarrow.scalar(part, LARGE_TEXT) if isinstance(part, str) else as_array(part) for part in parts]
    return pc.binary_join_element_wise(*texts, pyarrow.scalar("|", LARGE_TEXT))


def places(column: pd.Series[str], words: Sequence[str]) -> NDArray[np.int64]:
    """For each text of a column (n) its place among a few ``words``, −1 where it is none of them; n."""
    found = pc.index_in(as_array(column), value_set=pyarrow.array(words, pyarrow.large_string()))
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
