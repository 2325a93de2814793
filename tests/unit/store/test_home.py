from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.store.files import TEMPORARY_SUFFIX
from pipelines.store.home import Home, HomePathError

if TYPE_CHECKING:
    from pathlib import Path


def test_preparing_a_home_makes_its_folders_and_repeats_without_harm(tmp_path: Path) -> None:
    home = Home(tmp_path / "deep" / "home")
    home.prepare()
    (home.inbox / "offered.csv").write_bytes(b"x")
    home.prepare()
    made = {path.name for path in home.root.iterdir()}
    assert made == {
        "inbox",
        "originals",
        "landed",
        "tables",
        "publications",
        "work",
        "outbox",
        "dagster",
        "locks",
    }
    assert (home.inbox / "offered.csv").exists()


def test_preparing_a_home_sweeps_what_killed_writers_left(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    orphans = [
        home.root / "originals" / "ab" / f".x{TEMPORARY_SUFFIX}",
        home.root / "tables" / "payments" / f".z{TEMPORARY_SUFFIX}",
        home.outbox / "2026-11" / f".y{TEMPORARY_SUFFIX}",
    ]
    for orphan in orphans:
        orphan.parent.mkdir()
        orphan.write_bytes(b"half")
    home.prepare()
    assert [orphan.exists() for orphan in orphans] == [False, False, False]


@pytest.mark.parametrize("name", ["100%", "a#b", "a?b", "a[b", "a]b", "a|b", "a^b", "a\\b", "a\nb"])
def test_a_path_that_tables_cannot_be_kept_under_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(HomePathError, match="choose another"):
        Home(tmp_path / name).prepare()
    assert not (tmp_path / name).exists()
