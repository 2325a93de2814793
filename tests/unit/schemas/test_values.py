from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import values

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def column(*texts: str) -> pd.Series[str]:
    return pd.Series(list(texts), dtype="str")


@given(st.lists(st.integers(0, 10**12 - 1), max_size=20))
def test_amounts_are_the_centavos_they_write(centavos: list[int]) -> None:
    parsed = values.parse_amounts(
        column(*(str(Decimal(number).scaleb(-2)) if number else "0.00" for number in centavos))
    )
    assert parsed.valid.all()
    assert parsed.meant.tolist() == centavos


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.",
        ".50",
        "1.5",
        "1.505",
        "1,00",
        "1,000.00",
        "-1.00",
        "+1.00",
        " 1.00",
        "1.00 ",
        "1.00\n",
        "1E2",
        "1e3.00",
        "NaN",
        "Infinity",
        "1_0.00",
        "$1.00",
        "١.٠٠",
        "１.００",
        "12345678901.00",
        "0x1.00",
        "1..00",
        "1.0.00",
    ],
)
def test_what_is_not_digits_a_point_and_two_places_is_no_amount(text: str) -> None:
    assert not values.parse_amounts(column(text, "1.00")).valid[0]


@given(st.lists(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)), max_size=20))
def test_dates_are_the_days_they_write(dates: list[dt.date]) -> None:
    parsed = values.parse_dates(column(*(date.isoformat() for date in dates)))
    assert parsed.valid.all()
    assert parsed.meant.tolist() == [(date - EPOCH.date()).days for date in dates]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-29",
        "2026-04-31",
        "2026-00-10",
        "2026-13-01",
        "2026-1-01",
        "2026-10-00",
        "20261001",
        "01-10-2026",
        "01/10/2026",
        "2026-10-01 ",
        "2026-10-01T00",
        "٢٠٢٦-10-01",
        "1899-12-31",
        "0000-01-01",
        "2026/10/01",
        "46000",
    ],
)
def test_a_date_that_does_not_exist_or_is_written_otherwise_is_none(text: str) -> None:
    assert not values.parse_dates(column(text, "2024-02-29")).valid[0]


instants = st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(2198, 12, 31))  # noqa: DTZ001 - the offset is drawn apart
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59)


@given(
    st.lists(st.tuples(instants, offsets, st.sampled_from(["seconds", "milliseconds", "microseconds"])), max_size=20)
)
def test_instants_are_the_moment_and_the_date_they_write(drawn: list[tuple[dt.datetime, int, str]]) -> None:
    zoned = [
        (moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes))), places) for moment, minutes, places in drawn
    ]
    texts = [moment.isoformat(timespec=places) for moment, places in zoned]
    parsed = values.parse_instants(column(*texts))
    meant = [dt.datetime.fromisoformat(text) for text in texts]
    assert parsed.valid.all()
    assert parsed.micros.tolist() == [(moment - EPOCH) // dt.timedelta(microseconds=1) for moment in meant]
    assert parsed.written_on.tolist() == [(moment.date() - EPOCH.date()).days for moment in meant]


def test_z_is_the_offset_of_utc_with_and_without_a_fraction() -> None:
    parsed = values.parse_instants(
        column("1970-01-01T00:00:01Z", "1970-01-01T00:00:01.5Z", "1970-01-01T00:00:01+00:00")
    )
    assert parsed.micros.tolist() == [1_000_000, 1_500_000, 1_000_000]
    assert parsed.valid.all()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Z",
        "2026-10-15",
        "2026-10-15T10:00:00",
        "2026-10-15 10:00:00Z",
        "2026-10-15T10:00Z",
        "2026-10-15T24:00:00Z",
        "2026-10-15T10:60:00Z",
        "2026-10-15T10:00:60Z",
        "2026-10-15T10:00:00.Z",
        "2026-10-15T10:00:00.1234567Z",
        "2026-10-15T10:00:00z",
        "2026-10-15t10:00:00Z",
        "2026-10-15T10:00:00+0600",
        "2026-10-15T10:00:00+06",
        "2026-10-15T10:00:00+24:00",
        "2026-10-15T10:00:00+06:60",
        "2026-10-15T10:00:00,5Z",
        "2026-10-15T10:00:00ZZ",
        "2026-02-29T10:00:00Z",
        "2199-12-31T23:00:00-06:00",
        "2026-10-15T10:00:00\u221206:00",
        "2026-10-15T10:00:00.5x-06:00",
    ],
)
def test_an_instant_without_zone_or_written_otherwise_is_none(text: str) -> None:
    assert not values.parse_instants(column(text, "2026-10-15T10:00:00Z")).valid[0]


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("2026-10", True),
        ("2026-12", True),
        ("2026-00", False),
        ("2026-13", False),
        ("2026-1", False),
        ("", False),
        ("2026/10", False),
    ],
)
def test_a_month_is_a_year_and_one_of_twelve(text: str, valid: bool) -> None:
    assert bool(values.parse_months(column(text)).valid[0]) is valid


