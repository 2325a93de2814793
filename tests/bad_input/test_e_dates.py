"""Section E of the catalogue of bad input: dates, times and months, as files write them and as a month takes them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pandas as pd
import pytest

from pipelines.engine import stages
from pipelines.engine.landing import land, load_rejections
from pipelines.readers.layout_files import layout_for
from pipelines.store.home import Home
from tests.architecture.tree import ROOT
from tests.bad_input.landing import LINE, POLICY, RECEIVED_AT, Offered, canonical, offer, record, registry, row_file
from tests.bad_input.stories import Month, story
from tests.spec.case import Row, Rows
from tests.unit.readers.workbooks import package, row, sheet, text

OFFERS: Final[dict[str, bytes]] = {"settlements_sibling.csv": canonical("settlements")}
"""Every file of this page; all of them are offered together, beside a sound one."""


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Offered:
    return offer(tmp_path_factory.mktemp("dates"), OFFERS)


def put(name: str, content: bytes) -> str:
    assert name not in OFFERS
    OFFERS[name] = content
    return name


# --- What files write -------------------------------------------------------------------------------------------------

BANORTE: Final = layout_for("banorte_x.txt")
assert BANORTE is not None
MOVEMENT: Final = {
    **dict.fromkeys(BANORTE.columns, ""),
    "Cuenta": "0012345678",
    "Fecha de Operación": "14/10/2026",
    "Fecha": "14/10/2026",
    "Descripción": "ABONO",
    "Depósitos": "$1.00",
    "Retiros": "$0.00",
    "Descripción Detallada": "DEPOSITO",
}


def banorte(*days: str) -> bytes:
    """The bank's pipe text with one credit a day, each with a folio of its own."""
    lines = ["|".join(MOVEMENT)]
    for place, day in enumerate(days):
        lines.append(
            "|".join({**MOVEMENT, "Fecha de Operación": day, "Fecha": day, "Movimiento": f"9{place}"}.values())
        )
    return "\n".join([*lines, ""]).encode("cp1252")


def banorte_workbook(cell: str, folio: int, *, from_1904: bool = False) -> bytes:
    """The bank's workbook with one credit whose operating date is this cell."""
    values = {**MOVEMENT, "Movimiento": str(folio)}
    cells = [cell if name == "Fecha de Operación" else text(value) for name, value in values.items()]
    return package(sheet(row(*map(text, MOVEMENT)), row(*cells)), date_1904=from_1904)


def dated(cell: int | str) -> str:
    """A cell that shows a date, as a spreadsheet keeps it: a count of days."""
    return f'<c s="1"><v>{cell}</v></c>'


def only_rejection(landed: Offered, name: str) -> tuple[int, str, str]:
    """Row, column and rule of the one rejection of a file; its reason says what was expected and what to do."""
    (found,) = landed.rejections(name)
    assert landed.receipt(name).outcome == "accepted"
    assert landed.receipt(name).rejected_rows == 1
    assert "expected" in found["reason"]
    assert "send the row again" in found["reason"]
    return found["row"], found["column"], found["rule"]


def days_of(landed: Offered, name: str) -> list[str]:
    rows = landed.rows("bank_transfers")
    return [day.date().isoformat() for day in rows.loc[rows["file_name"] == name, "operating_date"]]


BOTH_WAYS = put("banorte_both_ways.txt", banorte("13/02/2026", "02/13/2026"))
ONE_WAY = put("banorte_one_way.txt", banorte("03/04/2026"))


def test_case_072_a_date_is_read_as_its_layout_says_and_no_other_way(landed: Offered) -> None:
    assert days_of(landed, ONE_WAY) == ["2026-04-03"]
    assert landed.receipt(ONE_WAY).outcome == "accepted"


