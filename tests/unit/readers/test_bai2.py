from __future__ import annotations

from typing import Any

import pytest

from pipelines.readers import read_file

NAME = "bai2_x.txt"
HEAD = ("01,VALLESOL,QUINCENA,261014,0600,7,,,2/", "02,QUINCENA,VALLESOL,1,261014,2359,MXN,2/")


def report(*lines: str, account: str = "03,0012345678,,010,+1000,,/", total: int, records: int | None = None) -> bytes:
    """One group of one account: ``records`` are those of the account, its own and its trailer counted."""
    number = len(lines) + 2 if records is None else records
    tail = (f"49,{total},{number}/", f"98,{total},1,{number + 2}/", f"99,{total},1,{number + 4}/")
    return "\n".join([*HEAD, account, *lines, *tail, ""]).encode()


def read(content: bytes) -> Any:
    return read_file(NAME, content)


def one(line: str, *more: str, total: int = 1500, **fields: Any) -> dict[str, Any]:
    found = read(report(line, *more, total=total, **fields))
    assert found.refusal == ""
    rows: list[dict[str, Any]] = found.rows.to_pylist()
    assert len(rows) == 1
    return rows[0]


def test_a_credit_has_its_group_s_day_and_originator_and_the_bank_s_reference() -> None:
    row = one("16,142,500,0,VS1,REF,LINEA 2611AAAA0001/")
    assert row["operating_date"].isoformat() == "2026-10-14"
    assert row["credited_at"].isoformat() == "2026-10-14T06:00:00+00:00"
    names = ("sender_bank", "tracking_key", "amount_centavos", "currency", "concept", "row")
    assert [row[name] for name in names] == ["VALLESOL", "VS1", 500, "MXN", "LINEA 2611AAAA0001", 4]


@pytest.mark.parametrize(
    "funds",
    ["", "0", "1", "2", "Z", "V,261014,", "V,261014,1200", "S,100,150,250", "S,,,500", "D,2,0,100,1,400"],
)
def test_what_is_available_when_is_read_over(funds: str) -> None:
    row = one(f"16,142,500,{funds},VS1,,TEXTO/")
    assert (row["tracking_key"], row["concept"]) == ("VS1", "TEXTO")


@pytest.mark.parametrize("funds", ["S,100,150,251", "D,2,0,100,1,401", "D,3,0,100,1,400", "D,0"])
def test_availabilities_that_do_not_make_the_amount_are_refused(funds: str) -> None:
    found = read(report(f"16,142,500,{funds}/", total=1500))
    assert "line 4, column record 16" in found.refusal


def test_an_unknown_funds_type_is_refused() -> None:
    assert "found an unknown funds type" in read(report("16,142,500,Q,VS1,,/", total=1500)).refusal


def test_a_distribution_may_go_on_in_a_continuation() -> None:
    row = one("16,142,500,D,2,0,100/", "88,1,400,VS1,,TEXTO/")
    assert (row["tracking_key"], row["concept"]) == ("VS1", "TEXTO")


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["16,142,500,0,VS1,,PAGO 1/2, LINEA/"], "PAGO 1/2, LINEA"),
        (["16,142,500,0,VS1,,PAGO"], "PAGO"),
        (["16,142,500,0,VS1,,PAGO//"], "PAGO/"),
        (["16,142,500,0,VS1,,PAGO 2611", "88,AAAA0001/"], "PAGO 2611\nAAAA0001"),
        (["16,142,500,0,VS1/", "88,,PAGO"], "PAGO"),
        (["16,142,500,0,VS1,,/", "88,UNO/", "88,DOS, TRES/"], "UNO\nDOS, TRES"),
    ],
)
def test_text_runs_to_the_end_of_the_record(lines: list[str], text: str) -> None:
    assert one(*lines)["concept"] == text


def test_a_slash_in_a_field_of_a_header_is_part_of_it() -> None:
    content = report("16,142,500,0,VS1,,X/", total=1500).replace(b"QUINCENA,VALLESOL", b"1/2/345,VALLE/SOL")
    assert read(content).rows.to_pylist()[0]["sender_bank"] == "VALLE/SOL"


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("100", ""),
        ("399", ""),
        ("400", "not_a_credit"),
        ("699", "not_a_credit"),
        ("099", "not_a_credit"),
        ("700", "not_a_credit"),
        ("890", "not_a_credit"),
        ("1X2", "not_a_credit"),
        *((code, "reversal") for code in ("123", "168", "252", "254", "255", "257", "258", "261", "266", "268", "395")),
        *((code, "reversal") for code in ("552", "554", "555", "557", "558", "561", "566", "568")),
    ],
)
def test_the_type_code_tells_a_credit(code: str, rule: str) -> None:
    found = read(report(f"16,{code},500,0,VS1,,X/", total=1500))
    assert [row["rule"] for row in found.rejections.to_pylist()] == ([rule] if rule else [])


