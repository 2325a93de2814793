"""What a filled field may say: the grammar of every kind of value in a file, and what it means (CONTRACT §3).

Each ``parse_*`` takes a column of ``n`` texts and gives their meaning with ``valid`` (``n`` booleans); where it is
false the meaning is void. Digits are the ASCII digits 0 to 9 and nothing else; nothing is trimmed, guessed or rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow
import pyarrow.compute as pc

from schemas.octets import TextColumn, as_array, at, columns, digits, from_octets, number, octets
from schemas.remembered import remembered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from schemas.octets import Octets

FIELD_BYTES: Final = 1024
AMOUNT_DIGITS: Final = 10
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

_AMOUNT_WIDTH: Final = AMOUNT_DIGITS + 3
_DATE_WIDTH: Final = 10
_MONTH_WIDTH: Final = 7
_SECONDS_WIDTH: Final = 19
_OFFSET_WIDTH: Final = 6
_DAY: Final = 86_400_000_000
_POINT: Final = ord(".")
_DELETE: Final = 0x7F
_PLAIN: Final = bytes([*range(0x20, 0x7F), *range(0x80, 0xC0), 0xC3])
_MARKS: Final = ((10, ord("T")), (13, ord(":")), (16, ord(":")))
_RATE: Final = r"^[0-9]{1,10}(\.[0-9]{1,8})?$"
_COUNT: Final = r"^[0-9]{1,9}$"
_CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}]"
_CONTROL_OR_UNSEEN: Final = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"


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
    array = as_array(column)
    texts = octets(array)
    shaped = (texts.lengths > 3) & (texts.lengths <= _AMOUNT_WIDTH)  # noqa: PLR2004 - a point and two places
    if not shaped.any():
        return Numbers(np.zeros(shaped.size, np.int64), shaped)
    shaped &= at(texts, -3) == _POINT
    if shaped.all():
        centavos = _cast_centavos(texts)
        return amounts_one_by_one(texts) if centavos is None else Numbers(centavos, shaped)
    some = octets(array.filter(pyarrow.array(shaped)))
    centavos = _cast_centavos(some)
    return amounts_one_by_one(texts) if centavos is None else Numbers(_spread(centavos, shaped), shaped)


def _cast_centavos(texts: Octets) -> NDArray[np.int64] | None:
    """The centavos of texts with a point where it belongs; None where one holds anything but digits and that point."""
    is_point = texts.data == _POINT
    if texts.data.tobytes().translate(None, b"0123456789.") or np.count_nonzero(is_point) != texts.lengths.size:
        return None
    bounds = np.append(texts.starts, texts.data.size) - np.arange(texts.lengths.size + 1)
    return from_octets(texts.data[~is_point], bounds).cast("int64").to_numpy()  # type: ignore[no-any-return]


def _spread(values: NDArray[np.int64], rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The values at the rows that have one, 0 elsewhere."""
    whole = np.zeros(rows.size, np.int64)
    whole[rows] = values
    return whole


def amounts_one_by_one(texts: Octets) -> Numbers:
    """As ``parse_amounts``, for columns in which some texts are no amounts."""
    matrix = columns(texts, _AMOUNT_WIDTH, right=True)
    point, figures = matrix[-3], np.delete(matrix, -3, axis=0)
    first = _AMOUNT_WIDTH - texts.lengths
    absent = np.arange(_AMOUNT_WIDTH - 1)[:, None] < first
    figures[absent] = ord("0")
    values, are_digits = digits(figures)
    fits = (texts.lengths > 3) & (texts.lengths <= _AMOUNT_WIDTH)  # noqa: PLR2004 - a point and two places
    return Numbers(number(values), are_digits & fits & (point == _POINT))


@remembered
def parse_dates(column: TextColumn) -> Numbers:
    """Dates ``YYYY-MM-DD`` that exist, as days since 1970-01-01."""
    array = as_array(column)
    shaped = octets(array).lengths == _DATE_WIDTH
    days = _cast_days(array if shaped.all() else array.filter(pyarrow.array(shaped)))
    if days is None:
        return dates_one_by_one(octets(array))
    if days.size == shaped.size:
        return Numbers(days, shaped)
    return Numbers(_spread(days, shaped), shaped)


