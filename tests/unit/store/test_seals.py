from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.store import seals, tables
from pipelines.store.places.local import LocalPlace

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.store.home import Home
    from tests.unit.store.conftest import MakeTable

OCTOBER = "2026-10"
COMMITS = 12
"""More than lie between two checkpoints."""


@pytest.fixture
def folder(home: Home, make_table: MakeTable) -> Path:
    """A table of some commits, one checkpoint among them."""
    for number in range(COMMITS):
        tables.publish(home, "payments", make_table(OCTOBER, [number]), OCTOBER)
    return home.root / "tables" / "payments"


def names(folder: Path) -> set[str]:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found - {seals.LIST, seals.pointer()}


def test_every_file_of_a_table_is_noted_with_its_digest(folder: Path) -> None:
    sealed = seals.read(LocalPlace(folder))
    assert set(sealed.digests) == names(folder)
    assert any("checkpoint" in name for name in sealed.digests)
    assert len(seals.commits(LocalPlace(folder))) == COMMITS + 1
    assert {name for name, digest in sealed.digests.items() if (LocalPlace(folder) / name).sha256() != digest} == set()


def test_noting_again_adds_nothing(folder: Path) -> None:
    before = (folder / seals.LIST).read_bytes()
    seals.seal(LocalPlace(folder))
    assert (folder / seals.LIST).read_bytes() == before


def test_what_a_dead_process_did_not_note_is_noted_by_the_next(folder: Path) -> None:
    listed = folder / seals.LIST
    lines = listed.read_text().splitlines(keepends=True)
    listed.write_text("".join(lines[:-2]) + lines[-2][:40])
    seals.seal(LocalPlace(folder))
    assert seals.read(LocalPlace(folder)).broken == []
    assert set(seals.read(LocalPlace(folder)).digests) == names(folder)


def test_a_line_that_is_not_of_the_form_is_told_by_its_number(folder: Path) -> None:
    listed = folder / seals.LIST
    lines = listed.read_text().splitlines(keepends=True)
    listed.write_text("".join([lines[0], "?" + lines[1][1:], *lines[2:]]))
    assert seals.read(LocalPlace(folder)).broken == [2]


def test_a_table_that_was_never_noted_has_an_empty_list(tmp_path: Path) -> None:
    assert seals.read(LocalPlace(tmp_path)) == seals.Sealed({}, [])
    assert seals.is_pointer_sound(LocalPlace(tmp_path))


def test_any_bit_flipped_in_the_pointer_to_the_last_checkpoint_is_noticed(folder: Path) -> None:
    assert seals.is_pointer_sound(LocalPlace(folder))
    path = folder / seals.pointer()
    content = path.read_bytes()
    for position in range(len(content.strip())):
        for bit in (0, 3):
            altered = bytearray(content)
            altered[position] ^= 1 << bit
            path.write_bytes(bytes(altered))
            assert not seals.is_pointer_sound(LocalPlace(folder)), (position, bit)
