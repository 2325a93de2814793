"""The kinds of field a canonical file has: for each, the rules a filled field must obey (CONTRACT §3).

A rule has the name under which a row is rejected, a check over a whole column, and a reason that says what was expected
and what to do, never what was found: the values may be personal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandera.pandas as pa
import pyarrow
import pyarrow.compute as pc

from schemas import values
from schemas.identifiers import capture_line, curp, nss
from schemas.octets import TextColumn
from schemas.remembered import octets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


class Rule(NamedTuple):
    """One demand on a field: ``holds`` says for a column of texts which obey it."""

    name: str
    reason: str
    holds: Callable[[pyarrow.LargeStringArray], NDArray[np.bool_]]


def _fits(array: pyarrow.LargeStringArray) -> NDArray[np.bool_]:
    return octets_of(array).lengths <= values.FIELD_BYTES


def _is_positive(array: pyarrow.LargeStringArray) -> NDArray[np.bool_]:
    amounts = values.parse_amounts(array)
    return amounts.valid & (amounts.meant > 0)


def _has_no_bar(array: pyarrow.LargeStringArray) -> NDArray[np.bool_]:
    if not (octets_of(array).data == ord("|")).any():
        return np.ones(len(array), np.bool_)
    return np.asarray(~pc.match_substring(array, "|").to_numpy(zero_copy_only=False), np.bool_)


def _is_no_spreadsheet_number(array: pyarrow.LargeStringArray) -> NDArray[np.bool_]:
    if not (octets_of(array).data == ord("+")).any():
        return np.ones(len(array), np.bool_)
    return np.asarray(~pc.match_substring_regex(array, _SCIENTIFIC).to_numpy(zero_copy_only=False), np.bool_)


_SCIENTIFIC: Final = r"^[0-9](\.[0-9]+)?[Ee][+][0-9]+$"

REQUIRED: Final = Rule(
    "required",
    "expected a value, the field is empty; fill it in at the source and send the row again",
    lambda array: ~values.is_blank(array),
)
_TOO_LONG: Final = Rule(
    "text_too_long",
    f"expected at most {values.FIELD_BYTES} bytes in one field; shorten it and send the row again",
    _fits,
)
_CONTROL: Final = Rule(
    "control_characters",
    "expected text without control characters; remove them (a clean export has none) and send the row again",
    lambda array: ~values.has_control_characters(array),
)
_UNSEEN: Final = Rule(
    "control_characters",
    "expected text without control or invisible characters; type the value again and send the row again",
    lambda array: ~values.has_unseen_characters(array),
)
_KEY_PART: Final = Rule(
    "key_part", "expected a key without the character |; ask the sender for the key as issued", _has_no_bar
)
_SPREADSHEET_NUMBER: Final = Rule(
    "spreadsheet_number",
    "expected a key as issued, found a number in scientific notation: a spreadsheet lost its digits; take the key from "
    "the source, keep the column as text and send the row again",
    _is_no_spreadsheet_number,
)
_PLAIN_AMOUNT = (
    f"digits, a point and two places, at most {values.AMOUNT_DIGITS} digits before the point, no sign, no separators"
)

RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "text": (_TOO_LONG, _CONTROL),
    "code": (_TOO_LONG, _UNSEEN),
    "key_part": (_TOO_LONG, _UNSEEN, _KEY_PART, _SPREADSHEET_NUMBER),
    "status": (),
    "amount": (
        Rule(
            "amount",
            f"expected an amount above zero: {_PLAIN_AMOUNT}; write it so and send the row again",
            _is_positive,
        ),
    ),
    "amount_or_zero": (
        Rule(
            "amount",
            f"expected an amount, 0.00 allowed: {_PLAIN_AMOUNT}; write it so and send the row again",
            lambda array: values.parse_amounts(array).valid,
        ),
    ),
    "rate": (
        Rule(
            "rate",
            "expected a rate above zero with a point and at most eight places; write it so and send the row again",
            values.is_rate,
        ),
    ),
    "date": (
        Rule(
            "date",
            f"expected a date YYYY-MM-DD that exists, from {values.FIRST_YEAR} on; correct it and send the row again",
            lambda array: values.parse_dates(array).valid,
        ),
    ),
    "instant": (
        Rule(
            "instant",
            "expected YYYY-MM-DDThh:mm:ss, a fraction allowed, and Z or ±hh:mm; correct it and send the row again",
            lambda array: values.parse_instants(array).valid,
        ),
    ),
    "month": (
        Rule(
            "month",
            "expected a month YYYY-MM; correct it and send the row again",
            lambda array: values.parse_months(array).valid,
        ),
    ),
    "count": (
        Rule(
            "count",
            "expected a whole number of at most nine digits; correct it and send the row again",
            lambda array: values.parse_counts(array).valid,
        ),
    ),
    "nss": (
        Rule(
            "nss",
            "expected 11 digits, found 10: a spreadsheet probably removed a leading zero; "
            "restore it at the source, keep the column as text and send the row again",
            lambda array: ~nss.lacks_one_digit(array),
        ),
        Rule(
            "nss",
            "expected 11 digits with a right check digit; verify the number with its holder and send the row again",
            nss.is_valid,
        ),
    ),
    "curp": (
        Rule(
            "curp",
            "expected 18 capital letters and digits with a right check digit; verify the code with its holder and "
            "send the row again",
            curp.is_valid,
        ),
    ),
    "capture_line": (
        Rule(
            "capture_line",
            f"expected {capture_line.SHORTEST} to {capture_line.LONGEST} letters A-Z and digits after removing "
            "separators; copy the line as issued and send the row again",
            capture_line.is_valid,
        ),
        _CONTROL,
        _SPREADSHEET_NUMBER,
    ),
}
"""Kind of field → its rules, in the order in which they are told."""


def one_of(allowed: Sequence[str], elsewhere: Sequence[str] = ()) -> Rule:
    """The rule of a status field: one of these words, exactly; those of ``elsewhere`` pass too and are not told."""
    words = pyarrow.array([*allowed, *elsewhere], pyarrow.large_string())
    return Rule(
        "status",
        f"expected one of {', '.join(allowed)}; correct it and send the row again",
        lambda array: pc.is_in(array, value_set=words).to_numpy(zero_copy_only=False),
    )


def rules_of(kind: str, *, required: bool, allowed: Sequence[str], elsewhere: Sequence[str] = ()) -> tuple[Rule, ...]:
    """All rules of a field in order; what is not required may also be empty."""
    first = (REQUIRED,) if required else ()
    return (*first, *RULES[kind], *((one_of(allowed, elsewhere),) if allowed else ()))


def field(
    kind: str,
    description: str,
    es: str = "",
    *,
    may_be_empty: bool = False,
    allowed: Sequence[str] = (),
    elsewhere: Sequence[str] = (),
    in_file: bool = True,
) -> Any:  # noqa: ANN401 - pandera's Field is typed Any
    """One column of a canonical file: its kind, what it means, the official Spanish term where there is one.

    ``in_file`` false: the canonical file has no such column (there it is empty), only some layouts fill it.
    ``elsewhere``: words that only other layouts may say.
    """
    metadata = {
        "kind": kind,
        "es": es,
        "required": not may_be_empty,
        "allowed": tuple(allowed),
        "elsewhere": tuple(elsewhere),
        "in_file": in_file,
    }
    return pa.Field(description=description, metadata=metadata)


def filled(array: TextColumn) -> NDArray[np.bool_]:
    """Which fields hold anything."""
    return octets_of(array).lengths > 0
