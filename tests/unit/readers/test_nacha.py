from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipelines.readers import ReadFile, read_file
from tests.unit.readers.nacha_files import (
    ODFI,
    RECEIVER,
    Batch,
    Entry,
    content,
    iat_addenda,
    lines_of,
    with_check_digit,
)

LINE = "LINEA 2610AAAA0001"
IAT = Batch((Entry(addenda=iat_addenda(LINE)),), kind="IAT")
PPD = Batch((Entry(addenda=(("05", LINE),)),))
ORIGINAL = "073000220000777"


def read(*batches: Batch) -> ReadFile:
    return read_file("nacha_x.ach", content(*batches))


def read_lines(lines: list[str]) -> ReadFile:
    return read_file("nacha_x.ach", "\n".join([*lines, ""]).encode("latin-1"))


def one(batch: Batch) -> dict[str, Any]:
    found = read(batch)
    assert found.rows is not None, found.refusal
    rows: list[dict[str, Any]] = found.rows.to_pylist()
    assert len(rows) == 1, found.rejections.to_pylist()
    return rows[0]


def rules(found: ReadFile) -> list[tuple[int, str]]:
    assert not found.refusal
    return [(row["row"], row["rule"]) for row in found.rejections.to_pylist()]


def spoilt(lines: list[str], line: int, first: int, text: str) -> list[str]:
    """The lines with ``text`` from column ``first`` of ``line`` on (both from 1)."""
    whole = lines[line - 1]
    return [*lines[: line - 1], whole[: first - 1] + text + whole[first - 1 + len(text) :], *lines[line:]]


def test_an_international_credit_is_a_payment_in_dollars_with_its_payer_and_text() -> None:
    row = one(IAT)
    assert row["operating_date"].isoformat() == "2026-10-14"
    assert row["credited_at"].isoformat() == "2026-10-14T06:00:00+00:00"
    expected = {
        "row": 3,
        "tracking_key": f"{ODFI}0000001",
        "sender_bank": ODFI,
        "sender_name": "ELENA VARA",
        "receiver_account": "0012345678",
        "amount_centavos": 12_550,
        "currency": "USD",
        "concept": LINE,
        "status": "credited",
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("kind", ["PPD", "CCD", "TEL", "WEB", "CTX"])
def test_a_domestic_credit_has_the_company_as_its_payer(kind: str) -> None:
    row = one(replace(PPD, kind=kind))
    assert (row["sender_name"], row["concept"], row["currency"]) == ("ENVIOS DEL LAGO", LINE, "USD")


def test_the_texts_of_several_addenda_are_joined_where_they_were_cut() -> None:
    long = "X" * 75 + " 2610AAAA0001"
    assert (
        one(replace(PPD, kind="CTX", entries=(Entry(addenda=(("05", long[:80]), ("05", long[80:]))),)))["concept"]
        == long
    )


def test_without_addenda_the_identification_is_the_text() -> None:
    assert one(Batch((Entry(identification="2610AAAA0001"),)))["concept"] == "2610AAAA0001"


@pytest.mark.parametrize(("written", "year"), [("701014", 1970), ("691014", 2069), ("261014", 2026)])
def test_a_year_of_two_digits_is_one_of_the_hundred_that_the_layout_says(written: str, year: int) -> None:
    assert one(replace(PPD, effective=written))["operating_date"].year == year


@pytest.mark.parametrize("written", ["260230", "000000", "2610 4"])
def test_an_effective_date_that_does_not_exist_rejects_the_row(written: str) -> None:
    assert rules(read(replace(PPD, effective=written))) == [(3, "date")]


@pytest.mark.parametrize("reason", ["R03", "R72"])
def test_a_return_is_the_original_payment_returned(reason: str) -> None:
    back = Entry(code="21", addenda=(("99", f"{reason}{ORIGINAL}{'':6}{RECEIVER}"),))
    row = one(replace(PPD, entries=(back,), odfi=RECEIVER))
    assert (row["status"], row["tracking_key"], row["sender_bank"]) == ("returned", ORIGINAL, ODFI)
    assert row["operating_date"].isoformat() == "2026-10-14"
    assert row["credited_at"].isoformat() == "2026-10-13T06:00:00+00:00"


def test_an_international_return_is_the_original_payment_returned() -> None:
    back = Entry(code="21", addenda=(*iat_addenda(), ("99", f"R03{ORIGINAL}")))
    assert one(replace(IAT, entries=(back,)))["tracking_key"] == ORIGINAL


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        (Entry(code="21", addenda=(("99", f"R03{'':15}"),)), "reversal"),
        (Entry(code="21", addenda=(("99", f"R61{ORIGINAL}"),)), "reversal"),
        (Entry(code="21", cents=0, addenda=(("98", f"C01{ORIGINAL}"),)), "notification_of_change"),
        (Entry(code="23", cents=0), "prenote"),
        (Entry(code="22", cents=0), "prenote"),
        (Entry(code="27"), "not_a_credit"),
        (Entry(code="26", addenda=(("99", f"R03{ORIGINAL}"),)), "not_a_credit"),
        (Entry(routing=with_check_digit(RECEIVER)[:8] + "9"), "check_digit"),
        (Entry(trace="999999990000001"), "tracking_key"),
        (Entry(trace="07300022000000A"), "tracking_key"),
        (Entry(addenda=(("05", "A\x1aB"),)), "control_characters"),
        (Entry(name="A\x00B"), "control_characters"),
    ],
)
def test_an_entry_that_is_no_sound_payment_is_rejected_and_the_others_flow(entry: Entry, rule: str) -> None:
    other = replace(PPD, number=2, entries=(Entry(trace=f"{ODFI}0000009"),))
    found = read(replace(PPD, entries=(entry,), service="200"), other)
    assert rules(found) == [(3, rule)]
    assert found.rows is not None
    assert found.rows.num_rows == 1


