from __future__ import annotations

from typing import Final

import pytest

from pipelines.readers.layout import LayoutError
from pipelines.readers.layout_files import layout_for, layouts, parse

SOUND: Final = """
description = "A test"
kind = "settlements"
patterns = ["sound_*.txt"]
mechanics = "delimited"
columns = ["A", "D"]

[types]
D = "date"

[dates]
zone = "America/Mexico_City"

[fields]
company = { constant = "C" }
settlement_id = { source = ["A"], extract = 'S-([0-9]+)' }
settled_on = { source = ["D"] }
items = { constant = "1" }
gross_amount = { constant = "1.00" }
fee_amount = { constant = "0.00" }
net_amount = { constant = "1.00" }
currency = { constant = "MXN" }
sender_bank = { constant = "B" }
bank_tracking_key = { source = ["A"] }
"""


def test_a_layout_says_what_its_file_says() -> None:
    layout = parse("sound", SOUND)
    assert (layout.name, layout.columns, layout.delimited.delimiter) == ("sound", ("A", "D"), ",")
    assert layout.cases[-1].columns["company"].constant == "C"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('description = "A test"\n', "", "missing keys ['description']"),
        ('description = "A test"', 'description = "A test"\ncolour = "red"', "unknown keys ['colour']"),
        ('description = "A test"', "description = 1", "description: expected str, found int"),
        ('["A", "D"]', '"A"', "columns: expected tuple"),
        ("[types]", "[delimited]\ndelimter = ';'\n[types]", "unknown keys ['delimter']"),
        ('kind = "settlements"', 'kind = "receipts"', "unknown kind"),
        ('"delimited"', '"telepathy"', "unknown mechanics"),
        ('D = "date"', 'D = "day"', "unknown type day"),
        ("[types]", "[controls]\ndistinct_keys = true\n[types]", "distinct_keys is for bank_transfers only"),
        ('D = "date"', 'E = "date"', "no source column E"),
        ('source = ["D"]', 'source = ["E"]', "settled_on: no source column E"),
        ('constant = "C"', 'constant = "C", source = ["A"]', "company: needs either constant or source"),
        ('company = { constant = "C" }', "company = {}", "company: needs either constant or source"),
        ('company = { constant = "C" }\n', "", "required column company is not filled"),
        ("company =", "firm =", "no canonical column firm"),
        ("S-([0-9]+)", "S-[0-9]+", "settlement_id: extract needs exactly one group"),
        ("S-([0-9]+)", "S-(", "settlement_id: extract is no pattern"),
        ("America/Mexico_City", "Mexico", "dates.zone is no time zone"),
        ('zone = "America/Mexico_City"', 'pattern = "DD/MM/YY"', "dates.pattern does not hold"),
        ("[types]", "[delimited]\nragged_rows = 'skip'\n[types]", "ragged_rows is neither"),
        ("[types]", "[[cases]]\nwhen = [{ column = 'Z', filled = true }]\n[types]", "no source column Z"),
        ("[types]", "[controls.totals]\nlabel_column='A'\nlabel='T'\ncount_column='A'\nsums=[]\n[types]", "workbook"),
        ("[types]", "[workbook]\ninputs = ['B']\n[types]", "no source column B"),
        ("[types]", "[workbook]\ninputs = ['A']\nseal = 'E'\n[types]", "no source column E"),
        ("[types]", "[workbook]\ninputs = ['A']\nseal = 'A'\n[types]", "workbook.seal is one of workbook.inputs"),
        ("[types]", "[camt]\nmessage = 'camt.052'\n[types]", "camt.message is none of camt.053, camt.054"),
        ("[types]", "[mt940]\nmessage = '950'\n[types]", "mt940.message is none of 940, 942"),
        ("[types]", "[bai2]\nencoding = 'utf-16'\n[types]", "bai2.encoding is none of utf-8"),
        ("[types]", "[delimited]\nencoding = 'utf-16'\n[types]", "delimited.encoding is none of utf-8, cp1252"),
        ("[types]", "[delimited]\ndelimiter = '||'\n[types]", "delimited.delimiter is not one character"),
        ("[types]", "[delimited]\ndelimiter = '\"'\n[types]", "delimited.delimiter is not one character"),
        (
            "[types]",
            "[controls.totals]\nlabel_column='Z'\nlabel='T'\ncount_column='A'\nsums=[]\n[types]",
            "no source column Z",
        ),
        ("[types]", "[limits]\nrows = 0\n[types]", "limits.rows is not positive"),
        ("[types]", "[limits]\nfile_bytes = -1\nrecord_bytes = 0\n[types]", "limits.file_bytes is not positive"),
        ("[types]", "[limits]\nrows = true\n[types]", "limits, rows: expected int, found bool"),
        ("kind =", "kind ==", "layout sound:"),
    ],
)
def test_a_layout_file_that_is_amiss_is_told_by_its_key(old: str, new: str, told: str) -> None:
    assert old in SOUND
    with pytest.raises(LayoutError, match=r"^layout sound") as error:
        parse("sound", SOUND.replace(old, new, 1))
    assert told in str(error.value)


def test_a_local_time_needs_a_zone() -> None:
    text = SOUND.replace('zone = "America/Mexico_City"', "").replace(
        'settled_on = { source = ["D"] }', 'settled_on = { source = ["A"], date = "D" }'
    )
    with pytest.raises(LayoutError, match=r"a local time needs dates\.zone"):
        parse("sound", text)


def test_a_canonical_layout_of_an_unknown_kind_is_told() -> None:
    with pytest.raises(LayoutError, match="kind is not one of registrants"):
        parse("x", 'kind = "x"\ncanonical = true\n')


def test_no_name_pattern_stands_in_two_layouts() -> None:
    patterns = [pattern for layout in layouts() for pattern in layout.patterns]
    assert len(patterns) == len(set(patterns)) >= 9
    for layout in layouts():
        for pattern in layout.patterns:
            assert layout_for(pattern.replace("*", "2026-10")) is layout