def test_a_month_is_counted_from_1970() -> None:
    assert values.parse_months(column("1970-01", "1971-02")).meant.tolist() == [0, 13]


def test_counts_are_whole_numbers_of_at_most_nine_digits() -> None:
    parsed = values.parse_counts(column("0", "12", "999999999", "1000000000", "-1", "1.0", "", "٣"))
    assert parsed.valid.tolist() == [True, True, True, False, False, False, False, False]
    assert parsed.meant[:3].tolist() == [0, 12, 999_999_999]


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("18", True),
        ("18.5", True),
        ("0.00000001", True),
        ("18.123456789", False),
        ("0.0", False),
        ("-1", False),
        ("1e2", False),
        ("18.", False),
        (".5", False),
        ("18\n", False),
    ],
)
def test_a_rate_is_more_than_zero_with_at_most_eight_places(text: str, valid: bool) -> None:
    assert bool(values.is_rate(column(text))[0]) is valid


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("", True),
        (" ", True),
        ("\u00a0\t", True),
        ("a", False),
        (" a", False),
        ("ñ", False),
        ("\u3000", True),
        ("\x00", False),
    ],
)
def test_blank_is_what_shows_nothing_but_white_space(text: str, blank: bool) -> None:
    assert bool(values.is_blank(column(text))[0]) is blank


@pytest.mark.parametrize(
    ("text", "in_text", "in_key"),
    [
        ("ABC", False, False),
        ("Ñandú", False, False),
        ("two\r\nlines\tand a tab", False, True),
        ("\x00", True, True),
        ("\x1b[0m", True, True),
        ("\x7f", True, True),
        ("\x85", True, True),
        ("\u200b", False, True),
        ("\u202e", False, True),
        ("\ufeff", False, True),
        ("\u2028", False, True),
    ],
)
def test_text_may_hold_line_ends_and_keys_nothing_that_is_not_seen(text: str, in_text: bool, in_key: bool) -> None:
    found = (values.has_control_characters(column(text))[0], values.has_unseen_characters(column(text))[0])
    assert found == (in_text, in_key)


def large(texts: list[str]) -> pyarrow.LargeStringArray:
    return pyarrow.array(texts, pyarrow.large_string())


near_amounts = st.text("0123456789.", min_size=1, max_size=14) | st.from_regex(r"[0-9]{1,11}\.[0-9]{2}", fullmatch=True)
near_dates = st.dates(dt.date(1899, 12, 1), dt.date(2200, 1, 31)).map(dt.date.isoformat) | st.from_regex(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9]", fullmatch=True
)
near_instants = st.builds(
    "".join,
    st.tuples(
        near_dates,
        st.sampled_from(["T", " ", "t", "T "]),
        st.from_regex(r"[0-2][0-9]:[0-6][0-9]:[0-6][0-9]", fullmatch=True),
        st.sampled_from(["", ".", ".5", ".000001", ".1234567", ",5", ".x"]),
        st.sampled_from(["Z", "z", "-06:00", "+14:00", "+23:59", "+24:00", "-6:00", "+0600", "−06:00", ""]),
    ),
)
strange = st.sampled_from(
    ["", " ", "x", "1.00", "2026-10-15", "2026-10-15T10:00:00Z", "１.００", "2199-12-31T23:59:59-23:59"]
)


near_months = near_dates.map(lambda text: text[:7])
near_rates = st.text("0123.", min_size=1, max_size=11) | st.from_regex(
    r"[0-9]{1,11}(\.[0-9]{1,9})?", fullmatch=True
).filter(str.isascii)