def test_case_072_in_a_file_with_both_orders_the_rows_that_do_not_fit_are_rejected(landed: Offered) -> None:
    # §4: a bad value in a sound file rejects its row; no order is taken from what the rows look like.
    assert only_rejection(landed, BOTH_WAYS) == (3, "Fecha de Operación", "date")
    (found,) = landed.rejections(BOTH_WAYS)
    assert "DD/MM/YYYY" in found["reason"]
    assert days_of(landed, BOTH_WAYS) == ["2026-02-13"]


NOT_DATES = {
    "072 day first": "03/04/2026",
    "073 two-digit year": "26-10-14",
    "074 serial number": "45703",
    "077 30 February": "2026-02-30",
    "077 31 April": "2026-04-31",
    "077 29 February in no leap year": "2026-02-29",
    "077 29 February 1900": "1900-02-29",
    "077 day 0": "2026-10-00",
    "077 month 13": "2026-13-01",
}
CANONICAL = {
    case: put(f"bank_transfers_{case.replace(' ', '_')}.csv", row_file("bank_transfers", operating_date=written))
    for case, written in NOT_DATES.items()
}


@pytest.mark.parametrize("case", NOT_DATES)
def test_case_072_073_074_077_what_is_no_iso_date_rejects_its_row_in_a_canonical_file(
    case: str, landed: Offered
) -> None:
    assert only_rejection(landed, CANONICAL[case]) == (2, "operating_date", "date")
    (found,) = landed.rejections(CANONICAL[case])
    assert "YYYY-MM-DD" in found["reason"]
    assert landed.receipt("settlements_sibling.csv").outcome == "accepted"


SHORT_YEAR = put("banorte_short_year.txt", banorte("14/10/26", "15/10/2026"))


def test_case_073_a_year_of_two_digits_rejects_its_row(landed: Offered) -> None:
    assert only_rejection(landed, SHORT_YEAR) == (2, "Fecha de Operación", "date")
    assert days_of(landed, SHORT_YEAR) == ["2026-10-15"]


def days_since(epoch: date) -> int:
    return (date(2026, 10, 14) - epoch).days


DATE_CELL = put("banorte_date_cell.xlsx", banorte_workbook(dated(days_since(date(1899, 12, 30))), 74))
BARE_NUMBER = put("banorte_bare_number.xlsx", banorte_workbook("<c><v>46309</v></c>", 75))
FROM_1904 = put("banorte_1904.xlsx", banorte_workbook(dated(days_since(date(1904, 1, 1))), 76, from_1904=True))
OTHER_EPOCH = put("banorte_other_epoch.xlsx", banorte_workbook(dated(10_000), 78))
PHANTOM = put("banorte_phantom.xlsx", banorte_workbook(dated(60), 77))


def test_case_074_a_count_of_days_is_a_date_in_a_cell_that_shows_dates(landed: Offered) -> None:
    assert landed.receipt(DATE_CELL).outcome == "accepted"
    assert landed.rejections(DATE_CELL) == []
    assert days_of(landed, DATE_CELL) == ["2026-10-14"]


def test_case_074_a_bare_number_in_a_date_column_rejects_its_row(landed: Offered) -> None:
    assert only_rejection(landed, BARE_NUMBER) == (2, "Fecha de Operación", "number_cell")
    assert days_of(landed, BARE_NUMBER) == []


def test_case_075_a_workbook_that_counts_from_1904_gives_the_day_it_shows(landed: Offered) -> None:
    assert landed.rejections(FROM_1904) == []
    assert days_of(landed, FROM_1904) == ["2026-10-14"]


def test_case_075_a_date_that_only_another_count_of_days_explains_rejects_its_row(landed: Offered) -> None:
    assert only_rejection(landed, OTHER_EPOCH) == (2, "Fecha de Operación", "date_window")
    assert days_of(landed, OTHER_EPOCH) == []


def test_case_076_the_29_february_1900_that_spreadsheets_invented_rejects_its_row(landed: Offered) -> None:
    row_number, column, _ = only_rejection(landed, PHANTOM)
    assert (row_number, column) == (2, "Fecha de Operación")
    assert days_of(landed, PHANTOM) == []


