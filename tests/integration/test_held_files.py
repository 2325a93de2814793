"""Files that wait for the one before them: nothing of theirs is used, and what stands in the end is as in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine import arrivals, landing, publishing, stages
from pipelines.outputs.summary import summarise
from pipelines.rules.policy import parse_policy
from pipelines.store import tables
from pipelines.store.home import Home
from schemas.catalog import PUBLISHED
from schemas.tables.landings import Landing
from tests.architecture.tree import ROOT
from tests.integration.numbered_files import PESOS, name_of, numbered_file, offer_numbered

POLICY: Final = parse_policy((ROOT / "policy.toml").read_text("utf-8"))
MONTH: Final = "2026-10"
START: Final = datetime(2026, 10, 5, 14, tzinfo=UTC)


def made(folder: Path) -> Home:
    home = Home(folder)
    home.prepare()
    return home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return made(tmp_path / "home")


def arrive(home: Home, *numbers: int) -> None:
    """The files of these numbers arrive one a day."""
    days = len(landing.offered(home, None)["received_at"].unique())
    for day, number in enumerate(numbers, start=days):
        offer_numbered(home.inbox, number)
        landing.land(home, home.inbox, START + timedelta(days=day))


def outcomes(home: Home, as_of: datetime | None = None) -> dict[str, str]:
    issued = landing.issued(home, as_of)
    return dict(zip(issued["file_name"], issued["outcome"], strict=True))


def reconciled(home: Home) -> stages.Tables:
    issued = landing.issued(home, None)
    rows = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    known = {**rows, "landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    return stages.reconcile(known, MONTH, POLICY, publishing.last_published(home, MONTH, POLICY))


def test_a_held_file_gives_no_payment_and_the_proofs_hold(home: Home) -> None:
    arrive(home, 1, 3)
    found = reconciled(home)
    assert outcomes(home) == {name_of(1): "accepted", name_of(3): "held"}
    assert found["payments"]["amount_centavos"].tolist() == [PESOS]
    assert found["payments"]["source_file"].tolist() == [name_of(1)]
    assert found["certificate"]["passed"].all()


def test_the_summary_tells_of_a_held_file_and_of_the_one_that_is_missing(home: Home) -> None:
    arrive(home, 1, 3)
    found = reconciled(home)
    published = {name: PUBLISHED[name].model.to_arrow(found[name]) for name in PUBLISHED}
    (told,) = summarise(MONTH, published).refusals
    assert (told.file_name, told.outcome) == (name_of(3), "held")
    assert "file 2 of it missing" in told.reason


def test_when_the_gap_fills_everything_is_as_if_the_files_had_come_in_order(tmp_path: Path) -> None:
    late, ordered = made(tmp_path / "late"), made(tmp_path / "ordered")
    arrive(late, 1, 3, 2)
    arrive(ordered, 1, 2, 3)
    assert set(outcomes(late).values()) == {"accepted"}
    found, expected = reconciled(late), reconciled(ordered)
    assert len(found["payments"]) == 3
    for name in ("payments", "payment_rows", "dispositions", "payment_flags"):
        pd.testing.assert_frame_equal(found[name], expected[name])
    late_figures, figures = (
        each["certificate"].sort_values(["check", "scope"], ignore_index=True) for each in (found, expected)
    )
    pd.testing.assert_frame_equal(late_figures, figures)


def test_what_was_known_at_a_moment_is_told_as_it_stood_then(home: Home) -> None:
    arrive(home, 1, 3, 2)
    assert outcomes(home, START) == {name_of(1): "accepted"}
    assert outcomes(home, START + timedelta(days=1))[name_of(3)] == "held"
    assert outcomes(home, START + timedelta(days=2))[name_of(3)] == "accepted"


def test_a_refused_file_does_not_fill_its_number_and_the_corrected_one_does(home: Home) -> None:
    (home.inbox / name_of(1)).write_bytes(numbered_file(1, 1).replace(b"0000145000", b"0000145001", 1))
    arrive(home, 2)
    assert outcomes(home) == {name_of(1): "refused", name_of(2): "held"}
    (home.inbox / "giros_pacifico_1b.txt").write_bytes(numbered_file(1, 1))
    arrive(home, 3)
    assert outcomes(home) == {
        name_of(1): "refused",
        name_of(2): "accepted",
        "giros_pacifico_1b.txt": "accepted",
        name_of(3): "accepted",
    }


def test_check_says_held_and_why_and_no_more_once_the_gap_is_filled(home: Home) -> None:
    arrive(home, 1)
    waiting = home.root / name_of(3)
    waiting.write_bytes(numbered_file(3, 3))
    asked = ["--home", str(home.root), "--lang", "en", "check", str(waiting)]
    told = CliRunner().invoke(app, asked).stdout
    assert told.startswith("held ")
    assert "found number 3 of giros_pacifico, file 2 of it missing; expected every file before it" in told
    arrive(home, 2)
    assert CliRunner().invoke(app, asked).stdout.startswith("accepted ")


def test_the_file_that_fills_a_gap_asks_for_the_months_of_the_files_it_sets_free(home: Home) -> None:
    arrive(home, 1)
    (home.inbox / name_of(3)).write_bytes(numbered_file(3, 3, month="08"))
    landing.land(home, home.inbox, START + timedelta(days=1))
    offer_numbered(home.inbox, 2)
    (found,) = (arrival for arrival in arrivals.look(home, home.inbox, []).arrivals if arrival.digest)
    assert found.months == ("2026-08", "2026-10")


def test_a_log_written_before_files_had_numbers_is_read_and_goes_on(home: Home) -> None:
    arrive(home, 1)
    log = Landing.to_arrow(landing.offered(home, None)).drop_columns(["hold", "series", "number"])
    older = made(home.root.parent / "older")
    tables.append(older, landing.LANDINGS, log)
    stood = landing.offered(older, None)
    assert stood[["hold", "series", "number"]].to_numpy().tolist() == [["", "", 0]]
    assert outcomes(older) == {name_of(1): "accepted"}

    offer_numbered(older.inbox, 2, 3)
    landing.land(older, older.inbox, START + timedelta(days=1))
    stood = landing.offered(older, None)
    assert stood[["file_name", "series", "number"]].to_numpy().tolist() == [
        [name_of(1), "", 0],
        [name_of(2), "giros_pacifico", 2],
        [name_of(3), "giros_pacifico", 3],
    ]
    again = landing.land(older, older.inbox, START + timedelta(days=2))
    assert (len(again.landed), again.known) == (0, 2)


def test_a_table_that_grows_keeps_a_column_that_later_rows_do_not_have(home: Home) -> None:
    wide = pyarrow.table({"name": ["a"], "number": pyarrow.array([1], pyarrow.int64())})
    tables.append(home, "log", wide)
    tables.append(home, "log", wide.drop_columns(["number"]).slice(0, 0))
    tables.append(home, "log", pyarrow.table({"name": ["b"]}))
    found = tables.read(home, "log")
    assert found is not None
    assert found.to_pylist() == [{"name": "a", "number": 1}, {"name": "b", "number": None}]
