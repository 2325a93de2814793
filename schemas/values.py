"""What a filled field may say: the grammar of every kind of value in a file, and what it means (CONTRACT §3).

Each ``parse_*`` takes a column of ``n`` texts and gives their meaning with ``valid`` (``n`` booleans); where it is
false the meaning is void. Digits are the ASCII digits 0 to 9 and nothing else; nothing is trimmed, guessed or rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.octets import Octets, TextColumn, as_array, at
from schemas.remembered import octets_of, remembered
from schemas.words import FIRST, LAST, WIDTH, byte, digit_values, fits, pairs, without_byte, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from schemas.words import Mask, Words

    Whole = NDArray[np.int64]

FIELD_BYTES: Final = 1024
AMOUNT_DIGITS: Final = 10
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

_LAST_WRITTEN: Final = 9999
_AMOUNT_WIDTH: Final = AMOUNT_DIGITS + 3
_DATE_WIDTH: Final = 10
_MONTH_WIDTH: Final = 7
_SECONDS_WIDTH: Final = 19
_OFFSET_WIDTH: Final = 6
_DAY: Final = 86_400_000_000
_MINUTE: Final = 60_000_000
_DELETE: Final = 0x7F
_PLAIN: Final = bytes([*range(0x20, 0x7F), *range(0x80, 0xC0), 0xC3])
_RATE: Final = r"^[0-9]{1,10}(\.[0-9]{1,8})?$"
_COUNT: Final = r"^[0-9]{1,9}$"
_CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}]"
_CONTROL_OR_UNSEEN: Final = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"
_OUTER: Final = np.uint64(0xFF)
_ZEROS: Final = np.uint64(int.from_bytes(b"0" * WIDTH, "little"))

_MONTHS: Final = np.arange((FIRST_YEAR - 1970) * 12, (_LAST_WRITTEN + 1 - 1970) * 12 + 1)
_STARTS: Final = _MONTHS.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
"""The day on which each month begins that a text can write."""
_LENGTHS: Final = np.diff(_STARTS)
_LAST_DAY: Final = int(np.datetime64(f"{LAST_YEAR}-12-31", "D").astype(np.int64))


class Numbers(NamedTuple):
    """Whole numbers (int64) and which of them the text really says."""

    meant: NDArray[np.int64]
    valid: NDArray[np.bool_]


class Instants(NamedTuple):
    """Microseconds since 1970 in UTC, the date as written in days since 1970, and which the text really says."""

    micros: NDArray[np.int64]
    written_on: NDArray[np.int64]
    valid: NDArray[np.bool_]


@remembered
def parse_amounts(column: TextColumn) -> Numbers:
    """Amounts with ``.`` and exactly two places, at most ten digits before it, as centavos."""
    texts = octets_of(column)
    valid = (texts.lengths > 3) & (texts.lengths <= _AMOUNT_WIDTH)  # noqa: PLR2004 - a point and two places
    if not valid.any():
        return Numbers(np.zeros(valid.size, np.int64), valid)
    values, fit = digit_values(_ending(texts, 0), "00000.00")
    two = pairs(values)
    meant = byte(values, 0) * 1_000_000 + byte(two, 1) * 10_000 + byte(two, 3) * 100 + byte(two, 6)
    valid &= fit
    long = np.flatnonzero(valid & (texts.lengths > WIDTH))
    if long.size:
        values = _ending(_some(texts, long), WIDTH) ^ _ZEROS
        two = pairs(values)
        meant[long] += (byte(values, 3) * 10_000 + byte(two, 4) * 100 + byte(two, 6)) * 10_000_000
        valid[long] = fits(values)
    return Numbers(meant, valid)


def _ending(texts: Octets, after: int) -> Words:
    """The eight characters that stand before the last ``after`` ones of each text; zeros where there are none."""
    count = (texts.lengths - after).clip(0, WIDTH)
    found = words(texts, -after - WIDTH)
    return found if (count == WIDTH).all() else (found & LAST[count]) | (_ZEROS & ~LAST[count])


def _some(texts: Octets, rows: Whole) -> Octets:
    return Octets(texts.data, texts.starts[rows], texts.lengths[rows])


@remembered
def parse_dates(column: TextColumn) -> Numbers:
    """Dates ``YYYY-MM-DD`` that exist, as days since 1970-01-01."""
    texts = octets_of(column)
    written = texts.lengths == _DATE_WIDTH
    if written.all():
        return _dates(texts)
    whole = Numbers(np.zeros(written.size, np.int64), written)
    rows = np.flatnonzero(written)
    whole.meant[rows], whole.valid[rows] = _dates(_some(texts, rows))
    return whole


def _dates(texts: Octets) -> Numbers:
    """Of texts of ten bytes."""
    day, fit = digit_values(words(texts, _DATE_WIDTH - WIDTH), "00-00-00")
    return _days(_months(words(texts, 0), "0000-00-"), byte(pairs(day), 6), fit)


def _months(found: Words, pattern: str) -> Numbers:
    """Months since January of the first year that words begin with; 0 where they are not valid."""
    values, fit = digit_values(found, pattern)
    two = pairs(values)
    month = byte(two, 5) - 1
    months = (byte(two, 0) * 100 + byte(two, 2) - FIRST_YEAR) * 12 + month
    fit &= (months >= 0) & (month >= 0) & (month < 12)  # noqa: PLR2004 - the months of a year
    return Numbers(months * fit, fit)


def _days(months: Numbers, day: Whole, fit: Mask) -> Numbers:
    """Days since 1970 of days of months."""
    lengths = _LENGTHS.take(months.meant)
    valid = months.valid & fit & (day >= 1) & (day <= lengths)
    return Numbers(_STARTS.take(months.meant) + day - 1, valid)


def parse_months(column: TextColumn) -> Numbers:
    """Months ``YYYY-MM``, as months since 1970-01."""
    texts = octets_of(column)
    months, valid = _months(words(texts, 0) & FIRST[_MONTH_WIDTH], "0000-00")
    return Numbers(months + _MONTHS[0], valid & (texts.lengths == _MONTH_WIDTH))


def parse_counts(column: TextColumn) -> Numbers:
    """Whole numbers of at most nine digits."""
    array = as_array(column)
    valid = pc.match_substring_regex(array, _COUNT)
    numbers = pc.if_else(valid, array, "0").cast("int64")
    return Numbers(numbers.to_numpy(zero_copy_only=False), valid.to_numpy(zero_copy_only=False))


@remembered
def parse_instants(column: TextColumn) -> Instants:
    """Instants ``YYYY-MM-DDThh:mm:ss[.ffffff]`` with ``Z`` or ``±hh:mm``."""
    texts = octets_of(column)
    clock, clock_fits = digit_values(words(texts, WIDTH), "00T00:00")
    second, second_fits = digit_values(words(texts, 2 * WIDTH), ":00")
    clock, second = pairs(clock), pairs(second)
    days = _days(_months(words(texts, 0), "0000-00-"), byte(clock, 0), clock_fits & second_fits)
    minutes, minutes_valid = _clock(byte(clock, 3), byte(clock, 6))
    seconds = byte(second, 1)
    ahead, zone_width, zone_valid = _offsets(texts)
    fraction, fraction_valid = _fractions(texts, texts.lengths - zone_width - _SECONDS_WIDTH)
    valid = days.valid & minutes_valid & (seconds < 60) & zone_valid & fraction_valid  # noqa: PLR2004 - the clock
    micros = days.meant * _DAY + (minutes - ahead) * _MINUTE + seconds * 1_000_000 + fraction
    # A day's room at the end of the calendar, so that no offset leads out of it.
    return Instants(micros, days.meant, valid & (days.meant < _LAST_DAY))


def _clock(hour: Whole, minute: Whole) -> Numbers:
    return Numbers(hour * 60 + minute, (hour < 24) & (minute < 60))  # noqa: PLR2004 - the clock


def _offsets(texts: Octets) -> tuple[Whole, Whole, Mask]:
    """Minutes ahead of UTC that each text ends with, how many characters say so, and whether they do."""
    ahead = np.zeros(texts.lengths.size, np.int64)
    if not texts.data.size:
        return ahead, ahead, np.zeros(ahead.size, np.bool_)
    valid = at(texts, -1) == ord("Z")
    width = np.where(valid, 1, _OFFSET_WIDTH)
    rows = np.flatnonzero(~valid)
    if rows.size:
        found = words(_some(texts, rows), -WIDTH) >> np.uint64(8 * (WIDTH - _OFFSET_WIDTH))
        sign = byte(found, 0)
        values, fit = digit_values(found >> np.uint64(8), "00:00")
        two = pairs(values)
        minutes, in_range = _clock(byte(two, 0), byte(two, 3))
        ahead[rows] = np.where(sign == ord("-"), -minutes, minutes)
        valid[rows] = fit & in_range & ((sign == ord("-")) | (sign == ord("+")))
    return ahead, width, valid


def _fractions(texts: Octets, width: Whole) -> Numbers:
    """Microseconds between the seconds and the offset: nothing, or a point and one to six digits."""
    micros, valid = np.zeros(width.size, np.int64), width == 0
    rows = np.flatnonzero((width >= 2) & (width <= 7))  # noqa: PLR2004 - a point, 1 to 6 digits
    if rows.size:
        some = _some(texts, rows)
        kept = FIRST[width[rows] - 1]
        values = (words(some, _SECONDS_WIDTH + 1) ^ _ZEROS) & kept
        two = pairs(values)
        micros[rows] = byte(two, 0) * 10_000 + byte(two, 2) * 100 + byte(two, 4)
        valid[rows] = fits(values) & (at(some, _SECONDS_WIDTH) == ord("."))
    return Numbers(micros, valid)


def is_rate(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text is a rate: more than zero, at most eight places after ``.``."""
    array, texts = as_array(column), octets_of(column)
    found = _is_short_rate(texts)
    rest = np.flatnonzero(~found & (texts.lengths > 0))
    if rest.size:
        others = array.take(pyarrow.array(rest))
        shaped = pc.and_(pc.match_substring_regex(others, _RATE), pc.match_substring_regex(others, "[1-9]"))
        found[rest] = _mask(shaped)
    return found


