from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Protocol

import pyarrow
import pytest

from pipelines.store.home import Home

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = pyarrow.schema(
    [
        ("payment_id", pyarrow.string()),
        ("amount_centavos", pyarrow.int64()),
        ("fee_centavos", pyarrow.int64()),
        ("is_late", pyarrow.bool_()),
        ("paid_at", pyarrow.timestamp("us", "UTC")),
        ("month", pyarrow.string()),
        ("paid_on", pyarrow.date32()),
    ]
)


class MakeTable(Protocol):
    def __call__(self, month: str, amounts: list[int]) -> pyarrow.Table: ...


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "año nuevo")
    made.prepare()
    return made


@pytest.fixture
def make_table() -> MakeTable:
    def make(month: str, amounts: list[int]) -> pyarrow.Table:
        rows = [
            {
                "payment_id": f"remittance|NORTE|Ñ{amount}",
                "amount_centavos": amount,
                "fee_centavos": None if amount % 2 else amount // 100,
                "is_late": amount % 3 == 0,
                "paid_at": datetime(2026, 10, 15, 5, 59, 59, 999_999, tzinfo=UTC),
                "month": month,
                "paid_on": date(2026, 10, 15),
            }
            for amount in amounts
        ]
        return pyarrow.Table.from_pylist(rows, schema=SCHEMA)

    return make
