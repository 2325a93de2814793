from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.readers import naming, read_file
from pipelines.readers import reading as reading_module
from pipelines.readers.layout import Effective, Layout, LayoutError
from pipelines.readers.layout_files import layout_for, layouts, parse
from pipelines.readers.refusal import Refused
from tests.unit.readers.test_layout_files import SOUND

FORMATS: Final = Path(__file__).parents[3] / "fixtures" / "formats"
BASE: Final = parse("sound", SOUND)
IN_NAME: Final = r"_([0-9-]+)\.txt$"
OLD: Final = replace(BASE, name="old", effective=Effective(until=date(2026, 9, 30), name=IN_NAME))
NEW: Final = replace(BASE, name="new", effective=Effective(since=date(2026, 10, 1), name=IN_NAME))


def chosen(file_name: str, *known: Layout) -> str:
    found = naming.choose(file_name, known or (OLD, NEW))
    return found.name if found else ""


def refused(file_name: str, *known: Layout) -> str:
    with pytest.raises(Refused) as error:
        naming.choose(file_name, known)
    return error.value.message(file_name)


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("sound_2026-09-30.txt", "old"),
        ("sound_20260930.txt", "old"),
        ("sound_2026-09.txt", "old"),
        ("sound_2026-10-01.txt", "new"),
        ("sound_20261001.txt", "new"),
        ("sound_2026-10.txt", "new"),
        ("other_2026-10.txt", ""),
    ],
)
def test_of_two_layouts_of_one_name_the_date_in_it_chooses(file_name: str, name: str) -> None:
    assert chosen(file_name) == name


def test_a_date_that_no_layout_covers_is_refused_with_the_days_that_are_covered() -> None:
    early = replace(OLD, effective=Effective(date(2026, 1, 1), date(2026, 6, 30), IN_NAME))
    assert refused("sound_2026-08-15.txt", early, NEW) == (
        "sound_2026-08-15.txt: found a name with a date on which no layout holds; "
        "expected a date within old (from 2026-01-01 until 2026-06-30) or new (from 2026-10-01); "
        "correct the date in the name, or declare the layout of that time"
    )


def test_a_month_in_which_the_layout_changes_names_no_day_and_is_refused() -> None:
    until, since = (replace(OLD, effective=Effective(None, date(2026, 10, 14), IN_NAME)), "2026-10-15")
    after = replace(NEW, effective=Effective(date.fromisoformat(since), None, IN_NAME))
    assert "no layout holds" in refused("sound_2026-10.txt", until, after)
    assert chosen("sound_2026-10-14.txt", until, after) == "old"


@pytest.mark.parametrize("file_name", ["sound_1.txt", "sound_2026-13-01.txt", "sound_2026-02-30.txt", "sound_x.txt"])
def test_a_name_without_a_date_is_refused_where_the_layouts_need_one(file_name: str) -> None:
    assert refused(file_name, OLD, NEW).startswith(
        f"{file_name}: found a name without the date that tells which layout holds; expected a date YYYY-MM-DD,"
    )


def test_the_receipt_of_such_a_file_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "layout_for", lambda name: naming.choose(name, (NEW,)))
    found = read_file("sound_2026-01-01.txt", b"")
    assert found.refusal.startswith("sound_2026-01-01.txt: found a name with a date on which no layout holds")
    assert (found.layout, found.rows) == ("", None)


def test_one_name_may_be_of_two_layouts_only_on_other_days() -> None:
    naming.check((OLD, NEW))
    with pytest.raises(LayoutError, match=r"layouts old and new: one name may have both patterns, sound_\*\.txt"):
        naming.check((OLD, replace(NEW, effective=Effective(date(2026, 9, 30), None, IN_NAME))))
    with pytest.raises(LayoutError, match="change a pattern"):
        naming.check((OLD, replace(NEW, effective=Effective())))


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("a_*.txt", "a_*.txt", True),
        ("a_*.txt", "a_*.csv", False),
        ("a_*.txt", "*_b.txt", True),
        ("a_*.txt", "b_*.txt", False),
        ("a_?.txt", "a_10.txt", False),
        ("a_?.txt", "a_1.txt", True),
        ("a*", "a", True),
        ("*", "?", True),
        ("a", "", False),
    ],
)
def test_patterns_meet_where_one_name_has_both(one: str, other: str, meet: bool) -> None:
    first, second = (replace(BASE, name=name, patterns=(pattern,)) for name, pattern in (("1", one), ("2", other)))
    if meet:
        with pytest.raises(LayoutError):
            naming.check((first, second))
    else:
        naming.check((first, second))


@settings(max_examples=80, deadline=None)
@given(st.text("ab*?", max_size=4), st.text("ab*?", max_size=4))
def test_patterns_meet_exactly_where_a_name_of_a_few_letters_shows_it(one: str, other: str) -> None:
    names = ["".join(letters) for size in range(9) for letters in itertools.product("ab", repeat=size)]
    shown = any(fnmatchcase(name, one) and fnmatchcase(name, other) for name in names)
    pair = [replace(BASE, name=pattern, patterns=(pattern,)) for pattern in (one, other)]
    try:
        naming.check(pair)
    except LayoutError:
        assert shown
    else:
        assert not shown


@pytest.mark.parametrize(
    "path", sorted(path for part in ("valid", "malformed") for path in FORMATS.glob(f"*/{part}/*")), ids=str
)
def test_every_file_of_the_fixtures_has_the_name_of_its_own_layout_only(path: Path) -> None:
    assert [layout.name for layout in layouts() if layout.has_name(path.name)] == [path.parts[-3]]
    chosen_layout = layout_for(path.name)
    assert chosen_layout is not None
    assert chosen_layout.name == path.parts[-3]


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("from = 2026-10-01", "effective needs name"),
        ("name = '([0-9]+)'", "effective needs from, until or both"),
        ("from = 2026-10-01\nname = '[0-9]+'", "effective.name is no pattern with exactly one group"),
        ("from = 2026-10-01\nname = '('", "effective.name is no pattern"),
        ("from = 2026-10-01\nuntil = 2026-09-30\nname = '([0-9]+)'", "effective.from is after effective.until"),
        ("from = '2026-10-01'\nname = '([0-9]+)'", "effective, from: expected date, found str"),
        ("since = 2026-10-01\nname = '([0-9]+)'", "unknown keys ['since']"),
    ],
)
def test_what_a_layout_says_amiss_of_its_days_is_told(section: str, told: str) -> None:
    with pytest.raises(LayoutError) as error:
        parse("sound", f"{SOUND}\n[effective]\n{section}\n")
    assert told in str(error.value)


def test_the_days_of_a_layout_are_dates_of_its_file() -> None:
    text = f"{SOUND}\n[effective]\nfrom = 2026-10-01\nuntil = 2026-12-31\nname = '([0-9]+)'\n"
    assert parse("sound", text).effective == Effective(date(2026, 10, 1), date(2026, 12, 31), "([0-9]+)")


@pytest.mark.parametrize(
    ("patterns", "told"), [("[]", "patterns is empty"), ('["a_[0-9].txt"]', "patterns: a_[0-9].txt has [ or ]")]
)
def test_patterns_are_there_and_of_letters_stars_and_question_marks(patterns: str, told: str) -> None:
    with pytest.raises(LayoutError) as error:
        parse("sound", SOUND.replace('["sound_*.txt"]', patterns))
    assert told in str(error.value)