def amount_of(text: str) -> int | None:
    return int(text.replace(".", "")) if re.fullmatch(r"[0-9]{1,10}\.[0-9]{2}", text) else None


def day_of(text: str) -> int | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) or text < "1900":
        return None
    try:
        return (dt.date.fromisoformat(text) - EPOCH.date()).days
    except ValueError:
        return None


def month_of(text: str) -> int | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text) or text < "1900" or not "01" <= text[5:] <= "12":
        return None
    return (int(text[:4]) - 1970) * 12 + int(text[5:]) - 1


def instant_of(text: str) -> tuple[int, int] | None:
    offset = r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
    day, clock = day_of(text[:10]), r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    if day is None or text[:10] > "2199-12-30" or not re.fullmatch(clock + offset, text[10:]):
        return None
    return (dt.datetime.fromisoformat(text) - EPOCH) // dt.timedelta(microseconds=1), day


def rate_of(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,8})?", text) and Decimal(text) > 0)


@pytest.mark.parametrize(
    ("near", "parse", "meant"),
    [
        (near_amounts, values.parse_amounts, amount_of),
        (near_dates, values.parse_dates, day_of),
        (near_months, values.parse_months, month_of),
        (near_instants, values.parse_instants, instant_of),
    ],
)
@given(data=st.data())
@settings(deadline=None)
def test_a_column_means_what_each_of_its_texts_means_alone(
    near: st.SearchStrategy[str], parse: Any, meant: Callable[[str], Any], data: st.DataObject
) -> None:
    texts = data.draw(some_of(near))
    parsed = parse(large(texts))
    expected = [meant(text) for text in texts]
    assert parsed.valid.tolist() == [each is not None for each in expected]
    found = list(zip(*(part.tolist() for part in parsed[:-1]), strict=True))
    assert [each if len(each) > 1 else each[0] for each, valid in zip(found, parsed.valid, strict=True) if valid] == [
        each for each in expected if each is not None
    ]


@given(data=st.data())
def test_a_rate_is_one_whatever_stands_beside_it(data: st.DataObject) -> None:
    texts = data.draw(some_of(near_rates))
    assert values.is_rate(large(texts)).tolist() == [rate_of(text) for text in texts]


def some_of(near: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Columns of texts of one length, end to end, and of any lengths, with strange ones among them."""
    alike = st.builds(lambda text, times: [text] * times, near, st.integers(0, 4))
    return st.lists(near, max_size=4) | st.lists(near | strange, max_size=4) | alike


@pytest.mark.parametrize("spoilt", range(13))
@pytest.mark.parametrize("byte", ["\x00", "/", ":", "\x7f", "\x80", "ñ", "٣"])
def test_no_byte_of_an_amount_is_taken_for_a_digit_that_is_none(spoilt: int, byte: str) -> None:
    amount = "1234567890.55"
    found = values.parse_amounts(large([amount[:spoilt] + byte + amount[spoilt + 1 :], amount]))
    assert found.valid.tolist() == [False, True]


@given(st.text(st.characters(max_codepoint=0x2100, exclude_categories=["Cs"]), max_size=6))
def test_text_taken_for_plain_holds_nothing_unseen(text: str) -> None:
    data = np.frombuffer(text.encode(), np.uint8)
    unseen = [letter for letter in text if unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"}]
    beside = column(text, "\x00")
    assert not (values._is_plain(data) and unseen)
    assert bool(values.has_unseen_characters(column(text))[0]) is bool(unseen)
    # Beside a text that is not plain, and so looked at letter by letter.
    assert values.has_unseen_characters(beside)[0] == values.has_unseen_characters(column(text))[0]
    assert values.has_control_characters(beside)[0] == values.has_control_characters(column(text))[0]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", True),
        ("PAGO ~", True),
        ("Ñandú ÿ", True),
        ("\x7f", False),
        ("\x1f", False),
        ("\t", False),
        ("\u00a0", False),
    ],
)
def test_plain_text_is_printable_ascii_and_the_letters_of_latin_1(text: str, plain: bool) -> None:
    assert values._is_plain(np.frombuffer(text.encode(), np.uint8)) is plain
