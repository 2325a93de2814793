from __future__ import annotations

import itertools
from typing import Any

import pandas as pd
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.rules.receipts import receipts, with_rejected
from schemas.tables.landings import Landing
from schemas.tables.receipts import Receipt
from schemas.tables.rejections import Rejection

MORNING, EVENING = pd.Timestamp("2026-10-15T14:00Z"), pd.Timestamp("2026-10-15T23:00Z")


def landing(file_name: str, sha256: str, **fields: Any) -> dict[str, Any]:
    return {
        "file_name": file_name,
        "sha256": sha256,
        "layout": "bank_transfers",
        "kind": "bank_transfers",
        "received_at": MORNING,
        "refusal": "",
        "hold": "",
        "notes": "",
        "series": "",
        "number": 0,
        "rows": 2,
        "rejected_rows": 0,
        "amount_centavos": 100,
        "rows_digest": f"rows of {sha256}",
        "months": "",
        **fields,
    }


def landings(*rows: dict[str, Any]) -> pd.DataFrame:
    return Landing.from_arrow(pyarrow.Table.from_pylist(list(rows), schema=Landing.arrow_schema()))


def outcomes(*rows: dict[str, Any]) -> dict[str, tuple[str, str]]:
    found = receipts(landings(*rows))
    return dict(zip(found["file_name"], zip(found["outcome"], found["reason"], strict=True), strict=True))


def test_no_landings_give_no_receipts() -> None:
    found = receipts(Landing.empty())
    assert found.empty
    assert list(found.columns) == list(Receipt.empty().columns)


def test_a_file_that_reads_is_accepted_with_its_figures() -> None:
    found = receipts(landings(landing("a", "1", rows=7, rejected_rows=2, amount_centavos=12_345)))
    figures = found[["outcome", "reason", "rows", "rejected_rows", "amount_centavos"]]
    assert figures.to_numpy().tolist() == [["accepted", "", 7, 2, 12_345]]


def test_a_file_that_does_not_read_is_refused_with_its_reason() -> None:
    assert outcomes(landing("a", "1", refusal="a: line 3 …", rows=0, rows_digest="", kind="")) == {
        "a": ("refused", "a: line 3 …")
    }


def test_the_same_bytes_under_another_name_are_repeated() -> None:
    assert outcomes(landing("b", "1"), landing("a", "1")) == {
        "a": ("accepted", ""),
        "b": ("repeated", "same bytes as a"),
    }


def test_the_same_rows_in_other_bytes_are_repeated() -> None:
    assert outcomes(landing("b", "2", rows_digest="same"), landing("a", "1", rows_digest="same"))["b"] == (
        "repeated",
        "same rows as a",
    )


def test_the_first_received_is_the_accepted_one_whatever_its_name() -> None:
    assert outcomes(landing("a", "1", received_at=EVENING), landing("b", "1")) == {
        "b": ("accepted", ""),
        "a": ("repeated", "same bytes as b"),
    }


def test_the_same_rows_of_another_kind_are_no_repeat() -> None:
    found = outcomes(landing("a", "1", rows_digest="same"), landing("b", "2", rows_digest="same", kind="remittances"))
    assert {outcome for outcome, _ in found.values()} == {"accepted"}


def test_files_without_rows_are_repeated_by_equal_bytes_only() -> None:
    empty = {"rows": 0, "rows_digest": ""}
    found = outcomes(landing("a", "1", **empty), landing("b", "2", **empty), landing("c", "1", **empty))
    assert found == {"a": ("accepted", ""), "b": ("accepted", ""), "c": ("repeated", "same bytes as a")}


def test_a_refused_file_makes_no_other_a_repeat() -> None:
    found = outcomes(landing("a", "1", refusal="no layout", kind="", rows_digest=""), landing("b", "1"))
    assert found["b"] == ("accepted", "")


