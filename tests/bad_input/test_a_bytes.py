"""Section A of the catalogue of bad input: bytes, encodings and text. Contract §3 and §4 decide."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final

import pytest

from tests.bad_input.landing import (
    CURP,
    LINE,
    NAME,
    NSS,
    OTHER_CURP,
    OTHER_LINE,
    OTHER_NAME,
    OTHER_NSS,
    canonical,
    header,
    offer,
    reconciled,
    record,
    refusals,
    refused,
    rejected,
    rejections_of,
    row_file,
    shown,
)

Buckets = dict[str, list[tuple[str, str, int]]]

NOBODY: Final = [("unmatched", "", 145_000)]
BANK: Final = "bank_transfers_1.csv"
FORMATS: Final = Path(__file__).parents[2] / "fixtures" / "formats"
GIROS: Final = "giros_pacifico_2026-10-16.txt"
INVISIBLE: Final = ("\u200b", "\u202e", "\ufeff")
"""A space without width, the override that writes from right to left, a byte-order mark within a file."""


def lines(*records: bytes) -> bytes:
    return b"\n".join([header("bank_transfers").encode(), *records, b""])


def giros(*changes: tuple[str, str]) -> str:
    """A sound file of fixed width, changed in its texts."""
    (path,) = (FORMATS / "giros_pacifico" / "valid").iterdir()
    text = path.read_bytes().decode("cp1252")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def banorte(encoding: str) -> bytes:
    path = FORMATS / "banorte" / "valid" / "banorte_2026-10.txt"
    return path.read_bytes().decode("cp1252").encode(encoding)


CONCEPTS: Final = {
    "line": LINE,
    "small": OTHER_LINE.lower(),
    "cyrillic": LINE.replace("O", "\u041e", 1),
    "no tilde": "QUETZALLI ZUMAYA PENA",
    "superscript": LINE.replace("1", "\u00b9"),
    "wide": "".join(chr(ord(letter) + 0xFEE0) for letter in LINE),
    "dotless": OTHER_LINE.replace("I", "\u0131"),
}
"""What a payment is about, all that names somebody → its concept."""


@pytest.fixture(scope="module")
def buckets(tmp_path_factory: pytest.TempPathFactory) -> Buckets:
    """What a payment is about → (bucket, reason, centavos) of its parts."""
    lines = [record("capture_lines"), record("capture_lines", capture_line=OTHER_LINE, nss=OTHER_NSS)]
    people = [record("registrants"), record("registrants", nss=OTHER_NSS, curp=OTHER_CURP, full_name=OTHER_NAME)]
    paid = [
        record("bank_transfers", tracking_key=about, concept=concept, sender_name="")
        for about, concept in CONCEPTS.items()
    ]
    files = {
        "registrants_1.csv": canonical("registrants", *people),
        "capture_lines_1.csv": canonical("capture_lines", *lines),
        BANK: canonical("bank_transfers", *paid),
    }
    parts = reconciled(tmp_path_factory.mktemp("month"), files)["dispositions"]
    keys = parts["natural_key"].str.rpartition("|")[2]
    return {about: shown(parts[keys == about], "bucket", "reason", "amount_centavos") for about in CONCEPTS}


def test_case_001_latin_1_in_a_utf_8_layout_is_refused_at_its_byte(tmp_path: Path) -> None:
    content = canonical("bank_transfers").decode().encode("latin-1")
    message = refused(tmp_path, BANK, content)
    offset = content.index(b"\xd1")
    assert f"{BANK}, line 2: found byte 0xD1 at byte offset {offset}, which is not utf-8" in message
    assert "expected utf-8 throughout; export the file as utf-8" in message


def test_case_002_utf_8_in_a_cp1252_layout_is_refused_and_never_read_as_two_letters(tmp_path: Path) -> None:
    content = banorte("utf-8")
    message = refused(tmp_path, "banorte_1.txt", content)
    offset = content.index("ó".encode())
    assert f"banorte_1.txt, line 1: found a letter written in UTF-8 at byte offset {offset}" in message
    assert "expected cp1252; export the file as cp1252" in message
    assert offer(tmp_path / "sound", {"banorte_1.txt": banorte("cp1252")}).receipt("banorte_1.txt").rows == 4


def test_case_003_letters_that_became_control_characters_reject_their_row(tmp_path: Path) -> None:
    as_latin_1 = "QUETZALLI “Q” ZUMAYA".encode("cp1252").decode("latin-1")
    column, rule, reason = rejected(tmp_path, "bank_transfers", sender_name=as_latin_1)
    assert (column, rule) == ("sender_name", "control_characters")
    assert "expected text without control characters; remove them" in reason


def test_case_004_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    marked = offer(tmp_path / "marked", {BANK: b"\xef\xbb\xbf" + canonical("bank_transfers")})
    plain = offer(tmp_path / "plain", {BANK: canonical("bank_transfers")})
    assert marked.receipt(BANK) == plain.receipt(BANK)
    assert marked.receipt(BANK).outcome == "accepted"
    assert (
        marked.rows("bank_transfers").drop(columns="sha256").equals(plain.rows("bank_transfers").drop(columns="sha256"))
    )


def test_case_005_utf_16_with_a_mark_is_refused_by_name(tmp_path: Path) -> None:
    text = canonical("bank_transfers").decode()
    files = {
        "bank_transfers_little.csv": b"\xff\xfe" + text.encode("utf-16-le"),
        "bank_transfers_big.csv": b"\xfe\xff" + text.encode("utf-16-be"),
    }
    for message in refusals(tmp_path, files).values():
        assert "line 1: found UTF-16 (a byte-order mark); expected utf-8; export the file as utf-8" in message


def test_case_006_utf_16_without_a_mark_is_refused_by_its_nuls(tmp_path: Path) -> None:
    text = canonical("bank_transfers").decode()
    files = {f"bank_transfers_{order}.csv": text.encode(f"utf-16-{order}") for order in ("le", "be")}
    for message in refusals(tmp_path, files).values():
        assert "line 1: found NUL bytes all through, as in UTF-16; expected utf-8" in message
        assert message.endswith("; export the file as utf-8")


def test_case_007_two_encodings_in_one_file_are_refused_at_the_first_line_of_the_wrong_one(tmp_path: Path) -> None:
    utf_8 = record("bank_transfers").encode()
    latin_1 = record("bank_transfers").encode("latin-1")
    message = refused(tmp_path, BANK, lines(utf_8, utf_8, latin_1, utf_8, latin_1))
    assert f"{BANK}, line 4: found byte 0xD1" in message
    assert "expected utf-8 throughout" in message


def test_case_008_a_nul_byte_in_a_field_rejects_its_row(tmp_path: Path) -> None:
    columns = ("tracking_key", "sender_name", "concept")
    faults = rejections_of(tmp_path, *(("bank_transfers", {column: "ABCD\0EFGH"}) for column in columns))
    for column, fault in zip(columns, faults, strict=True):
        assert (fault.column, fault.rule) == (column, "control_characters")
        assert "expected text without control" in fault.reason
        assert fault.reason.endswith("send the row again")


def test_case_009_an_unseen_character_in_an_identifier_or_amount_rejects_its_row(tmp_path: Path) -> None:
    texts = [
        ("bank_transfers", "tracking_key", "TK", "0001", "control_characters"),
        ("bank_transfers", "amount", "14", "50.00", "amount"),
        ("registrants", "nss", NSS[:5], NSS[5:], "nss"),
        ("registrants", "curp", CURP[:5], CURP[5:], "curp"),
    ]
    cases = [(letter, *text) for letter in ("\x1b", *INVISIBLE) for text in texts]
    faults = rejections_of(tmp_path, *((kind, {col: head + c + tail}) for c, kind, col, head, tail, _ in cases))
    assert [(fault.column, fault.rule) for fault in faults] == [(case[2], case[5]) for case in cases]
    assert all(fault.reason.startswith("expected ") for fault in faults)


def test_case_009_an_invisible_character_in_a_name_is_kept_as_sent(tmp_path: Path) -> None:
    names = [f"QUETZALLI{letter} ZUMAYA" for letter in INVISIBLE]
    landed = offer(
        tmp_path, {BANK: canonical("bank_transfers", *(record("bank_transfers", sender_name=name) for name in names))}
    )
    assert landed.receipt(BANK)[:4] == ("accepted", "", len(names), 0)
    assert landed.rows("bank_transfers")["sender_name"].tolist() == names


def test_case_010_digits_that_are_not_ascii_are_no_digits(tmp_path: Path) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in NSS)
    cases = [
        ("bank_transfers", "amount", "١٤٥٠.٠٠", "amount"),
        ("bank_transfers", "amount", "１４５０.00", "amount"),
        ("bank_transfers", "operating_date", "２０２６-10-06", "date"),
        ("bank_transfers", "credited_at", "2026-10-06T１0:00:00-06:00", "instant"),
        ("capture_lines", "coverage_month", "2026-１１", "month"),
        ("settlements", "items", "１", "count"),
        ("remittances", "fx_rate", "１8.5", "rate"),
        ("registrants", "nss", wide, "nss"),
    ]
    faults = rejections_of(tmp_path, *((kind, {column: text}) for kind, column, text, _ in cases))
    assert [(fault.column, fault.rule) for fault in faults] == [(column, rule) for _, column, _, rule in cases]
    for fault in faults:
        assert fault.reason.startswith("expected ")
        assert fault.reason.endswith("send the row again")


def test_case_011_a_letter_that_only_looks_right_makes_no_curp(tmp_path: Path) -> None:
    column, rule, reason = rejected(tmp_path, "registrants", curp=CURP.replace("M", "\u041c", 1))
    assert (column, rule) == ("curp", "curp")
    assert "expected 18 capital letters and digits with a right check digit; verify the code with its holder" in reason


def test_case_011_a_letter_that_only_looks_right_names_no_line(buckets: Buckets) -> None:
    assert buckets["line"] == [("applied", "", 145_000)]
    assert buckets["cyrillic"] == NOBODY


def test_case_012_composed_and_decomposed_letters_are_accepted_as_sent(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, NAME) for form in ("NFC", "NFD")]
    content = canonical("registrants", *(record("registrants", full_name=name) for name in names))
    landed = offer(tmp_path, {"registrants_1.csv": content})
    assert landed.receipt("registrants_1.csv")[:4] == ("accepted", "", 2, 0)
    assert landed.rows("registrants")["full_name"].tolist() == names
    assert names[0] != names[1]


def test_case_013_a_name_without_its_tilde_confirms_nothing(buckets: Buckets) -> None:
    assert buckets["no tilde"] == NOBODY


def test_case_014_a_compatibility_character_is_no_part_of_an_identifier(tmp_path: Path) -> None:
    wide = chr(ord(CURP[0]) + 0xFEE0)
    column, rule, reason = rejected(tmp_path, "registrants", curp=wide + CURP[1:])
    assert (column, rule) == ("curp", "curp")
    assert "expected 18 capital letters" in reason


def test_case_014_a_compatibility_character_names_no_line(buckets: Buckets) -> None:
    assert buckets["superscript"] == NOBODY
    assert buckets["wide"] == NOBODY


def test_case_014_a_compatibility_character_in_a_name_is_kept_as_sent(tmp_path: Path) -> None:
    landed = offer(tmp_path, {BANK: row_file("bank_transfers", sender_name="SEÑª ﬁGUEROA²")})
    assert landed.receipt(BANK)[:4] == ("accepted", "", 1, 0)
    assert landed.rows("bank_transfers")["sender_name"].tolist() == ["SEÑª ﬁGUEROA²"]


def test_case_015_a_letter_that_grows_in_capitals_moves_no_field_of_a_fixed_width(tmp_path: Path) -> None:
    landed = offer(tmp_path, {GIROS: giros(("Elena Vara ", "Elena Voß  ")).encode("cp1252")})
    sound = offer(tmp_path / "sound", {GIROS: giros().encode("cp1252")})
    assert landed.receipt(GIROS) == sound.receipt(GIROS)
    kept = [name for name in landed.rows("remittances").columns if name not in {"sha256", "sender_name"}]
    assert landed.rows("remittances")[kept].equals(sound.rows("remittances")[kept])
    assert "Elena Voß" in landed.rows("remittances")["sender_name"].tolist()


def test_case_015_a_dotless_i_is_no_i_of_a_line(buckets: Buckets) -> None:
    assert buckets["small"] == [("applied", "", 145_000)]
    assert buckets["dotless"] == NOBODY


def test_case_016_fixed_width_in_the_other_encoding_is_refused_before_its_columns_shift(tmp_path: Path) -> None:
    message = refused(tmp_path, GIROS, giros(("Elena Vara ", "Elena Peña ")).encode("utf-8"))
    assert "found a letter written in UTF-8 at byte offset" in message
    assert "expected cp1252; export the file as cp1252" in message


@pytest.mark.parametrize(("written", "length"), [("Elena Vara", 204), ("Elena Vara  ", 206)])
def test_case_016_a_record_of_another_length_is_refused_with_both_lengths(
    tmp_path: Path, written: str, length: int
) -> None:
    message = refused(tmp_path, GIROS, giros(("Elena Vara ", written)).encode("cp1252"))
    assert f"line 3: found a record of {length} characters; expected 205 in every record" in message
    assert message.endswith("ask the sender for the whole file as it was written")


def test_case_017_a_value_with_a_line_end_behind_it_is_not_that_value(tmp_path: Path) -> None:
    cases = [
        ("bank_transfers", "amount", "1450.00", "amount"),
        ("bank_transfers", "operating_date", "2026-10-06", "date"),
        ("bank_transfers", "credited_at", "2026-10-06T10:00:00Z", "instant"),
        ("bank_transfers", "tracking_key", "TK0001", "control_characters"),
        ("bank_transfers", "status", "credited", "status"),
        ("capture_lines", "coverage_month", "2026-11", "month"),
        ("settlements", "items", "1", "count"),
        ("remittances", "fx_rate", "18.125", "rate"),
        ("registrants", "nss", NSS, "nss"),
        ("registrants", "curp", CURP, "curp"),
    ]
    faults = rejections_of(tmp_path, *((kind, {column: text + "\n"}) for kind, column, text, _ in cases))
    assert [(fault.column, fault.rule) for fault in faults] == [(column, rule) for _, column, _, rule in cases]
    assert all(fault.reason.startswith("expected ") for fault in faults)
