from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from pipelines.rules.decision_chain import BrokenChainError, decision_ids, extend, faults, first_seen
from schemas.rows.decisions import DecisionRow
from schemas.tables.decision_log import DecisionLogEntry
from tests.spec.build import rows_of


def decisions(*payments: str, day: int = 1, sha256: str = "aa") -> pd.DataFrame:
    """A file of refunds, received on a day of November."""
    rows = [{"payment": payment, "action": "refund"} for payment in payments]
    received = pd.Series([datetime(2026, 11, day, tzinfo=UTC)] * len(rows), dtype="datetime64[us, UTC]")
    return (
        rows_of({"decisions": rows})["decisions"].assign(received_at=received, sha256=sha256).astype({"sha256": "str"})
    )


def chain(rows: pd.DataFrame, log: pd.DataFrame | None = None) -> pd.DataFrame:
    return extend(DecisionLogEntry.empty() if log is None else log, first_seen(rows))


def test_every_entry_holds_the_digest_of_the_one_before() -> None:
    log = chain(decisions("T1", "T2", "T3"))
    assert log["position"].tolist() == [1, 2, 3]
    assert log["previous"].iloc[0] == ""
    assert log["previous"].tolist()[1:] == log["digest"].tolist()[:-1]
    assert log["digest"].is_unique
    assert faults(log) == []


def test_a_decision_that_comes_again_is_no_new_entry() -> None:
    first, again = decisions("T1"), decisions("T1", "T2", day=2, sha256="bb")
    log = chain(pd.concat([first, again], ignore_index=True), chain(first))
    assert log[["position", "sha256", "row"]].to_numpy().tolist() == [[1, "aa", 2], [2, "bb", 3]]


def test_what_was_received_earlier_and_landed_later_comes_after_what_the_log_has() -> None:
    log = chain(decisions("T2", day=5))
    whole = pd.concat([decisions("T1", day=1, sha256="bb"), decisions("T2", day=5)], ignore_index=True)
    longer = chain(whole, log)
    assert longer["digest"].iloc[0] == log["digest"].iloc[0]
    assert longer["sha256"].tolist() == ["aa", "bb"]


def test_the_same_decisions_give_the_same_chain_whatever_the_order_of_their_rows() -> None:
    rows = decisions("T1", "T2", "T3")
    assert chain(rows).equals(chain(rows.sample(frac=1, random_state=3)))


@pytest.mark.parametrize(
    ("column", "value"),
    [("decision_id", "ff"), ("row", 99), ("sha256", "ff"), ("previous", "ff"), ("digest", "ff"), ("position", 7)],
)
def test_an_altered_entry_is_named(column: str, value: str | int) -> None:
    log = chain(decisions("T1", "T2", "T3"))
    log.loc[1, column] = value
    position = 7 if column == "position" else 2
    assert f"entry {position} does not follow from the entry before it" in faults(log)


def test_an_entry_that_was_taken_out_is_noticed() -> None:
    log = chain(decisions("T1", "T2", "T3"))
    assert faults(log.drop(index=1)) == ["entry 3 does not follow from the entry before it"]


def test_an_altered_log_is_not_continued() -> None:
    log = chain(decisions("T1"))
    with pytest.raises(BrokenChainError, match=r"entry 1 does not follow.*nothing was published"):
        chain(decisions("T1", "T2"), log.assign(row=99))


def test_decisions_that_are_in_no_file_any_more_are_counted_and_the_first_three_named() -> None:
    log = chain(decisions("T1", "T2", "T3", "T4"))
    with pytest.raises(BrokenChainError, match=r"entry 3 is in no accepted file \(and 1 more\)"):
        chain(decisions("T9"), log)


def test_no_decision_is_no_entry() -> None:
    assert chain(DecisionRow.empty()).equals(DecisionLogEntry.empty())
    assert decision_ids(DecisionRow.empty()).empty


def test_a_decision_is_what_it_says_and_not_where_it_stands() -> None:
    one, other = decisions("T1"), decisions("T1", day=3, sha256="bb")
    assert decision_ids(one).tolist() == decision_ids(other).tolist()
    said = {"action": "match", "reason": "x", "decided_by": "x", "approved_by": "x", "capture_line": "X", "facts": "x"}
    ids = {decision_ids(one.assign(**{name: value}).astype({name: "str"})).iloc[0] for name, value in said.items()}
    assert len(ids | set(decision_ids(one))) == len(said) + 1
