from __future__ import annotations

import pandas as pd
import pytest

from schemas.catalog import WORKING
from schemas.table import TableSchemaError
from schemas.tables.certificate import CertificateLine
from schemas.tables.receipts import Receipt

LINE = {"check": "rows", "scope": "a.csv", "expected": 1, "found": 1, "passed": True, "month": "2026-10"}


def lines(**changed: object) -> pd.DataFrame:
    return pd.DataFrame([LINE | changed]).astype({"check": "str", "scope": "str", "month": "str"})


def test_a_table_has_its_columns_in_order_and_no_others() -> None:
    shuffled = lines()[["month", "found", "expected", "passed", "scope", "check"]].assign(extra=1)
    assert list(CertificateLine.conform(shuffled).columns) == list(CertificateLine.kinds())


def test_a_missing_column_is_named() -> None:
    with pytest.raises(TableSchemaError, match="CertificateLine: columns missing: found, passed"):
        CertificateLine.conform(lines().drop(columns=["found", "passed"]))


def test_a_column_of_another_type_is_named_with_what_was_expected() -> None:
    with pytest.raises(TableSchemaError, match="expected is float64, expected int64"):
        CertificateLine.conform(lines(expected=1.0))


def test_a_value_that_is_not_allowed_is_told_by_column_and_never_quoted() -> None:
    values = ["a.csv", "1", "", "JUANA PEREZ", "", pd.Timestamp("2026-11-01T06:00Z"), 0, 0, 0]
    receipt = pd.DataFrame([values], columns=list(Receipt.kinds())).astype(Receipt.empty().dtypes.to_dict())
    with pytest.raises(TableSchemaError, match="Receipt: outcome: isin") as told:
        Receipt.conform(receipt)
    assert "JUANA" not in str(told.value)


def test_a_table_comes_back_from_arrow_as_it_went() -> None:
    table = CertificateLine.conform(lines())
    pd.testing.assert_frame_equal(CertificateLine.from_arrow(CertificateLine.to_arrow(table)), table)


def test_the_kinds_of_columns_are_those_of_the_schema_that_checks_them() -> None:
    for model in WORKING.values():
        columns = model.to_schema().columns
        assert list(model.kinds().items()) == [(name, column.metadata["kind"]) for name, column in columns.items()]
