"""Section F of the catalogue of bad input: controls of whole files, and the same thing sent again."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from pipelines.store import originals
from tests.bad_input import giros
from tests.bad_input.landing import (
    LINE,
    RECEIVED_AT,
    Offered,
    canonical,
    header,
    offer,
    reconciled,
    record,
    registry,
    row_file,
    shown,
)
from tests.bad_input.stories import Month, story
from tests.spec.case import Row
from tests.unit.readers import camt_files, nacha_files
from tests.unit.readers.test_bai2 import report
from tests.unit.readers.test_mt940 import ENTRY, statement
from tests.unit.readers.workbooks import package, row, sheet, text, workbook

SIBLING: Final = "settlements_sibling.csv"
OFFERS: Final[dict[str, bytes]] = {SIBLING: canonical("settlements")}
"""Every spoilt file of this page; all of them are offered together, beside a sound one."""


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Offered:
    return offer(tmp_path_factory.mktemp("controls"), OFFERS)


def put(name: str, content: bytes) -> str:
    assert name not in OFFERS
    OFFERS[name] = content
    return name


def refusal(landed: Offered, name: str) -> str:
    """Why a file was refused: it names the file, what was found, expected and to be done; nothing of it flows."""
    told = landed.receipt(name)
    assert (told.outcome, told.rows, told.rejected_rows, told.amount_centavos) == ("refused", 0, 0, 0)
    assert re.fullmatch(rf"{re.escape(name)}(, [^:;]+)?: found .+; expected .+; .+", told.reason), told.reason
    assert landed.rejections(name) == []
    assert landed.receipt(SIBLING).outcome == "accepted"
    return told.reason


# --- Controls that a file carries -------------------------------------------------------------------------------------

GIROS: Final = giros.giros(1, (125_000, 98_050))
NACHA: Final = nacha_files.lines_of(
    nacha_files.Batch((nacha_files.Entry(addenda=nacha_files.iat_addenda()),), kind="IAT")
)
CAMT: Final = camt_files.document(camt_files.entry())
REMITTANCE: Final = ("1", "L1", "Pagada", "2026-10-01", "12:00:00", "", "", "", "10.00", "0.00", "", "", "", "")


def remesas(*totals: str) -> bytes:
    """The company's workbook with one remittance, and these values of its totals row."""
    names = list(remesas_columns())
    rows = [names, list(REMITTANCE), [*totals[:2], *[""] * 6, *totals[2:]]]
    cells = [row(*map(text, said)) for said in rows if any(said)]
    parts = {"xl/workbook.xml": workbook(("Remesas", "visible"))}
    return package(sheet(row(text("Remesas Norte")), *cells), parts=parts)


def remesas_columns() -> tuple[str, ...]:
    names = "Folio|Liquidación|Estado|Fecha de envío|Hora|Remitente|Importe USD|Tipo de cambio"
    return tuple(f"{names}|Importe MXN|Comisión MXN|Línea de captura|NSS|CURP|Mensaje".split("|"))


def nacha(lines: list[str]) -> bytes:
    return "\n".join([*lines, ""]).encode("ascii")


def spoilt_line(lines: list[str], code: str, first: int, said: str) -> list[str]:
    """The lines with another text from column ``first`` on in the one that begins with ``code``."""
    place = next(place for place, line in enumerate(lines) if line.startswith(code))
    line = lines[place]
    return [*lines[:place], line[: first - 1] + said + line[first - 1 + len(said) :], *lines[place + 1 :]]


CUT = {
    put("bank_transfers_cut.csv", canonical("bank_transfers")[:-60]): "line 2: found a record of",
    put("giros_pacifico_cut.txt", giros.content(GIROS)[:-100]): "found a record of",
    put("nacha_cut.ach", nacha(NACHA)[:-200]): "found",
    put("camt053_cut.xml", CAMT[:-40]): "found XML that ends too early or is broken",
    put("mt940_cut.sta", statement(ENTRY).encode()[:-30]): "found",
    put("remesas_norte_cut.xlsx", remesas("TOTAL", "1", "10.00", "0.00")[:-100]): "found a damaged zip package",
}


@pytest.mark.parametrize("name", CUT)
def test_case_088_a_file_cut_in_the_middle_of_a_record_is_refused(name: str, landed: Offered) -> None:
    assert CUT[name] in refusal(landed, name)


CUT_IN_ITS_LAST_FIELD = put("bank_transfers_cut_in_its_last_field.csv", canonical("bank_transfers")[:-4])


def test_case_088_a_file_cut_in_its_last_field_has_that_row_rejected(landed: Offered) -> None:
    # §4: the record has all of its fields, so the file is whole; the value that was cut is no status.
    assert landed.receipt(CUT_IN_ITS_LAST_FIELD).outcome == "accepted"
    (found,) = landed.rejections(CUT_IN_ITS_LAST_FIELD)
    assert (found["row"], found["column"], found["rule"]) == (2, "status", "status")


