from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.readers import camt, read_file
from pipelines.readers.layout_files import layouts
from pipelines.readers.refusal import Refused
from tests.unit.readers.camt_files import balance, detail, document, entry, one, read, rows, rules

DETAIL_DAY = "<RltdDts><IntrBkSttlmDt>2026-10-13</IntrBkSttlmDt></RltdDts>"


def part(reference: str, amount: str, more: str = "", currency: str = "MXN") -> str:
    return detail(reference, f'<Amt Ccy="{currency}">{amount}</Amt>{more}')


def remittance(*texts: str) -> str:
    return f"<RmtInf>{''.join(texts)}</RmtInf>"


@pytest.mark.parametrize("version", [f"{number:02d}" for number in range(1, 14)])
@pytest.mark.parametrize("message", ["053", "054"])
def test_any_version_is_read_by_its_structure(message: str, version: str) -> None:
    assert one(entry("1450.5"), message=message, version=version)["amount_centavos"] == 145_050


@pytest.mark.parametrize("status", ["BOOK", "<Cd>BOOK</Cd>"])
def test_a_booked_credit_counts_however_its_status_is_written(status: str) -> None:
    row = one(entry("1450", status=status))
    assert (row["status"], row["amount_centavos"], row["tracking_key"]) == ("credited", 145_000, "R-1")
    assert (row["sender_bank"], row["receiver_account"]) == ("AZULMX00", "0000000017")


@pytest.mark.parametrize("status", ["PDNG", "<Cd>PDNG</Cd>"])
def test_an_announced_entry_is_counted_and_not_used(status: str) -> None:
    found = read(entry(status=status), entry(reference="R-2"))
    assert found.rejections["rule"].to_pylist() == ["pending"]
    assert (found.data_rows, found.amount_centavos) == (2, 145_000)


@pytest.mark.parametrize(
    ("inner", "concept"),
    [
        (remittance("<Ustrd>PAGO</Ustrd>", "<Ustrd>2610ELEN01</Ustrd>"), "PAGO 2610ELEN01"),
        (remittance("<Strd><CdtrRefInf><Ref>2610LUZ001</Ref></CdtrRefInf></Strd>"), "2610LUZ001"),
        ("<Refs><EndToEndId>2610NOE001</EndToEndId></Refs>" + remittance("<Ustrd>CUOTA</Ustrd>"), "CUOTA 2610NOE001"),
        ("<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>" + remittance("<Ustrd>CUOTA</Ustrd>"), "CUOTA"),
        ("<AddtlTxInf>ABONO 2610LIA001</AddtlTxInf>", "ABONO 2610LIA001"),
    ],
)
def test_the_concept_is_all_that_the_payer_wrote(inner: str, concept: str) -> None:
    assert one(entry(inner=detail(more=inner)))["concept"] == concept


@pytest.mark.parametrize("version", ["02", "08"])
def test_the_payer_is_found_where_the_version_puts_him(version: str) -> None:
    name = "<Nm>Elena Vara</Nm>" if version == "02" else "<Pty><Nm>Elena Vara</Nm></Pty>"
    parties = f"<RltdPties><Dbtr>{name}</Dbtr><DbtrAcct><Id><IBAN>XX01</IBAN></Id></DbtrAcct></RltdPties>"
    row = one(entry(inner=detail(more=parties)), version=version)
    assert (row["sender_name"], row["sender_account"]) == ("Elena Vara", "XX01")


@pytest.mark.parametrize(
    ("booked", "instant", "written_on"),
    [
        ("<Dt>2026-10-15</Dt>", "2026-10-15T06:00:00+00:00", "2026-10-15"),
        ("<DtTm>2026-10-15T23:30:00</DtTm>", "2026-10-16T05:30:00+00:00", "2026-10-15"),
        ("<DtTm>2026-10-15T23:30:00.250000000-07:00</DtTm>", "2026-10-16T06:30:00.250000+00:00", "2026-10-15"),
        ("<DtTm>2026-10-16T04:00:00Z</DtTm>", "2026-10-16T04:00:00+00:00", "2026-10-16"),
    ],
)
def test_a_moment_without_an_offset_is_one_of_the_layouts_zone(booked: str, instant: str, written_on: str) -> None:
    row = one(entry(dated=f"<BookgDt>{booked}</BookgDt>"))
    assert (row["credited_at"].isoformat(), row["credited_written_on"].isoformat()) == (instant, written_on)


def test_nanoseconds_are_never_rounded_away() -> None:
    assert rules(entry(dated="<BookgDt><DtTm>2026-10-15T23:30:00.000000001</DtTm></BookgDt>")) == ["date"]


def test_a_batch_booking_gives_a_row_for_each_transaction_on_its_own_line() -> None:
    told = rows(read(entry("300.00", part("B-1", "100") + part("B-2", "200"), reference="L-1")))
    assert [(row["tracking_key"], row["amount_centavos"]) for row in told] == [("B-1", 10_000), ("B-2", 20_000)]
    assert [row["row"] for row in told] == [2, 3]


