"""What rows name, as hashes: names of registrants and lines in the registries, and all that a payment might name.

A name is a capture line, an NSS or a CURP. Nothing is verified: two names of one hash only put rows into one shard
that might have stood in two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.rules import keys, naming
from pipelines.rules.calendar import written_dates
from schemas.identifiers.capture_line import normalise
from schemas.octets import LARGE_TEXT, as_array, from_octets, octets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

SIZES: Final = naming.LONGEST_LINE + 2
"""Sizes of names that are looked for: from 0 to one more than any name has."""

_TOLD_BY: Final = {
    "bank_transfers": ("concept", ()),
    "remittances": ("message", ("capture_line", "nss", "curp")),
    "decisions": (None, ("capture_line",)),
}
"""Kind → the column of its text, and the columns that are one name each."""

_SETTLED_BY: Final = {
    "bank_transfers": ("sender_bank", "tracking_key"),
    "remittances": ("company", "settlement_id"),
}

_CHANNELS: Final = {"bank_transfers": "bank_transfer", "remittances": "remittance"}

_NAMES: Final = {"registrants": ("nss", "curp")}
_NAME_OF_A_LINE: Final = ("capture_line",)
"""Kind → the columns that are a name of its row's NSS; of all others the capture line is."""


_PAID_BY: Final = {
    "bank_transfers": ("operating_date", "sender_bank", "tracking_key"),
    "remittances": ("company", "remittance_id"),
    "decisions": ("payment_id",),
}
"""Kind → the columns by which its rows are those of one payment."""


def columns_of_names(kind: str) -> list[str]:
    """The columns of a registry that :func:`owners`, :func:`names_of` and :func:`sizes_of` look at."""
    return list(dict.fromkeys(("nss", *_NAMES.get(kind, _NAME_OF_A_LINE))))


def columns_told(kind: str) -> list[str]:
    """The columns of payments that :func:`payments` and :func:`told` look at."""
    text, fields = _TOLD_BY[kind]
    return [*_PAID_BY[kind], *fields, *([text] if text else [])]


def owners(table: pyarrow.Table) -> Hashes:
    """The hash of the NSS of each row of a registry."""
    return keys.hashes(as_array(table["nss"]))


def own(kind: str, table: pyarrow.Table) -> Hashes:
    """The hash of the NSS of each row of a registry, of the payment of each row of another kind."""
    return payments(kind, table) if kind in _TOLD_BY else owners(table)


def settles(kind: str, table: pyarrow.Table) -> Hashes:
    """The hash of the settlement under which each row is, or of the key by which it may be a deposit; else 0."""
    columns = _SETTLED_BY.get(kind)
    if columns is None:
        return np.zeros(table.num_rows, dtype=np.uint64)
    return keys.hashes([as_array(table[name]) for name in columns])


def names_of(kind: str, table: pyarrow.Table) -> list[tuple[Hashes, bool]]:
    """The names of the NSS of each row of a registry, and whether it is a line's."""
    columns = _NAMES.get(kind, _NAME_OF_A_LINE)
    return [(keys.hashes(as_array(table[name])), name == "capture_line") for name in columns]


def sizes_of(kind: str, table: pyarrow.Table) -> NDArray[np.bool_]:
    """Size in bytes → whether a name of the registry has it."""
    seen = np.zeros(SIZES, dtype=bool)
    for name in _NAMES.get(kind, _NAME_OF_A_LINE):
        seen[np.minimum(octets(as_array(table[name])).lengths, SIZES - 1)] = True
    seen[[0, SIZES - 1]] = False
    return seen


def payments(kind: str, table: pyarrow.Table) -> Hashes:
    """The hash of the payment of each row."""
    if kind == "decisions":
        return keys.hashes(as_array(table["payment_id"]))
    parts = [_written(table[name]) for name in _PAID_BY[kind]]
    texts = [pyarrow.scalar(text, LARGE_TEXT) for text in (_CHANNELS[kind], "|")]
    return keys.hashes(pc.binary_join_element_wise(texts[0], *parts, texts[1]))


def _written(column: pyarrow.ChunkedArray) -> pyarrow.LargeStringArray:
    """A part of a natural key as text."""
    if not pyarrow.types.is_date(column.type):
        return as_array(column)
    days: pd.Series[pd.Timestamp] = column.cast(pyarrow.timestamp("s")).to_pandas()
    return as_array(written_dates(days))


def told(kind: str, table: pyarrow.Table, sizes: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Hashes]:
    """(row, name): every hash that might be a name that the row gives."""
    text, fields = _TOLD_BY[kind]
    nothing: tuple[NDArray[np.int64], Hashes] = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint64)
    found = [nothing, *(_field(table, name) for name in fields)]
    if text:
        found += _stretches(naming.tokenise(pd.Series(as_array(table[text]).to_pandas(), dtype="str")), sizes)
    return np.concatenate([row for row, _ in found]), np.concatenate([name for _, name in found])


def _field(table: pyarrow.Table, name: str) -> tuple[NDArray[np.int64], Hashes]:
    """A filled field is one name, without its separators."""
    written: pd.Series[Any] = normalise(pd.Series(as_array(table[name]).to_pandas(), dtype="str"))
    filled = np.flatnonzero(written.ne("").to_numpy())
    return filled, keys.hashes(written.take(filled))


def _stretches(tokens: naming.Tokens, sizes: NDArray[np.bool_]) -> list[tuple[NDArray[np.int64], Hashes]]:
    """Every run of tokens of a size that names have, size by size."""
    runs = [naming.runs_of(tokens, length, sizes) for length in range(1, naming.LONGEST_RUN + 1)]
    owner, start, size = (np.concatenate(part) for part in zip(*runs, strict=True))
    chosen = [(int(length), size == length) for length in np.unique(size)]
    return [_of_size(tokens, owner[these], start[these], length) for length, these in chosen]


def _of_size(
    tokens: naming.Tokens, owner: NDArray[np.int64], start: NDArray[np.int64], length: int
) -> tuple[NDArray[np.int64], Hashes]:
    stretch = np.lib.stride_tricks.sliding_window_view(tokens.characters, length)[start]
    texts = from_octets(stretch.reshape(-1), np.arange(len(stretch) + 1, dtype=np.int64) * length)
    return owner, keys.hashes(texts)
