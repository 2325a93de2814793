"""The vocabulary of columns: what kinds of value a table may hold and how each is kept.

A kind is the meaning of a column (a civil date, an amount in centavos); it fixes the pandas dtype in memory, the Arrow
type at rest and the unit shown in the documentation. Text is never null (empty is ``""``), money is never a float.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow
from pandera.engines import pandas_engine

import schemas.lean  # noqa: F401 - before pandera makes a schema

if TYPE_CHECKING:
    from collections.abc import Sequence

Text = str
Whole = np.int64
OptionalWhole = pd.Int64Dtype
Flag = np.bool_
Instant = Annotated[pd.DatetimeTZDtype, "us", "UTC"]
CivilDate = Annotated[pandas_engine.DateTime, None, "s", None, False, None]


class Kind(NamedTuple):
    """How one kind of column is kept: pandas dtype in memory, Arrow type at rest, unit in words."""

    pandas: str
    arrow: pyarrow.DataType
    unit: str


KINDS: Final[dict[str, Kind]] = {
    "text": Kind("str", pyarrow.string(), ""),
    "month": Kind("str", pyarrow.string(), "YYYY-MM"),
    "centavos": Kind("int64", pyarrow.int64(), "centavos"),
    "optional_centavos": Kind("Int64", pyarrow.int64(), "centavos, may be empty"),
    "count": Kind("int64", pyarrow.int64(), "number"),
    "flag": Kind("bool", pyarrow.bool_(), "true or false"),
    "instant": Kind("datetime64[us, UTC]", pyarrow.timestamp("us", "UTC"), "UTC instant"),
    "optional_instant": Kind("datetime64[us, UTC]", pyarrow.timestamp("us", "UTC"), "UTC instant, may be empty"),
    "date": Kind("datetime64[s]", pyarrow.date32(), "civil date, Mexico City"),
    "optional_date": Kind("datetime64[s]", pyarrow.date32(), "civil date, may be empty"),
}
"""Every kind a typed table may hold."""


def column(kind: str, description: str, es: str = "", *, allowed: Sequence[str] = (), nullable: bool = False) -> Any:  # noqa: ANN401 - pandera's Field is typed Any
    """One column of a model: its kind, what it means, the official Spanish term where there is one."""
    checks: dict[str, Any] = {"isin": list(allowed)} if allowed else {}
    said = {"kind": kind, "es": es, "allowed": tuple(allowed)}
    return pa.Field(description=description, metadata=said, nullable=nullable, **checks)


def text(description: str, es: str = "", *, allowed: Sequence[str] = ()) -> Any:  # noqa: ANN401 - as column
    """Text, never null; an empty value is ``""``."""
    return column("text", description, es, allowed=allowed)


def month(description: str, es: str = "") -> Any:  # noqa: ANN401 - as column
    """A calendar month written ``YYYY-MM``."""
    return column("month", description, es)


def centavos(description: str, es: str = "", *, optional: bool = False) -> Any:  # noqa: ANN401 - as column
    """A whole number of centavos."""
    return column("optional_centavos" if optional else "centavos", description, es, nullable=optional)


def count(description: str, es: str = "") -> Any:  # noqa: ANN401 - as column
    """A whole number of things."""
    return column("count", description, es)


def flag(description: str, es: str = "") -> Any:  # noqa: ANN401 - as column
    """True or false."""
    return column("flag", description, es)


def instant(description: str, es: str = "", *, optional: bool = False) -> Any:  # noqa: ANN401 - as column
    """An instant in UTC, to the microsecond."""
    return column("optional_instant" if optional else "instant", description, es, nullable=optional)


def civil_date(description: str, es: str = "", *, optional: bool = False) -> Any:  # noqa: ANN401 - as column
    """A civil date, without time or zone."""
    return column("optional_date" if optional else "date", description, es, nullable=optional)
