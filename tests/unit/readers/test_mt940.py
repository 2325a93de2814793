from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.readers import read_file
from pipelines.readers.mt940_tags import PLACES, exact, written

ENTRY = ":61:2610141014CN100,00NTRFNONREF//VS1"


def statement(
    *lines: str, opening: str = "C261013MXN1000,00", closing: str = "C261014MXN1100,00", number: str = "1/1"
) -> str:
    head = [":20:VALLESOL", ":25:0012345678", f":28C:{number}", f":60F:{opening}"]
    return "\n".join([*head, *lines, f":62F:{closing}", "-", ""])


def interim(*lines: str, debits: str = "0MXN0,", credits_: str = "1MXN100,", number: str = "1/1") -> str:
    head = [":20:VALLESOL", ":25:0012345678", f":28C:{number}", ":34F:MXN0,", ":13D:2610141815-0600"]
    return "\n".join([*head, *lines, f":90D:{debits}", f":90C:{credits_}", "-", ""])


def read(text: str, message: str = "940") -> Any:
    return read_file(f"mt{message}_x.sta", text.encode())


def one(text: str) -> dict[str, Any]:
    found = read(text)
    assert found.refusal == ""
    assert found.rejections.num_rows == 0
    rows: list[dict[str, Any]] = found.rows.to_pylist()
    assert len(rows) == 1
    return rows[0]


def rules(found: Any) -> list[str]:
    assert found.refusal == ""
    return [row["rule"] for row in found.rejections.to_pylist()]


def test_an_entry_has_its_dates_the_bank_s_reference_and_its_line() -> None:
    row = one(statement(":61:2610131014CN100,00NTRFREF//VS1\nSPEI", ":86:LINEA 2611AAAA0001"))
    assert row["operating_date"].isoformat() == "2026-10-14"
    assert row["credited_at"].isoformat() == "2026-10-14T06:00:00+00:00"
    names = ("tracking_key", "sender_bank", "receiver_account", "amount_centavos", "currency", "concept", "row")
    assert [row[name] for name in names] == ["VS1", "SWIFT", "0012345678", 10_000, "MXN", "LINEA 2611AAAA0001", 5]


@pytest.mark.parametrize(
    ("said", "operating_date"),
    [
        ("261231" + "0102", "2027-01-02"),
        ("270102" + "1231", "2026-12-31"),
        ("261014", "2026-10-14"),
        ("261014    ", "2026-10-14"),
        ("800101", "1980-01-01"),
    ],
)
def test_an_entry_date_is_of_the_nearest_year(said: str, operating_date: str) -> None:
    row = one(statement(f":61:{said}C100,NTRFNONREF//VS1"))
    assert row["operating_date"].isoformat() == operating_date
    assert row["credited_written_on"].isoformat() == operating_date


@pytest.mark.parametrize("dates", ["261032", "260229", "2610141032", "261301", "2610140000"])
def test_a_date_that_does_not_exist_rejects_its_entry_alone_and_is_not_moved(dates: str) -> None:
    found = read(statement(f":61:{dates}C60,NTRFNONREF//VS1", ":61:261014C40,NTRFNONREF//VS2"))
    assert rules(found) == ["date"]
    assert [row["tracking_key"] for row in found.rows.to_pylist()] == ["VS2"]


@pytest.mark.parametrize(("amount", "centavos"), [("100,00", 10_000), ("100,", 10_000), ("0000100,0", 10_000)])
def test_an_amount_may_leave_out_places(amount: str, centavos: int) -> None:
    assert one(statement(f":61:261014C{amount}NTRFNONREF//VS1"))["amount_centavos"] == centavos


def test_an_amount_with_more_than_two_places_is_rejected_and_not_rounded() -> None:
    found = read(statement(":61:261014C0,125NTRFNONREF//VS1", closing="C261014MXN1000,125"))
    assert rules(found) == ["amount"]


@given(st.integers(0, 10**15 - 1), st.integers(0, 14))
def test_an_amount_is_exact_whatever_its_places(figures: int, places: int) -> None:
    digits = str(figures).rjust(places + 1, "0")
    whole, fraction = digits[: len(digits) - places], digits[len(digits) - places :]
    value = exact(f"{whole},{fraction}")
    assert value == figures * 10 ** (PLACES - places)
    assert value is not None
    text = written(value)
    assert exact(text.replace(".", ",")) == value


@pytest.mark.parametrize(
    ("mark", "closing", "rule"),
    [("D", "900,", "not_a_credit"), ("RC", "900,", "reversal"), ("RD", "1100,", "reversal"), ("C", "1100,", "")],
)
def test_the_mark_tells_what_an_entry_adds_and_whether_it_is_a_payment(mark: str, closing: str, rule: str) -> None:
    text = statement(f":61:261014{mark}100,NTRFNONREF//VS1", closing=f"C261014MXN{closing}")
    assert rules(read(text)) == ([rule] if rule else [])


