"""Sound rows of text to typed rows: amounts in centavos, instants in UTC, all as its model says (CONTRACT §1)."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow
import pyarrow.compute as pc

from pipelines.readers.kinds import ROW_MODELS
from schemas import values
from schemas.columns import KINDS
from schemas.identifiers import capture_line
from schemas.octets import as_array, octets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

PROVENANCE: Final = ("sha256", "sheet", "row")
FROM_RECEIPT: Final = ("file_name", "received_at")

_SOURCES: Final[Mapping[str, str]] = {
    "amount_centavos": "amount",
    "amount_due_centavos": "amount_due",
    "pay_amount_centavos": "pay_amount",
    "gross_centavos": "gross_amount",
    "net_centavos": "net_amount",
    "capture_line_written": "capture_line",
    "credited_written_on": "credited_at",
    "sent_written_on": "sent_at",
}
"""Typed column → the column of text it is read from, where the names differ."""

_FEES: Final[Mapping[str, str]] = {"settlements": "fee_amount", "remittances": "fee"}
_NORMALISED: Final = {("capture_lines", "capture_line"), ("decisions", "capture_line")}


def to_rows(
    texts: pyarrow.Table, kind: str, sha256: str, sheets: pyarrow.StringArray, lines: NDArray[np.int64]
) -> pyarrow.Table:
    """The sound rows (``n``) of ``texts`` as typed rows of ``kind``, with provenance, without what a receipt gives."""
    provenance = {"sha256": repeated(sha256, lines.size), "sheet": sheets, "row": pyarrow.array(lines)}
    return pyarrow.table({**provenance, **typed_columns(texts, kind)}, schema=_schema(kind, FROM_RECEIPT))


def repeated(text: str, rows: int) -> pyarrow.StringArray:
    """A text for every row: a part of a longer column, which serves all blocks of a file."""
    return _repeated(text, 1 << rows.bit_length()).slice(0, rows)


@lru_cache(maxsize=2)
def _repeated(text: str, rows: int) -> pyarrow.StringArray:
    return pyarrow.repeat(text, rows)


def typed_columns(texts: pyarrow.Table, kind: str) -> dict[str, pyarrow.Array]:
    """Typed column → its values, for every column of the kind's rows that a file itself says."""
    return {
        name: _typed(texts, kind, name, column_kind).cast(KINDS[column_kind].arrow)
        for name, column_kind in _kinds(kind).items()
    }


@cache
def _kinds(kind: str) -> dict[str, str]:
    kinds = ROW_MODELS[kind].kinds()
    return {name: kinds[name] for name in _schema(kind, (*FROM_RECEIPT, *PROVENANCE)).names}


@cache
def _schema(kind: str, without: tuple[str, ...]) -> pyarrow.Schema:
    return pyarrow.schema([field for field in ROW_MODELS[kind].arrow_schema() if field.name not in without])


def _typed(texts: pyarrow.Table, kind: str, name: str, column_kind: str) -> pyarrow.Array:
    source = _FEES[kind] if name == "fee_centavos" else _SOURCES.get(name, name)
    array = as_array(texts[source])
    if (kind, name) in _NORMALISED:
        return capture_line.normalise_array(array)
    if name.endswith("_written_on"):
        return pyarrow.array(values.parse_instants(array).written_on.astype("datetime64[D]"))
    return _CONVERSIONS[column_kind](array)


def _unchanged(array: pyarrow.LargeStringArray) -> pyarrow.Array:
    return array


def _centavos(array: pyarrow.LargeStringArray) -> pyarrow.Array:
    return pyarrow.array(values.parse_amounts(array).meant)


def _optional_centavos(array: pyarrow.LargeStringArray) -> pyarrow.Array:
    return pyarrow.array(values.parse_amounts(array).meant, mask=_empty(array))


def _counts(array: pyarrow.LargeStringArray) -> pyarrow.Array:
    return pyarrow.array(values.parse_counts(array).meant)


def _dates(array: pyarrow.LargeStringArray) -> pyarrow.Array:
    return pyarrow.array(values.parse_dates(array).meant.astype("datetime64[D]"))


def _optional_dates(array: pyarrow.LargeStringArray) -> pyarrow.Array:
    return pyarrow.array(values.parse_dates(array).meant.astype("datetime64[D]"), mask=_empty(array))


def _instants(array: pyarrow.LargeStringArray) -> pyarrow.Array:
    return pyarrow.array(values.parse_instants(array).micros.astype("datetime64[us]")).cast(
        pyarrow.timestamp("us", "UTC")
    )


def _empty(array: pyarrow.LargeStringArray) -> NDArray[np.bool_]:
    return np.asarray(octets(array).lengths == 0, np.bool_)


_CONVERSIONS: Final[Mapping[str, Callable[[Any], pyarrow.Array]]] = {
    "text": _unchanged,
    "month": _unchanged,
    "centavos": _centavos,
    "optional_centavos": _optional_centavos,
    "count": _counts,
    "date": _dates,
    "optional_date": _optional_dates,
    "instant": _instants,
}


def sum_of_pesos(rows: pyarrow.Table, kind: str) -> int:
    """Centavos: the main amount of a kind's rows, summed over those in pesos (in whole numbers of any size)."""
    amount, currency = _MAIN_AMOUNT.get(kind, ("", ""))
    if not amount or not rows.num_rows:
        return 0
    whole = np.asarray(rows[amount].to_numpy(), dtype=np.int64)
    if currency:
        whole = whole[pc.equal(rows[currency], "MXN").to_numpy()]
    # Twelve digits a row and at most 20 million rows stay below 2**63 only just; halves are summed apart.
    return int((whole >> 20).sum()) * (1 << 20) + int((whole & ((1 << 20) - 1)).sum())


_MAIN_AMOUNT: Final[Mapping[str, tuple[str, str]]] = {
    "bank_transfers": ("amount_centavos", "currency"),
    "remittances": ("pay_amount_centavos", "pay_currency"),
    "settlements": ("net_centavos", "currency"),
    "capture_lines": ("amount_due_centavos", ""),
}