@pytest.mark.parametrize(("status", "rule"), [("1", ""), ("2", "withdrawn_group"), ("3", ""), ("4", "test_group")])
def test_the_group_s_status_tells_whether_it_counts(status: str, rule: str) -> None:
    content = report("16,142,500,0,VS1,,X/", total=1500).replace(b"VALLESOL,1,", f"VALLESOL,{status},".encode())
    assert [row["rule"] for row in read(content).rejections.to_pylist()] == ([rule] if rule else [])


def test_a_credit_without_the_bank_s_reference_is_rejected() -> None:
    found = read(report("16,142,500,0,,REF,X/", total=1500))
    assert found.rejections.select(["column", "rule"]).to_pylist() == [
        {"column": "Bank reference", "rule": "tracking_key"}
    ]


@pytest.mark.parametrize(
    ("currency", "written", "rules"),
    [("MXN", 500, []), ("", 500, []), ("JPY", 50_000, []), ("KWD", None, ["amount"])],
)
def test_an_amount_is_of_the_currency_s_smallest_unit(currency: str, written: int | None, rules: list[str]) -> None:
    found = read(report("16,142,500,0,VS1,,X/", account=f"03,0012345678,{currency},010,+1000,,/", total=1500))
    assert [row["amount_centavos"] for row in found.rows.to_pylist()] == ([written] if written else [])
    assert [row["rule"] for row in found.rejections.to_pylist()] == rules


def test_an_account_without_a_currency_anywhere_is_in_dollars_as_the_standard_has_it() -> None:
    content = report("16,142,500,0,VS1,,X/", total=1500).replace(b"2359,MXN,", b"2359,,")
    assert read(content).rows.to_pylist()[0]["currency"] == "USD"


def test_negative_balances_count_with_their_sign() -> None:
    assert one("16,142,500,0,VS1,,X/", account="03,0012345678,,010,-1000,,,040,/", total=-500)["tracking_key"] == "VS1"


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("49,1500,3/", "49,1501,3/", "line 5, column record 49: found a control total of 1,501; expected 1,500"),
        ("49,1500,3/", "49,1500,4/", "line 5, column record 49: found 4 records stated; expected 3"),
        ("98,1500,1,5/", "98,1499,1,5/", "line 6, column record 98: found a control total of 1,499; expected 1,500"),
        ("98,1500,1,5/", "98,1500,2,5/", "line 6, column record 98: found 2 accounts stated; expected 1"),
        ("98,1500,1,5/", "98,1500,1,6/", "line 6, column record 98: found 6 records stated; expected 5"),
        ("99,1500,1,7/", "99,0,1,7/", "line 7, column record 99: found a control total of 0; expected 1,500"),
        ("99,1500,1,7/", "99,1500,3,7/", "line 7, column record 99: found 3 groups stated; expected 1"),
        ("99,1500,1,7/", "99,1500,1,8/", "line 7, column record 99: found 8 records stated; expected 7"),
        ("49,1500,3/", "49,,3/", "found a control total that is no whole number"),
        ("49,1500,3/", "49,1500,/", "found a number of records that is no number"),
        ("16,142,500,", "16,142,5.00,", "line 4, column record 16: found an amount that is no whole number"),
        ("99,1500,1,7/", "", "found no file trailer at the end"),
        ("98,1500,1,5/\n", "", "found record 99; expected record 03 or 98 after record 49"),
        ("01,VALLESOL", "00,VALLESOL", "found an unknown record code; expected record 01 first"),
        ("99,1500,1,7/", "99,1500,1,7/\n99,1500,1,7/", "line 8: found record 99; expected the end of the file"),
        ("16,142", "16;142", "line 4: found a line that is no record"),
    ],
)
def test_what_does_not_balance_or_break_off_is_refused_with_both_figures(right: str, wrong: str, told: str) -> None:
    content = report("16,142,500,0,VS1,,X/", total=1500).decode()
    assert content.count(right) == 1
    found = read(content.replace(right, wrong).encode())
    assert told in found.refusal
    assert found.rows is None


@pytest.mark.parametrize("content", [b"", b"\n \n", b"88,TEXTO/"])
def test_a_file_without_records_is_refused(content: bytes) -> None:
    assert "found no file trailer at the end" in read(content).refusal


@pytest.mark.parametrize("end", ["\r\n", "\r", "   \n", "\n\n"])
def test_line_ends_and_filling_blanks_change_nothing(end: str) -> None:
    plain = read(report("16,142,500,0,VS1,,X/", total=1500))
    written = report("16,142,500,0,VS1,,X/", total=1500).decode().replace("\n", end).encode()
    assert read(written).rows_digest == plain.rows_digest
    assert plain.rows_digest


def test_a_control_character_in_the_text_rejects_the_row() -> None:
    found = read(report("16,142,500,0,VS1,,X\x01Y/", total=1500))
    assert found.rejections.select(["column", "rule"]).to_pylist()[0]["column"] == "Text + Customer reference"


def test_a_report_without_transactions_is_a_file_of_no_rows() -> None:
    found = read(report(total=1000))
    assert (found.refusal, found.data_rows) == ("", 0)
