"""Tables made up for these tests: of a row, what the case is about; the rest is filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow

from schemas.catalog import PUBLISHED

FILLED: dict[Any, Any] = {
    pyarrow.string(): "",
    pyarrow.int64(): 0,
    pyarrow.bool_(): True,
    pyarrow.date32(): date(2026, 10, 5),
    pyarrow.timestamp("us", "UTC"): datetime(2026, 10, 5, 12, tzinfo=UTC),
}


def table(name: str, *rows: dict[str, Any]) -> pyarrow.Table:
    schema = PUBLISHED[name].model.arrow_schema()
    whole = [{field.name: row.get(field.name, FILLED[field.type]) for field in schema} for row in rows]
    for row, given in zip(whole, rows, strict=True):
        assert set(given) <= set(row)
    return pyarrow.Table.from_pylist(whole, schema)


def activation(nss: str, umf: str, **more: Any) -> dict[str, Any]:
    told = {"nss": nss, "umf": umf, "clinic_status": "assigned" if umf else "pending", "full_name": f"Persona {nss}"}
    dates = {"coverage_start": date(2026, 11, 1), "coverage_end": date(2026, 11, 30)}
    return {"coverage_month": "2026-11", "month": "2026-10", "amount_due_centavos": 145000, **told, **dates, **more}


def change(nss: str, what: str, detail: str, cause: str = "new_file") -> dict[str, Any]:
    told = {"nss": nss, "change": what, "cause": cause, "detail": detail}
    return {"coverage_month": "2026-11", "month": "2026-10", **told}
