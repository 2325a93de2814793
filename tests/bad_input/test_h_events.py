"""Section H of the catalogue of bad input: what happens after a file was read well. Contract §3 to §10 decide."""

from __future__ import annotations

import pytest

from tests.bad_input.stories import Month, story
from tests.spec.case import Row

ANA: Row = {"line": "ANA-OCT26", "of": "ana"}
BETO: Row = {"line": "BETO-OCT26", "of": "beto"}
LATER = "2026-10-02T09:00:00Z"


def paying(concept: str = "ANAOCT26", **more: str) -> Row:
    return {"key": "T1", "concept": concept, **more}


def giving_back(**more: str) -> Row:
    """The bank's row of a return: it repeats operating date, bank and key, and says when the money went back."""
    return paying(
        **{"operating_date": "2026-10-05", "credited_at": "2026-10-20T09:00:00-06:00", "status": "returned", **more}
    )


def transfers(*rows: Row, lines: tuple[Row, ...] = (ANA,)) -> dict[str, list[Row]]:
    return {"capture_lines": list(lines), "bank_transfers": list(rows)}


# --- 118: the line was amended. §3: the row with the latest `updated_at` stands, whatever the day of the payment. ----

AMENDED: Row = {**ANA, "amount_due": "600.00", "updated_at": LATER}


@pytest.mark.parametrize(
    "month",
    [story(transfers(paying(), lines=(ANA, AMENDED))), story(transfers(paying(), lines=(AMENDED, ANA)))],
    ids=["older row first", "newer row first"],
)
def test_case_118_an_amended_amount_due_is_what_the_payment_is_measured_by(month: Month) -> None:
    assert month.money == [("T1", "short", "", "500.00")]
    assert month.exceptions == [("ANAOCT26", "short")]
    assert month.flags == [("T1", "part_paid")]


@pytest.mark.parametrize(
    "month", [story(transfers(paying(), lines=(ANA, {**ANA, "coverage_month": "2026-10", "updated_at": LATER})))]
)
def test_case_118_an_amended_month_moves_the_cut_off_with_it(month: Month) -> None:
    assert month.money == [("T1", "late", "", "500.00")]
    assert month.flags == [("T1", "late")]
    assert month.covered == []


@pytest.mark.parametrize("month", [story(transfers(paying(), lines=(ANA, {**ANA, "amount_due": "600.00"})))])
def test_case_118_two_amendments_of_one_moment_hold_the_payment_and_are_both_rejected(month: Month) -> None:
    assert month.money == [("T1", "held", "registry_conflict", "500.00")]
    assert month.rows("rejections", "row", "rule") == [("2", "registry_conflict"), ("3", "registry_conflict")]
    assert month.covered == []


# --- 119: the line had expired ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", [story(transfers(paying(), lines=({**ANA, "expires_on": "2026-10-01"},)))])
def test_case_119_a_line_that_expired_is_paid_because_the_date_only_informs(month: Month) -> None:
    # §3: `expires_on` informs only; the cut-off of the line's due month decides.
    assert month.money == [("T1", "applied", "", "500.00")]
    assert month.covered == ["ana"]


# --- 120: paid in parts ----------------------------------------------------------------------------------------------

PART = paying(amount="200.00")


@pytest.mark.parametrize("month", [story(transfers(PART))])
def test_case_120_a_part_payment_leaves_the_line_open_and_says_so(month: Month) -> None:
    assert month.money == [("T1", "short", "", "200.00")]
    assert month.exceptions == [("ANAOCT26", "short")]
    assert month.flags == [("T1", "part_paid")]


@pytest.mark.parametrize(
    "month", [story(transfers(PART, paying(key="T2", amount="300.00", credited_at="2026-10-15T23:59:59-06:00")))]
)
def test_case_120_the_payment_that_completes_the_line_activates_it_on_its_day(month: Month) -> None:
    assert month.money == [("T1", "applied", "", "200.00"), ("T2", "applied", "", "300.00")]
    assert month.rows("coverage_activations", "who", "paid_on") == [("ana", "2026-10-15")]


@pytest.mark.parametrize(
    "month", [story(transfers(PART, paying(key="T2", amount="300.00", credited_at="2026-10-16T00:00:00-06:00")))]
)
def test_case_120_a_line_completed_after_the_cut_off_is_late_by_its_last_payment(month: Month) -> None:
    assert month.money == [("T1", "short", "", "200.00"), ("T2", "late", "", "300.00")]
    assert month.exceptions == [("ANAOCT26", "late")]


# --- 121: paid too much ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", [story(transfers(paying(amount="700.00")))])
def test_case_121_what_is_more_than_due_stands_apart_as_surplus(month: Month) -> None:
    assert month.money == [("T1", "applied", "", "500.00"), ("T1", "surplus", "", "200.00")]
    assert month.flags == [("T1", "over_paid")]
    assert month.covered == ["ana"]


