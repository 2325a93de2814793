from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.rules.receipts import receipts
from tests.unit.rules.test_receipts import EVENING, MORNING, landing, landings

if TYPE_CHECKING:
    from collections.abc import Mapping

SERIES: Final = "giros 2026"
FIRSTS: Final = {"giros": 1, "giros 2025": 57}
"""The first numbers of the series of a layout, and of one that began in the middle of a year."""


def numbered(file_name: str, number: int, series: str = SERIES, **fields: Any) -> dict[str, Any]:
    return landing(file_name, f"bytes of {file_name}", layout="giros", series=series, number=number, **fields)


def told(*rows: dict[str, Any], firsts: Mapping[str, int] = FIRSTS) -> dict[str, tuple[str, str]]:
    found = receipts(landings(*rows), firsts)
    return dict(zip(found["file_name"], zip(found["outcome"], found["reason"], strict=True), strict=True))


def outcomes(*rows: dict[str, Any], firsts: Mapping[str, int] = FIRSTS) -> dict[str, str]:
    return {name: outcome for name, (outcome, _) in told(*rows, firsts=firsts).items()}


def test_numbers_without_a_gap_are_accepted_in_any_order_of_arrival() -> None:
    for order in itertools.permutations([1, 2, 3]):
        rows = [numbered(f"{place}", number) for place, number in enumerate(order)]
        assert set(outcomes(*rows).values()) == {"accepted"}


def test_files_after_a_gap_are_held_and_the_missing_one_is_named() -> None:
    found = told(numbered("a", 1), numbered("c", 3), numbered("d", 4))
    assert found["a"] == ("accepted", "")
    assert found["d"] == (
        "held",
        (
            "d: found number 4 of giros 2026, file 2 of it missing; expected every file before it; "
            "ask the sender for file 2"
        ),
    )
    assert found["c"][0] == "held"


def test_the_first_file_of_a_series_may_be_the_missing_one() -> None:
    assert "file 1 of it missing" in told(numbered("b", 2))["b"][1]


def test_series_count_by_themselves_each_from_its_own_first_number() -> None:
    found = outcomes(numbered("a", 1), numbered("b", 57, "giros 2025"), numbered("c", 59, "giros 2025"))
    assert found == {"a": "accepted", "b": "accepted", "c": "held"}


def test_a_series_of_which_nothing_is_said_begins_with_one() -> None:
    assert outcomes(numbered("a", 1), numbered("b", 2), firsts={}) == {"a": "accepted", "b": "accepted"}


def test_numbers_before_the_first_are_not_missed_and_not_held() -> None:
    found = outcomes(numbered("old", 50, "giros 2025"), numbered("new", 57, "giros 2025"))
    assert found == {"old": "accepted", "new": "accepted"}


def test_a_first_number_behind_a_gap_that_stays_frees_the_files_after_it_and_holds_none_before() -> None:
    rows = [numbered("a", 1), numbered("c", 3), numbered("d", 4)]
    assert outcomes(*rows) == {"a": "accepted", "c": "held", "d": "held"}
    assert set(outcomes(*rows, firsts={SERIES: 3}).values()) == {"accepted"}


def test_the_number_of_another_file_is_taken_by_the_first_received() -> None:
    found = told(numbered("b", 1), numbered("a", 1, received_at=EVENING), numbered("c", 2))
    assert found["b"] == ("accepted", "")
    assert found["a"] == (
        "held",
        (
            "a: found number 1 of giros 2026, already taken by b; expected one file a number; "
            "ask the sender for this file under a number of its own"
        ),
    )
    assert found["c"] == ("accepted", "")


def test_a_refused_file_leaves_its_number_to_the_corrected_one() -> None:
    refused = numbered("a", 0, series="", refusal="a: line 3 …", rows=0, rows_digest="", kind="")
    assert outcomes(refused, numbered("b", 2)) == {"a": "refused", "b": "held"}
    assert outcomes(refused, numbered("b", 2), numbered("c", 1)) == {"a": "refused", "b": "accepted", "c": "accepted"}


def test_a_file_that_its_reader_holds_waits_with_its_reason_and_leaves_its_number() -> None:
    held = numbered("a", 1, hold="a: one balance is missing")
    assert told(held, numbered("b", 2))["a"] == ("held", "a: one balance is missing")
    assert outcomes(held, numbered("b", 2))["b"] == "held"
    assert outcomes(held, numbered("b", 2), numbered("c", 1)) == {"a": "held", "b": "accepted", "c": "accepted"}


def test_a_held_file_of_no_series_needs_no_number() -> None:
    assert outcomes(landing("a", "1", hold="one is missing"), landing("b", "2")) == {"a": "held", "b": "accepted"}


def test_the_rows_of_an_earlier_number_sent_again_under_the_next_one_do_not_fill_it() -> None:
    rows = [numbered("a", 1, rows_digest="x"), numbered("b", 2, rows_digest="x"), numbered("c", 3)]
    assert told(*rows)["b"] == ("repeated", "same rows as a")
    assert "file 2 of it missing" in told(*rows)["c"][1]
    assert outcomes(*rows, numbered("d", 2))["c"] == "accepted"