def _is_short_rate(texts: Octets) -> Mask:
    """Which texts of at most eight bytes are rates: nearly all."""
    lengths = texts.lengths.clip(0, WIDTH)
    values = (words(texts, 0) ^ _ZEROS) & FIRST[lengths]
    points, others = without_byte(values, ord(".") ^ ord("0"))
    is_inside = (points & (_OUTER | (FIRST[lengths] & ~FIRST[(lengths - 1).clip(0)]))) == 0
    is_single = (points & (points - np.uint64(1))) == 0
    return np.asarray(fits(others) & (others != 0) & is_inside & is_single & (texts.lengths <= WIDTH), np.bool_)


def is_blank(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text is empty or nothing but white space."""
    texts = octets_of(column)
    blank = np.asarray(texts.lengths == 0, np.bool_)
    if not texts.data.size:
        return blank
    first = texts.data.take(texts.starts, mode="clip")
    rows = np.flatnonzero(((first <= ord(" ")) | (first >= _DELETE)) & ~blank)
    if rows.size:
        trimmed = pc.utf8_trim_whitespace(as_array(column).take(pyarrow.array(rows)))
        blank[rows] = _mask(pc.equal(pc.binary_length(trimmed), 0))
    return blank


def has_control_characters(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text holds a control character other than tab and line ends."""
    array = as_array(column)
    if _is_plain(octets_of(array).data):
        return np.zeros(len(array), np.bool_)
    return _mask(pc.match_substring_regex(array, _CONTROL))


def has_unseen_characters(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text holds any control character, tab and line ends included, or an invisible format character."""
    array = as_array(column)
    if _is_plain(octets_of(array).data):
        return np.zeros(len(array), np.bool_)
    return _mask(pc.match_substring_regex(array, _CONTROL_OR_UNSEEN))


def _is_plain(data: NDArray[np.uint8]) -> bool:
    """Whether UTF-8 bytes hold only printable ASCII and the letters from À to ÿ, none of them unseen."""
    if not data.size:
        return True
    if data.min() < ord(" "):
        return False
    # Bytes from 0x80 to 0xBF only follow a first byte, and the one of À to ÿ is 0xC3.
    return bool(data.max() < _DELETE) or not data.tobytes().translate(None, _PLAIN)


def _mask(array: TextColumn) -> NDArray[np.bool_]:
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=np.bool_)
