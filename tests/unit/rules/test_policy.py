from __future__ import annotations

import numpy as np
import pytest

from pipelines.rules.calendar import month_number
from pipelines.rules.policy import PolicyError, parse_policy

ENTRY = {
    "effective_from": '"2024-01"',
    "due_day": "15",
    "due_day_roll": '"none"',
    "timezone": '"America/Mexico_City"',
    "paid_on": '"made"',
    "tolerance_centavos": "0",
    "require_settlement": "true",
    "window_months": "2",
}


def written(**changes: str) -> str:
    return "[[policy]]\n" + "\n".join(f"{key} = {value}" for key, value in (ENTRY | changes).items())


def test_the_policy_of_the_programme_is_read_whole() -> None:
    policy = parse_policy(written()).governing("2026-10")
    assert (policy.due_day, policy.due_day_roll, policy.timezone) == (15, "none", "America/Mexico_City")
    assert (policy.paid_on, policy.tolerance_centavos) == ("made", 0)
    assert (policy.require_settlement, policy.window_months) == (True, 2)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("effective_from", '"2026-13"', "a month written YYYY-MM"),
        ("effective_from", '"2026-1"', "a month written YYYY-MM"),
        ("effective_from", '"2026-10\\n"', "a month written YYYY-MM"),
        ("effective_from", "2026-10-01", "a month written YYYY-MM"),
        ("due_day", "0", "from 1 to 28"),
        ("due_day", "29", "from 1 to 28"),
        ("due_day", '"15"', "from 1 to 28"),
        ("due_day", "true", "from 1 to 28"),
        ("due_day_roll", '"previous"', "none, next_business_day"),
        ("timezone", '"Mexico City"', "IANA time zone"),
        ("timezone", "-6", "IANA time zone"),
        ("paid_on", '"settled"', "made, credited, operating_date"),
        ("tolerance_centavos", "-1", "0 or more"),
        ("tolerance_centavos", "0.5", "0 or more"),
        ("require_settlement", '"yes"', "true or false"),
        ("require_settlement", "1", "true or false"),
        ("window_months", "25", "from 0 to 24"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_what_was_expected(key: str, value: str, expected: str) -> None:
    with pytest.raises(PolicyError, match=rf"entry 1: {key} is .*{expected}"):
        parse_policy(written(**{key: value}))


def test_a_missing_key_is_named() -> None:
    with pytest.raises(PolicyError, match="entry 1: missing due_day, window_months"):
        parse_policy(written().replace("due_day = 15", "").replace("window_months = 2", ""))


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(PolicyError, match="entry 1: unknown grace_days"):
        parse_policy(written(grace_days="3"))


def test_missing_and_unknown_keys_are_named_together() -> None:
    with pytest.raises(PolicyError, match="entry 1: missing due_day; unknown dueday"):
        parse_policy(written(dueday="15").replace("due_day = 15", ""))


def test_entries_of_one_month_overlap() -> None:
    with pytest.raises(PolicyError, match="more than one is effective from 2024-01"):
        parse_policy(f"{written()}\n{written(due_day='20')}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"no \[\[policy\]\] entry"),
        ("policy = []", r"no \[\[policy\]\] entry"),
        ("[policy]\ndue_day = 15", r"no \[\[policy\]\] entry"),
        ("policy = [1, 2]", "entry 1: expected a table"),
        ("due_day = 15", "unknown keys at the top level: due_day"),
        ("[[policy]", "not valid TOML"),
    ],
)
def test_what_is_no_list_of_entries_is_refused(content: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        parse_policy(content)


def test_a_month_before_every_entry_cannot_be_reconciled() -> None:
    with pytest.raises(PolicyError, match="no entry for months before 2024-01"):
        parse_policy(written()).governing("2023-12")


def test_what_is_older_than_every_entry_follows_the_first() -> None:
    later = written(due_day="20", effective_from='"2026-01"')
    book = parse_policy(f"{later}\n{written()}")
    months = np.array([month_number(month) for month in ("2019-05", "2024-01", "2025-12", "2026-01", "2030-01")])
    assert book.values("due_day", months).tolist() == [15, 15, 15, 20, 20]


def test_no_months_have_no_entries() -> None:
    assert parse_policy(written()).values("due_day", np.array([], dtype=np.int64)).tolist() == []