@pytest.mark.parametrize("reference", ["", "//NONREF", "//", "//ABCDEFGHIJKLMNOPQRSTUVWX"])
def test_without_a_reference_of_the_bank_that_is_whole_an_entry_is_rejected(reference: str) -> None:
    assert rules(read(statement(f":61:261014C100,NTRFREF{reference}"))) == ["tracking_key"]


def test_details_stay_whole_however_long() -> None:
    details = "\n".join(f"LINEA {number} " + "X" * 50 for number in range(15))
    assert one(statement(ENTRY, f":86:{details}"))["concept"] == details


def test_a_bank_s_own_tag_between_an_entry_and_its_details_parts_them_not() -> None:
    assert one(statement(ENTRY, ":NS:01X", ":86:LINEA", ":86:MAS"))["concept"] == "LINEA\nMAS"


def test_the_rest_of_a_time_at_the_start_of_a_line_is_no_tag() -> None:
    assert one(statement(ENTRY, ":86:PAGO 13\n:12:11 LINEA"))["concept"] == "PAGO 13\n:12:11 LINEA"


def test_text_about_the_statement_is_not_the_last_entry_s() -> None:
    text = statement(ENTRY, ":86:LINEA").replace("\n-\n", "\n:86:SALDO\n-\n")
    assert one(text)["concept"] == "LINEA"


def test_sub_fields_are_put_together_where_lines_cut_them() -> None:
    row = one(statement(ENTRY, ":86:166?00SPEI?20PAGO 2611?2\n1AAAA0001?310121800046430512\n49?32ELENA?33 VARA"))
    names = ("concept", "sender_account", "sender_name")
    assert [row[name] for name in names] == ["PAGO 2611\nAAAA0001", "012180004643051249", "ELENA VARA"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            statement(ENTRY, closing="C261014MXN1100,01"),
            "found a closing balance of 1100.01, which does not close; exp",
        ),
        (statement(ENTRY, closing="C261014MXN1100,01"), "line 6, column 62F"),
        (statement(ENTRY, closing="C261014MXN1100,01"), "expected 1100.00, the opening balance plus the entries"),
        (statement(ENTRY, closing="D261014MXN1100,00"), "found a closing balance of -1100.00"),
        (statement(ENTRY, closing="C261014USD1100,00"), "found the currency USD; expected MXN"),
        (statement(ENTRY, closing="X"), "line 6, column 62F: found a balance that cannot be read"),
        (statement(ENTRY, closing="C261014MXN1,1,0"), "found a balance that cannot be read"),
        (statement(":61:261014C1,0,0NTRFNONREF//VS1"), "line 5, column 61: found an entry that cannot be read"),
        (statement(":61:261014C1٣0,00NTRFNONREF//VS1"), "line 5, column 61: found an entry that cannot be read"),
        (statement(":61:14/10/2026 SECRETO"), "line 5, column 61: found an entry that cannot be read"),
        (statement(ENTRY).split(":62F:", maxsplit=1)[0], "line 1: found 1 opening balance and 0 closing"),
        (statement(ENTRY).replace(":62F:", f"{ENTRY}\n:62F:"), "found a closing balance of 1100.00, which does not"),
        (statement(ENTRY).replace(":60F:", ":64:"), "line 1: found 0 opening balances and 1 closing"),
        (statement(":60F:C261013MXN1000,00", ENTRY), "line 1: found 2 opening balances and 1 closing"),
        (statement().replace("\n-", f"\n{ENTRY}\n-"), "found entries before or after the balances"),
        ("SALDO\n" + statement(ENTRY), "line 1: found text outside a message"),
        (statement(ENTRY) + "SALDO\n", "line 7: found text outside a message"),
        ("", "found no message"),
        ("\n\n", "found no message"),
    ],
)
def test_a_statement_that_is_not_whole_or_does_not_close_is_refused(text: str, told: str) -> None:
    found = read(text)
    assert told in found.refusal
    assert "SECRETO" not in found.refusal
    assert found.rows is None


def part(number: str, opening: str, closing: str) -> str:
    return statement(opening=f"C261013MXN{opening}", closing=f"C261013MXN{closing}", number=number)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        (("1/1", "1/2"), ""),
        (("1/1", "2/1"), ""),
        (("1/2", "2"), ""),
        (("365/1", "1/1"), ""),
        (("0", "7"), ""),
        (("1/1", "1/3"), "line 7, column 28C: found statement 1/3 after 1/1; expected 1/2 or 2/1 of the account"),
        (("1/1", "1/1"), "found statement 1/1 after 1/1"),
        (("2/1", "1/2"), "found statement 1/2 after 2/1"),
        (("1/1", "3/1"), "found statement 3/1 after 1/1"),
    ],
)
def test_statements_of_an_account_follow_one_another(numbers: tuple[str, str], told: str) -> None:
    refusal = read(part(numbers[0], "1,", "1,") + part(numbers[1], "1,", "1,")).refusal
    assert told in refusal if told else not refusal


