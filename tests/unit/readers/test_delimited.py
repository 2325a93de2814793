from __future__ import annotations

from dataclasses import replace

import pyarrow
import pyarrow.csv
import pytest

from pipelines.readers import read_file, reading
from pipelines.readers.layout import Delimited
from pipelines.readers.layout_files import layout_for
from tests.unit.readers.bank_files import HEADER, content, row

NAME = "bank_transfers_x.csv"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b"", "found an empty file; expected a header row"),
        (b" \r\n\t\n", "line 1: found nothing but white space"),
        (b"\xef\xbb\xbf\n", "line 1: found nothing but white space"),
        (content(row()).replace(b",", b";"), "line 1: found 1 field, none of them a column name"),
        (content(row()).replace(b",", b"\t"), "line 1: found 1 field, none of them a column name"),
        (content(row(), header=row()), "line 1: found 12 fields, none of them a column name"),
        (b"Reporte del banco\n" + content(row()), "line 1: found 1 field, none of them a column name"),
        (
            content(row(), header=HEADER.replace("amount", "Amount")),
            "line 1, column amount: found no such column, but Amount",
        ),
        (content(row(), header=HEADER.replace(",concept", "")), "line 1, column concept: found no such column"),
        (
            content(row() + ",", header=HEADER + ",extra"),
            "line 1, column extra: found a column that the layout does not have",
        ),
        (
            content(row(), header=HEADER.replace("concept", "amount")),
            "line 1, column amount: found this column more than once",
        ),
        (content(row(), HEADER, row()), "line 3: found the header again"),
        (content(row(), "a,b"), "line 3: found a record of 2 fields; expected 12 fields"),
        (content(row(), row(concept="uno, dos")), "line 3: found a record of 13 fields; expected 12 fields"),
        (content(row(concept='"a\nb"'), "", "x"), "line 5: found a record of 1 field"),
        (
            content(row(), row(concept='"open'), row()),
            "line 3: found a quote, opened on this line, that is never closed",
        ),
        (content(row(concept='bad"quote')), "line 2: found a quote inside a field that is not quoted"),
        (
            content(row(concept='"a"b')),
            "line 2: found a quoted field, opened on this line, with text after its closing",
        ),
        (
            content(row(concept='"open'), row(concept='"x"')),
            "line 2: found a quoted field, opened on this line, with text",
        ),
        (content(row(concept=' "a"')), "line 2: found a quote inside a field that is not quoted"),
        (content(row(), row(concept="é")).replace("é".encode(), b"\xe9"), "line 3: found byte 0xE9 at byte offset "),
        (content(row()).decode().encode("utf-16"), "line 1: found UTF-16 (a byte-order mark); expected utf-8"),
        (content(row()).decode().encode("utf-16-le"), "line 1: found NUL bytes all through, as in UTF-16"),
        (content(row(concept="x" * 70_000)), "line 2: found a record of 70,"),
        (content(row())[:-40], "line 2: found a record of"),
    ],
)
def test_a_file_that_is_not_its_layout_is_refused_with_the_place_and_what_was_found(given: bytes, told: str) -> None:
    found = read_file(NAME, given)
    assert found.refusal.startswith(NAME)
    assert told in found.refusal
    assert found.refusal.count(";") >= 2
    assert (found.layout, found.kind, found.rows, found.rejections.num_rows, found.data_rows) == (
        "bank_transfers",
        "",
        None,
        0,
        0,
    )


def test_no_refusal_shows_a_value_of_a_row() -> None:
    secret = row(sender_name="SECRETO")
    broken = [secret + ",", secret + '"', secret.replace(",", ";"), '"' + secret, secret + "\n" + HEADER]
    told = [read_file(NAME, content(record)).refusal for record in broken]
    told.append(read_file(NAME, content(header=secret)).refusal)
    assert all(told)
    assert not [message for message in told if "SECRETO" in message]


