from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow
import pytest

from pipelines.readers import ROW_MODELS, read_file, reading
from pipelines.readers.layout import Limits
from pipelines.readers.layout_files import layout_for
from pipelines.readers.raw import RawRows
from pipelines.readers.refusal import Refused
from schemas.tables.rejections import Rejection
from tests.unit.readers.bank_files import content, row

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "bank_transfers_x.csv"
REMITTANCES = (
    "company,remittance_id,settlement_id,status,sent_at,sender_name,send_amount,send_currency,fx_rate,"
    "pay_amount,pay_currency,fee,capture_line,nss,curp,message\n"
)
SETTLEMENTS = (
    "company,settlement_id,settled_on,items,gross_amount,fee_amount,net_amount,currency,sender_bank,bank_tracking_key\n"
)
LINES = "capture_line,nss,coverage_month,amount_due,issued_on,expires_on,status,updated_at\n"


def test_rows_are_the_kinds_model_without_what_a_receipt_gives() -> None:
    given = content(row())
    found = read_file(NAME, given)
    assert found.rows is not None
    expected = [
        field for field in ROW_MODELS["bank_transfers"].arrow_schema() if field.name not in {"file_name", "received_at"}
    ]
    assert list(found.rows.schema) == expected
    assert found.rows["sha256"].to_pylist() == [hashlib.sha256(given).hexdigest()]
    assert list(found.rejections.schema) == [field for field in Rejection.arrow_schema() if field.name != "file_name"]


def test_an_instant_is_kept_in_utc_with_the_date_as_written() -> None:
    rows = read_file(NAME, content(row(credited_at="2026-10-15T23:30:00.25-07:00"))).rows
    assert rows is not None
    assert rows["credited_at"].to_pylist()[0].isoformat() == "2026-10-16T06:30:00.250000+00:00"
    assert rows["credited_written_on"].to_pylist()[0].isoformat() == "2026-10-15"


A, B = row(tracking_key="A"), row(tracking_key="B", concept="dos")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (content(A, B), content(B, A), True),
        (content(A, B), content(A, B, end="\r\n"), True),
        (content(A), content(A.replace("14:02:11-06:00", "14:02:11.000-06:00")), True),
        (content(A), content(A.replace("PAGO", '"PAGO"')), True),
        (content(A), content(A, A), False),
        (content(A, A), content(A, A), True),
        (content(A), content(B), False),
        # The same instant on another written date may decide a boundary, so it is another row.
        (content(A), content(A.replace("2026-10-14T14:02:11-06:00", "2026-10-15T00:02:11+04:00")), False),
        (content(A, row(amount="x")), content(row(amount="x"), A), True),
        (content(A, row(amount="x")), content(A, row(amount="y")), False),
        (content(A, row(amount="x")), content(A), False),
    ],
)
def test_the_rows_digest_tells_the_multiset_of_rows_and_nothing_else(one: bytes, other: bytes, same: bool) -> None:
    first, second = read_file(NAME, one).rows_digest, read_file(NAME, other).rows_digest
    assert first
    assert (first == second) is same


def test_the_main_amount_is_summed_in_pesos_over_sound_rows_only() -> None:
    given = content(
        row(amount="10.01"), row(amount="5.00", currency="USD"), row(amount="-1.00"), row(amount="9999999999.99")
    )
    assert read_file(NAME, given).amount_centavos == 1001 + 999_999_999_999


@pytest.mark.parametrize(
    ("name", "given", "months"),
    [
        (NAME, content(row(operating_date="2026-10-31", credited_at="2026-11-01T05:59:59Z")), ("2026-10",)),
        (NAME, content(row(operating_date="2026-11-03", credited_at="2026-11-01T06:00:00Z")), ("2026-11",)),
        (
            NAME,
            content(row(operating_date="2026-11-02", credited_at="2026-10-31T23:00:00-06:00")),
            ("2026-10", "2026-11"),
        ),
        (
            "remittances_x.csv",
            (REMITTANCES + "C,1,,paid,2026-12-31T23:30:00-08:00,,,,,1.00,MXN,,,,,\n").encode(),
            ("2027-01",),
        ),
        (
            "settlements_x.csv",
            (SETTLEMENTS + "C,S,2026-01-02,1,1.00,0.00,1.00,MXN,B,K\n").encode(),
            ("2025-12", "2026-01"),
        ),
        (
            "capture_lines_x.csv",
            (LINES + "2601AAAA0001,12345678903,2026-01,1.00,2025-12-01,,issued,2025-12-01T00:00:00Z\n").encode(),
            ("2025-12",),
        ),
    ],
)
def test_a_file_names_the_payment_months_its_rows_touch(name: str, given: bytes, months: tuple[str, ...]) -> None:
    found = read_file(name, given)
    assert found.refusal == ""
    assert found.rejections.num_rows == 0
    assert found.months == months


def test_a_capture_line_is_kept_normalised_and_as_written() -> None:
    given = LINES + "2601-aaaa 0001,12345678903,2026-01,1.00,2025-12-01,,issued,2025-12-01T00:00:00Z\n"
    rows = read_file("capture_lines_x.csv", given.encode()).rows
    assert rows is not None
    assert rows["capture_line"].to_pylist() == ["2601AAAA0001"]
    assert rows["capture_line_written"].to_pylist() == ["2601-aaaa 0001"]
    assert rows["expires_on"].to_pylist() == [None]


def test_an_empty_fee_is_unknown_and_not_zero() -> None:
    given = (
        REMITTANCES
        + "C,1,,paid,2026-10-01T00:00:00Z,,,,,1.00,MXN,,,,,\nC,2,,paid,2026-10-01T00:00:00Z,,,,,1.00,MXN,0.00,,,,\n"
    )
    rows = read_file("remittances_x.csv", given.encode()).rows
    assert rows is not None
    assert rows["fee_centavos"].to_pylist() == [None, 0]


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(file_bytes=10), "bytes; expected at most 10 bytes"),
        (Limits(rows=1), "found 2 rows or more; expected at most 1 row"),
        (Limits(record_bytes=50), "line 1: found a record of 144 bytes; expected at most 50 bytes in a record"),
    ],
)
def test_a_file_beyond_a_limit_of_its_layout_is_refused(
    limits: Limits, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = layout_for(NAME)
    assert layout is not None
    monkeypatch.setattr(reading, "layout_for", lambda _: replace(layout, limits=limits))
    assert told in read_file(NAME, content(row(), row())).refusal


def test_blocks_parsed_ahead_come_in_order_and_what_stops_them_comes_after_those_before_it() -> None:
    raw = [RawRows(pyarrow.table({}), np.full(1, number)) for number in range(3)]

    def parsed() -> Iterator[RawRows]:
        yield from raw
        raise Refused(found="a quote that is never closed", expected="a closing quote", remedy="export it again")

    ahead = reading._ahead(parsed())
    assert [next(ahead) for _ in raw] == raw
    with pytest.raises(Refused) as refused:
        next(ahead)
    assert refused.value.found == "a quote that is never closed"


def test_a_reader_that_stops_early_leaves_no_block_half_parsed() -> None:
    begun, ended = [], []

    def parsed() -> Iterator[RawRows]:
        for number in range(9):
            begun.append(number)
            block = RawRows(pyarrow.table({}), np.full(1, number))
            ended.append(number)
            yield block

    with closing(reading._ahead(parsed())) as ahead:
        next(ahead)
    assert begun == ended
    assert len(begun) <= 2