# --- 122: the money goes back ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", [story(transfers(paying(), giving_back()))])
def test_case_122_a_payment_returned_before_the_month_is_published_activates_nothing(month: Month) -> None:
    assert month.money == [("T1", "returned", "", "500.00")]
    assert month.roles == ["payment", "status"]
    assert month.exceptions == [("ANAOCT26", "returned")]


@pytest.mark.parametrize(
    "month", [story(transfers(paying(), giving_back(file="new")), before=[{"who": "ana", "line": "ANAOCT26"}])]
)
def test_case_122_a_payment_returned_after_activation_is_a_change_with_its_cause(month: Month) -> None:
    # §10: tables follow the files; what a publication takes back stands in `coverage_changes` and on the roster.
    assert month.covered == []
    assert month.rows("coverage_changes", "who", "change", "cause", "detail", "payments") == [
        ("ana", "revoked", "later_status", "returned", "T1")
    ]


# --- 123: returns that do not fit ------------------------------------------------------------------------------------

PAID: Row = {"key": "R1", "capture_line": "ANAOCT26"}


@pytest.mark.parametrize(
    "month",
    [story(transfers(paying(), giving_back(amount=amount))) for amount in ("500.01", "499.99")]
    + [
        story({"capture_lines": [ANA], "remittances": [PAID, {**PAID, "status": status, "pay_amount": "600.00"}]})
        for status in ("refunded", "cancelled")
    ],
    ids=["a centavo more", "a centavo less", "remittance refunded", "remittance cancelled"],
)
def test_case_123_a_return_of_another_amount_holds_the_payment(month: Month) -> None:
    (payment,) = month.money
    assert payment[1:] == ("held", "conflicting_rows", "500.00")
    assert month.roles == ["conflict", "payment"]
    assert month.exceptions == [("ANAOCT26", "held")]


@pytest.mark.parametrize("month", [story(transfers(giving_back()))])
def test_case_123_a_return_without_its_payment_is_returned_money_and_covers_nobody(month: Month) -> None:
    # §5: where only the returned row was seen it makes the payment, dated by its operating date.
    assert month.money == [("T1", "returned", "", "500.00")]
    assert month.rows("payments", "payment", "status", "paid_on") == [("T1", "returned", "2026-10-05")]
    assert month.exceptions == [("ANAOCT26", "returned")]


@pytest.mark.parametrize(
    "month", [story(transfers(paying(), giving_back(), giving_back(credited_at="2026-10-21T09:00:00-06:00")))]
)
def test_case_123_a_second_return_is_a_repeat_and_takes_nothing_twice(month: Month) -> None:
    assert month.money == [("T1", "returned", "", "500.00")]
    assert month.roles == ["payment", "repeat", "status"]


# --- 124: one transfer for many, and lines and persons that are not there --------------------------------------------


def for_both(amount: str) -> Month:
    return story(transfers(paying("ANAOCT26 BETOOCT26", amount=amount), lines=(ANA, BETO)))


@pytest.mark.parametrize("month", [for_both("1000.00")])
def test_case_124_one_transfer_for_two_lines_pays_both_when_the_sum_is_theirs(month: Month) -> None:
    assert month.rows("matches", "line", "rule") == [("ANAOCT26", "text_many"), ("BETOOCT26", "text_many")]
    assert month.covered == ["ana", "beto"]


@pytest.mark.parametrize("month", [for_both(amount) for amount in ("999.99", "1000.01", "500.00")])
def test_case_124_one_transfer_for_two_lines_is_held_when_the_sum_is_another(month: Month) -> None:
    (payment,) = month.money
    assert payment[1:3] == ("held", "several_lines")
    assert month.exceptions == [("ANAOCT26", "held"), ("BETOOCT26", "held")]


@pytest.mark.parametrize("month", [story({"bank_transfers": [paying("<ana.nss> <beto.nss>", amount="1000.00")]})])
def test_case_124_one_transfer_that_names_two_persons_and_no_line_is_held(month: Month) -> None:
    assert month.money == [("T1", "held", "several_registrants", "1000.00")]
    assert month.covered == []


@pytest.mark.parametrize("month", [story({"registrants": [{"who": "beto"}], **transfers(paying())})])
def test_case_124_a_person_who_is_registered_no_more_holds_the_payment(month: Month) -> None:
    # The registry says nothing of a death: who is in it no more, for whatever reason, is covered by nobody's guess.
    assert month.money == [("T1", "held", "unknown_registrant", "500.00")]
    assert month.exceptions == [("ANAOCT26", "unknown_registrant")]


@pytest.mark.parametrize(
    "month",
    [
        story(transfers(paying(), lines=(ANA, {**ANA, "status": "cancelled", "updated_at": cancelled_at})))
        for cancelled_at in ("2026-10-05T08:00:00-06:00", "2026-10-05T20:00:00-06:00")
    ],
    ids=["before the payment", "after the payment"],
)
def test_case_124_a_line_cancelled_on_the_day_of_the_payment_holds_it(month: Month) -> None:
    assert month.money == [("T1", "held", "line_cancelled", "500.00")]
    assert month.exceptions == []
    assert month.covered == []
