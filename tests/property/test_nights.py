"""A night gives the tables that a whole run gives, on worlds in which anything may happen and come late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.engine.nights import months
from pipelines.store.home import Home
from tests.property import nightly, product

if TYPE_CHECKING:
    from pathlib import Path

    from tests.property.oracle_world import World

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _any_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """In worlds as dense as these a night touches more than it may elsewhere."""
    monkeypatch.setattr(months, "MOST", 2.0)


def begun(folder: Path, seed: int, universes: int, nights: int, shards: int) -> tuple[nightly.Programme, list[World]]:
    """A home in which the first night is published."""
    parts = nightly.split(seed, universes, nights)
    home = Home(folder / "home")
    home.prepare()
    programme = nightly.Programme(home, product.book_of(parts[0].policies), shards)
    nightly.land(home, parts[0])
    programme.publish_whole()
    return programme, parts[1:]


@pytest.mark.parametrize(("seed", "shards"), [(1, 2), (2, 3), (3, 2)])
def test_night_after_night_every_table_is_the_one_that_a_whole_run_gives(
    tmp_path: Path, seed: int, shards: int
) -> None:
    programme, nights = begun(tmp_path, seed, 3, 2, shards)
    for part in nights:
        nightly.land(programme.home, part)
        made = nightly.taken(programme.night())
        assert nightly.differing(made, programme.whole()) == []
        programme.publish(made)
