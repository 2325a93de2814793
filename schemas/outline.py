"""The outline of a multiset of rows, block by block: equal multisets of rows have equal outlines (CONTRACT §4).

It costs a fraction of a digest over every byte and is far from proof: of the columns named as telling it looks at the
last bytes of every text, row by row together with the row's numbers; of all other texts at how many bytes a column has
and what they add up to. Who finds two outlines equal compares the rows (``engine.repeats`` does).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow

from schemas.multiset import factors, plain_words, stirred
from schemas.octets import as_array, octets
from schemas.words import LAST, WIDTH, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from schemas.words import Words

_SEED: Final = 0x243F6A8885A308D3
_FOLD: Final = np.uint64(29)


class Outline:
    """The rows added so far; ``telling`` are the columns of text that tell one row from another."""

    def __init__(self, telling: frozenset[str]) -> None:
        self._telling = telling
        self._sums: dict[str, int] = {}

    def add(self, table: pyarrow.Table) -> None:
        """Add every row of ``table``; all tables added have the same columns in the same order."""
        lane = np.zeros(table.num_rows, np.uint64)
        for place, name in enumerate(table.column_names):
            if pyarrow.types.is_string(table.schema.types[place]):
                lane += self._of_text(name, as_array(table[name]), place)
                continue
            for number, found in plain_words(table[name]):
                lane += _spread(found, 2 * place + number)
        self._count("rows", table.num_rows)
        self._count("together", int(stirred(lane).sum(dtype=np.uint64)))

    def digest(self) -> str:
        """SHA-256 (hexadecimal) of what was added up; empty where there are no rows."""
        if not self._sums.get("rows"):
            return ""
        said = " ".join(f"{name}={number % (1 << 64)}" for name, number in sorted(self._sums.items()))
        return hashlib.sha256(said.encode()).hexdigest()

    def _of_text(self, name: str, array: pyarrow.LargeStringArray, place: int) -> Words | np.uint64:
        texts = octets(array)
        self._count(f"{name} bytes", texts.data.size)
        self._count(f"{name} sum", _sum_of(texts.data))
        if name not in self._telling or not texts.data.size:
            return np.uint64(0)
        return _spread(words(texts, -WIDTH) & LAST[texts.lengths.clip(0, WIDTH)], 2 * place)

    def _count(self, name: str, number: int) -> None:
        self._sums[name] = self._sums.get(name, 0) + number


def _spread(found: Words, place: int) -> Words:
    """Words made into as many others, each column's in its own way."""
    return np.asarray((found ^ (found >> _FOLD)) * factors(_SEED, place)[0])


def _sum_of(data: NDArray[np.uint8], piece: int = 1 << 24) -> int:
    """The sum of bytes; 32 bits, twice as fast to add up as 64, hold that of 16 MiB."""
    return sum(int(data[first : first + piece].sum(dtype=np.uint32)) for first in range(0, data.size, piece))
