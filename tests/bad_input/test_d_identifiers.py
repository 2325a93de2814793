"""Section D of the catalogue of bad input: identifiers. Contract §3, §7 and §10 decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.bad_input.landing import (
    CURP,
    LINE,
    NSS,
    canonical,
    clabe_of,
    curp_of,
    nss_of,
    offer,
    reconciled,
    record,
    rejections_of,
    row_file,
    shown,
)
from tests.unit.readers import workbooks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    Tables = dict[str, pd.DataFrame]

BANK: Final = "bank_transfers_1.csv"
DUE: Final = 145_000
VERIFY: Final = "verify the number with its holder and send the row again"
SANTANDER: Final = (
    *("Cuenta", "Fecha", "Hora", "Sucursal", "Descripcion"),
    *("Cargo/Abono", "Importe", "Saldo", "Referencia", "Concepto"),
)
PEOPLE: Final = (
    *("typo", "other", "changed", "twin one", "twin two", "name one", "name two"),
    *("claim one", "claim two", "spaced", "zero", "cut", "hyphens", "lost zero", "near"),
)
"""Who is registered, each with a line of October of their own."""
SHARED_CURP: Final = {
    "twin one": curp_of("TWIN900101HNEXXXA"),
    "twin two": curp_of("TWIN900101HNEXXXA"),
    "claim one": curp_of("CLAI880808MDFRRNA"),
    "claim two": curp_of("CLAI880808MDFRRNA"),
}
SHARED_NAME: Final = dict.fromkeys(("twin one", "twin two", "name one", "name two"), "MARIA LOPEZ GARCIA")
OLD_CURP: Final = curp_of("CAMB850417MNEMLTA")
LONG_LINE: Final = "IMSS2026OCT000000000045CUTX"
"""A line of 27 characters."""


def nss(who: str) -> str:
    body = 50_000_000 if who == "lost zero" else 3_900_000_000
    return nss_of(body + 7_919 * PEOPLE.index(who))


def curp(who: str) -> str:
    return SHARED_CURP.get(who, curp_of(f"PERS85041{PEOPLE.index(who):02d}NEMLT"[:16] + "B"))


def line(who: str) -> str:
    return LONG_LINE if who == "cut" else f"OCT26OIOI{PEOPLE.index(who):03d}"


def other_digit(text: str, place: int) -> str:
    """The text with another digit at this place, so that its check digit is wrong."""
    return text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]


CONCEPTS: Final = {
    "57 one": "pago",
    "60 nss": other_digit(nss("near"), 4),
    "60 curp": other_digit(curp("near"), 5),
    "61 nss": nss_of(7_777_777_777),
    "61 line": "OCT26NOBODY999",
    "62 typo": f"{line('other')} NSS {nss('typo')}",
    "66 old": OLD_CURP,
    "66 new": curp("changed"),
    "67 both": curp("twin one"),
    "68 name": SHARED_NAME["name one"],
    "69 both": curp("claim one"),
    "70 spaced": f"pago {line('spaced')[:5].lower()} {line('spaced')[5:]}",
    "70 zero": line("zero").replace("O", "0"),
    "70 one": line("zero").replace("I", "1"),
    "71 cut": LONG_LINE[:20],
    "55 lost": nss("lost zero")[1:],
    "59 text": f"{nss('near')[:4]} {nss('near')[4:]}",
}
"""Case → the concept of its payment, all that names somebody."""


def people() -> Iterator[str]:
    for who in PEOPLE:
        yield record(
            "registrants", nss=nss(who), curp=curp(who), full_name=SHARED_NAME.get(who, f"PERSONA {who.upper()}")
        )
    before = {"full_name": "PERSONA CHANGED", "updated_at": "2025-12-01T10:00:00-06:00"}
    yield record("registrants", nss=nss("changed"), curp=OLD_CURP, **before)


def payments() -> Iterator[str]:
    for case, concept in CONCEPTS.items():
        yield record("bank_transfers", tracking_key=case, concept=concept, sender_name=SHARED_NAME["name one"])
    deposit = {"operating_date": "2026-10-14", "credited_at": "2026-10-14T10:00:00-06:00", "concept": "LIQ"}
    yield record("bank_transfers", tracking_key="TK0009", sender_bank="BANCO ROJO", amount="1430.00", **deposit)


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """October with all of them: every file is accepted and nothing rejected, so that only the rules decide."""
    hyphens = nss("hyphens")
    written = {"nss": f"{hyphens[:2]}-{hyphens[2:4]} {hyphens[4:]}", "capture_line": "", "curp": "", "message": ""}
    files = {
        "registrants_1.csv": canonical("registrants", *people()),
        "capture_lines_1.csv": canonical(
            "capture_lines", *(record("capture_lines", capture_line=line(who), nss=nss(who)) for who in PEOPLE)
        ),
        BANK: canonical("bank_transfers", *payments()),
        "remittances_1.csv": row_file("remittances", **written),
        "settlements_1.csv": canonical("settlements"),
    }
    tables = reconciled(tmp_path_factory.mktemp("month"), files)
    assert shown(tables["receipts"], "outcome", "rejected_rows") == [("accepted", 0)] * len(files)
    return tables


def parts(month: Tables, case: str) -> list[tuple[str, str, int, str]]:
    """(bucket, reason, centavos, line) of the parts of a payment."""
    table = month["dispositions"]
    of_case = table[table["natural_key"].str.rpartition("|")[2] == case]
    return shown(of_case, "bucket", "reason", "amount_centavos", "capture_line")


def became(month: Tables, who: str) -> list[str]:
    """What becomes of the line of somebody: ``active``, or the reason why it is not."""
    active, without = month["coverage_activations"], month["coverage_exceptions"]
    reasons = without.loc[without["capture_line"] == line(who), "reason"].tolist()
    return ["active"] * int((active["nss"] == nss(who)).sum()) + reasons


UNMATCHED: Final = [("unmatched", "", DUE, "")]


def test_case_055_an_nss_that_lost_its_zero_rejects_its_row_and_says_how(tmp_path: Path) -> None:
    number = nss("lost zero")
    assert number.startswith("0")
    (fault,) = rejections_of(tmp_path, ("registrants", {"nss": number[1:]}))
    assert (fault.column, fault.rule) == ("nss", "nss")
    assert fault.reason == (
        "expected 11 digits, found 10: a spreadsheet probably removed a leading zero; restore it at the source, keep "
        "the column as text and send the row again"
    )


def test_case_055_an_nss_that_lost_its_zero_names_nobody_in_a_payment(month: Tables) -> None:
    assert parts(month, "55 lost") == UNMATCHED
    assert became(month, "lost zero") == ["unpaid"]


def test_case_056_an_account_in_a_cell_of_numbers_rejects_its_row(tmp_path: Path) -> None:
    account = clabe_of(72_180_041_763_920_518)
    assert int(account) > 2**53
    texts = ["'02146003'", "'14102026", "09:11", "'0001'", "ABONO", "+", "1450.00", "", "2146001", LINE]
    cells = [workbooks.text(text) for text in texts[1:]]
    rows = [
        workbooks.row(*map(workbooks.text, SANTANDER)),
        workbooks.row(f"<c><v>{account}</v></c>", *cells),
        workbooks.row(workbooks.text(account), *cells[:-2], workbooks.text("2146002"), cells[-1]),
    ]
    landed = offer(tmp_path, {"santander_1.xlsx": workbooks.package(workbooks.sheet(*rows))})
    assert landed.receipt("santander_1.xlsx")[:4] == ("accepted", "", 2, 1)
    (told,) = landed.rejections("santander_1.xlsx")
    assert (told["sheet"], told["row"], told["column"], told["rule"]) == ("S0", 2, "Cuenta", "number_cell")
    assert told["reason"] == (
        "expected a text cell, found a number of over 15 digits: the last are unrecoverable; send the row again as text"
    )
    assert account not in told["reason"]
    assert landed.rows("bank_transfers")["receiver_account"].tolist() == [account]


def test_case_057_an_identifier_in_scientific_notation_rejects_its_row(tmp_path: Path) -> None:
    ruined = "1.23457E+17"
    faults = rejections_of(tmp_path, ("registrants", {"nss": ruined}), ("registrants", {"curp": ruined}))
    assert [(fault.column, fault.rule) for fault in faults] == [("nss", "nss"), ("curp", "curp")]
    assert faults[0].reason.endswith(VERIFY)


def test_case_057_a_key_that_a_spreadsheet_made_a_number_rejects_its_row_and_never_makes_two_payments_one(
    tmp_path: Path,
) -> None:
    faults = rejections_of(
        tmp_path,
        ("bank_transfers", {"tracking_key": "1.23457E+17"}),
        ("remittances", {"remittance_id": "2E+11"}),
        ("capture_lines", {"capture_line": "2.61101E+26"}),
    )
    columns = ["tracking_key", "remittance_id", "capture_line"]
    assert [(fault.column, fault.rule) for fault in faults] == [(column, "spreadsheet_number") for column in columns]
    assert "a spreadsheet lost its digits; take the key from the source" in faults[0].reason


def test_case_058_one_apostrophe_in_front_is_no_part_of_the_text_where_its_layout_says_so(tmp_path: Path) -> None:
    name = "santander_1.csv"
    rows = [f"{account},'14102026,09:11,'0001',A,+,1.00,,{key},X" for key, account in enumerate(("'0123", "''0123"), 1)]
    landed = offer(tmp_path / "bank", {name: "\n".join([",".join(SANTANDER), *rows, ""]).encode()})
    assert landed.receipt(name)[:4] == ("accepted", "", 2, 0)
    assert sorted(landed.rows("bank_transfers")["receiver_account"]) == ["'0123", "0123"]


def test_case_058_one_apostrophe_in_front_is_of_no_canonical_identifier(tmp_path: Path) -> None:
    (fault,) = rejections_of(tmp_path, ("registrants", {"nss": f"'{NSS}"}))
    assert (fault.column, fault.rule) == ("nss", "nss")
    assert fault.reason.endswith(VERIFY)


def test_case_059_spaces_and_hyphens_in_an_nss_reject_a_row_of_the_registry(tmp_path: Path) -> None:
    written = (f"{NSS[:2]} {NSS[2:]}", f"{NSS[:2]}-{NSS[2:]}", f" {NSS}", f"{NSS} ")
    faults = rejections_of(tmp_path, *(("registrants", {"nss": text}) for text in written))
    assert [(fault.column, fault.rule) for fault in faults] == [("nss", "nss")] * len(written)


def test_case_059_spaces_and_hyphens_in_the_field_of_a_remittance_are_no_part_of_it(month: Tables) -> None:
    # §7: a field is one token, its separators removed; in free text an NSS is one token as it stands.
    assert parts(month, "R1") == [("applied", "", DUE, line("hyphens"))]
    assert became(month, "hyphens") == ["active"]
    assert parts(month, "59 text") == UNMATCHED


def test_case_060_a_wrong_check_digit_rejects_a_row_of_a_registry(tmp_path: Path) -> None:
    spoilt = [
        ("registrants", {"nss": other_digit(NSS, 10)}),
        ("registrants", {"curp": other_digit(CURP, 17)}),
        ("capture_lines", {"nss": other_digit(NSS, 0)}),
    ]
    faults = rejections_of(tmp_path, *spoilt)
    assert [(fault.column, fault.rule) for fault in faults] == [("nss", "nss"), ("curp", "curp"), ("nss", "nss")]
    assert all("with a right check digit" in fault.reason for fault in faults)


def test_case_060_a_wrong_check_digit_never_means_the_nearest_right_one(month: Tables) -> None:
    assert parts(month, "60 nss") == UNMATCHED
    assert parts(month, "60 curp") == UNMATCHED
    assert became(month, "near") == ["unpaid"]


def test_case_060_a_wrong_check_digit_of_a_payers_account_costs_no_money(tmp_path: Path) -> None:
    account = other_digit(clabe_of(2_180_041_763_920_518), 17)
    landed = offer(tmp_path, {BANK: row_file("bank_transfers", sender_account=account)})
    assert landed.receipt(BANK)[:4] == ("accepted", "", 1, 0)
    assert landed.rows("bank_transfers")[["sender_account", "amount_centavos"]].to_numpy().tolist() == [[account, DUE]]


def test_case_061_an_identifier_that_nobody_has_leaves_the_money_unmatched(month: Tables) -> None:
    assert parts(month, "61 nss") == UNMATCHED
    assert parts(month, "61 line") == UNMATCHED


def test_case_062_a_line_of_somebody_else_holds_the_payment_and_shows_what_was_found(month: Tables) -> None:
    assert parts(month, "62 typo") == [("held", "identity_conflict", DUE, "")]
    assert became(month, "typo") == ["unpaid"]
    assert became(month, "other") == ["held"]
    findings = month["findings"]
    found = findings[findings["payment_id"].str.endswith("|62 typo")]
    assert line("other") in found["capture_line"].tolist()


def test_case_063_a_birth_abroad_and_a_missing_surname_make_a_good_curp(tmp_path: Path) -> None:
    bodies = ("ZUXQ850417MNEMXT0", "XXXX850417XNEXXX0", "BOXW310820HNERXN0")
    assert_registered(tmp_path, *map(curp_of, bodies))


def test_case_064_a_replaced_letter_or_word_makes_a_good_curp(tmp_path: Path) -> None:
    assert_registered(
        tmp_path, curp_of("PXXA850417MDFXXT0"), curp_of("BXEY850417HDFXXTA"), curp_of("XUAN850417HDFXXTA")
    )


def test_case_065_the_homoclave_is_a_digit_or_a_letter_and_neither_is_taken_for_the_other(tmp_path: Path) -> None:
    digit, letter = curp_of("ZUXQ050417MNEMLT0"), curp_of("ZUXQ050417MNEMLTB")
    assert_registered(tmp_path / "both", digit, letter)
    swapped = letter[:16] + "0" + letter[17:]
    assert swapped != digit
    (fault,) = rejections_of(tmp_path / "swapped", ("registrants", {"curp": swapped}))
    assert (fault.column, fault.rule) == ("curp", "curp")


def test_case_066_a_changed_curp_stands_and_the_old_one_names_nobody(month: Tables) -> None:
    # §3: the row with the latest updated_at stands; there is no table of former codes, and none is guessed.
    standing = month["registrants"]
    assert standing.loc[standing["nss"] == nss("changed"), "curp"].tolist() == [curp("changed")]
    assert parts(month, "66 new") == [("applied", "", DUE, line("changed"))]
    assert parts(month, "66 old") == UNMATCHED


def test_case_067_one_person_with_two_numbers_is_held_and_activates_neither(month: Tables) -> None:
    assert {nss("twin one"), nss("twin two")} <= set(month["registrants"]["nss"])
    assert parts(month, "67 both") == [("held", "several_registrants", DUE, "")]
    assert became(month, "twin one") == became(month, "twin two") == ["held"]


def test_case_068_a_name_alone_confirms_nothing(month: Tables) -> None:
    assert parts(month, "68 name") == UNMATCHED
    assert became(month, "name one") == became(month, "name two") == ["unpaid"]


def test_case_069_two_who_claim_one_curp_are_both_held(month: Tables) -> None:
    assert parts(month, "69 both") == [("held", "several_registrants", DUE, "")]
    assert became(month, "claim one") == became(month, "claim two") == ["held"]


def test_case_070_small_letters_and_spaces_are_the_line_and_a_look_alike_is_not(month: Tables) -> None:
    # §7: normalising takes case and separators away; likeness never confirms.
    assert parts(month, "70 spaced") == [("applied", "", DUE, line("spaced"))]
    assert parts(month, "70 zero") == parts(month, "70 one") == UNMATCHED
    assert became(month, "zero") == ["unpaid"]


def test_case_071_a_line_cut_off_by_the_bank_names_no_line(month: Tables) -> None:
    assert parts(month, "71 cut") == UNMATCHED
    assert became(month, "cut") == ["unpaid"]


def assert_registered(folder: Path, *codes: str) -> None:
    """Whoever has one of these CURP is registered with it."""
    records = [record("registrants", nss=nss_of(1_000 + place), curp=code) for place, code in enumerate(codes)]
    landed = offer(folder, {"registrants_1.csv": canonical("registrants", *records)})
    assert landed.receipt("registrants_1.csv")[:4] == ("accepted", "", len(codes), 0)
    assert landed.rows("registrants")["curp"].tolist() == list(codes)