def _cast_days(array: pyarrow.LargeStringArray) -> NDArray[np.int64] | None:
    """The days where every text is a date within the years allowed; None where one is not."""
    try:
        days = array.cast(pyarrow.date32()).cast(pyarrow.int32()).to_numpy().astype(np.int64)
    except pyarrow.ArrowInvalid:
        return None
    return days if days.min(initial=0) >= _FIRST_DAY and days.max(initial=0) <= _LAST_DAY else None


def dates_one_by_one(texts: Octets) -> Numbers:
    """As ``parse_dates``, for columns in which some texts are no dates."""
    days, valid = _days(columns(texts, _DATE_WIDTH))
    return Numbers(days, valid & (texts.lengths == _DATE_WIDTH))


def parse_months(column: TextColumn) -> Numbers:
    """Months ``YYYY-MM``, as months since 1970-01."""
    texts = octets(as_array(column))
    months, valid = _months(columns(texts, _MONTH_WIDTH))
    return Numbers(months, valid & (texts.lengths == _MONTH_WIDTH))


def parse_counts(column: TextColumn) -> Numbers:
    """Whole numbers of at most nine digits."""
    array = as_array(column)
    valid = pc.match_substring_regex(array, _COUNT)
    numbers = pc.if_else(valid, array, "0").cast("int64")
    return Numbers(numbers.to_numpy(zero_copy_only=False), valid.to_numpy(zero_copy_only=False))


@remembered
def parse_instants(column: TextColumn) -> Instants:
    """Instants ``YYYY-MM-DDThh:mm:ss[.ffffff]`` with ``Z`` or ``±hh:mm``."""
    array = as_array(column)
    shaped = _shaped_as_instants(octets(array))
    if shaped.all():
        return _cast_instants(array) or instants_one_by_one(octets(array))
    whole = Instants(np.zeros(shaped.size, np.int64), np.zeros(shaped.size, np.int64), np.zeros(shaped.size, np.bool_))
    some = array.filter(pyarrow.array(shaped))
    for place, found in zip(whole, _cast_instants(some) or instants_one_by_one(octets(some)), strict=True):
        place[shaped] = found
    return whole


def _shaped_as_instants(texts: Octets) -> NDArray[np.bool_]:
    """Which texts have the marks of an instant where they belong; what stands between them is not looked at."""
    if not texts.data.size:
        return np.zeros(texts.lengths.size, np.bool_)
    shaped = texts.lengths > _SECONDS_WIDTH
    for place, mark in _MARKS:
        shaped &= at(texts, place) == mark
    is_utc = at(texts, -1) == ord("Z")
    sign = at(texts, -_OFFSET_WIDTH)
    is_offset = (at(texts, -3) == ord(":")) & ((sign == ord("+")) | (sign == ord("-")))
    width = texts.lengths - np.where(is_utc, 1, _OFFSET_WIDTH) - _SECONDS_WIDTH
    is_fraction = (width >= 2) & (width <= 7) & (at(texts, _SECONDS_WIDTH) == _POINT)  # noqa: PLR2004 - 1 to 6 digits
    return np.asarray(shaped & (is_utc | is_offset) & ((width == 0) | is_fraction), np.bool_)


def _cast_instants(array: pyarrow.LargeStringArray) -> Instants | None:
    """The instants of texts shaped so, where every one is within the years allowed; None where one is not."""
    try:
        micros = array.cast(pyarrow.timestamp("us", "UTC")).cast(pyarrow.int64()).to_numpy()
    except pyarrow.ArrowInvalid:
        return None
    days = _cast_days(pc.utf8_slice_codeunits(array, 0, _DATE_WIDTH))
    if days is None or days.max(initial=0) == _LAST_DAY:
        return None
    return Instants(micros, days, np.ones(days.size, np.bool_))


def instants_one_by_one(texts: Octets) -> Instants:
    """As ``parse_instants``, for columns in which some texts are no instants."""
    head = columns(texts, _SECONDS_WIDTH)
    days, date_valid = _days(head[:_DATE_WIDTH])
    seconds, time_valid = _seconds(head[_DATE_WIDTH + 1 :])
    offset, offset_width, offset_valid = _offsets(texts)
    fraction, fraction_valid = _fractions(texts, offset_width)
    micros = days * _DAY + (seconds - offset) * 1_000_000 + fraction
    # A day's room at the end of the calendar, so that no offset leads out of it.
    valid = date_valid & time_valid & offset_valid & fraction_valid & (head[_DATE_WIDTH] == ord("T"))
    return Instants(micros, days, valid & (days < _LAST_DAY))


