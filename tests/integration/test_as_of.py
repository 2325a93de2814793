"""A simulated October: published on days 10, 16 and 20, and built again as of each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipelines.engine import landing, publishing, rebuilding, stages
from pipelines.engine.publishing import Origin
from pipelines.engine.sharding.settings import Settings
from pipelines.rules.policy import PolicyBook, parse_policy
from pipelines.store import publications
from pipelines.store.home import Home
from pipelines.store.ordered import Ordered
from tests.architecture.tree import ROOT
from tests.integration.small_month import FILES, MONTH, digests, offer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.slow
POLICY = parse_policy((ROOT / "policy.toml").read_text("utf-8"))
HEAD = FILES["bank_transfers_1.csv"].partition("\n")[0]
DAYS: Mapping[int, Mapping[str, str]] = {
    10: {name: text for name, text in FILES.items() if name != "settlements_1.csv"},
    16: {"settlements_1.csv": FILES["settlements_1.csv"]},
    20: {
        "bank_transfers_2.csv": f"{HEAD}\n"
        "2026-10-06,2026-10-19T10:00:00-06:00,TK0001,BANCO AZUL,,,,1450.00,MXN,,,returned\n",
        "decisions_1.csv": "payment_id,action,capture_line,reason,decided_by,approved_by,decided_at\n"
        "bank_transfer|2026-10-07|BANCO AZUL|TK0002,refund,,pidió su dinero,Diana,Elías,2026-10-18T10:00:00-06:00\n",
    },
}


WHOLE = Settings()
ENGINES = pytest.mark.parametrize("settings", [WHOLE, Settings(shards=2)], ids=["whole", "in shards"])


def moment(day: int) -> datetime:
    return datetime(2026, 10, day, 18, tzinfo=UTC)


def publish_day(
    home: Home, day: int, policy: PolicyBook = POLICY, published_at: datetime | None = None
) -> publications.Publication:
    """Land what came that day and publish October; the clock is that of the day."""
    landing.land(home, home.inbox, moment(day))
    issued = landing.issued(home, None)
    rows = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    known = {**rows, "landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    proven = stages.reconcile(known, MONTH, policy, publishing.last_published(home, MONTH, policy))
    origin = Origin(f"run-{day}", "", published_at or moment(day).replace(hour=19))
    return publishing.publish(home, MONTH, proven, policy, origin, lambda *_: []).publication


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that published on each of the days."""
    made = Home(tmp_path_factory.mktemp("as-of") / "home")
    made.prepare()
    for day, files in DAYS.items():
        offer(made.inbox, files)
        publish_day(made, day)
    return made


@pytest.fixture(scope="module")
def late_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that published only in November, of files that were given the moments of receipt of those days."""
    made = Home(tmp_path_factory.mktemp("late") / "home")
    made.prepare()
    for received, files in DAYS.items():
        offer(made.inbox, files)
        publish_day(made, received, published_at=datetime(2026, 11, 30, received, tzinfo=UTC))
    return made


def rebuild(
    home: Home, day: int, policy: PolicyBook = POLICY, settings: Settings = WHOLE, hour: int = 18
) -> rebuilding.Rebuilt:
    """October as of a day, its tables held."""
    with rebuilding.rebuild(home, MONTH, moment(day).replace(hour=hour), policy, settings) as rebuilt:
        held = {name: Ordered.as_it_is(table.whole()) for name, table in rebuilt.tables.items()}
        return replace(rebuilt, tables=held)


def changes_of(home: Home, number: int) -> list[tuple[str, ...]]:
    publication = publications.fetch(home, MONTH, number)
    assert publication is not None
    rows = publications.read_table(home, publication, "coverage_changes")
    return [tuple(row.values()) for row in rows.select(["nss", "change", "cause", "detail", "payments"]).to_pylist()]


def test_each_publication_tells_what_it_changed_and_why(home: Home) -> None:
    quetzalli, timoteo = "92919084431", "12345678903"
    transfer, sent = "bank_transfer|2026-10-06|BANCO AZUL|TK0001", "remittance|GIROS|R1"
    assert changes_of(home, 1) == [(quetzalli, "activated", "first_publication", "", transfer)]
    assert changes_of(home, 2) == [(timoteo, "activated", "new_file", "held", sent)]
    assert changes_of(home, 3) == [(quetzalli, "revoked", "later_status", "returned", transfer)]


@pytest.mark.parametrize(("day", "number"), [(10, 1), (16, 2), (20, 3)])
@pytest.mark.parametrize("hour", [18, 22])
@ENGINES
def test_what_was_known_on_a_day_gives_again_what_was_published_then(
    home: Home, day: int, number: int, hour: int, settings: Settings
) -> None:
    before = digests(home.root)
    rebuilt = rebuild(home, day, settings=settings, hour=hour)
    published = publications.fetch(home, MONTH, number)
    assert published is not None
    assert (rebuilt.published, rebuilt.is_equal, rebuilt.is_same_policy, rebuilt.is_proven) == (
        (published, True, True, True)
    )
    assert rebuilt.document["digest"] == published.certificate_digest
    for name, table in rebuilt.tables.items():
        assert table.whole().equals(publications.read_table(home, published, name)), name
    assert digests(home.root) == before


@ENGINES
def test_before_anything_was_received_the_month_is_empty(home: Home, settings: Settings) -> None:
    rebuilt = rebuild(home, 9, settings=settings)
    assert (rebuilt.published, rebuilt.is_equal, rebuilt.is_proven) == (None, False, True)
    assert {table.num_rows for name, table in rebuilt.tables.items() if name != "certificate"} == {0}


@ENGINES
def test_files_that_were_received_and_not_published_yet_are_told_against_what_stood(
    home: Home, tmp_path: Path, settings: Settings
) -> None:
    waiting = Home(tmp_path / "home")
    waiting.prepare()
    offer(waiting.inbox, DAYS[10])
    publish_day(waiting, 10)
    offer(waiting.inbox, DAYS[16])
    landing.land(waiting, waiting.inbox, moment(16))
    rebuilt = rebuild(waiting, 17, settings=settings)
    assert rebuilt.published is not None
    assert (rebuilt.published.number, rebuilt.is_equal, rebuilt.document["publication"]) == (1, False, 2)
    second = publications.fetch(home, MONTH, 2)
    assert second is not None
    assert rebuilt.document["digest"] == second.certificate_digest


@ENGINES
def test_another_policy_than_that_of_the_time_is_told(home: Home, settings: Settings) -> None:
    other = PolicyBook((replace(POLICY.entries[0], due_day=3), *POLICY.entries[1:]))
    rebuilt = rebuild(home, 16, other, settings)
    assert (rebuilt.is_equal, rebuilt.is_same_policy) == (False, False)
    assert rebuilt.document["policy_digest"] == publishing.digest_policy(other)
    causes = rebuilt.tables["coverage_changes"].whole()["cause"].to_pylist()
    assert set(causes) == {"policy"}


@pytest.mark.parametrize(("day", "number"), [(11, 1), (17, 2), (21, 3)])
@ENGINES
def test_where_files_were_given_an_earlier_moment_of_receipt_the_publication_that_knew_no_more_stands(
    late_home: Home, day: int, number: int, settings: Settings
) -> None:
    rebuilt = rebuild(late_home, day, settings=settings)
    assert rebuilt.published is not None
    assert (rebuilt.published.number, rebuilt.is_equal) == (number, True)