def test_two_files_that_could_not_be_opened_are_both_refused() -> None:
    unread = {"refusal": "not regular", "kind": "", "rows": 0, "rows_digest": ""}
    found = outcomes(landing("a", "", **unread), landing("b", "", **unread))
    assert {outcome for outcome, _ in found.values()} == {"refused"}


def test_a_file_like_a_repeated_one_but_unlike_every_accepted_one_is_accepted() -> None:
    found = outcomes(
        landing("a", "1", rows_digest="x"),
        landing("b", "2", rows_digest="x"),
        landing("c", "2", rows_digest="y"),
        landing("d", "3", rows_digest="y"),
    )
    assert found == {
        "a": ("accepted", ""),
        "b": ("repeated", "same rows as a"),
        "c": ("accepted", ""),
        "d": ("repeated", "same rows as c"),
    }


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8), st.randoms())
def test_a_file_is_accepted_exactly_when_it_is_like_no_accepted_one_before_it(
    drawn: list[tuple[int, int]], shuffled: Any
) -> None:
    rows = [landing(f"{position}", f"{sha256}", rows_digest=f"{rows}") for position, (sha256, rows) in enumerate(drawn)]
    accepted: list[dict[str, Any]] = []
    for row in rows:
        if not any(
            row["sha256"] == other["sha256"] or row["rows_digest"] == other["rows_digest"] for other in accepted
        ):
            accepted.append(row)
    shuffled.shuffle(rows)
    found = receipts(landings(*rows))
    assert found.loc[found["outcome"] == "accepted", "file_name"].tolist() == [row["file_name"] for row in accepted]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_receipts_do_not_depend_on_the_order_of_the_landings(order: tuple[int, ...]) -> None:
    rows = [landing("b", "1"), landing("a", "1"), landing("c", "2", rows_digest="rows of 1", received_at=EVENING)]
    expected = receipts(landings(*rows))
    assert receipts(landings(*(rows[position] for position in order))).equals(expected)


def rejections(*rows: tuple[str, int, str]) -> pd.DataFrame:
    columns = {"file_name": "a", "sheet": "", "column": "", "reason": ""}
    told = [{**columns, "sha256": sha256, "row": row, "rule": rule} for sha256, row, rule in rows]
    return Rejection.from_arrow(pyarrow.Table.from_pylist(told, schema=Rejection.arrow_schema()))


def line_rows(*rows: tuple[str, int, int]) -> pd.DataFrame:
    read = pd.DataFrame(rows, columns=["sha256", "row", "amount_due_centavos"])
    return read.assign(sheet="").astype({"sha256": "str", "sheet": "str", "row": "int64"})


def test_rows_that_a_rule_rejects_are_counted_with_their_accepted_file_beside_those_that_did_not_read() -> None:
    issued = receipts(
        landings(landing("a", "1", rejected_rows=1), landing("b", "1", rejected_rows=1), landing("c", "2"))
    )
    by_rules = rejections(("1", 3, "registry_conflict"), ("1", 4, "registry_conflict"), ("2", 2, "same_signer"))
    counted = with_rejected(issued, by_rules, line_rows())
    assert counted.set_index("file_name")["rejected_rows"].to_dict() == {"a": 3, "b": 1, "c": 1}


def test_the_amount_of_a_line_in_conflict_leaves_the_amount_of_its_file() -> None:
    issued = receipts(landings(landing("a", "1", amount_centavos=700), landing("c", "2", amount_centavos=50)))
    counted = with_rejected(issued, rejections(("1", 3, "registry_conflict")), line_rows(("1", 2, 300), ("1", 3, 400)))
    assert counted.set_index("file_name")["amount_centavos"].to_dict() == {"a": 300, "c": 50}


def test_without_rejections_by_rules_receipts_stay_as_they_are() -> None:
    issued = receipts(landings(landing("a", "1", rejected_rows=1)))
    assert with_rejected(issued, Rejection.empty(), line_rows()).equals(issued)