WITHOUT_TRAILER = {
    put("giros_pacifico_no_trailer.txt", giros.content(GIROS[:-1])): "expected a file trailer at the end",
    put("nacha_no_control.ach", nacha([line for line in NACHA if line[0] != "9"])): "expected a file control (9)",
    put("bai2_no_trailer.txt", report("16,142,500,0,VS1/", total=1500).rsplit(b"99,", 1)[0]): "found no file trailer",
    put("mt940_no_closing.sta", re.sub(":62F:.*\n", "", statement(ENTRY)).encode()): "1 opening balance and 0 closing",
    put("remesas_norte_no_totals.xlsx", remesas("", "", "", "")): "found no totals row at the end",
}


@pytest.mark.parametrize("name", WITHOUT_TRAILER)
def test_case_089_a_file_without_its_trailer_is_refused(name: str, landed: Offered) -> None:
    assert WITHOUT_TRAILER[name] in refusal(landed, name)


COUNTED = {
    put("giros_pacifico_count.txt", giros.content(giros.spoilt(GIROS, -1, "Remesas", "3"))): (
        "2 detail",
        "3 as stated",
    ),
    put("remesas_norte_count.xlsx", remesas("TOTAL", "2", "10.00", "0.00")): ("1 row", "2 as it states"),
    put("bai2_records.txt", report("16,142,500,0,VS1/", total=1500, records=9)): ("9 records stated", "expected 3"),
    put("nacha_count.ach", nacha(spoilt_line(NACHA, "82", 5, "000099"))): ("99", "8"),
    put(
        "camt053_count.xml",
        camt_files.document(
            "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>", camt_files.entry()
        ),
    ): ("2 stated", "expected 1"),
}


@pytest.mark.parametrize("name", COUNTED)
def test_case_090_a_trailer_that_counts_other_rows_refuses_the_file_with_both_numbers(
    name: str, landed: Offered
) -> None:
    told = refusal(landed, name)
    assert all(figure in told for figure in COUNTED[name]), told
    assert ", line " in told


SUMMED = {
    put("giros_pacifico_sum.txt", giros.content(giros.spoilt(GIROS, -1, "Importe total", "223049"))): (
        "2,230.49 stated",
        "expected 2,230.50",
    ),
    put("remesas_norte_sum.xlsx", remesas("TOTAL", "1", "10.01", "0.00")): ("10.01 stated", "expected 10.00"),
    put("nacha_sum.ach", nacha(spoilt_line(NACHA, "82", 33, "000000012551"))): ("125.51 stated", "expected 125.50"),
    put("bai2_sum.txt", report("16,142,500,0,VS1/", total=1501)): ("1,501", "expected 1,500"),
    put("mt940_sum.sta", statement(ENTRY, closing="C261014MXN1100,01").encode()): ("1100.01", "expected 1100.00"),
    put(
        "camt053_sum.xml",
        camt_files.document(
            "<TxsSummry><TtlCdtNtries><Sum>1450.01</Sum></TtlCdtNtries></TxsSummry>", camt_files.entry()
        ),
    ): ("1,450.01 stated", "expected 1,450.00"),
}


@pytest.mark.parametrize("name", SUMMED)
def test_case_091_a_trailer_or_balance_that_differs_by_a_centavo_refuses_the_file_with_both_figures(
    name: str, landed: Offered
) -> None:
    told = refusal(landed, name)
    assert all(figure in told for figure in SUMMED[name]), told
    assert ", line " in told


HASHED = {
    put("nacha_hash.ach", nacha(spoilt_line(NACHA, "82", 11, "0006100034"))): ("6100034", "6100033"),
    put("giros_pacifico_hash.txt", giros.content(giros.spoilt(GIROS, -1, "Suma de folios", "2002"))): ("2002", "2001"),
}


@pytest.mark.parametrize("name", HASHED)
def test_case_092_a_hash_total_that_differs_refuses_the_file_with_both_figures(name: str, landed: Offered) -> None:
    told = refusal(landed, name).replace(",", "")
    assert all(figure in told for figure in HASHED[name]), told


# --- 93: files that are numbered --------------------------------------------------------------------------------------


def numbered(*numbers: int) -> dict[str, bytes]:
    return {f"giros_pacifico_{number}.txt": giros.content(giros.giros(number)) for number in numbers}