LEAP = put("bank_transfers_leap.csv", row_file("bank_transfers", operating_date="2028-02-29", tracking_key="LEAP"))


def test_case_078_the_29_february_of_a_leap_year_is_a_date(landed: Offered) -> None:
    assert landed.rejections(LEAP) == []
    assert days_of(landed, LEAP) == ["2028-02-29"]


# --- What a month makes of them ---------------------------------------------------------------------------------------

ANA: Row = {"line": "ANA-OCT26", "of": "ana"}


def paid_at(moment: str, coverage_month: str = "2026-11", **more: str) -> Rows:
    """A transfer credited at a moment for a line of one coverage month."""
    transfer = {"key": "T1", "concept": "ANAOCT26", "credited_at": moment, **more}
    return {"capture_lines": [{**ANA, "coverage_month": coverage_month}], "bank_transfers": [transfer]}


def bucket(month: Month) -> str:
    (part,) = month.money
    return part[1]


@pytest.mark.parametrize("month", [story(paid_at("2028-02-15T12:00:00-06:00", "2028-03"), month="2028-02")])
def test_case_078_february_of_a_leap_year_is_followed_by_march(month: Month) -> None:
    columns = ("who", "coverage_start", "coverage_end")
    assert month.rows("coverage_activations", *columns) == [("ana", "2028-03-01", "2028-03-31")]


@pytest.mark.parametrize("month", [story(paid_at("2028-01-15T12:00:00-06:00", "2028-02"), month="2028-01")])
def test_case_078_coverage_of_february_ends_on_the_29th_in_a_leap_year(month: Month) -> None:
    assert month.rows("coverage_activations", "coverage_end") == [("2028-02-29",)]


@pytest.mark.parametrize(
    "month",
    [story(paid_at(moment)) for moment in ("2027-01-01T12:00:00-06:00", "2026-07-31T12:00:00-06:00")],
    ids=["after the window", "before the window"],
)
def test_case_079_a_payment_dated_out_of_the_window_is_held(month: Month) -> None:
    assert month.money == [("T1", "held", "out_of_window", "500.00")]
    assert month.exceptions == [("ANAOCT26", "held")]


@pytest.mark.parametrize("month", [story(paid_at("2026-12-31T12:00:00-06:00"))])
def test_case_079_a_payment_dated_after_its_receipt_stands_on_its_own_day_and_covers_nobody(month: Month) -> None:
    # §1: no rule reads the clock. The file came on 1 November; its payment of 31 December is late for October's line.
    assert bucket(month) == "late"
    assert month.rows("payments", "paid_on") == [("2026-12-31",)]
    assert month.covered == []


CUT_OFF = {
    "the 14th": ("2026-10-14T12:00:00-06:00", "applied"),
    "the first moment of the 15th": ("2026-10-15T00:00:00-06:00", "applied"),
    "the last second of the 15th": ("2026-10-15T23:59:59-06:00", "applied"),
    "the last millisecond of the 15th": ("2026-10-15T23:59:59.999-06:00", "applied"),
    "the last microsecond of the 15th": ("2026-10-15T23:59:59.999999-06:00", "applied"),
    "midnight": ("2026-10-16T00:00:00-06:00", "late"),
    "the first microsecond of the 16th": ("2026-10-16T00:00:00.000001-06:00", "late"),
    "midnight in UTC": ("2026-10-16T06:00:00Z", "late"),
}


@pytest.mark.parametrize(
    ("month", "expected"),
    [(story(paid_at(moment)), expected) for moment, expected in CUT_OFF.values()],
    ids=list(CUT_OFF),
)
def test_case_080_the_15th_is_on_time_to_its_end_and_the_16th_is_late(month: Month, expected: str) -> None:
    assert bucket(month) == expected
    assert bool(month.covered) is (expected == "applied")


