from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import pandera.pandas as pa
import pyarrow
import pytest

from schemas.catalog import WORKING
from schemas.columns import KINDS
from schemas.rows.remittances import RemittanceRow
from schemas.table import Table, TableSchemaError
from schemas.tables.certificate import CertificateLine
from schemas.tables.receipts import Receipt
from schemas.working.line_standings import LineStanding
from tests.spec.build import rows_of

LINE = {"check": "rows", "scope": "a.csv", "expected": 1, "found": 1, "passed": True, "month": "2026-10"}


def lines(**changed: object) -> pd.DataFrame:
    return pd.DataFrame([LINE | changed]).astype({"check": "str", "scope": "str", "month": "str"})


def receipt(**changed: object) -> pd.DataFrame:
    values = ["a.csv", "1", "", "accepted", "", pd.Timestamp("2026-11-01T06:00Z"), 0, 0, 0]
    told = dict(zip(Receipt.kinds(), values, strict=True)) | changed
    return pd.DataFrame([told]).astype(Receipt.empty().dtypes.to_dict())


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
    with pytest.raises(TableSchemaError, match="Receipt: outcome: isin") as told:
        Receipt.conform(receipt(outcome="JUANA PEREZ"))
    assert "JUANA" not in str(told.value)


def test_a_table_comes_back_from_arrow_as_it_went() -> None:
    table = CertificateLine.conform(lines())
    pd.testing.assert_frame_equal(CertificateLine.from_arrow(CertificateLine.to_arrow(table)), table)


def test_a_missing_value_is_told_by_column() -> None:
    with pytest.raises(TableSchemaError, match=r"^CertificateLine: scope: not_nullable$"):
        CertificateLine.conform(lines(scope=None))


def test_a_missing_instant_or_date_is_told_by_column() -> None:
    missing = receipt()["received_at"].shift()
    with pytest.raises(TableSchemaError, match=r"^Receipt: received_at: not_nullable$"):
        Receipt.conform(receipt().assign(received_at=missing))


def test_what_may_be_empty_may_be_missing() -> None:
    bare = (
        LineStanding.empty()
        .reindex([0])
        .assign(
            **dict.fromkeys(("capture_line", "nss", "due_month"), "x"),
            **dict.fromkeys(("is_paid", "stands", "is_full_with_late"), False),
            **{name: 0 for name, kind in LineStanding.kinds().items() if kind == "centavos"},
        )
    )
    standing = bare.astype(LineStanding.empty().dtypes.to_dict())
    assert LineStanding.conform(standing)["full_on"].isna().all()


def test_a_sound_table_is_recognised_without_the_validation_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Receipt, "validate", pytest.fail)
    assert len(Receipt.conform(receipt())) == 1


SOME: dict[str, object] = {
    "str": "",
    "int64": 1,
    "Int64": 1,
    "bool": True,
    "datetime64[s]": pd.Timestamp("2026-10-15"),
    "datetime64[us, UTC]": pd.Timestamp("2026-10-15T12:00Z"),
}

SPOILS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "nothing": lambda column: column,
    "a missing value": lambda column: column.where(column.index > 0),
    "a value of its own": lambda column: column.where(column.index > 0, "another") if column.dtype == "str" else column,
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
@pytest.mark.parametrize("model", dict.fromkeys(WORKING.values()), ids=lambda model: model.__name__)
def test_conform_finds_fault_where_the_validation_library_does(
    model: type[Table], spoil: Callable[[pd.Series], pd.Series]
) -> None:
    sound, columns = sound_rows(model), model.to_schema().columns
    of_each_sort = {(kind, bool(columns[name].checks)): name for name, kind in model.kinds().items()}
    for name in of_each_sort.values():
        spoilt = sound.assign(**{name: spoil(sound[name])})
        if spoilt.dtypes[name] == sound.dtypes[name]:
            assert is_refused(model.conform, spoilt) == is_refused(partial(model.validate, lazy=True), spoilt)


def sound_rows(model: type[Table]) -> pd.DataFrame:
    """Three rows of a model, of allowed values."""
    columns = model.to_schema().columns
    allowed = {name: (columns[name].metadata or {})["allowed"] for name in model.kinds()}
    sample = {
        name: allowed[name][0] if allowed[name] else SOME[KINDS[kind].pandas] for name, kind in model.kinds().items()
    }
    return pd.DataFrame([sample] * 3).astype(model.empty().dtypes.to_dict())


def is_refused(check: Callable[[pd.DataFrame], object], table: pd.DataFrame) -> bool:
    try:
        check(table)
    except (TableSchemaError, pa.errors.SchemaErrors):
        return True
    return False


@pytest.mark.parametrize("fee", ["", "12.50"])
def test_an_amount_that_may_be_empty_comes_back_from_arrow_as_it_went(fee: str) -> None:
    rows = rows_of({"remittances": [{"key": "R1", "fee": fee}]})["remittances"]
    pd.testing.assert_frame_equal(RemittanceRow.from_arrow(RemittanceRow.to_arrow(rows)), rows)


def test_the_kinds_of_columns_are_those_of_the_schema_that_checks_them() -> None:
    for model in WORKING.values():
        columns = model.to_schema().columns
        assert list(model.kinds().items()) == [(name, column.metadata["kind"]) for name, column in columns.items()]


def test_columns_of_many_pieces_are_put_together_and_those_of_few_stay() -> None:
    few = pd.concat([lines(scope=str(number)) for number in range(2)], ignore_index=True)
    many = pd.concat([lines(scope=str(number)) for number in range(9)], ignore_index=True)
    assert [in_pieces(CertificateLine.conform(table)["scope"]) for table in (few, many)] == [2, 1]
    assert CertificateLine.conform(many)["scope"].tolist() == [str(number) for number in range(9)]
    chunked = pyarrow.concat_tables([CertificateLine.to_arrow(lines())] * 3)
    assert in_pieces(CertificateLine.from_arrow(chunked)["scope"]) == 1


def in_pieces(column: pd.Series[str]) -> int:
    array = pyarrow.array(column.array)
    return array.num_chunks if isinstance(array, pyarrow.ChunkedArray) else 1