def test_case_093_a_missing_number_holds_the_files_after_it_and_is_named(tmp_path: Path) -> None:
    landed = offer(tmp_path, numbered(1, 3, 4))
    assert landed.outcomes() == {
        "giros_pacifico_1.txt": "accepted",
        "giros_pacifico_3.txt": "held",
        "giros_pacifico_4.txt": "held",
    }
    told = landed.receipt("giros_pacifico_4.txt")
    assert re.fullmatch(
        r"giros_pacifico_4\.txt: found number 4 .*file 2 of it missing; expected .+; .*file 2", told.reason
    )
    assert landed.rows("remittances")["file_name"].tolist() == ["giros_pacifico_1.txt"]


def test_case_093_once_the_gap_is_filled_the_rows_are_those_of_files_sent_in_order(tmp_path: Path) -> None:
    offer(tmp_path / "late", numbered(1, 3))
    late = offer(tmp_path / "late", numbered(2), RECEIVED_AT + timedelta(days=1))
    in_order = offer(tmp_path / "in order", numbered(1, 2, 3))
    assert set(late.outcomes().values()) == {"accepted"}
    same = (
        late.rows("remittances").drop(columns="received_at"),
        in_order.rows("remittances").drop(columns="received_at"),
    )
    assert same[0].equals(same[1])


# --- The same thing again ---------------------------------------------------------------------------------------------

AGAIN_BYTES = row_file("remittances", remittance_id="AGAIN")
FIRST = put("remittances_a.csv", AGAIN_BYTES)
SAME_BYTES = put("remittances_b.csv", AGAIN_BYTES)


def test_case_094_the_same_bytes_under_another_name_are_a_repeat_without_new_rows(landed: Offered) -> None:
    told = landed.receipt(SAME_BYTES)
    assert (told.outcome, told.reason) == ("repeated", f"same bytes as {FIRST}")
    rows = landed.rows("remittances")
    assert rows.loc[rows["remittance_id"] == "AGAIN", "file_name"].tolist() == [FIRST]


ROWS = [record("settlements", settlement_id=f"S{place}") for place in (1, 2)]
NAMES = header("settlements").split(",")
TURNED = "\n".join(",".join(reversed(line.split(","))) for line in [header("settlements"), *ROWS])
SAME_ROWS = {
    put("settlements_crlf.csv", canonical("settlements", *ROWS).replace(b"\n", b"\r\n")): "line ends",
    put("settlements_first.csv", canonical("settlements", *ROWS)): "",
    put("settlements_marked.csv", b"\xef\xbb\xbf" + canonical("settlements", *ROWS)): "byte-order mark",
    put(
        "settlements_quoted.csv", canonical("settlements", *[line.replace("GIROS", '"GIROS"') for line in ROWS])
    ): "quotes",
    put("settlements_sorted.csv", canonical("settlements", *ROWS[::-1])): "order of rows",
    put("settlements_turned.csv", TURNED.encode()): "order of columns",
}
EARLIEST = min(SAME_ROWS)


@pytest.mark.parametrize("name", sorted(set(SAME_ROWS) - {EARLIEST}))
def test_case_095_the_same_rows_written_in_another_way_are_a_repeat(name: str, landed: Offered) -> None:
    told = landed.receipt(name)
    assert (told.outcome, told.reason) == ("repeated", f"same rows as {EARLIEST}")
    assert landed.receipt(EARLIEST).outcome == "accepted"
    assert landed.rows("settlements")["settlement_id"].tolist().count("S1") == 1


def test_case_096_of_two_files_that_overlap_the_new_rows_flow_and_the_others_are_repeats(tmp_path: Path) -> None:
    first, both, last = (record("bank_transfers", tracking_key=key) for key in ("TK1", "TK2", "TK3"))
    files = {
        "bank_transfers_1.csv": canonical("bank_transfers", first, both),
        "bank_transfers_2.csv": canonical("bank_transfers", both, last),
    }
    tables = reconciled(tmp_path, {**registry(), **files})
    assert sorted(tables["payment_rows"]["role"]) == ["payment", "payment", "payment", "repeat"]
    assert shown(tables["receipts"], "file_name", "outcome", "rows")[:2] == [
        ("bank_transfers_1.csv", "accepted", 2),
        ("bank_transfers_2.csv", "accepted", 2),
    ]
    assert tables["dispositions"]["amount_centavos"].sum() == 3 * 145_000


ANA: Row = {"line": "ANA-OCT26", "of": "ana"}
TRANSFER: Row = {"key": "T1", "concept": "ANAOCT26"}


@pytest.mark.parametrize(
    "month",
    [
        story(
            {
                "capture_lines": [ANA],
                "bank_transfers": [TRANSFER],
                "remittances": [{"key": "R1", "message": "ANAOCT26"}],
            }
        )
    ],
)
def test_case_097_one_line_paid_through_two_channels_is_covered_once_and_both_payments_stand(month: Month) -> None:
    # §5, §9: two natural keys are two payments; what the line does not need waits as surplus, and none is lost.
    assert sorted(part[1:] for part in month.money) == [("applied", "", "500.00"), ("surplus", "", "500.00")]
    assert month.covered == ["ana"]