def is_rate(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text is a rate: more than zero, at most eight places after ``.``."""
    array = as_array(column)
    shaped = pc.and_(pc.match_substring_regex(array, _RATE), pc.match_substring_regex(array, "[1-9]"))
    return _mask(shaped)


def is_blank(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text is empty or nothing but white space."""
    array = as_array(column)
    texts = octets(array)
    if texts.data.size and texts.lengths.min():
        first = texts.data[texts.starts]
        if first.min() > ord(" ") and first.max() < _DELETE:
            return np.zeros(texts.lengths.size, np.bool_)
    return _mask(pc.equal(pc.binary_length(pc.utf8_trim_whitespace(array)), 0))


def has_control_characters(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text holds a control character other than tab and line ends."""
    array = as_array(column)
    if _is_plain(octets(array).data):
        return np.zeros(len(array), np.bool_)
    return _mask(pc.match_substring_regex(array, _CONTROL))


def has_unseen_characters(column: TextColumn) -> NDArray[np.bool_]:
    """Whether each text holds any control character, tab and line ends included, or an invisible format character."""
    array = as_array(column)
    if _is_plain(octets(array).data):
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


def _months(matrix: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    values, are_digits = digits(matrix[[0, 1, 2, 3, 5, 6]])
    year, month = number(values[:4]), number(values[4:])
    valid = are_digits & (matrix[4] == ord("-")) & (year >= FIRST_YEAR) & (month >= 1) & (month <= 12)  # noqa: PLR2004
    return np.where(valid, (year - 1970) * 12 + month - 1, 0), valid


def _days(matrix: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    months, months_valid = _months(matrix[:_MONTH_WIDTH])
    values, are_digits = digits(matrix[[8, 9]])
    day = number(values)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    valid = months_valid & are_digits & (matrix[_MONTH_WIDTH] == ord("-")) & (day >= 1) & (day <= after - first)
    return np.where(valid, first + day - 1, 0), valid


def _seconds(matrix: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Seconds of the day of ``hh:mm:ss`` (8 rows of bytes)."""
    values, are_digits = digits(matrix[[0, 1, 3, 4, 6, 7]])
    hour, minute, second = number(values[:2]), number(values[2:4]), number(values[4:])
    in_range = (hour < 24) & (minute < 60) & (second < 60)  # noqa: PLR2004 - the clock
    colons = (matrix[2] == ord(":")) & (matrix[5] == ord(":"))
    return hour * 3600 + minute * 60 + second, are_digits & colons & in_range


def _offsets(texts: Octets) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Seconds ahead of UTC that each text ends with, how many characters say so, and whether they do."""
    tail = columns(texts, _OFFSET_WIDTH, right=True)
    is_utc = tail[-1] == ord("Z")
    values, are_digits = digits(tail[[1, 2, 4, 5]])
    hour, minute = number(values[:2]), number(values[2:])
    signed = ((tail[0] == ord("+")) | (tail[0] == ord("-"))) & (tail[3] == ord(":"))
    valid = is_utc | (are_digits & signed & (hour < 24) & (minute < 60))  # noqa: PLR2004 - the clock
    seconds = np.where(tail[0] == ord("-"), -1, 1) * (hour * 3600 + minute * 60)
    return np.where(is_utc, 0, seconds), np.where(is_utc, 1, _OFFSET_WIDTH), valid


def _fractions(texts: Octets, offset_width: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Microseconds between the seconds and the offset: nothing, or a point and one to six digits."""
    width = texts.lengths - offset_width - _SECONDS_WIDTH
    if (width == 0).all():
        return np.zeros_like(width), np.ones(width.size, np.bool_)
    part = columns(texts, _SECONDS_WIDTH + 7)[_SECONDS_WIDTH:]
    part[np.arange(7)[:, None] >= width] = ord("0")
    values, are_digits = digits(part[1:])
    written = (width >= 2) & (width <= 7) & (part[0] == ord(".")) & are_digits  # noqa: PLR2004 - a point, 1 to 6 digits
    return np.where(written, number(values), 0), written | (width == 0)


_FIRST_DAY: Final = int(np.datetime64(f"{FIRST_YEAR}-01-01", "D").astype(np.int64))
_LAST_DAY: Final = int(np.datetime64(f"{LAST_YEAR}-12-31", "D").astype(np.int64))
