"""Movements of one statement that their key does not tell apart: all of them rejected, none kept as the other's repeat.

Where balances or totals prove that two rows are two movements, one date, bank and tracking key on both would make the
second a repeat of the first (CONTRACT §5) and lose its money in silence. Across files a repeat stays a repeat:
exports overlap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.readers.raw import WHOLE_ROW, Failure
from schemas.octets import as_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout
    from pipelines.readers.mapping import Mapped

RULE: Final = "shared_key"
KINDS: Final = ("bank_transfers",)
"""The kinds whose layouts may declare the control."""

_KEY: Final = ("operating_date", "sender_bank", "tracking_key")
_APART: Final = "\x00"  # in no text of a sound row
_REASON: Final = (
    "expected a key of its own, found another movement of the file with the same date, bank, tracking key and status;"
    " look the tracking keys up at the bank and report these rows in the canonical layout"
)


def failures(mapped: Mapped, layout: Layout) -> list[Failure]:
    """The rows (of all ``n`` of a file) that share natural key and status, where the layout's control asks for it.

    Rows that are no payment at all are not counted, rows with a bad value are: once put right they would collide.
    """
    if not layout.controls.distinct_keys or not mapped.texts.num_rows:
        return []
    shared = _shared(mapped.texts, _counted(mapped))
    # Told last: a bad value is for the sender to put right, whatever its row's key.
    place = mapped.texts.num_columns
    return [Failure(mapped.sources["tracking_key"], RULE, _REASON, shared, place)] if shared.any() else []


def _counted(mapped: Mapped) -> NDArray[np.bool_]:
    """The rows that are payments and have all parts of their key."""
    counted = np.ones(mapped.texts.num_rows, np.bool_)
    for failure in mapped.failures:
        if failure.place == WHOLE_ROW:
            counted &= ~failure.rows
    for name in _KEY:
        counted &= pc.not_equal(as_array(mapped.texts[name]), "").to_numpy(zero_copy_only=False)
    return counted


def _shared(texts: pyarrow.Table, counted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the counted rows have a key and status that another one of them has too."""
    rows = texts.filter(pyarrow.array(counted))
    parts = [as_array(rows[name]) for name in (*_KEY, "status")]
    keys = pc.binary_join_element_wise(*parts, pyarrow.scalar(_APART, parts[0].type)).dictionary_encode()
    codes = keys.indices.to_numpy(zero_copy_only=False)
    shared = np.zeros(counted.size, np.bool_)
    shared[counted] = np.bincount(codes, minlength=1)[codes] > 1
    return shared
