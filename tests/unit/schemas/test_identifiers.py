from __future__ import annotations

from collections.abc import Callable
from typing import Any

import clabe as clabe_oracle
import numpy as np
import pandas as pd
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.mx import curp as curp_oracle

from schemas.identifiers import capture_line, clabe, curp, nss

DIGITS = "0123456789"


def one(check: Callable[[Any], Any], text: str) -> bool:
    return bool(check(pd.Series([text], dtype="str"))[0])


def curp_digit(body: str) -> str:
    """The oracle writes Ñ as &."""
    return str(curp_oracle.calc_check_digit(body.replace("Ñ", "&")))


@pytest.mark.parametrize("number", ["92919084431", "12345678903", "48979152914"])
def test_published_nss_are_valid(number: str) -> None:
    assert one(nss.is_valid, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345678904",
        "1234567890",
        "123456789030",
        "1234567890a",
        " 2345678903",
        "1234567890３",
        "12345678903\n",
        "-2345678903",
    ],
)
def test_what_is_not_eleven_digits_with_a_right_check_digit_is_no_nss(text: str) -> None:
    assert not one(nss.is_valid, text)


@given(st.text(DIGITS, min_size=10, max_size=10))
def test_an_nss_is_valid_with_exactly_the_check_digit_of_luhn(body: str) -> None:
    valid = nss.is_valid(pd.Series([body + digit for digit in DIGITS]))
    assert valid.tolist() == [luhn.is_valid(body + digit) for digit in DIGITS]
    assert valid.sum() == 1


def test_ten_digits_lack_one_and_nothing_else_does() -> None:
    texts = pd.Series(["1234567890", "12345678903", "123456789", "123456789a", ""])
    assert nss.lacks_one_digit(texts).tolist() == [True, False, False, False, False]


@pytest.mark.parametrize(
    "code", ["BOXW310820HNERXN09", "BAUM690216HMSLRG18", "HEGG560427MVZRRL04", "TATV730615HDFPCC01"]
)
def test_published_curps_are_valid_wherever_born(code: str) -> None:
    assert one(curp.is_valid, code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BOXW310820HNERXN08",
        "boxw310820hnerxn09",
        "BOXW310820HNERXN0",
        "BOXW310820HNERXN090",
        "BOXW310820HNERXN0\x01",
        "ВOXW310820HNERXN09",
        "\x01" * 18,
        "BOXW310820HNERXN0A",
    ],
)
def test_what_lacks_a_letter_or_the_check_digit_is_no_curp(text: str) -> None:
    assert not one(curp.is_valid, text)


@given(st.text("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ", min_size=17, max_size=17))
def test_a_curp_is_valid_with_exactly_the_check_digit_of_the_oracle(body: str) -> None:
    valid = curp.is_valid(pd.Series([body + digit for digit in DIGITS]))
    assert [digit for digit, right in zip(DIGITS, valid, strict=True) if right] == [curp_digit(body)]


def test_an_enye_in_one_curp_does_not_disturb_the_others() -> None:
    body = "ÑUPE900215HJCXRD0"
    texts = pd.Series([body + curp_digit(body), "BOXW310820HNERXN09", "\x01UPE900215HJCXRD00"])
    assert curp.is_valid(texts).tolist() == [True, True, False]


@pytest.mark.parametrize("account", ["002010077777777771", "012180004643051249", "032180000118359719"])
def test_clabes_are_valid_even_of_a_bank_that_is_gone(account: str) -> None:
    assert one(clabe.is_valid, account)


@pytest.mark.parametrize("text", ["", "072180000101234567", "12180004643051249", "01218000464305124９", "1.23457E+17"])
def test_what_lacks_a_digit_or_the_check_digit_is_no_clabe(text: str) -> None:
    assert not one(clabe.is_valid, text)


@given(st.text(DIGITS, min_size=17, max_size=17))
def test_a_clabe_is_valid_with_exactly_the_check_digit_of_the_oracle(body: str) -> None:
    valid = clabe.is_valid(pd.Series([body + digit for digit in DIGITS]))
    right = [digit for digit, held in zip(DIGITS, valid, strict=True) if held]
    assert right == [str(clabe_oracle.compute_control_digit(body))]


@given(st.lists(st.text(max_size=40), max_size=20))
def test_normalising_keeps_exactly_the_capital_letters_and_digits(texts: list[str]) -> None:
    expected = ["".join(c for c in text.translate(UPPER) if c in KEPT) for text in texts]
    assert capture_line.normalise(pd.Series(texts, dtype="str")).tolist() == expected


UPPER = {ord(letter): letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"}
KEPT = set(DIGITS) | set(UPPER.values())


def test_normalising_keeps_index_and_name() -> None:
    normalised = capture_line.normalise(pd.Series(["a-1", "ß2"], index=[7, 9], name="line"))
    expected = pd.Series(["A1", "2"], index=[7, 9], name="line", dtype="str")
    pd.testing.assert_series_equal(normalised, expected)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("1234567", False),
        ("12345678", True),
        ("a" * 60, True),
        ("A" * 61, False),
        ("----------", False),
        ("1234-567ñ", False),
    ],
)
def test_a_capture_line_has_eight_to_sixty_characters_once_normalised(text: str, valid: bool) -> None:
    assert one(capture_line.is_valid, text) is valid


@pytest.mark.parametrize(
    "check", [nss.is_valid, nss.lacks_one_digit, curp.is_valid, clabe.is_valid, capture_line.is_valid]
)
def test_every_check_takes_any_form_of_column_even_an_empty_one(check: Callable[[Any], Any]) -> None:
    texts = ["12345678903", "x", "BOXW310820HNERXN09", ""]
    forms = [
        pd.Series(texts, dtype="str"),
        pyarrow.array(texts),
        pyarrow.chunked_array([texts[:1], texts[1:]], pyarrow.string()),
        pyarrow.array(["before", *texts, "after"], pyarrow.large_string())[1:5],
    ]
    answers = [check(form).tolist() for form in forms]
    assert answers[1:] == answers[:-1]
    for empty in (pd.Series([], dtype="str"), pyarrow.chunked_array([], pyarrow.string())):
        assert np.array_equal(check(empty), np.zeros(0, bool))
