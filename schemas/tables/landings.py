"""Landings: the log of what was offered and how it read, from which receipts are derived (CONTRACT §4)."""

from __future__ import annotations

from typing import ClassVar

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from schemas.columns import KINDS, Instant, Text, Whole, centavos, count, instant, text
from schemas.table import Table


class Landing(Table):
    """One file offered under one name with one content, and what its reader made of it."""

    _key: ClassVar[tuple[str, ...]] = ("file_name", "sha256")

    file_name: Text = text("Name under which the file was offered", "nombre del archivo")
    sha256: Text = text("SHA-256 of its bytes; empty where it could not be read")
    layout: Text = text("Layout that its name chose; empty where none has it", "formato")
    kind: Text = text("Canonical file its rows are of; empty where it was refused")
    received_at: Instant = instant("When it was received")
    refusal: Text = text("Why it was refused; empty where it reads")
    hold: Text = text("Why it waits for a person although it reads; empty where it does not")
    notes: Text = text("What is worth a look although nothing is wrong; empty where there is nothing")
    series: Text = text("Sequence that its number is of; empty where its layout has none", "serie")
    number: Whole = count("Its number in that sequence; 0 where its layout has none")
    rows: Whole = count("Data rows in the file")
    rejected_rows: Whole = count("Rows of it that did not read")
    amount_centavos: Whole = centavos("Sum of its main amount over sound rows in pesos")
    rows_digest: Text = text("Digest of the multiset of its rows; empty without rows")
    months: Text = text("Months its rows touch, separated by a space")

    @classmethod
    def from_log(cls, table: pyarrow.Table) -> pd.DataFrame:
        """The rows of the log, also of entries written before a column was there: empty text and 0 stand for it."""
        columns = {name: _filled(table, name, KINDS[kind].arrow) for name, kind in cls.kinds().items()}
        return cls.from_arrow(pyarrow.table(columns))


def _filled(table: pyarrow.Table, name: str, kind: pyarrow.DataType) -> pyarrow.Array | pyarrow.ChunkedArray:
    column = table[name] if name in table.column_names else pyarrow.nulls(table.num_rows, kind)
    if pyarrow.types.is_timestamp(kind):
        return column
    return pc.fill_null(column, pyarrow.scalar(0 if pyarrow.types.is_integer(kind) else "", kind))
