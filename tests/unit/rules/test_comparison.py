from __future__ import annotations

import pandas as pd

from pipelines.rules import comparison

COLUMNS = ["payment_id", "bucket", "reason", "capture_line", "amount_centavos", "currency"]


def parts(*rows: tuple[str, str, str, str, int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=COLUMNS)
    return frame.astype({name: "int64" if name == "amount_centavos" else "str" for name in COLUMNS})


BEFORE = parts(
    ("P1", "applied", "", "LINE1", 500, "MXN"),
    ("P2", "held", "unsettled", "", 300, "MXN"),
    ("P3", "unmatched", "", "", 100, "MXN"),
)
AFTER = parts(
    ("P1", "applied", "", "LINE1", 500, "MXN"),
    ("P2", "applied", "", "LINE2", 250, "MXN"),
    ("P2", "surplus", "", "LINE2", 50, "MXN"),
    ("P4", "held", "foreign_currency", "", 9, "USD"),
)


def test_a_payment_is_told_once_with_all_its_buckets_before_and_after() -> None:
    assert comparison.payments(BEFORE, AFTER).to_dict("split")["data"] == [
        ["P2", "held", "applied; surplus", "unsettled", "", 300, "MXN"],
        ["P3", "unmatched", "", "", "", 100, "MXN"],
        ["P4", "", "held", "", "foreign_currency", 9, "USD"],
    ]


def test_the_same_parts_in_another_order_are_no_change() -> None:
    assert comparison.payments(AFTER, AFTER.iloc[::-1]).empty


def test_money_is_summed_by_bucket_and_currency_on_both_sides() -> None:
    found = comparison.money(BEFORE, AFTER)
    assert list(found.columns[2:]) == [
        "payments_before",
        "amount_centavos_before",
        "payments_after",
        "amount_centavos_after",
    ]
    assert found.to_dict("split")["data"] == [
        ["applied", "MXN", 1, 500, 2, 750],
        ["held", "MXN", 1, 300, 0, 0],
        ["held", "USD", 0, 0, 1, 9],
        ["surplus", "MXN", 0, 0, 1, 50],
        ["unmatched", "MXN", 1, 100, 0, 0],
    ]


def test_lines_are_counted_by_what_became_of_them() -> None:
    nobody = pd.DataFrame({"nss": pd.Series([], dtype="str")})
    somebody = pd.DataFrame({"nss": pd.Series(["1", "2"], dtype="str")})
    waiting = pd.DataFrame({"reason": pd.Series(["held", "held", "unpaid"], dtype="str")})
    paid = pd.DataFrame({"reason": pd.Series(["unpaid"], dtype="str")})
    found = comparison.lines((nobody, waiting), (somebody, paid))
    assert found.to_dict("split")["data"] == [["activated", 0, 2], ["held", 2, 0], ["unpaid", 1, 1]]
