from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from pipelines.store import publications, tables
from pipelines.store.shown import Shown, digest_of
from pipelines.store.tables import TableDamagedError
from schemas.digest import content_digest
from tests.unit.store.test_publications import OCTOBER, _publication

if TYPE_CHECKING:
    from pipelines.store.home import Home
    from pipelines.store.publications import Publication
    from tests.unit.store.conftest import MakeTable


@pytest.fixture
def publication(home: Home, make_table: MakeTable) -> Publication:
    version = tables.publish(home, "payments", make_table(OCTOBER, [1, 2]), OCTOBER)
    return _publication(versions={"payments": version})


def test_a_table_at_rest_is_read_when_its_rows_are_asked_for_and_once(
    home: Home, make_table: MakeTable, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Mock(side_effect=publications.read_slices)
    monkeypatch.setattr(publications, "read_slices", read)
    shown = Shown(home, {"receipts": make_table(OCTOBER, [3])}, {}, {"before": (publication, "payments")})
    assert (list(shown), len(shown)) == (["receipts", "before"], 2)
    assert "before" in shown
    assert "after" not in shown
    assert digest_of(shown, "before") == content_digest(make_table(OCTOBER, [2, 1]))
    assert not read.called
    assert shown["before"].equals(shown["before"])
    assert shown["before"]["amount_centavos"].to_pylist() == [1, 2]
    assert read.call_count == 1


def test_what_stands_in_a_publication_takes_the_place_of_a_table_at_hand(
    home: Home, make_table: MakeTable, publication: Publication
) -> None:
    at_hand = make_table(OCTOBER, [9])
    shown = Shown(home, {"payments": at_hand}, {"payments": "another"}, {"payments": (publication, "payments")})
    assert list(shown) == ["payments"]
    assert shown["payments"].num_rows == publication.tables["payments"].rows
    assert digest_of(shown, "payments") == publication.tables["payments"].digest


def test_a_digest_that_is_not_known_is_computed(home: Home, make_table: MakeTable) -> None:
    rows = make_table(OCTOBER, [1])
    assert digest_of(Shown(home, {"a": rows}, {"a": "known"}, {}), "a") == "known"
    assert digest_of(Shown(home, {"a": rows}, {}, {}), "a") == content_digest(rows)
    assert digest_of({"a": rows}, "a") == content_digest(rows)


def test_a_table_at_rest_that_was_altered_is_not_shown(home: Home, publication: Publication) -> None:
    for path in (home.root / "tables" / "payments").rglob("*.parquet"):
        path.write_bytes(b"PAR1")
    shown = Shown(home, {}, {}, {"before": (publication, "payments")})
    with pytest.raises(TableDamagedError, match="payments"):
        shown["before"]
    with pytest.raises(KeyError):
        shown["no such table"]
