from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipelines.store import publications, tables
from pipelines.store.publications import ManifestDamagedError, Publication, PublicationConflictError
from pipelines.store.tables import TableDamagedError, TableVersion

if TYPE_CHECKING:
    from pipelines.store.home import Home
    from tests.unit.store.conftest import MakeTable

OCTOBER, NOVEMBER = "2026-10", "2026-11"


def _publication(
    number: int = 1, *, month: str = OCTOBER, versions: dict[str, TableVersion] | None = None
) -> Publication:
    return Publication(
        month=month,
        number=number,
        published_at=datetime(2026, 11, 1, 8, 0, 0, 1, tzinfo=UTC),
        run_id="run-1",
        reason="cierre de octubre: corrección",
        code_version="0.1.0",
        tables=versions or {},
        inputs=("aa", "bb"),
        policy_digest="cc",
        content_digest=publications.digest_of(versions or {}),
    )


def test_a_manifest_comes_back_as_it_was_written(home: Home, make_table: MakeTable) -> None:
    payments = tables.publish(home, "payments", make_table(OCTOBER, [1]), OCTOBER)
    receipts = tables.publish(home, "receipts", make_table(OCTOBER, [1]))
    written = _publication(versions={"payments": payments, "receipts": receipts})
    publications.write(home, written)
    assert publications.latest(home, OCTOBER) == written
    assert publications.fetch(home, OCTOBER, 1) == written


def test_a_month_never_published_has_no_publication(home: Home) -> None:
    publications.write(home, _publication())
    assert publications.latest(home, NOVEMBER) is None
    assert publications.fetch(home, OCTOBER, 2) is None


def test_numbers_increase_by_one_within_a_month_and_the_latest_is_in_force(home: Home) -> None:
    for number in range(1, 13):
        publications.write(home, _publication(number))
    publications.write(home, _publication(1, month=NOVEMBER))
    latest = publications.latest(home, OCTOBER)
    assert publications.numbers(home, OCTOBER) == list(range(1, 13))
    assert latest is not None
    assert latest.number == 12


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_number_that_is_not_the_next_is_refused_and_nothing_is_written(home: Home, number: int) -> None:
    publications.write(home, _publication(1))
    with pytest.raises(PublicationConflictError):
        publications.write(home, replace(_publication(number), run_id="late"))
    assert publications.numbers(home, OCTOBER) == [1]
    assert publications.fetch(home, OCTOBER, 1) == _publication(1)


def test_of_two_that_publish_the_same_number_at_once_the_first_stands(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    publications.write(home, _publication(1))
    monkeypatch.setattr(publications, "numbers", lambda *_: [])
    with pytest.raises(PublicationConflictError):
        publications.write(home, replace(_publication(1), run_id="second"))
    assert publications.fetch(home, OCTOBER, 1) == _publication(1)


def test_readers_see_the_publication_and_not_what_a_process_committed_before_it_died(
    home: Home, make_table: MakeTable
) -> None:
    first = {name: tables.publish(home, name, make_table(OCTOBER, [1]), OCTOBER) for name in ("payments", "matches")}
    publications.write(home, _publication(1, versions=first))

    tables.publish(home, "payments", make_table(OCTOBER, [2]), OCTOBER)
    in_force = publications.latest(home, OCTOBER)

    assert in_force is not None
    for name in ("payments", "matches"):
        assert publications.read_table(home, in_force, name) == make_table(OCTOBER, [1])


def test_an_older_publication_stays_readable(home: Home, make_table: MakeTable) -> None:
    for number in (1, 2):
        version = tables.publish(home, "payments", make_table(OCTOBER, [number]), OCTOBER)
        whole = tables.publish(home, "receipts", make_table(NOVEMBER, [number]))
        publications.write(home, _publication(number, versions={"payments": version, "receipts": whole}))
    older = publications.fetch(home, OCTOBER, 1)
    assert older is not None
    assert publications.read_table(home, older, "payments") == make_table(OCTOBER, [1])
    assert publications.read_table(home, older, "receipts") == make_table(NOVEMBER, [1])


def test_a_manifest_that_names_another_digest_than_the_table_has_is_noticed(home: Home, make_table: MakeTable) -> None:
    version = tables.publish(home, "payments", make_table(OCTOBER, [1]), OCTOBER)
    altered = _publication(versions={"payments": replace(version, digest="0" * 64)})
    with pytest.raises(TableDamagedError, match="publication 1 of 2026-10"):
        publications.read_table(home, altered, "payments")


@pytest.mark.parametrize("damage", ["{", "{}", "[]", '{"tables": 3}'])
def test_an_altered_manifest_is_named(home: Home, damage: str) -> None:
    publications.write(home, _publication())
    path = home.root / "publications" / OCTOBER / "0001.json"
    path.chmod(0o644)
    path.write_text(damage)
    with pytest.raises(ManifestDamagedError, match="publication 1 of 2026-10"):
        publications.latest(home, OCTOBER)


def test_a_manifest_moved_to_another_number_is_noticed(home: Home) -> None:
    publications.write(home, _publication())
    folder = home.root / "publications" / OCTOBER
    (folder / "0001.json").rename(folder / "0002.json")
    with pytest.raises(ManifestDamagedError):
        publications.latest(home, OCTOBER)


def test_tables_together_have_another_digest_when_one_of_them_does() -> None:
    one = TableVersion("payments", 1, "aa", 1)
    assert publications.digest_of({"payments": one}) == publications.digest_of({"payments": replace(one, version=9)})
    assert publications.digest_of({"payments": one}) != publications.digest_of({"payments": replace(one, digest="ab")})
    assert publications.digest_of({"payments": one}) != publications.digest_of({"matches": one})