def test_a_batch_that_does_not_come_to_its_entry_is_refused_with_both_figures() -> None:
    refusal = read(entry("300.01", part("B-1", "100") + part("B-2", "200"))).refusal
    assert "found 300.01 stated; expected 300.00, the sum of its 2 transactions" in refusal


def test_the_reference_of_a_batch_is_no_reference_of_its_transactions() -> None:
    assert rules(entry("300.00", part("", "100") + part("", "200"), reference="L-1")) == ["tracking_key"] * 2


def test_a_transaction_in_another_currency_than_its_entry_is_not_counted_at_its_own_amount() -> None:
    other = '<AmtDtls><TxAmt><Amt Ccy="MXN">200</Amt></TxAmt></AmtDtls>'
    told = rows(read(entry("300.00", part("B-1", "100") + part("B-2", "11", other, currency="USD"))))
    assert [row["amount_centavos"] for row in told] == [10_000, 20_000]


def test_two_credits_with_one_key_are_both_rejected() -> None:
    assert rules(entry("10.00"), entry("10.00")) == ["shared_key"] * 2


def test_a_credit_without_any_reference_is_rejected() -> None:
    assert rules(entry(reference="")) == ["tracking_key"]


def test_a_reversal_that_repeats_the_credits_reference_returns_it() -> None:
    inner = detail("R-1", DETAIL_DAY)
    told = rows(read(entry(inner=inner), entry(inner=inner, direction="DBIT", reversal="true", reference="N-9")))
    keys = {(row["operating_date"].isoformat(), row["sender_bank"], row["tracking_key"]) for row in told}
    assert keys == {("2026-10-13", "AZULMX00", "R-1")}
    assert [row["status"] for row in told] == ["credited", "returned"]


@pytest.mark.parametrize("direction", ["CRDT", "DBIT"])
def test_a_reversal_that_names_no_credit_is_rejected(direction: str) -> None:
    assert rules(entry(direction=direction, reversal="1")) == ["reversal"]


def test_a_return_of_money_that_had_left_is_no_payment() -> None:
    assert rules(entry(inner=detail(more="<RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf>"))) == ["reversal"]


def test_money_that_leaves_is_no_payment() -> None:
    assert rules(entry(direction="DBIT")) == ["not_a_credit"]


@pytest.mark.parametrize("amount", ["8.850", "1.23456", "-5.00", "1e3", "1,450.00", "0.00"])
def test_an_amount_that_is_none_in_centavos_rejects_its_row(amount: str) -> None:
    assert len(rules(entry(amount))) == 1


def test_another_currency_flows() -> None:
    assert one(entry(currency="USD"))["currency"] == "USD"


@pytest.mark.parametrize("balances", [[], ["OPBD"], ["CLBD"], ["PRCD"], ["ITBD", "CLBD"]])
def test_a_statement_that_its_balances_do_not_prove_is_accepted_and_told(balances: list[str]) -> None:
    found = read(*(balance(code, "0.00") for code in balances), entry())
    assert found.refusal == ""
    assert len(rows(found)) == 1
    assert "1 statement with entries but no opening and closing balance, first on line 1" in found.notes


@pytest.mark.parametrize("inside", [[balance("OPBD", "0.00"), balance("CLBD", "1450.00"), entry()], []])
def test_a_statement_proven_by_its_balances_or_without_entries_is_not_told(inside: list[str]) -> None:
    found = read(*inside)
    assert (found.refusal, found.notes) == ("", "")


def test_a_notification_has_no_balances_and_nothing_to_tell() -> None:
    assert read(entry(), message="054").notes == ""


def test_a_statement_closes_on_its_booked_entries() -> None:
    inside = [
        balance("PRCD", "5.00", "DBIT"),
        balance("CLBD", "1435.00"),
        entry(),
        entry("10.00", direction="DBIT"),
        entry("99.00", status="PDNG"),
    ]
    assert read(*inside).refusal == ""


@pytest.mark.parametrize(
    ("closing", "told"),
    [
        (balance("CLBD", "1460.01"), "found 1,460.01 MXN stated as closing balance; expected 1,460.00 MXN"),
        (balance("CLBD", "1460.00", "DBIT"), "found -1,460.00 MXN stated as closing balance; expected 1,460.00 MXN"),
        (balance("CLBD", "1460.00", currency="USD"), "found 1,460.00 USD stated as closing balance; expected 1,460.00"),
        (balance("CLBD", "1460.00001"), "found 1,460.00001 MXN stated as closing balance; expected 1,460.00 MXN"),
        (balance("CLBD", "much"), "found a balance that cannot be read"),
    ],
)
def test_a_statement_that_does_not_close_is_refused_with_both_figures(closing: str, told: str) -> None:
    assert told in read(balance("OPBD", "10.00"), closing, entry()).refusal


def test_the_balance_of_each_currency_closes_on_its_own_entries() -> None:
    pesos = [balance("OPBD", "0.00"), balance("CLBD", "1450.00")]
    dollars = [balance("OPBD", "1", currency="USD"), balance("CLBD", "3", currency="USD")]
    assert read(*pesos, *dollars, entry(), entry("2.00", currency="USD", reference="R-2")).refusal == ""