def test_two_days_without_rows_are_two_numbers() -> None:
    empty = {"rows": 0, "rows_digest": "", "sha256": "empty"}
    rows = [numbered("a", 1) | empty, numbered("b", 2) | empty, numbered("c", 3)]
    assert outcomes(*rows) == {"a": "accepted", "b": "repeated", "c": "accepted"}


def test_rows_known_from_another_sender_are_repeated_and_their_number_is_there() -> None:
    rows = [landing("0", "other", rows_digest="x"), numbered("a", 1, rows_digest="x"), numbered("b", 2)]
    assert outcomes(*rows) == {"0": "accepted", "a": "repeated", "b": "accepted"}


def test_a_file_that_waits_makes_no_other_wait_that_has_no_number() -> None:
    waiting, other = numbered("a", 2, rows_digest="x"), landing("b", "other", rows_digest="x")
    assert outcomes(waiting, other) == {"a": "held", "b": "accepted"}
    assert outcomes(waiting, other, numbered("c", 1)) == {"a": "accepted", "b": "repeated", "c": "accepted"}


def test_the_same_bytes_under_two_names_wait_together_and_then_one_is_the_repeat() -> None:
    rows = [numbered("a", 2), numbered("b", 2) | {"sha256": "bytes of a", "rows_digest": "rows of bytes of a"}]
    assert outcomes(*rows) == {"a": "held", "b": "held"}
    assert outcomes(*rows, numbered("c", 1)) == {"a": "accepted", "b": "repeated", "c": "accepted"}


def twin(rows: list[dict[str, Any]]) -> list[str]:
    """The outcomes from their definitions, each file asking all others; the rows are in order of receipt."""

    def first(row: dict[str, Any]) -> int:
        return FIRSTS.get(row["series"], 1)

    def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
        same_rows = one["rows"] > 0 and other["rows"] > 0 and one["rows_digest"] == other["rows_digest"]
        return bool(one["sha256"] == other["sha256"] or same_rows)

    def owns(place: int) -> bool:
        row = rows[place]
        if row["refusal"] or row["hold"] or not row["series"]:
            return False
        owners = [other for at, other in enumerate(rows[:place]) if other["series"] == row["series"] and owns(at)]
        return not any(other["number"] == row["number"] or (row["rows"] > 0 and alike(other, row)) for other in owners)

    def whole(place: int) -> bool:
        row = rows[place]
        there = {other["number"] for at, other in enumerate(rows) if other["series"] == row["series"] and owns(at)}
        return set(range(first(row), row["number"])) <= there

    def outcome(place: int) -> str:
        row = rows[place]
        if row["refusal"]:
            return "refused"
        if any(alike(rows[at], row) and outcome(at) == "accepted" for at in range(place)):
            return "repeated"
        waits = row["hold"] or (row["series"] and not (owns(place) and whole(place)))
        return "held" if waits else "accepted"

    return [outcome(place) for place in range(len(rows))]


FILES: Final = st.tuples(
    st.sampled_from(["", SERIES, SERIES, "giros 2025"]),
    st.integers(0, 4),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["", "", "", "hold", "refusal"]),
    st.booleans(),
)


def drawn_row(place: int, drawn: tuple[str, int, int, int, str, bool]) -> dict[str, Any]:
    series, number, sha256, digest, stopped, is_empty = drawn
    fields = {"refusal": "", "hold": ""} | ({stopped: "stopped"} if stopped else {})
    if series == "giros 2025":
        number += 55
    row = landing(f"{place}", f"{sha256}", layout="giros", series=series, number=number if series else 0, **fields)
    return row | ({"rows": 0, "rows_digest": ""} if is_empty else {"rows_digest": f"{digest}"})


@settings(max_examples=150, deadline=None)
@given(st.lists(FILES, max_size=7), st.randoms())
def test_outcomes_are_those_of_their_definitions_whatever_the_order_of_the_log(drawn: Any, shuffled: Any) -> None:
    rows = [drawn_row(place, given_file) for place, given_file in enumerate(drawn)]
    expected = twin(rows)
    shuffled.shuffle(rows)
    assert receipts(landings(*rows), FIRSTS)["outcome"].tolist() == expected


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(1, 6)))
def test_what_stands_at_every_moment_is_what_arrived_without_a_gap(order: list[int]) -> None:
    rows = [
        numbered(f"{number}", number, received_at=MORNING + pd.Timedelta(hours=hour))
        for hour, number in enumerate(order)
    ]
    for moment in range(1, len(rows) + 1):
        arrived = set(order[:moment])
        standing = {number for number in arrived if set(range(1, number)) <= arrived}
        found = outcomes(*rows[:moment])
        assert {int(name) for name, outcome in found.items() if outcome == "accepted"} == standing
        assert set(found.values()) <= {"accepted", "held"}


@pytest.mark.parametrize("outcome", ["accepted", "repeated", "held", "refused"])
def test_a_reason_is_told_exactly_where_a_file_is_not_accepted(outcome: str) -> None:
    rows = [
        numbered("accepted", 1),
        numbered("repeated", 1) | {"sha256": "bytes of accepted"},
        numbered("held", 3),
        numbered("refused", 0, series="", refusal="refused: line 3 …"),
    ]
    found, reason = told(*rows)[outcome]
    assert found == outcome
    assert bool(reason) == (outcome != "accepted")
