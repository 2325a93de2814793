"""Crowds: lines that share what a payment says, a beginning or two words of a name. A large one tells nothing (§7).

Lines may lie in many blocks, so that how large a crowd is shows only once the figures of all blocks are added up
(docs/decisions/0042). A crowd is told by what its lines share: ``text``, the beginning of their names; or ``first`` and
``second``, the places of two words among those of all registrants, with the ``amount`` due; and ``due``, their month.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from pipelines.rules.keys import among, group
from pipelines.rules.words import everywhere

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHARED_BY_MOST: Final = 10
"""What more lines than these share tells nothing."""

_SHARED: Final = {"text": "str", "first": "int64", "second": "int64", "amount": "int64", "due": "int64"}
CROWD: Final = {**_SHARED, "number": "int64"}
"""What the lines of a crowd share, and how many they are: column → dtype."""


def crowds(number: NDArray[Any] | pd.Series[int], **shared: NDArray[Any] | pd.Series[Any]) -> pd.DataFrame:
    """Crowds of so many lines each; of what they do not share, whole numbers are 0 and the text is empty."""
    index = pd.RangeIndex(len(number))
    absent = {name: everywhere("", index) if kind == "str" else 0 for name, kind in CROWD.items()}
    told = {name: np.asarray(values) if name != "text" else values for name, values in shared.items()}
    return pd.DataFrame({**absent, **told, "number": np.asarray(number)}, index=index).astype(CROWD)


def total(counted: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The crowds of several blocks as of one; at least one block."""
    every = pd.concat(counted, ignore_index=True)
    groups = group(every[list(_SHARED)])
    number = np.zeros(len(groups.first), dtype=np.int64)
    np.add.at(number, groups.code, every["number"].to_numpy())
    return every.take(groups.first).reset_index(drop=True).assign(number=number)


def too_large(whole: pd.DataFrame) -> pd.DataFrame:
    """Of the crowds of all blocks those that tell nothing."""
    return whole[whole["number"].gt(SHARED_BY_MOST)].reset_index(drop=True)


def are_large(some: pd.DataFrame, large: pd.DataFrame) -> NDArray[np.bool_]:
    """For each of some crowds whether it is one of the large ones."""
    shared = list(_SHARED)
    return among(some[shared], large[shared])
