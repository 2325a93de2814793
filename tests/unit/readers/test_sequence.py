from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from pipelines.readers import first_numbers, read_file, sequence
from pipelines.readers import reading as reading_module
from pipelines.readers.layout import LayoutError, Sequence
from pipelines.readers.layout_files import parse
from pipelines.readers.refusal import Refused
from tests.unit.readers.test_fixed_width import FILE, SOUND, content
from tests.unit.readers.test_layout_files import SOUND as DELIMITED

BASE: Final = parse("short", SOUND)
BY_NAME: Final = Sequence(name=r"_(?P<series>[0-9]{4})_(?P<number>[0-9]+)\.txt$")


def place(file_name: str, said: Sequence | None, raw_number: int | None = None) -> tuple[str, int]:
    return sequence.place_of(file_name, raw_number, replace(BASE, sequence=said))


def refused(file_name: str, said: Sequence, raw_number: int | None = None) -> str:
    with pytest.raises(Refused) as error:
        place(file_name, said, raw_number)
    return error.value.message(file_name)


def test_a_file_of_a_layout_without_a_sequence_has_no_place() -> None:
    assert place("short_2026_7.txt", None) == ("", 0)


def test_the_name_says_series_and_number() -> None:
    assert place("short_2026_007.txt", BY_NAME) == ("short 2026", 7)


def test_the_file_says_the_number_and_the_layout_is_the_series() -> None:
    assert place("short_1.txt", Sequence(header="Day"), 12) == ("short", 12)


def test_the_name_may_say_the_series_of_a_number_in_the_file() -> None:
    assert place("short_2026.txt", Sequence(name="_(?P<series>[0-9]{4})", header="Day"), 3) == ("short 2026", 3)


def test_name_and_file_say_one_number() -> None:
    both = replace(BY_NAME, header="Day")
    assert place("short_2026_7.txt", both, 7) == ("short 2026", 7)
    assert refused("short_2026_7.txt", both, 8) == (
        "short_2026_7.txt, column Day: found number 7 in the name and 8 in the file; expected one number in both; "
        "ask the sender for the file as it numbers such files"
    )


@pytest.mark.parametrize("file_name", ["short_2026.txt", "short_2026_x.txt", "short_2026_٣.txt"])
def test_a_name_without_its_place_is_refused(file_name: str) -> None:
    loose = replace(BY_NAME, name=r"_(?P<series>[0-9]{4})(?:_(?P<number>\d+))?\.txt$")
    for said in (BY_NAME, loose):
        assert "found a name that does not say the file's place in its sequence" in refused(file_name, said)


def test_a_file_without_its_number_is_refused() -> None:
    assert "column Day: found no number of the file in its sequence; expected in field Day of the header" in refused(
        "short_1.txt", Sequence(header="Day")
    )


def test_a_number_beyond_any_sequence_is_refused() -> None:
    assert "beyond any sequence" in refused(f"short_2026_{2**63}.txt", BY_NAME)


def test_the_header_of_records_of_fixed_width_says_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = parse("short", SOUND.replace("[fixed_width]", '[sequence]\nheader = "Day"\n\n[fixed_width]', 1))
    monkeypatch.setattr(reading_module, "layout_for", lambda _: layout)
    found = read_file("short_1.txt", content(*FILE))
    assert (found.refusal, found.series, found.number) == ("", "short", 20261015)
    blank = read_file("short_1.txt", content("HP              ", *FILE[1:]))
    assert blank.refusal.startswith("short_1.txt, line 1, column Day: found no number of the file; expected a whole")


def test_first_numbers_are_of_layouts_and_of_the_series_that_begin_elsewhere() -> None:
    layout = replace(BASE, sequence=replace(BY_NAME, first=0, begins={"2026": 57}))
    assert sequence.first_numbers([layout, replace(BASE, name="other")]) == {"short": 0, "short 2026": 57}
    assert first_numbers()["giros_pacifico"] == 1


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("first = 1", "sequence needs a group number in name, or header"),
        ("name = '_(?P<series>[0-9]+)'", "sequence needs a group number in name, or header"),
        ("name = '_([0-9]+)'", "sequence.name is no pattern with the groups number, series or both and no other"),
        ("name = '('\nheader = 'Day'", "sequence.name is no pattern"),
        ("name = '(?P<number>1)(?P<year>2)'", "sequence.name is no pattern"),
        ("header = 'Batch'", "sequence.header is no field of the header record of fixed_width"),
        ("header = 'Day'\nfirst = -1", "sequence.first and sequence.begins are 0 or more"),
        ("header = 'Day'\nbegins = { \"2026\" = 5 }", "sequence.begins needs a group series in sequence.name"),
    ],
)
def test_what_a_layout_says_amiss_of_its_sequence_is_told(section: str, told: str) -> None:
    with pytest.raises(LayoutError) as error:
        parse("short", SOUND.replace("[fixed_width]", f"[sequence]\n{section}\n\n[fixed_width]", 1))
    assert told in str(error.value)


def test_a_file_of_other_mechanics_has_no_header_record() -> None:
    with pytest.raises(LayoutError, match=r"sequence\.header is no field of the header record"):
        parse("sound", f"{DELIMITED}\n[sequence]\nheader = 'A'\n")