@pytest.mark.parametrize(
    "month", [story({"capture_lines": [ANA], "bank_transfers": [TRANSFER, {**TRANSFER, "key": "T2"}]})]
)
def test_case_098_two_payments_alike_in_all_but_their_key_are_both_kept(month: Month) -> None:
    assert month.roles == ["payment", "payment"]
    assert month.money == [("T1", "applied", "", "500.00"), ("T2", "surplus", "", "500.00")]


def test_case_099_a_corrected_file_replaces_nothing_in_silence(tmp_path: Path) -> None:
    # The contract has no link from a file to the one it corrects: both stand, and what differs is held for a person.
    name = "bank_transfers_1.csv"
    wrong, right = (row_file("bank_transfers", amount=amount) for amount in ("145.00", "1450.00"))
    offer(tmp_path, {name: wrong})
    landed = offer(tmp_path, {name: right}, RECEIVED_AT + timedelta(days=1))
    assert landed.receipts["outcome"].tolist() == ["accepted", "accepted"]
    for content in (wrong, right):
        assert originals.fetch(landed.home, hashlib.sha256(content).hexdigest()) == content
    tables = reconciled(tmp_path, registry())
    assert shown(tables["dispositions"], "bucket", "reason") == [("held", "conflicting_rows")]
    assert sorted(tables["payment_rows"]["role"]) == ["conflict", "payment"]
    assert shown(tables["coverage_exceptions"], "capture_line", "reason") == [(LINE, "held")]


def test_case_099_a_registry_is_corrected_by_a_row_with_a_later_moment(tmp_path: Path) -> None:
    corrected = row_file("capture_lines", amount_due="1400.00", updated_at="2026-10-01T10:00:00-06:00")
    tables = reconciled(tmp_path, {**registry(), "capture_lines_2.csv": corrected})
    assert tables["coverage_exceptions"]["amount_due_centavos"].tolist() == [140_000]
    assert tables["rejections"].empty


SETTLED = {"require_settlement": "true"}
REMITTED: Row = {"key": "R1", "settlement_id": "L1", "capture_line": "ANAOCT26"}


@pytest.mark.parametrize(
    ("month", "settlements"),
    [
        (story({"capture_lines": [ANA], "remittances": [REMITTED]}, policy=SETTLED), []),
        (
            story({"capture_lines": [ANA], "remittances": [REMITTED], "settlements": [{"key": "L1"}]}, policy=SETTLED),
            [("L1", "awaiting_deposit")],
        ),
    ],
    ids=["no settlement file", "no bank file"],
)
def test_case_100_what_waits_for_a_file_that_did_not_come_is_held_and_named(
    month: Month, settlements: list[tuple[str, str]]
) -> None:
    # The contract knows no calendar of files to expect: what is missing shows in what waits for it.
    assert month.money == [("R1", "held", "unsettled", "500.00")]
    assert month.exceptions == [("ANAOCT26", "held")]
    assert month.rows("settlements", "key", "status") == settlements


def test_case_100_a_month_without_any_bank_file_runs_and_leaves_every_line_open(tmp_path: Path) -> None:
    tables = reconciled(tmp_path, registry())
    assert shown(tables["coverage_exceptions"], "capture_line", "reason") == [(LINE, "unpaid")]
    assert tables["coverage_activations"].empty


FOREIGN = {
    put("estado_de_cuenta.csv", canonical("bank_transfers")): "found a name that no layout has",
    put("giros_pacifico_test.txt", giros.content(giros.giros(1, Uso="T"))): "line 1, column Uso: found another text",
    put("giros_pacifico_other.txt", giros.content(giros.giros(1, Empresa="GIROS ORIENTE"))): "line 1, column Empresa",
    put("camt053_is_054.xml", camt_files.document(camt_files.entry(), message="054")): "found a document of camt.054",
    put("bank_transfers_registrants.csv", canonical("registrants")): "line 1",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_case_101_a_file_of_another_sender_kind_or_purpose_is_refused(name: str, landed: Offered) -> None:
    assert FOREIGN[name] in refusal(landed, name)


def test_case_101_a_file_of_another_month_pays_in_its_own_month(tmp_path: Path) -> None:
    # §9: a file has no month; every payment is in the month of its civil date.
    earlier = row_file("bank_transfers", operating_date="2026-05-06", credited_at="2026-05-06T10:00:00-06:00")
    tables = reconciled(tmp_path, {**registry(), "bank_transfers_october.csv": earlier})
    assert shown(tables["dispositions"], "month", "bucket", "reason") == [("2026-05", "held", "out_of_window")]
    assert shown(tables["coverage_exceptions"], "capture_line", "reason") == [(LINE, "held")]