@pytest.mark.parametrize(
    ("totals", "told"),
    [
        ("<TtlNtries><NbOfNtries>3</NbOfNtries></TtlNtries>", "found 3 stated; expected 2, the number of its entries"),
        ("<TtlNtries><Sum>1460.01</Sum></TtlNtries>", "found 1,460.01 stated; expected 1,460.00, the sum"),
        ("<TtlCdtNtries><Sum>1460</Sum></TtlCdtNtries>", "found 1,460.00 stated; expected 1,450.00, the sum"),
        ("<TtlDbtNtries><NbOfNtries>0</NbOfNtries></TtlDbtNtries>", "found 0 stated; expected 1, the number"),
        ("<TtlDbtNtries><Sum>ten</Sum></TtlDbtNtries>", "found no amount stated; expected 10.00, the sum"),
        ("<TtlNtries><NbOfNtries>two</NbOfNtries></TtlNtries>", "found no count stated; expected 2, the number"),
    ],
)
def test_totals_that_differ_are_refused_with_both_figures(totals: str, told: str) -> None:
    found = read(f"<TxsSummry>{totals}</TxsSummry>", entry(), entry("10.00", direction="DBIT"))
    assert told in found.refusal


def test_totals_may_leave_out_what_is_only_announced() -> None:
    totals = "<TxsSummry><TtlNtries><NbOfNtries>{}</NbOfNtries><Sum>{}</Sum></TtlNtries></TxsSummry>"
    entries = entry(), entry("10.00", status="PDNG")
    assert read(totals.format(2, "1460.00"), *entries).refusal == ""
    assert read(totals.format(1, "1450.00"), *entries).refusal == ""


@pytest.mark.parametrize("missing", ["<Sts><Cd>BOOK</Cd></Sts>", "<CdtDbtInd>CRDT</CdtDbtInd>", ' Ccy="MXN"'])
def test_an_entry_that_is_not_whole_refuses_the_file(missing: str) -> None:
    assert "found an entry without" in read(entry().replace(missing, "")).refusal


def test_a_direction_that_is_none_refuses_the_file() -> None:
    assert "expected CRDT or DBIT" in read(entry(direction="BOTH")).refusal


def test_an_entry_outside_of_a_statement_refuses_the_file() -> None:
    assert "found an entry outside of a statement" in read(f"<Sub>{entry()}</Sub>").refusal


@pytest.mark.parametrize("message", ["052", "060"])
def test_another_message_is_refused_by_name(message: str) -> None:
    refusal = read_file("camt053_x.xml", document(entry(), message=message)).refusal
    assert f"found a document of camt.{message}; expected a document of camt.053" in refusal


@pytest.mark.parametrize("content", [b"<Document/>", b'<Document xmlns="urn:other"/>', b"<html></html>"])
def test_xml_that_is_no_iso_20022_document_is_refused(content: bytes) -> None:
    assert "no ISO 20022 document" in read_file("camt053_x.xml", content).refusal


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "an empty file"),
        (b" \n ", "nothing but white space"),
        (b"PK\x03\x04", "XML that ends too early or is broken"),
        (document(entry())[:-20], "XML that ends too early or is broken"),
        (document(entry(reference="&secret;")), "XML that ends too early or is broken"),
        (document(entry(), head='<!DOCTYPE a [<!ENTITY b "c">]>'), "(DOCTYPE)"),
        (document(entry(), head='<!DOCTYPE a SYSTEM "file:///etc/hostname">'), "(DOCTYPE)"),
        (document(entry(), head='<?xml version="1.0" encoding="UTF-7"?>'), "an encoding declared that is not UTF-8"),
        (document(entry()).decode().encode("utf-16"), "UTF-16"),
        (document(entry()).decode().encode("utf-16-le"), "NUL bytes"),
        (document(entry(reference="Ñ")).decode().encode("cp1252"), "is not utf-8"),
        (document("<a>" * 300 + "</a>" * 300), "elements nested without end"),
    ],
)
def test_hostile_or_broken_xml_is_refused(content: bytes, told: str) -> None:
    assert told in read_file("camt053_x.xml", content).refusal


def test_movements_that_start_on_one_line_are_counted_instead() -> None:
    told = rows(read((entry() + entry(reference="R-2")).replace("\n", "")))
    assert [(row["sheet"], row["row"]) for row in told] == [("movements", 1), ("movements", 2)]


def test_lines_are_physical_beyond_what_16_bits_count() -> None:
    assert one("\n" * 70_000, entry())["row"] == 70_002


def test_more_movements_than_the_layout_allows_are_refused() -> None:
    layout = next(layout for layout in layouts() if layout.name == "camt053")
    narrow = replace(layout, limits=replace(layout.limits, rows=1))
    with pytest.raises(Refused) as caught:
        camt.read(document(entry(), entry()), narrow)
    assert (
        caught.value.message("x")
        == "x: found more than 1 movement; expected at most 1 movement; split the file, send the parts"
    )
