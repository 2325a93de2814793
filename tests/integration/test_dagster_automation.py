from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from pipelines.defs.automation import MONTH as MONTH_JOB
from pipelines.defs.automation import new_files, nightly
from pipelines.defs.document import PAGE, write
from pipelines.defs.location import POLICY, build
from pipelines.defs.partitions import MONTHS
from pipelines.defs.resources import Premises
from pipelines.engine import arrivals, landing
from pipelines.readers import read_stream
from pipelines.store import publications
from pipelines.store.home import Home
from pipelines.store.publications import Publication
from tests.integration.small_month import CANARIES, FILES, RECEIVED_AT, offer


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def look(home: Home, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    """One evaluation of the sensor."""
    context = dg.build_sensor_context(cursor=cursor, definitions=build(home.root, POLICY))
    found = new_files(context, premises=Premises(home_path=str(home.root), policy_path=str(POLICY)))
    assert isinstance(found, dg.SensorResult | dg.SkipReason)
    return found


def asked(found: dg.SensorResult | dg.SkipReason) -> list[str | None]:
    assert isinstance(found, dg.SensorResult)
    return [request.partition_key for request in found.run_requests or []]


def publish_nothing(home: Home, month: str) -> None:
    """A publication without tables, for what only asks whether a month was published."""
    made_at = datetime(2026, 11, 1, tzinfo=UTC)
    publications.write(home, Publication(month, 1, made_at, "", "", "", {}, (), "", ""))


def test_the_schedule_asks_at_two_in_mexico_city_for_the_month_and_the_one_before() -> None:
    night = datetime(2026, 1, 1, 2, tzinfo=ZoneInfo("America/Mexico_City"))
    requests = nightly(dg.build_schedule_context(scheduled_execution_time=night))
    assert isinstance(requests, list)
    assert [request.partition_key for request in requests] == ["2025-12", "2026-01"]
    assert len({request.run_key for request in requests}) == 2
    assert (nightly.cron_schedule, nightly.execution_timezone) == ("0 2 * * *", "America/Mexico_City")


def test_the_first_night_of_the_programme_has_no_month_before_it() -> None:
    night = datetime(2024, 1, 31, 2, tzinfo=ZoneInfo("America/Mexico_City"))
    requests = nightly(dg.build_schedule_context(scheduled_execution_time=night))
    assert isinstance(requests, list)
    assert [request.partition_key for request in requests] == ["2024-01"]


@pytest.mark.parametrize(
    ("instant", "last"),
    [("2026-11-01T05:59:59+00:00", "2026-10"), ("2026-11-01T06:00:00+00:00", "2026-11")],
)
def test_the_month_in_progress_in_mexico_city_is_the_last_partition(instant: str, last: str) -> None:
    with dg.partition_loading_context(effective_dt=datetime.fromisoformat(instant)):
        assert MONTHS.get_first_partition_key() == "2024-01"
        assert MONTHS.get_last_partition_key() == last


def test_the_sensor_asks_one_run_for_each_month_that_new_files_touch(home: Home) -> None:
    offer(home.inbox)
    found = look(home)
    assert isinstance(found, dg.SensorResult)
    assert "2026-10" in asked(found)
    assert len(asked(found)) == len(set(asked(found)))
    again = look(home)
    assert isinstance(again, dg.SensorResult)
    keys = [request.run_key for request in found.run_requests or []]
    assert keys == [request.run_key for request in again.run_requests or []]
    assert all(keys)


def test_the_sensor_asks_once_and_then_says_that_there_is_nothing_new(home: Home) -> None:
    offer(home.inbox)
    found = look(home)
    assert isinstance(found, dg.SensorResult)
    then = look(home, found.cursor)
    assert isinstance(then, dg.SensorResult)
    assert asked(then) == []
    assert str(then.skip_reason) != "None"
    assert then.cursor == found.cursor


def test_the_sensor_leaves_alone_what_is_landed_and_forgets_what_is_gone(home: Home) -> None:
    offer(home.inbox)
    landing.land(home, home.inbox, RECEIVED_AT)
    found = look(home)
    assert isinstance(found, dg.SensorResult)
    assert asked(found) == []
    for name in FILES:
        (home.inbox / name).unlink()
    then = look(home, found.cursor)
    assert isinstance(then, dg.SensorResult)
    assert json.loads(then.cursor or "") == []


def test_one_bad_file_does_not_hide_the_others_from_the_sensor(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(home.inbox)
    (home.inbox / "bank_transfers_link.csv").symlink_to("/dev/null")
    os.mkfifo(home.inbox / "bank_transfers_pipe.csv")

    def fail_on_settlements(name: str, *asked: Any) -> object:
        if name.startswith("settlements"):
            raise ValueError(name)
        return read_stream(name, *asked)

    monkeypatch.setattr(arrivals, "read_stream", fail_on_settlements)
    assert "2026-10" in asked(look(home))


def test_a_registry_asks_for_every_published_month_and_a_payment_for_those_of_its_window(home: Home) -> None:
    for month in ("2026-05", "2026-08", "2026-09", "2026-10"):
        publish_nothing(home, month)
    offer(home.inbox, {"registrants_1.csv": FILES["registrants_1.csv"]})
    assert asked(look(home)) == ["2026-05", "2026-08", "2026-09", "2026-10"]
    (home.inbox / "registrants_1.csv").unlink()
    offer(home.inbox, {"bank_transfers_1.csv": FILES["bank_transfers_1.csv"]})
    assert asked(look(home)) == ["2026-08", "2026-09", "2026-10"]


def test_a_file_that_does_not_read_asks_for_the_latest_month_so_that_it_gets_its_receipt(home: Home) -> None:
    offer(home.inbox, {"notes.csv": FILES["notes.csv"]})
    nowhere = look(home)
    assert isinstance(nowhere, dg.SensorResult)
    assert asked(nowhere) == []
    assert "new files: 1;" in str(nowhere.skip_reason)
    publish_nothing(home, "2026-08")
    publish_nothing(home, "2026-09")
    assert asked(look(home)) == ["2026-09"]


def test_a_month_that_cannot_be_run_is_not_asked_for(home: Home) -> None:
    future = datetime.now(UTC) + timedelta(days=400)
    moved = FILES["bank_transfers_1.csv"].replace("2026-10", f"{future:%Y-%m}")
    offer(home.inbox, {"bank_transfers_1.csv": moved})
    assert asked(look(home)) == []


def test_the_sensor_says_what_is_wrong_with_the_inbox_or_the_policy(tmp_path: Path) -> None:
    found = look(Home(tmp_path / "nowhere"))
    assert isinstance(found, dg.SkipReason)
    assert "inbox" in str(found.skip_message)


def test_no_canary_gets_into_the_cursor(home: Home) -> None:
    offer(home.inbox)
    found = look(home)
    assert isinstance(found, dg.SensorResult)
    assert [word for word in CANARIES if word in str(found)] == []


def test_what_the_sensor_and_the_schedule_ask_for_is_the_whole_month() -> None:
    definitions = build(Path("home"), POLICY)
    job = definitions.resolve_job_def("month")
    assert job.partitions_def == MONTHS
    keys = definitions.resolve_asset_graph().get_all_asset_keys()
    assert job.asset_layer.selected_asset_keys == keys
    assert job.tags["dagster/retry_strategy"] == "ALL_STEPS"
    assert MONTH_JOB.name == job.name


def test_the_page_on_lineage_is_what_the_asset_graph_says() -> None:
    assert PAGE.read_text("utf-8") == write()