@pytest.mark.parametrize(
    ("batch", "rule"),
    [
        (replace(PPD, description="REVERSAL"), "reversal"),
        (replace(PPD, service="225"), "service_class"),
        (replace(PPD, kind="ADV", service="280", entries=(Entry(code="81"),)), "accounting_advice"),
        (replace(IAT, currencies="CADMXN"), "currency"),
        (replace(IAT, entries=(Entry(addenda=iat_addenda(purpose="BIL")),)), "transaction_type"),
        (replace(IAT, entries=(Entry(addenda=iat_addenda()[1:]),)), "addenda"),
    ],
)
def test_a_batch_whose_entries_are_no_sound_payments_is_rejected(batch: Batch, rule: str) -> None:
    assert rules(read(batch)) == [(3, rule)]


def test_remittance_addenda_out_of_sequence_reject_the_row() -> None:
    assert rules(read_lines(spoilt(content(PPD).decode().splitlines(), 4, 84, "0002"))) == [(3, "addenda_sequence")]


@pytest.mark.parametrize(
    ("line", "first", "text", "told"),
    [
        (1, 35, "095", "column"),
        (5, 5, "000003", "Entry/Addenda Count of the batch: found 3 stated; expected 2"),
        (5, 11, "0006100034", "Entry Hash of the batch: found 6100034 stated; expected 6100033"),
        (5, 21, "000000000001", "Total Debit Amount of the batch: found 0.01 stated; expected 0.00"),
        (5, 33, "000000012551", "Total Credit Amount of the batch: found 125.51 stated; expected 125.50"),
        (5, 2, "200", "Service Class Code: found 200 stated; expected 220, as in its batch header"),
        (5, 45, "9999999999", "column Company Identification: found another company identification"),
        (5, 80, "07300023", "found 07300023 stated; expected 07300022, as in its batch header"),
        (5, 88, "0000002", "Batch Number: found 0000002 stated; expected 0000001, as in its batch header"),
        (6, 2, "000002", "Batch Count of the file: found 2 stated; expected 1"),
        (6, 8, "000002", "Block Count of the file: found 2 stated; expected 1"),
        (6, 14, "00000003", "Entry/Addenda Count of the file: found 3 stated; expected 2"),
        (6, 22, "9999999999", "Entry Hash of the file: found 9999999999 stated; expected 6100033"),
        (6, 32, "000000000001", "Total Debit Amount of the file: found 0.01 stated; expected 0.00"),
        (6, 44, "000000012551", "Total Credit Amount of the file: found 125.51 stated; expected 125.50"),
        (6, 44, "00000001255 ", "found something else than a number; expected 12 digits in columns 44 to 55"),
        (3, 30, "00000125A0", "Amount: found something else than a number"),
        (3, 2, "20", "found a transaction code that entries of its batch do not have"),
        (3, 79, "0", "Addenda Record Indicator: found no 1 stated; expected 1, as 1 addenda follow"),
        (4, 2, "77", "Addenda Type Code: found an unknown type"),
        (4, 88, "0000009", "Entry Detail Sequence Number: found the number of another entry"),
        (2, 1, "4", "found a record type that NACHA does not have"),
        (2, 5, "\x01", "found a control character in a batch header (5)"),
        (3, 55, "\xd1", "byte 0xD1"),
    ],
)
def test_a_file_that_does_not_agree_with_itself_is_refused(line: int, first: int, text: str, told: str) -> None:
    found = read_lines(spoilt(content(PPD).decode().splitlines(), line, first, text))
    assert f"line {line}" in found.refusal
    assert told in found.refusal
    assert found.rows is None


