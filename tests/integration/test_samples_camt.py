"""Every public camt sample: what its README says of it, and its values against the origin's expected result.

Most do not close and are refused, so entries and balances are compared below the controls, as the reader takes them
apart. The folder of samples stands beside the repository; where it is absent, these tests are skipped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from pipelines.readers import camt_controls, camt_entries, decimals, read_file

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "camt"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of public samples is not there")
REFUSED = {
    "camt052.v2.with-account-name.xml": "found a document of camt.052; expected a document of camt.053",
    "camt052.v4.xml": "found a document of camt.052; expected a document of camt.053",
    "camt052.v6.xml": "found a document of camt.052; expected a document of camt.053",
    "camt052.v8.xml": "found a document of camt.052; expected a document of camt.053",
    "camt053.v2.all-balance-types.xml": "found 4.04 EUR stated as closing balance; expected 9.86 EUR",
    "camt053.v2.five.decimals.xml": "found 27.05 EUR stated as closing balance; expected 27.00 EUR",
    "camt053.v2.wrong.xml": "found no statement; expected at least one Stmt",
    "camt053.v4.xml": "found -27.00 SEK stated as closing balance; expected 27.00 EUR",
}
READ = {"camt053": "camt53.only-Dt-with-DtTm.xml", "camt054": "camt054.v2.with-account-name.xml"}
WITH_JSON = sorted((set(REFUSED) | set(READ.values())) - {"camt053.v2.wrong.xml"})


def test_every_sample_is_known_here() -> None:
    assert {path.name for path in SAMPLES.glob("*.xml")} == {*REFUSED, *READ.values()}
    assert {path.name for path in SAMPLES.glob("*.json")} == {f"{name[:-4]}.json" for name in WITH_JSON}


@pytest.mark.parametrize("name", REFUSED)
def test_a_sample_that_is_another_message_or_does_not_close_is_refused_with_the_reason(name: str) -> None:
    found = read_file(f"camt053_{name}", (SAMPLES / name).read_bytes())
    assert REFUSED[name] in found.refusal
    assert found.rows is None


def test_a_statement_without_entries_is_a_file_of_no_rows() -> None:
    found = read_file("camt053_x.xml", (SAMPLES / READ["camt053"]).read_bytes())
    assert (found.refusal, found.data_rows, found.layout) == ("", 0, "camt053")


def test_the_debit_of_the_notification_is_no_payment() -> None:
    found = read_file("camt054_x.xml", (SAMPLES / READ["camt054"]).read_bytes())
    assert (found.refusal, found.data_rows) == ("", 1)
    assert found.rejections.select(["row", "rule"]).to_pylist() == [{"row": 17, "rule": "not_a_credit"}]


def test_the_sample_with_more_than_two_places_has_its_row_rejected_once_it_closes() -> None:
    content = (SAMPLES / "camt053.v2.five.decimals.xml").read_bytes()
    agent = b"<RltdAgts><DbtrAgt><FinInstnId><BIC>AZULMX00</BIC></FinInstnId></DbtrAgt></RltdAgts>"
    named = content.replace(b"<EndToEndId>", b"<AcctSvcrRef>R-1</AcctSvcrRef><EndToEndId>").replace(
        b"<RmtInf>", agent + b"<RmtInf>"
    )
    found = read_file("camt053_x.xml", named.replace(b"27.050", b"27.000"))
    assert found.refusal == ""
    assert found.rejections["rule"].to_pylist() == ["amount"]


def expected_of(name: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((SAMPLES / f"{name[:-4]}.json").read_text("utf-8"))
    return said


def parsed(name: str) -> tuple[Any, str]:
    """The one statement of a sample, and its namespace."""
    root = etree.fromstring((SAMPLES / name).read_bytes())
    namespace = str(etree.QName(root).namespace)
    tags = [f"{{{namespace}}}{tag}" for tag in ("Stmt", "Ntfctn", "Rpt")]
    (statement,) = root.iter(*tags)
    return statement, namespace


def in_smallest_unit(units: int, currency: str) -> int:
    """As the expected results write amounts: the yen has no smaller unit, the others have hundredths."""
    return units // (10**10 if currency == "JPY" else 10**8)


@pytest.mark.parametrize("name", WITH_JSON)
def test_an_entry_has_the_values_of_the_expected_result(name: str) -> None:
    statement, namespace = parsed(name)
    entries = list(statement.iter(f"{{{namespace}}}Ntry"))
    expected = expected_of(name)["getEntries"]
    assert len(entries) == len(expected)
    for element, wanted in zip(entries, expected, strict=True):
        (movement,) = camt_entries.movements(element, namespace, camt_entries.Tally())
        told = dict(zip(camt_entries.COLUMNS, movement.texts, strict=True))
        detail = wanted["getTransactionDetail"] or {"getRemittanceInformation": None, "getReference": None}
        sign = -1 if told["CdtDbtInd"] == "DBIT" else 1
        size = sign * in_smallest_unit(decimals.units(told["Amt"]) or 0, told["Ccy"])
        assert (str(size), told["Ccy"]) == (
            wanted["getAmount"]["getAmount"],
            wanted["getAmount"]["getCurrency"]["getCode"],
        )
        assert (told["CdtDbtInd"], told["Sts"]) == (wanted["getCreditDebitIndicator"], wanted["getStatus"])
        assert bool(told["RvslInd"]) == wanted["getReversalIndicator"]
        assert told["BookgDt.Dt"] == ((wanted["getBookingDate"] or {}).get("0") or "")[:10]
        assert told["AcctSvcrRef"] == (wanted["getAccountServicerReference"] or "")
        assert told["RmtInf"] == ((detail["getRemittanceInformation"] or {}).get("getMessage") or "")
        assert told["Refs.EndToEndId"] == ((detail["getReference"] or {}).get("getEndToEndId") or "")


@pytest.mark.parametrize("name", [name for name in WITH_JSON if not name.startswith("camt052")])
def test_the_balances_are_those_of_the_expected_result(name: str) -> None:
    statement, namespace = parsed(name)
    said = expected_of(name)
    record = said["getEntries"][0]["getRecord"] if said["getEntries"] else said["getRecords"][0]
    told = [
        (str(in_smallest_unit(balance.units, balance.currency)), balance.currency)
        for balance in camt_controls.balances(statement, namespace)
    ]
    wanted = [balance["getAmount"] for balance in record.get("getBalances", [])]
    assert told == [(amount["getAmount"], amount["getCurrency"]["getCode"]) for amount in wanted]