def civil_day(moment: str) -> Month:
    """A transfer that names nobody: its own month's cut-off tells whether it is late."""
    return story({"bank_transfers": [{"key": "T1", "credited_at": moment}]})


@pytest.mark.parametrize(
    ("month", "day", "is_late"),
    [
        (civil_day("2025-02-16T05:59:00Z"), "2025-02-15", False),
        (civil_day("2025-02-16T05:59:59.999999Z"), "2025-02-15", False),
        (civil_day("2025-02-16T06:00:00Z"), "2025-02-16", True),
    ],
)
def test_case_081_an_instant_in_utc_counts_on_the_programmes_civil_day(month: Month, day: str, is_late: bool) -> None:
    assert month.rows("payments", "paid_on") == [(day,)]
    assert (("T1", "late") in month.flags) is is_late


@pytest.mark.parametrize(
    ("month", "day"),
    [
        (civil_day("2022-07-01T05:30:00Z"), "2022-07-01"),
        (civil_day("2022-07-01T04:59:59Z"), "2022-06-30"),
        (civil_day("2022-12-01T05:30:00Z"), "2022-11-30"),
        (civil_day("2023-07-01T05:30:00Z"), "2023-06-30"),
    ],
    ids=["summer time", "before midnight in summer time", "after it was abolished", "the summer after"],
)
def test_case_082_mexico_city_kept_summer_time_until_october_2022(month: Month, day: str) -> None:
    assert month.rows("payments", "paid_on") == [(day,)]


def test_case_082_the_rules_of_time_zones_are_pinned() -> None:
    assert "\ntzdata==" in (ROOT / "requirements.txt").read_text("utf-8")


def sent_at(moment: str) -> Month:
    return story(
        {"capture_lines": [ANA], "remittances": [{"key": "R1", "capture_line": "ANAOCT26", "sent_at": moment}]}
    )


@pytest.mark.parametrize(
    ("month", "expected", "flags"),
    [
        (sent_at("2026-10-15T23:30:00-07:00"), "late", [("R1", "boundary"), ("R1", "late")]),
        (sent_at("2026-10-15T22:59:59-07:00"), "applied", []),
        (sent_at("2026-10-15T23:30:00-05:00"), "applied", []),
        (sent_at("2026-10-16T00:30:00-05:00"), "applied", [("R1", "boundary")]),
    ],
    ids=["still the 15th in Tijuana", "the 15th in both", "the 15th in Cancún", "the 16th in Cancún"],
)
def test_case_083_the_payers_clock_flags_a_payment_and_the_programmes_decides(
    month: Month, expected: str, flags: list[tuple[str, str]]
) -> None:
    assert bucket(month) == expected
    assert month.flags == flags


ROLLING = {"due_day_roll": "next_business_day"}
SUNDAY = ("2026-11", "2026-12")
"""15 November 2026 is a Sunday, and the Monday after it a holiday of the banks."""


def in_november(day: int, policy: Row | None = None, later: Row | None = None) -> Month:
    due, coverage = SUNDAY
    given = paid_at(f"{due}-{day}T12:00:00-06:00", coverage)
    return story(given, month=due, policy=policy, later_policy=later)


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        (in_november(15), "applied"),
        (in_november(16), "late"),
        (in_november(17, ROLLING), "applied"),
        (in_november(18, ROLLING), "late"),
        (in_november(17, None, {"effective_from": "2026-11", **ROLLING}), "applied"),
        (in_november(17, None, {"effective_from": "2026-12", **ROLLING}), "late"),
    ],
    ids=[
        "Sunday",
        "does not roll",
        "rolls over the holiday",
        "and no further",
        "from this month",
        "from the next month",
    ],
)
def test_case_084_a_cut_off_on_a_day_without_banks_rolls_only_where_the_dated_policy_says_so(
    month: Month, expected: str
) -> None:
    # §2: the default is "none"; late money is never lost, it stands in its bucket and may be accepted.
    assert bucket(month) == expected