@pytest.mark.parametrize(("kind", "line", "first"), [("CTX", 3, 55), ("IAT", 3, 13)])
def test_a_wrong_number_of_addenda_is_refused(kind: str, line: int, first: int) -> None:
    lines = content(IAT if kind == "IAT" else replace(PPD, kind=kind)).decode().splitlines()
    found = read_lines(spoilt(lines, line, first, "0003"))
    assert f"found 3 stated; expected {8 if kind == 'IAT' else 1}, the addenda that follow" in found.refusal


def test_an_iat_entry_may_state_its_mandatory_addenda_alone() -> None:
    assert not rules(read_lines(spoilt(content(IAT).decode().splitlines(), 3, 13, "0007")))


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ((1,), "line 1: found a batch header (5) at the beginning; expected a file header (1)"),
        (
            (5,),
            "line 5: found a file control (9) after an addenda record (7), inside a batch that has no batch control",
        ),
        ((6, 7, 8, 9, 10), "line 5: found the end of the file after a batch control (8)"),
        ((3, 4), "line 3: found a batch control (8) after a batch header (5)"),
        ((2,), "line 2: found an entry (6) after a file header (1)"),
    ],
)
def test_a_missing_record_is_told_by_its_place(gone: tuple[int, ...], told: str) -> None:
    lines = content(PPD).decode().splitlines()
    found = read_lines([line for number, line in enumerate(lines, 1) if number not in gone])
    assert told in found.refusal


def test_a_batch_header_inside_a_batch_is_refused() -> None:
    lines = content(PPD).decode().splitlines()
    found = read_lines([*lines[:3], lines[1], *lines[3:]])
    assert "line 4: found a batch header (5) after an entry (6), inside a batch that has no" in found.refusal


@pytest.mark.parametrize(("line", "columns"), [(3, 93), (3, 95), (2, 40), (6, 54), (1, 120)])
def test_a_line_that_is_too_long_or_too_short_is_named(line: int, columns: int) -> None:
    lines = content(PPD).decode().splitlines()
    lines[line - 1] = f"{lines[line - 1]:X<{columns}}"[:columns]
    found = read_lines(lines)
    assert f"line {line}: found a line of {columns} columns; expected 94 columns" in found.refusal


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blanks_added_or_cut_at_the_end_of_a_line_change_nothing(end: str) -> None:
    lines = content(PPD).decode().splitlines()
    lines[0], lines[2], lines[5] = lines[0].rstrip(), f"{lines[2]}    ", lines[5].rstrip()
    found = read_file("nacha_x.ach", end.join(lines).encode())
    assert found.rows is not None, found.refusal
    assert found.rows.drop_columns("sha256").equals(_rows(PPD).drop_columns("sha256"))


def _rows(batch: Batch) -> Any:
    return read(batch).rows


def test_an_empty_line_counts_for_the_line_numbers_only() -> None:
    lines = content(PPD).decode().splitlines()
    found = read_lines([*lines[:2], "", *lines[2:]])
    assert found.rows is not None, found.refusal
    assert found.rows["row"].to_pylist() == [4]


@pytest.mark.parametrize("numbers", [(2, 1), (1, 1)])
def test_numbers_that_do_not_go_up_are_refused(numbers: tuple[int, int]) -> None:
    traces = read(Batch(tuple(Entry(number=number) for number in numbers)))
    assert "line 4, column Trace Number: found a trace number not above" in traces.refusal
    batches = read(*(replace(PPD, number=number) for number in numbers))
    assert f"column Batch Number: found {numbers[1]} stated; expected more than {numbers[0]}" in batches.refusal


def test_totals_of_an_adv_file_are_of_twenty_digits_and_checked() -> None:
    adv = Batch((Entry(code="81"), Entry(code="82", number=2)), kind="ADV", service="280")
    assert rules(read(adv)) == [(3, "accounting_advice"), (4, "accounting_advice")]
    found = read_lines(spoilt(lines_of(adv), 6, 52, f"{12_551:020d}"))
    assert "Total Credit Amount of the file: found 125.51 stated; expected 125.50" in found.refusal


def test_adv_batches_stand_in_a_file_of_their_own() -> None:
    adv = Batch((Entry(code="81"),), kind="ADV", service="280", number=2)
    assert "found ADV batches beside others" in read(PPD, adv).refusal


def test_a_file_without_batches_has_no_rows() -> None:
    found = read()
    assert (found.refusal, found.data_rows) == ("", 0)


@pytest.mark.parametrize("nothing", [b"", b" \r\n\n"])
def test_an_empty_file_is_refused(nothing: bytes) -> None:
    assert "found an empty file; expected a file header (1)" in read_file("nacha_x.ach", nothing).refusal
