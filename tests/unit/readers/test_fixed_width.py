from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from pipelines.readers import fixed_width
from pipelines.readers.layout import LayoutError
from pipelines.readers.layout_files import parse
from pipelines.readers.refusal import Refused

if TYPE_CHECKING:
    from pipelines.readers.layout import Layout

SOUND: Final = """
description = "A test"
kind = "settlements"
patterns = ["short_*.txt"]
mechanics = "fixed_width"
columns = ["Use", "Day", "Batch", "Id", "Name", "Amount"]

[types]
Amount = "amount"

[amounts]
centavos = true

[fixed_width]
encoding = "utf-8"
unit = "characters"
length = 16
code = [1, 1]

[fixed_width.header]
code = "H"
constants = { Use = "P" }
fields = { Use = [2, 1], Day = [3, 8] }

[fixed_width.batch]
code = "B"
fields = { Batch = [2, 4] }

[fixed_width.detail]
code = "D"
fields = { Id = [2, 4], Name = [6, 5], Amount = [11, 6] }

[fixed_width.batch_trailer]
code = "E"
counts = { Rows = "detail" }
sums = { Sum = "Amount" }
fields = { Rows = [2, 3], Sum = [5, 12] }

[fixed_width.trailer]
code = "T"
counts = { Batches = "batch", All = "detail" }
sums = { Total = "Amount" }
fields = { Batches = [2, 2], All = [4, 3], Total = [7, 10] }

[fields]
company = { constant = "C" }
settlement_id = { source = ["Id"] }
settled_on = { constant = "2026-10-15" }
items = { constant = "1" }
gross_amount = { source = ["Amount"] }
fee_amount = { constant = "0.00" }
net_amount = { source = ["Amount"] }
currency = { constant = "MXN" }
sender_bank = { constant = "B" }
bank_tracking_key = { source = ["Id"] }
"""
HEADER: Final = "HP20261015      "
TRAILER: Final = "T020030000000600"
FILE: Final = (
    HEADER,
    "BL-01           ",
    "D0001ANA  000100",
    "D0002PEÑA 000200",
    "E002000000000300",
    "BL-02           ",
    "D0003     000300",
    "E001000000000300",
    TRAILER,
)


def layout(*changes: tuple[str, str]) -> Layout:
    text = SOUND
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse("short", text)


def content(*records: str, end: str = "\n") -> bytes:
    return end.join([*records, ""]).encode()


def with_record(place: int, record: str) -> bytes:
    return content(*FILE[:place], record, *FILE[place + 1 :])


def refused(given: bytes, *changes: tuple[str, str]) -> str:
    with pytest.raises(Refused) as error:
        fixed_width.read(given, layout(*changes))
    return error.value.message("short_1.txt")


def test_a_row_has_the_fields_of_its_detail_its_batch_and_its_file() -> None:
    found = fixed_width.read(content(*FILE), layout())
    expected = [
        {"Use": "P", "Day": "20261015", "Batch": "L-01", "Id": "0001", "Name": "ANA", "Amount": "000100"},
        {"Use": "P", "Day": "20261015", "Batch": "L-01", "Id": "0002", "Name": "PEÑA", "Amount": "000200"},
        {"Use": "P", "Day": "20261015", "Batch": "L-02", "Id": "0003", "Name": "", "Amount": "000300"},
    ]
    assert found.columns.to_pylist() == expected
    assert found.lines.tolist() == [3, 4, 7]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_empty_lines_do_not_matter_but_count(end: str) -> None:
    found = fixed_width.read(content(*FILE[:2], "", *FILE[2:], end=end), layout())
    assert found.lines.tolist() == [4, 5, 8]


def test_a_file_without_a_batch_has_no_rows() -> None:
    assert fixed_width.read(content(HEADER, "T000000000000000"), layout()).columns.num_rows == 0


def test_a_batch_without_details_counts_and_sums_to_nothing() -> None:
    records = content(HEADER, FILE[1], "E000000000000000", "T010000000000000")
    assert fixed_width.read(records, layout()).columns.num_rows == 0
    assert "found 0 detail records; expected 1 as stated" in refused(records.replace(b"E000", b"E001"))


def test_fields_counted_in_bytes_give_the_same_rows() -> None:
    in_bytes = with_record(3, "D0002PEÑA000200")
    found = fixed_width.read(in_bytes, layout(('"characters"', '"bytes"')))
    assert found.columns["Name"].to_pylist() == ["ANA", "PEÑA", ""]