def test_a_statement_opens_with_the_balance_before() -> None:
    refusal = read(part("1/1", "1,", "1,") + part("1/2", "2,", "2,")).refusal
    assert "column 60F: found an opening balance of 2.00; expected 1.00, the closing balance" in refusal


def test_an_entry_after_the_end_is_rejected() -> None:
    found = read(statement(ENTRY) + ":61:261014C5,NTRFNONREF//VS2\n")
    assert rules(found) == ["outside_statement"]
    assert [row["tracking_key"] for row in found.rows.to_pylist()] == ["VS1"]


@pytest.mark.parametrize(
    "framed",
    [
        lambda text: f"\x01\n{text.rstrip()}\x03\n",
        lambda text: f"{{1:F01VALLMXMM}}{{2:I940QUINMXMM}}{{4:\n{text.rstrip()}}}{{5:{{CHK:1}}}}\n",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.removesuffix("-\n"),
        lambda text: f":940:\n{text}",
        lambda text: f"\ufeff{text}",
    ],
)
def test_what_is_put_around_a_message_changes_nothing(framed: Any) -> None:
    plain = read(statement(ENTRY, ":86:LINEA"))
    assert plain.rows_digest
    assert read(framed(statement(ENTRY, ":86:LINEA"))).rows_digest == plain.rows_digest


def test_a_control_character_in_the_details_rejects_the_entry() -> None:
    found = read(statement(ENTRY, ":86:LINEA\x02X"))
    assert [row["column"] for row in found.rejections.to_pylist()] == ["Purpose + Supplementary details"]


def test_letters_are_read_in_the_declared_encoding_only() -> None:
    text = statement(ENTRY, ":86:PEÑA")
    assert one(text)["concept"] == "PEÑA"
    refusal = read_file("mt940_x.sta", text.encode("cp1252")).refusal
    assert "line 6: found byte 0xD1" in refusal


def test_interim_totals_that_agree_are_accepted() -> None:
    found = read(interim(ENTRY), "942")
    assert rules(found) == []
    assert [row["tracking_key"] for row in found.rows.to_pylist()] == ["VS1"]


def test_an_expected_entry_of_an_interim_report_is_pending() -> None:
    assert rules(read(interim(ENTRY, ":61:261014EC7,NTRFNONREF//VS2"), "942")) == ["pending"]


EXPECTED = (":61:261014EC7,NTRFNONREF//VS2", ":61:261014ED9,NTRFNONREF//VS3")


@pytest.mark.parametrize("totals", [("0MXN0,", "1MXN100,"), ("1MXN9,", "2MXN107,"), ("0MXN0,", "2MXN107,")])
def test_interim_totals_may_count_expected_entries_or_not(totals: tuple[str, str]) -> None:
    found = read(interim(ENTRY, *EXPECTED, debits=totals[0], credits_=totals[1]), "942")
    assert found.refusal == ""
    assert [row["tracking_key"] for row in found.rows.to_pylist()] == ["VS1"]


@pytest.mark.parametrize("totals", [("0MXN0,", "1MXN107,"), ("0MXN0,", "2MXN100,"), ("2MXN9,", "1MXN100,")])
def test_interim_totals_count_in_number_and_sum_the_same_entries(totals: tuple[str, str]) -> None:
    assert read(interim(ENTRY, *EXPECTED, debits=totals[0], credits_=totals[1]), "942").refusal


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            interim(ENTRY, credits_="1MXN100,01"),
            "column 90C: found a total of 100.01, which does not close; expected 100",
        ),
        (interim(ENTRY, credits_="2MXN100,"), "column 90C: found 2 entries stated; expected 1"),
        (interim(ENTRY, debits="0MXN1,"), "column 90D: found a total of 1.00, which does not close; expected 0.00"),
        (interim(ENTRY, debits="0USD0,"), "found the currency MXN; expected USD, as in :90D:"),
        (interim(ENTRY, debits="X"), "column 90D: found a total that cannot be read"),
        (interim(":61:X"), "column 61: found an entry that cannot be read"),
        (interim(ENTRY).split(":90D:", maxsplit=1)[0], "found no total :90D: in a message"),
        (interim(ENTRY).replace(":90C:", ":90D:"), "found a second total of one kind"),
        (interim(ENTRY, number="5/1") + interim(ENTRY, number="7/1"), "found statement 7/1 after 5/1"),
    ],
)
def test_interim_totals_that_do_not_agree_are_refused(text: str, told: str) -> None:
    assert told in read(text, "942").refusal
