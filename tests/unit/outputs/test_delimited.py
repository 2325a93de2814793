from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.outputs import delimited

INSTANT = pyarrow.timestamp("us", "UTC")


def parsed(table: pyarrow.Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(delimited.encode(table).decode("utf-8"), newline=""), strict=True))


def restored(text: str) -> str:
    return text[1:] if re.match(r"'+[=+\-@\t\r\n]", text) else text


def test_a_table_without_rows_is_written_with_its_header() -> None:
    table = pyarrow.schema([("nss", pyarrow.string()), ("amount_centavos", pyarrow.int64())]).empty_table()
    assert delimited.encode(table) == b"nss,amount_centavos\n"


def test_values_are_written_as_iso_dates_utc_instants_and_whole_centavos() -> None:
    table = pyarrow.table(
        {
            "nss": ["00260100102"],
            "amount_centavos": [-145000],
            "paid_on": [date(2026, 10, 15)],
            "paid_at": pyarrow.array([datetime(2026, 10, 16, 5, 59, 59, tzinfo=UTC)], INSTANT),
            "passed": [True],
        }
    )
    assert parsed(table)[1] == ["00260100102", "-145000", "2026-10-15", "2026-10-16T05:59:59Z", "true"]


def test_a_fraction_of_a_second_is_kept() -> None:
    instants = pyarrow.array([datetime(2026, 10, 15, 0, 0, 0, 250, tzinfo=UTC)], INSTANT)
    assert parsed(pyarrow.table({"paid_at": instants, "n": [1]}))[1][0] == "2026-10-15T00:00:00.000250Z"


def test_an_empty_value_is_an_empty_field() -> None:
    table = pyarrow.table({"text": ["", "x"], "fee_centavos": pyarrow.array([None, 1], pyarrow.int64())})
    assert parsed(table)[1:] == [["", ""], ["x", "1"]]


def test_only_what_needs_quotes_is_quoted() -> None:
    table = pyarrow.table({"a": ["plain", "one, two", 'say "hi"', "two\nlines"], "b": ["Ñandú", "x", "y", "z"]})
    assert delimited.encode(table).decode() == 'a,b\nplain,Ñandú\n"one, two",x\n"say ""hi""",y\n"two\nlines",z\n'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    assert parsed(pyarrow.table({"name": [f"{start}1+1"], "n": [1]}))[1][0] == f"'{start}1+1"


def test_a_negative_number_gets_no_apostrophe() -> None:
    assert parsed(pyarrow.table({"difference_centavos": [-1], "n": [1]}))[1][0] == "-1"


@given(st.lists(st.text("=+-@'\t\r\n\",;aé ", max_size=6), min_size=1, max_size=5))
def test_every_text_is_read_back_and_its_apostrophe_can_be_taken_away(texts: list[str]) -> None:
    rows = parsed(pyarrow.table({"text": texts, "n": list(range(len(texts)))}))[1:]
    assert [restored(row[0]) for row in rows] == texts
    assert not any(row[0].startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for row in rows)


def test_chunks_and_many_rows_make_no_difference() -> None:
    numbers = list(range(70_000))
    whole = pyarrow.table({"n": numbers, "t": [str(n) for n in numbers]})
    chunked = pyarrow.concat_tables([whole.slice(0, 10), whole.slice(10)])
    assert delimited.encode(chunked) == delimited.encode(whole)
    assert delimited.encode(whole).splitlines()[-1] == b"69999,69999"