@pytest.mark.parametrize(
    "given",
    [
        content(row()),
        content(row())[:-1],
        content(row(), end="\r\n"),
        content(row(), end="\r"),
        b"\xef\xbb\xbf" + content(row()),
        content(",".join(f'"{field}"' for field in row().split(","))),
        content(",".join(reversed(row().split(","))), header=",".join(reversed(HEADER.split(",")))),
        content(row(), header=",".join(f'"{name}"' for name in HEADER.split(","))),
    ],
)
def test_one_row_is_read_alike_however_it_is_written(given: bytes) -> None:
    clean, found = read_file(NAME, content(row())), read_file(NAME, given)
    assert found.refusal == ""
    assert found.rows is not None
    assert clean.rows is not None
    assert found.rows.drop_columns("sha256").to_pylist() == clean.rows.drop_columns("sha256").to_pylist()
    assert found.rows_digest == clean.rows_digest


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_carry_the_line_on_which_their_record_starts(end: str) -> None:
    given = content("", row(concept=f'"a{end}b{end}"'), "", "", row(tracking_key="K2"), end=end)
    rows = read_file(NAME, given).rows
    assert rows is not None
    assert rows["row"].to_pylist() == [3, 8]
    assert rows["concept"].to_pylist()[0] == f"a{end}b{end}"


@pytest.mark.parametrize("value", ["NA", "NULL", "nan", "None", "-", "true", "007", "1E5", "ñandú", '""', "'0123"])
def test_text_is_taken_as_it_stands_and_never_interpreted(value: str) -> None:
    rows = read_file(NAME, content(row(sender_name=value))).rows
    assert rows is not None
    assert rows["sender_name"].to_pylist() == ["" if value == '""' else value]


def test_quotes_delimiters_and_line_ends_within_quotes_are_part_of_the_text() -> None:
    rows = read_file(NAME, content(row(concept='"uno, ""dos""\ntres"'))).rows
    assert rows is not None
    assert rows["concept"].to_pylist() == ['uno, "dos"\ntres']


def test_a_header_alone_is_a_file_of_no_rows() -> None:
    found = read_file(NAME, content())
    assert (found.refusal, found.data_rows, found.rows_digest, found.months) == ("", 0, "", ())
    assert found.rows is not None
    assert found.rows.num_rows == 0


def test_a_bad_value_rejects_its_row_and_the_others_flow_on() -> None:
    found = read_file(NAME, content(row(), row(amount="1,5".replace(",", ".")), row(tracking_key="K3")))
    assert found.rows is not None
    assert found.rows["tracking_key"].to_pylist() == ["K1", "K3"]
    assert found.rejections.select(["row", "column", "rule"]).to_pylist() == [
        {"row": 3, "column": "amount", "rule": "amount"}
    ]
    assert (found.data_rows, found.amount_centavos) == (3, 2000)


def test_a_row_is_rejected_once_for_its_first_column_and_told_how_many_more_failed() -> None:
    found = read_file(NAME, content(row(status="x", amount="y", tracking_key="a|b")))
    told = found.rejections.to_pylist()
    assert [(said["column"], said["rule"]) for said in told] == [("tracking_key", "key_part")]
    assert told[0]["reason"].endswith("(and 2 more columns of the row failed)")


def test_a_nul_byte_rejects_its_row_only() -> None:
    found = read_file(NAME, content(row(concept="a\x00b"), row()))
    assert found.rejections.select(["row", "rule"]).to_pylist() == [{"row": 2, "rule": "control_characters"}]
    assert found.rows is not None
    assert found.rows.num_rows == 1


def test_a_name_that_no_layout_has_is_refused_and_shown_without_tricks() -> None:
    found = read_file("a\n\u202e.csv", b"x")
    assert found.refusal.startswith("a\\u000a\\u202e.csv: found a name that no layout has; expected one of ")
    assert ", bank_transfers_*.csv, " in found.refusal
    assert found.layout == ""


def test_a_layout_may_reject_ragged_records_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = layout_for(NAME)
    assert layout is not None
    ragged = replace(layout, delimited=Delimited(ragged_rows="reject"))
    monkeypatch.setattr(reading, "layout_for", lambda _: ragged)
    found = read_file(NAME, content("a,b", row(), row() + ",", row(tracking_key="K2")))
    assert found.rows is not None
    assert found.rows["row"].to_pylist() == [3, 5]
    assert found.rejections.select(["row", "column", "rule"]).to_pylist() == [
        {"row": 2, "column": "", "rule": "record_fields"},
        {"row": 4, "column": "", "rule": "record_fields"},
    ]
    assert found.data_rows == 4
    assert found.rows_digest != read_file(NAME, content("a,c", row(), row() + ",", row(tracking_key="K2"))).rows_digest


def test_a_parser_that_disagrees_with_the_scan_stops_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    read_csv = pyarrow.csv.read_csv
    monkeypatch.setattr(pyarrow.csv, "read_csv", lambda *given, **options: read_csv(*given, **options).slice(1))
    with pytest.raises(AssertionError, match="the parser found 1 rows where the scan found 2"):
        read_file(NAME, content(row(), row()))