def test_a_letter_counted_in_the_other_unit_refuses_the_file() -> None:
    assert "line 4: found a record of 17 bytes; expected 16" in refused(content(*FILE), ('"characters"', '"bytes"'))
    shorter = with_record(3, "D0002PEÑA000200")
    assert "line 4: found a record of 15 characters; expected 16" in refused(shorter)


def test_a_letter_that_lies_in_two_fields_refuses_the_file() -> None:
    told = refused(with_record(3, "D0002PENAÑ00200"), ('"characters"', '"bytes"'))
    assert "line 4, column Name: found a letter that begins in one field and ends in another" in told


def test_a_one_byte_encoding_has_a_byte_for_every_letter() -> None:
    latin = "\n".join(FILE).encode("cp1252")
    changes = (('"utf-8"', '"cp1252"'), ('"characters"', '"bytes"'))
    assert fixed_width.read(latin, layout(*changes)).columns["Name"].to_pylist() == ["ANA", "PEÑA", ""]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b"", "found an empty file; expected a header record"),
        (b"\n\n", "found an empty file"),
        (with_record(2, FILE[2][:-1]), "line 3: found a record of 15 characters; expected 16 in every record"),
        (with_record(2, FILE[2] + " "), "line 3: found a record of 17 characters; expected 16"),
        (content(*FILE, "\x1a"), "line 10: found a record of 1 character; expected 16"),
        (
            with_record(2, "X" + FILE[2][1:]),
            "line 3: found a record of an unknown type; expected one of the types H, B",
        ),
        (content(*FILE[1:]), "line 1: found a batch header; expected a header"),
        (content(*FILE[:-1]), "line 8: found the end of the file after a batch trailer; expected a file trailer"),
        (content(*FILE[:4], *FILE[5:]), "line 5: found a batch header; expected a detail or a batch trailer"),
        (content(HEADER, *FILE[2:]), "line 2: found a detail; expected a batch header or a file trailer"),
        (content(*FILE, *FILE), "line 10: found a header; expected nothing after the file trailer"),
        (content(HEADER, *FILE), "line 2: found a header; expected a batch header or a file trailer"),
        (with_record(0, "HT20261015      "), "line 1, column Use: found another text; expected P"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_naming_the_line(given: bytes, told: str) -> None:
    assert told in refused(given)


@pytest.mark.parametrize(
    ("place", "record", "told"),
    [
        (4, "E003000000000300", "line 5, column Rows: found 2 detail records; expected 3 as stated"),
        (4, "E00A000000000300", "line 5, column Rows: found 2 detail records; expected a whole number"),
        (4, "E002000000000301", "line 5, column Sum: found 3.01 stated; expected 3.00, the sum of the details"),
        (7, "E001000000000299", "line 8, column Sum: found 2.99 stated; expected 3.00, the sum of the details"),
        (7, "E001           -", "line 8, column Sum: found no readable sum"),
        (8, "T010030000000600", "line 9, column Batches: found 2 batch records; expected 1 as stated"),
        (8, "T020040000000600", "line 9, column All: found 3 detail records; expected 4 as stated"),
        (8, "T020030000000601", "line 9, column Total: found 6.01 stated; expected 6.00, the sum of the details"),
    ],
)
def test_a_trailer_that_does_not_agree_refuses_the_file_with_both_figures(place: int, record: str, told: str) -> None:
    assert told in refused(with_record(place, record))


def test_an_amount_that_cannot_be_read_only_leaves_room_in_its_own_sums() -> None:
    unread = with_record(2, "D0001ANA  0001.0")
    assert fixed_width.read(unread, layout()).columns.num_rows == 3
    assert "column Sum: found 2.99 stated" in refused(unread.replace(b"E001000000000300", b"E001000000000299"))
    assert "column Sum: found 1.99 stated" in refused(unread.replace(b"E002000000000300", b"E002000000000199"))


HASHES: Final = (
    ("fields = { Rows = [2, 3], Sum = [5, 12] }", "fields = { Rows = [2, 3], Sum = [5, 8], Hash = [13, 3] }"),
    ('sums = { Sum = "Amount" }', 'sums = { Sum = "Amount" }\nhashes = { Hash = "Id" }'),
)
HASHED: Final = (
    HEADER,
    "BL-01           ",
    "D0700ANA  000100",
    "D0800PEÑA 000200",
    "E00200000300500 ",
    "BL-02           ",
    "D    0003 000300",
    "E00100000300000 ",
    TRAILER,
)


def test_a_hash_total_keeps_the_last_digits_of_the_sum_and_a_blank_counts_as_nothing() -> None:
    assert fixed_width.read(content(*HASHED), layout(*HASHES)).columns.num_rows == 3


@pytest.mark.parametrize(
    ("place", "record", "told"),
    [
        (2, "D0701ANA  000100", "line 5, column Hash: found 500 stated; expected 501, the last 3 digits of the sum of"),
        (4, "E00200000300501 ", "line 5, column Hash: found 501 stated; expected 500, the last 3 digits of the sum of"),
        (4, "E0020000030050  ", "line 5, column Hash: found 50 stated; expected 500"),
        (7, "E00100000300    ", "line 8, column Hash: found no readable hash total; expected a whole number of 3"),
        (2, "D07O0ANA  000100", "line 3, column Id: found letters other than digits; expected digits only"),
        (2, "D07٣0ANA  000100", "line 3, column Id: found letters other than digits"),
    ],
)
def test_a_hash_total_that_does_not_agree_refuses_the_file_with_both_figures(
    place: int, record: str, told: str
) -> None:
    assert told in refused(content(*HASHED[:place], record, *HASHED[place + 1 :]), *HASHES)


def test_hash_totals_of_eighteen_digits_are_exact() -> None:
    changes = (
        ("length = 16", "length = 40"),
        ("Id = [2, 4], Name = [6, 5], Amount = [11, 6]", "Name = [2, 5], Amount = [7, 6], Id = [13, 20]"),
        ("Sum = [5, 12] }", "Sum = [5, 12], Hash = [17, 18] }"),
        HASHES[1],
    )
    numbers = ["99999999999999999999", "98765432109876543210", "00000000000000000001"]
    total = sum(map(int, numbers)) % 10**18
    details = [f"DANA  000100{number}".ljust(40) for number in numbers]
    trailers = [f"E003000000000300{total:018d}".ljust(40), "T010030000000300".ljust(40)]
    records = [HEADER.ljust(40), "BL-01".ljust(40), *details, *trailers]
    assert fixed_width.read(content(*records), layout(*changes)).columns["Id"].to_pylist() == numbers


def test_too_many_records_are_refused_before_they_are_read() -> None:
    told = refused(content(*FILE), ("[fixed_width]", "[limits]\nrows = 8\n\n[fixed_width]"))
    assert "found 9 records; expected at most 8 records" in told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('unit = "characters"', 'unit = "letters"', "fixed_width.unit is neither characters nor bytes"),
        ('"utf-8"', '"utf-16"', "fixed_width.encoding is none of utf-8"),
        ('code = "D"', 'code = "B"', "two types of record have one code"),
        ('code = "D"', 'code = "DD"', "fixed_width.detail: code has another length than its place"),
        ("Name = [6, 5]", "Name = [6, 6]", "fixed_width.detail: two fields overlap"),
        ("Name = [6, 5]", "Name = [1, 5]", "fixed_width.detail: two fields overlap"),
        ("Amount = [11, 6]", "Amount = [11, 7]", "fixed_width.detail: Amount does not lie within the record"),
        ("Amount = [11, 6]", "Amount = [11]", "fixed_width.detail: Amount does not lie within the record"),
        ("Amount = [11, 6]", "Amount = [0, 6]", "fixed_width.detail: Amount does not lie within the record"),
        ("Name = [6, 5], ", "", "columns are not the fields of header, batch and detail, each once"),
        ('Sum = "Amount"', 'Sum = "Name"', "fixed_width.batch_trailer: sums Name, which is no amount"),
        ('sums = { Sum = "Amount" }', 'hashes = { Sum = "Day" }', "hashes Day, which is no field of the details"),
        ('sums = { Sum = "Amount" }', 'hashes = { Sun = "Id" }', "fixed_width.batch_trailer: no field Sun"),
        ('Rows = "detail"', 'Rows = "header"', "fixed_width.batch_trailer: counts header"),
        ('Rows = "detail"', 'Lines = "detail"', "fixed_width.batch_trailer: no field Lines"),
    ],
)
def test_what_a_layout_says_amiss_of_its_records_is_told(old: str, new: str, told: str) -> None:
    with pytest.raises(LayoutError) as error:
        layout((old, new))
    assert told in str(error.value)


def test_the_mechanics_need_their_section() -> None:
    front, _, rest = SOUND.partition("[fixed_width]")
    with pytest.raises(LayoutError, match="mechanics fixed_width needs the section fixed_width"):
        parse("short", front + rest[rest.index("[fields]") :])
