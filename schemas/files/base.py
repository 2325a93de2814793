"""The base of every canonical file's model: one place where the kinds of its fields become pandera checks."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import pandera.pandas as pa

from schemas.files.fields import REQUIRED, Rule, filled, rules_of
from schemas.octets import as_array
from schemas.table import TableSchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray


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
        return {name: column.metadata for name, column in super().to_schema().columns.items()}

    @classmethod
    def failures(cls, texts: pd.DataFrame) -> list[FailedRule]:
        """Every rule that some row breaks, columns in order and rules in order within a column.

        ``texts`` has exactly this model's columns as text; raises ``TableSchemaError`` where it has not.
        """
        try:
            cls.validate(texts, lazy=True)
        except pa.errors.SchemaErrors as errors:
            broken = [error for error in errors.schema_errors if not isinstance(error.check, pa.Check)]
            found = {} if broken else {(e.schema.name, e.check.name): e.check_output for e in errors.schema_errors}
        else:
            return []
        if broken:
            message = f"{cls.__name__}: {'; '.join(sorted({error.reason_code.name for error in broken}))}"
            raise TableSchemaError(message)
        return [
            FailedRule(column, rule.name, rule.reason, ~found[column, _check_name(place, rule)].to_numpy(dtype=bool))
            for column, rules in _rules(cls).items()
            for place, rule in enumerate(rules)
            if (column, _check_name(place, rule)) in found
        ]


@cache
def _schema(model: type[CanonicalFile]) -> pa.DataFrameSchema:
    plain = super(CanonicalFile, model).to_schema()
    checks = {
        column: {"checks": [_check(place, rule) for place, rule in enumerate(rules)]}
        for column, rules in _rules(model).items()
    }
    return plain.update_columns(checks)


@cache
def _rules(model: type[CanonicalFile]) -> dict[str, tuple[Rule, ...]]:
    return {
        name: rules_of(said["kind"], required=said["required"], allowed=said["allowed"])
        for name, said in model.fields().items()
    }


def _check_name(place: int, rule: Rule) -> str:
    return f"{place} {rule.name}"


def _check(place: int, rule: Rule) -> pa.Check:
    # One failure case is enough: the mask says which rows fail, and the cases hold values, which must not travel.
    return pa.Check(_mask_of(rule), name=_check_name(place, rule), n_failure_cases=1)


def _mask_of(rule: Rule) -> Callable[[pd.Series[Any]], pd.Series[bool]]:
    def holds(texts: pd.Series[Any]) -> pd.Series[bool]:
        array = as_array(texts)
        held = rule.holds(array)
        return pd.Series(held if rule is REQUIRED or held.all() else held | ~filled(array), index=texts.index)

    return holds
