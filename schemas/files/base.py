"""The base of every canonical file's model: one place where the kinds of its fields become pandera checks."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import pandera.pandas as pa

import schemas.lean  # noqa: F401 - before pandera makes a schema
from schemas.files.fields import REQUIRED, Rule, filled, rules_of
from schemas.remembered import remembered
from schemas.table import TableSchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pyarrow
    from numpy.typing import NDArray

    from schemas.octets import TextColumn


class FailedRule(NamedTuple):
    """The rows (a mask over all rows) whose field in ``column`` breaks ``rule``, and the reason told to the sender."""

    column: str
    rule: str
    reason: str
    rows: NDArray[np.bool_]


class CanonicalFile(pa.DataFrameModel):
    """A canonical file with every field as text; the columns stand in the order of CONTRACT §3."""

    class Config:
        """Exactly these columns; a reader has put them in order."""

        strict = True
        ordered = True

    @classmethod
    def to_schema(cls) -> pa.DataFrameSchema:
        """The pandera schema with the checks of every field's kind."""
        return _schema(cls)

    @classmethod
    def fields(cls) -> dict[str, dict[str, Any]]:
        """Column name → what it was declared with: kind, es, required, allowed."""
        return _fields(cls)

    @classmethod
    def header(cls) -> list[str]:
        """The columns that the canonical file itself has; layouts may fill more."""
        return [name for name, said in cls.fields().items() if said["in_file"]]

    @classmethod
    def failures(cls, texts: pd.DataFrame) -> list[FailedRule]:
        """Every rule that some row breaks, columns in order and rules in order within a column.

        ``texts`` has exactly this model's columns as text; raises ``TableSchemaError`` where it has not.
        """
        if list(texts.columns) != list(_rules(cls)):
            message = f"{cls.__name__}: other columns, or in another order"
            raise TableSchemaError(message)
        if any(str(kind) != "str" for kind in texts.dtypes):
            message = f"{cls.__name__}: a column that is no text"
            raise TableSchemaError(message)
        try:
            _at_once(cls).validate(texts)
        except pa.errors.SchemaError:
            pass
        else:
            return []
        return [
            FailedRule(column, rule.name, rule.reason, ~held)
            for column, rules in _rules(cls).items()
            for rule, held in _held_by(rules)(texts[column])
            if not held.all()
        ]


@cache
def _fields(model: type[CanonicalFile]) -> dict[str, dict[str, Any]]:
    return {name: column.metadata for name, column in super(CanonicalFile, model).to_schema().columns.items()}


@cache
def _schema(model: type[CanonicalFile]) -> pa.DataFrameSchema:
    plain = super(CanonicalFile, model).to_schema()
    return plain.update_columns({column: {"checks": [_check(rules)]} for column, rules in _rules(model).items()})


@cache
def _at_once(model: type[CanonicalFile]) -> pa.DataFrameSchema:
    """The checks of all columns as one: pandera takes a millisecond around each check, for every block of a file."""

    def hold(texts: pd.DataFrame) -> bool:
        return all(_holds(rules, texts[column]) for column, rules in _rules(model).items())

    return pa.DataFrameSchema(checks=[pa.Check(hold, name="rules of the fields", ignore_na=False)])


@cache
def _rules(model: type[CanonicalFile]) -> dict[str, tuple[Rule, ...]]:
    return {
        name: rules_of(said["kind"], required=said["required"], allowed=said["allowed"], elsewhere=said["elsewhere"])
        for name, said in model.fields().items()
    }


def _check(rules: tuple[Rule, ...]) -> pa.Check:
    # One answer for the column: pandera would gather the values that fail, which must not travel.
    return pa.Check(lambda texts: _holds(rules, texts), name="rules of the field")


def _holds(rules: tuple[Rule, ...], texts: TextColumn) -> bool:
    return all(held.all() for _, held in _held_by(rules)(texts))


@cache
def _held_by(rules: tuple[Rule, ...]) -> Callable[[TextColumn], list[tuple[Rule, NDArray[np.bool_]]]]:
    """What gives for every rule the rows of a column that obey it; what is empty obeys all of them but ``required``.

    Columns are remembered: they are asked about to know whether some row fails, and again to know which.
    """

    def held_by(array: pyarrow.LargeStringArray) -> list[tuple[Rule, NDArray[np.bool_]]]:
        found = []
        for rule in rules:
            held = rule.holds(array)
            found.append((rule, held if rule is REQUIRED or held.all() else held | ~filled(array)))
        return found

    return remembered(held_by)