MONTH_END = {
    **registry(),
    "bank_transfers_1.csv": canonical(
        "bank_transfers",
        record("bank_transfers", credited_at="2026-10-31T23:59:59-06:00", operating_date="2026-10-31"),
        record("bank_transfers", credited_at="2026-11-01T00:00:00-06:00", operating_date="2026-11-01"),
    ),
}


def reconciled_at(folder: Path, received_at: datetime, month: str = "2026-10") -> Mapping[str, pd.DataFrame]:
    offered = offer(folder, MONTH_END, received_at)
    known = {name: offered.rows(kind) for kind, name in stages.ROW_TABLES.items()}
    told = {"landed_receipts": offered.receipts, "read_rejections": load_rejections(offered.home, offered.receipts)}
    return stages.reconcile({**known, **told}, month, POLICY)


DECIDED = ("dispositions", "payment_flags", "matches", "coverage_exceptions", "coverage_activations", "certificate")


def test_case_085_the_month_comes_from_what_is_asked_for_and_never_from_the_moment_of_the_run(tmp_path: Path) -> None:
    before_midnight = reconciled_at(tmp_path / "before", datetime(2026, 11, 1, 5, 59, tzinfo=UTC))
    after_midnight = reconciled_at(tmp_path / "after", datetime(2026, 11, 1, 6, 10, tzinfo=UTC))
    for name in DECIDED:
        pd.testing.assert_frame_equal(before_midnight[name], after_midnight[name])
    assert sorted(before_midnight["dispositions"]["month"]) == ["2026-10", "2026-11"]
    assert before_midnight["coverage_exceptions"]["capture_line"].tolist() == [LINE]


@pytest.mark.parametrize("month", [story(paid_at("2026-12-15T23:59:59-06:00", "2027-01"), month="2026-12")])
def test_case_086_december_pays_for_january_of_the_next_year(month: Month) -> None:
    columns = ("coverage_month", "coverage_start", "coverage_end")
    assert month.rows("coverage_activations", *columns) == [("2027-01", "2027-01-01", "2027-01-31")]


@pytest.mark.parametrize(
    ("month", "its_month"),
    [(civil_day("2027-01-01T05:59:59Z"), "2026-12"), (civil_day("2027-01-01T06:00:00Z"), "2027-01")],
)
def test_case_086_the_year_rolls_at_the_programmes_midnight(month: Month, its_month: str) -> None:
    assert month.rows("payments", "month") == [(its_month,)]


def test_case_087_a_file_dated_in_the_future_or_the_past_reads_the_same(tmp_path: Path) -> None:
    found = []
    for name, moment in (("future", 4_102_444_800), ("past", 0)):
        home = Home(tmp_path / name)
        home.prepare()
        path = home.inbox / "bank_transfers_1.csv"
        path.write_bytes(MONTH_END["bank_transfers_1.csv"])
        os.utime(path, (moment, moment))
        offered = Offered(home, land(home, home.inbox, RECEIVED_AT))
        found.append((offered.receipt(path.name), offered.rows("bank_transfers")))
    assert found[0][0].outcome == "accepted"
    assert found[0][0] == found[1][0]
    pd.testing.assert_frame_equal(found[0][1], found[1][1])


def test_case_087_a_clock_that_went_back_lands_a_file_once_and_changes_no_row(tmp_path: Path) -> None:
    first = offer(tmp_path, {"bank_transfers_1.csv": MONTH_END["bank_transfers_1.csv"]}, RECEIVED_AT)
    before = first.rows("bank_transfers")
    again = offer(tmp_path, registry(), datetime(2026, 10, 30, tzinfo=UTC))
    assert set(again.outcomes().values()) == {"accepted"}
    assert again.report.known == 1
    pd.testing.assert_frame_equal(again.rows("bank_transfers"), before)
