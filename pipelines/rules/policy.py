"""The programme's dated policy (CONTRACT §2): which rules govern which month."""

from __future__ import annotations

import re
import tomllib
import zoneinfo
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pipelines.rules.calendar import month_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

LAST_DUE_DAY: Final = 28
"""A cut-off must exist in every month."""

ROLLS: Final = ("none", "next_business_day")
BASES: Final = ("made", "credited", "operating_date")


class PolicyError(ValueError):
    """The policy is missing, unknown, overlapping or of the wrong type; nothing may run on it."""


@dataclass(frozen=True)
class Policy:
    """The rules from one month on. Amounts in centavos, months as ``YYYY-MM``."""

    effective_from: str
    due_day: int
    due_day_roll: str
    timezone: str
    paid_on: str
    tolerance_centavos: int
    require_settlement: bool
    window_months: int


@dataclass(frozen=True)
class PolicyBook:
    """Every dated entry, oldest first."""

    entries: tuple[Policy, ...]

    def positions(self, months: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each month number, the position of the entry that governs it.

        The first entry also governs what is older than every entry: one old row in a file must not stop a run.
        """
        starts = np.array([month_number(entry.effective_from) for entry in self.entries], dtype=np.int64)
        return np.clip(np.searchsorted(starts, months, side="right") - 1, 0, None).astype(np.int64)

    def values(self, key: str, months: NDArray[np.int64]) -> NDArray[Any]:
        """The value of ``key`` in force in each of ``months`` (month numbers)."""
        return np.array([getattr(entry, key) for entry in self.entries])[self.positions(months)]

    def governing(self, month: str) -> Policy:
        """The entry in force in ``month``, which is to be reconciled; raises ``PolicyError`` when there is none."""
        if month < self.entries[0].effective_from:
            message = f"policy.toml has no entry for months before {self.entries[0].effective_from}"
            raise PolicyError(message)
        return self.entries[int(self.positions(np.array([month_number(month)]))[0])]


def parse_policy(content: str) -> PolicyBook:
    """The policy book written in TOML; raises ``PolicyError`` naming the entry, the key and what was expected."""
    try:
        document = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        message = f"policy.toml is not valid TOML: {error}"
        raise PolicyError(message) from None
    unknown = sorted(set(document) - {"policy"})
    if unknown:
        message = f"policy.toml: unknown keys at the top level: {', '.join(unknown)}; expected only [[policy]] entries"
        raise PolicyError(message)
    written = document.get("policy", [])
    if not isinstance(written, list) or not written:
        message = "policy.toml: no [[policy]] entry; expected at least one"
        raise PolicyError(message)
    return _book([_entry(position, values) for position, values in enumerate(written, start=1)])


def _book(entries: list[Policy]) -> PolicyBook:
    ordered = sorted(entries, key=lambda entry: entry.effective_from)
    months = [entry.effective_from for entry in ordered]
    twice = sorted({month for month in months if months.count(month) > 1})
    if twice:
        message = f"policy.toml: entries overlap: more than one is effective from {', '.join(twice)}"
        raise PolicyError(message)
    return PolicyBook(tuple(ordered))


def _entry(position: int, values: object) -> Policy:
    if not isinstance(values, dict):
        message = f"policy.toml entry {position}: expected a table of keys"
        raise PolicyError(message)
    expected = {field.name for field in fields(Policy)}
    missing, unknown = sorted(expected - set(values)), sorted(set(values) - expected)
    if missing or unknown:
        parts = [f"{word} {', '.join(keys)}" for word, keys in (("missing", missing), ("unknown", unknown)) if keys]
        message = f"policy.toml entry {position}: {'; '.join(parts)}"
        raise PolicyError(message)
    for key, (is_right, wanted) in _EXPECTED.items():
        if not is_right(values[key]):
            message = f"policy.toml entry {position}: {key} is {values[key]!r}, expected {wanted}"
            raise PolicyError(message)
    return Policy(**values)


def _is_month(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", value) is not None


def _is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_zone(value: object) -> bool:
    return isinstance(value, str) and value in zoneinfo.available_timezones()


_EXPECTED: Final[dict[str, tuple[Any, str]]] = {
    "effective_from": (_is_month, "a month written YYYY-MM"),
    "due_day": (lambda value: _is_whole(value, 1, LAST_DUE_DAY), f"a whole number from 1 to {LAST_DUE_DAY}"),
    "due_day_roll": (lambda value: value in ROLLS, f"one of {', '.join(ROLLS)}"),
    "timezone": (_is_zone, "an IANA time zone such as America/Mexico_City"),
    "paid_on": (lambda value: value in BASES, f"one of {', '.join(BASES)}"),
    "tolerance_centavos": (lambda value: _is_whole(value, 0, 10**9), "a whole number of centavos, 0 or more"),
    "require_settlement": (lambda value: isinstance(value, bool), "true or false"),
    "window_months": (lambda value: _is_whole(value, 0, 24), "a whole number of months from 0 to 24"),
}
