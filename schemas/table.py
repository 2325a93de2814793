"""The base of every typed table: one definition of its columns for memory, disk and documentation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Final, NamedTuple

import pandas as pd
import pandera.pandas as pa
import pyarrow
import pyarrow.compute as pc
from pandera.api.dataframe.model_components import FieldInfo

from schemas.columns import KINDS
from schemas.octets import in_one_piece, whole


class TableSchemaError(ValueError):
    """A table is not what its model says: a broken invariant of the program, never a fault of a file."""


_FEW_PIECES: Final = 4
"""Columns of more pieces are put together: two tables that were joined may still share theirs with others."""


class Table(pa.DataFrameModel):
    """A table by its model; ``_key`` names the columns that tell one row from another."""

    _key: ClassVar[tuple[str, ...]] = ()

    class Config:
        """Exactly these columns, in this order."""

        strict = True
        ordered = True

    @classmethod
    def key(cls) -> list[str]:
        """The columns that tell one row from another."""
        return list(cls._key)

    @classmethod
    def kinds(cls) -> dict[str, str]:
        """Column name → kind, in order."""
        return dict(_kinds(cls))

    @classmethod
    def empty(cls, *_args: object) -> pd.DataFrame:  # type: ignore[override] # a plain frame, of our own dtypes
        """The table without rows."""
        return pd.DataFrame({name: pd.Series([], dtype=KINDS[kind].pandas) for name, kind in cls.kinds().items()})

    @classmethod
    def conform(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with exactly this table's columns in order, checked against the model.

        Raises ``TableSchemaError`` naming the column and what is wrong, never a value.
        """
        kinds = cls.kinds()
        missing = [name for name in kinds if name not in frame.columns]
        if missing:
            message = f"{cls.__name__}: columns missing: {', '.join(missing)}"
            raise TableSchemaError(message)
        chosen = frame.loc[:, list(kinds)].reset_index(drop=True)
        pieces = {name: in_one_piece(chosen[name], _FEW_PIECES) for name in kinds}
        ordered = pd.DataFrame(pieces, index=chosen.index, copy=False)
        _check_dtypes(cls.__name__, ordered, kinds)
        _check_values(cls, ordered)
        return ordered

    @classmethod
    def arrow_schema(cls) -> pyarrow.Schema:
        """The Arrow schema of the table at rest."""
        return pyarrow.schema([(name, KINDS[kind].arrow) for name, kind in cls.kinds().items()])

    @classmethod
    def to_arrow(cls, frame: pd.DataFrame) -> pyarrow.Table:
        """The frame as an Arrow table of this model's schema; raises ``TableSchemaError``."""
        conformed = cls.conform(frame)
        arrays = [_to_arrow(conformed[field.name], field.type) for field in cls.arrow_schema()]
        return pyarrow.Table.from_arrays(arrays, schema=cls.arrow_schema())

    @classmethod
    def from_arrow(cls, table: pyarrow.Table, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The pandas frame of an Arrow table of this model's schema, or of these columns; others are left out."""
        kinds = cls.kinds()
        series = {name: _to_pandas(table[name], kinds[name]) for name in columns or kinds}
        return pd.DataFrame(series, copy=False)


@cache
def _kinds(model: type[Table]) -> dict[str, str]:
    return {name: field.metadata["kind"] for name, field in _fields(model).items()}


def _fields(model: type[Table]) -> dict[str, Any]:
    """What a model says of its columns, in order; the schema that pandera makes of it takes half a second to load."""
    fields = {name: found for base in reversed(model.__mro__) for name, found in vars(base).items()}
    said = [name for base in reversed(model.__mro__) for name in vars(base).get("__annotations__", {})]
    return {name: fields[name] for name in said if isinstance(fields.get(name), FieldInfo)}


def _check_dtypes(name: str, frame: pd.DataFrame, kinds: dict[str, str]) -> None:
    wrong = [
        f"{column} is {frame[column].dtype}, expected {KINDS[kind].pandas}"
        for column, kind in kinds.items()
        if str(frame[column].dtype) != KINDS[kind].pandas
    ]
    if wrong:
        message = f"{name}: {'; '.join(wrong)}"
        raise TableSchemaError(message)


class _Rule(NamedTuple):
    """What the model asks of the values of a column: whether any may be missing, and which there may be (none: all)."""

    is_nullable: bool
    allowed: tuple[str, ...]


@cache
def _rules(model: type[Table]) -> dict[str, _Rule]:
    """Column name → what its values must be, as the model says it."""
    return {
        name: _Rule(bool(field.nullable), tuple(field.metadata.get("allowed", ())))
        for name, field in _fields(model).items()
    }


def _is_sound(column: pd.Series[Any], rule: _Rule) -> bool:
    """Whether the values of a column of the right dtype are as its rule says; text is never missing."""
    if isinstance(column.dtype, pd.StringDtype):
        texts = pyarrow.array(column.array)
        return not texts.null_count and (not rule.allowed or _are_among(texts, rule.allowed))
    return rule.is_nullable or not column.hasnans


def _are_among(texts: pyarrow.Array | pyarrow.ChunkedArray, allowed: tuple[str, ...]) -> bool:
    found = pc.is_in(texts, value_set=pyarrow.array(allowed, texts.type))
    return bool(pc.all(found, min_count=0).as_py())


def _check_values(model: type[Table], frame: pd.DataFrame) -> None:
    """Look at every column; pandera, dear by the call, is asked only to say what is wrong where one is not sound."""
    if all(_is_sound(frame[name], rule) for name, rule in _rules(model).items()):
        return
    found: list[str] = []
    try:
        model.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases: Any = errors.failure_cases
        found = sorted({f"{column}: {check}" for column, check in zip(cases["column"], cases["check"], strict=True)})
    message = f"{model.__name__}: {'; '.join(found)}"
    raise TableSchemaError(message)


def _to_arrow(series: pd.Series[Any], kind: pyarrow.DataType) -> pyarrow.ChunkedArray:
    array = pyarrow.array(series, from_pandas=True)
    chunked = array if isinstance(array, pyarrow.ChunkedArray) else pyarrow.chunked_array([array])
    return chunked.cast(kind)


def _to_pandas(column: pyarrow.ChunkedArray, kind: str) -> pd.Series[Any]:
    if kind == "optional_centavos":
        amounts: pd.Series[Any] = column.to_pandas(types_mapper={pyarrow.int64(): pd.Int64Dtype()}.get)
        return amounts
    dated = column.cast(pyarrow.timestamp("s")) if kind in {"date", "optional_date"} else column
    series: pd.Series[Any] = whole(dated).to_pandas().astype(KINDS[kind].pandas)
    return series
