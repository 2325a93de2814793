from __future__ import annotations

import csv
import io
import re

import numpy as np
import pandas as pd
import pytest
from stdnum import luhn
from stdnum.mx import curp

from pipelines.sample import identifiers, lines, moments, people, text, writing


def test_published_nss_gets_its_published_check_digit() -> None:
    assert list(text.from_codes(identifiers.with_luhn_digit(np.array([9291908443, 1234567890, 4897915291])))) == [
        "92919084431",
        "12345678903",
        "48979152914",
    ]


def test_published_curp_gets_its_published_check_digit() -> None:
    body = np.frombuffer(b"BOXW310820HNERXN0BAUM690216HMSLRG1HEGG560427MVZRRL0", dtype=np.uint8).reshape(3, 17)
    published = ["BOXW310820HNERXN09", "BAUM690216HMSLRG18", "HEGG560427MVZRRL04"]
    assert list(text.from_codes(identifiers.with_curp_digit(body))) == published


def test_published_clabe_gets_its_published_check_digit() -> None:
    clabes = text.from_codes(identifiers.with_clabe_digit(np.array([201_007_777_777_777, 3_218_000_011_835_971])))
    assert list(clabes) == ["002010077777777771", "032180000118359719"]


@pytest.fixture(scope="module")
def crowd() -> pd.DataFrame:
    return people.populate(np.random.default_rng(3), 3_000)


def test_every_nss_has_a_right_check_digit_and_is_borne_once(crowd: pd.DataFrame) -> None:
    assert all(luhn.is_valid(nss) and len(nss) == 11 for nss in crowd["nss"])
    assert crowd["nss"].is_unique
    assert crowd["nss"].str.startswith("0").any()


def test_every_curp_is_valid_and_some_people_were_born_abroad(crowd: pd.DataFrame) -> None:
    of_sex_x = crowd["curp"].str.slice(10, 11) == "X"  # the oracle knows H and M only
    assert [code for code in crowd["curp"][~of_sex_x] if not curp.is_valid(code)] == []
    assert of_sex_x.any()
    assert all(curp.calc_check_digit(code[:17]) == code[17] for code in crowd["curp"])
    assert (crowd["curp"].str.slice(11, 13) == "NE").any()


def test_a_curp_is_borne_twice_only_by_the_pairs_that_share_one(crowd: pd.DataFrame) -> None:
    shared = crowd[crowd["curp"].duplicated(keep=False)]
    assert len(shared) > 0
    assert set(shared["standing"]) == {people.Standing.SHARED_CURP}
    assert (shared.groupby("curp").size() == 2).all()


def test_names_keep_their_letters(crowd: pd.DataFrame) -> None:
    assert crowd["full_name"].str.contains("Ñ").any()
    assert crowd["full_name"].str.contains("[ÁÉÍÓÚ]").any()


def test_a_line_is_the_same_in_every_spelling() -> None:
    line = lines.codes(np.random.default_rng(1), np.arange(400), np.full(400, 681))
    written = lines.spelled(line, np.arange(400) % lines.STYLES)
    assert list(written.str.upper().str.replace(re.compile("[^A-Z0-9]"), "", regex=True)) == list(line)
    assert (written != line).sum() == 300
    assert line.is_unique
    assert set(line.str.len()) == {20}


@pytest.mark.parametrize(
    ("offset", "written"),
    [
        (0, "2026-10-16T05:59:59.999999Z"),
        (-6, "2026-10-15T23:59:59.999999-06:00"),
        (-8, "2026-10-15T21:59:59.999999-08:00"),
    ],
)
def test_the_last_instant_of_the_cut_off_is_written_as_its_source_sees_it(offset: int, written: str) -> None:
    local = np.array([moments.day_start(12 * 56 + 9, 16) - 1])
    assert list(text.instant_text(moments.to_utc(local), np.array([offset]))) == [written]


def test_a_summer_before_2022_is_five_hours_behind() -> None:
    local = np.array([moments.day_start(12 * 52 + 5, 15)])
    assert list(text.instant_text(moments.to_utc(local), np.array([0]))) == ["2022-06-15T05:00:00Z"]


@pytest.mark.parametrize("days", [(1, 14), (16, 27), (13, 16)])
def test_ordinary_moments_have_one_date_wherever_they_are_written(days: tuple[int, int]) -> None:
    local = moments.between(np.random.default_rng(5), 681, days, 5_000)
    cutoff = np.datetime64("2026-10-15", "D").astype(np.int64)
    sides = [text.day_of(moments.to_utc(local) + hours * text.HOUR) > cutoff for hours in (0, -6, -7, -8)]
    sides += [moments.operating_day(local) > cutoff]
    civil = text.day_of(local) > cutoff
    assert all((side == civil).all() for side in sides)


def test_written_cells_read_back_as_they_were() -> None:
    cells = pd.DataFrame({"a": ["x", 'dice "no"', "a,b", ""], "b": ["Ñ", "", "1.50", "dos\nlíneas"]}, dtype="str")
    written = writing.Lines(cells)
    read = list(csv.reader(io.StringIO((written.header + written.body(0, 4)).decode("utf-8")), strict=True))
    assert read == [["a", "b"], ["x", "Ñ"], ['dice "no"', ""], ["a,b", "1.50"], ["", "dos\nlíneas"]]
    assert written.body(2, 3) == b'"a,b",1.50\n'


def test_a_missing_cell_is_never_written() -> None:
    with pytest.raises(ValueError, match="missing"):
        writing.Lines(pd.DataFrame({"a": ["x", None]}, dtype="str"))
