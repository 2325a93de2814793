from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from pipelines.outputs import folders

OLD, NEW = {"a.csv": b"old", "clinics/x.csv": b"old"}, {"a.csv": b"new"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folders.replace(tmp_path / "2026-11", OLD)
    return tmp_path / "2026-11"


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def die(*_arguments: Any) -> None:
    raise KeyboardInterrupt


def test_a_folder_is_replaced_by_exactly_the_new_files(folder: Path) -> None:
    assert folders.replace(folder, NEW).is_new
    assert content(folder) == NEW
    assert [path.name for path in folder.parent.iterdir()] == ["2026-11"]


def test_a_folder_that_holds_the_files_already_is_not_touched(folder: Path) -> None:
    before = folder.stat()
    assert not folders.replace(folder, OLD).is_new
    assert (folder.stat().st_ino, folder.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_without_an_exchange_of_names_the_folder_is_replaced_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_exchange", lambda *_: False)
    assert folders.replace(folder, NEW).is_new
    assert content(folder) == NEW
    assert [path.name for path in folder.parent.iterdir()] == ["2026-11"]


def test_a_full_disk_leaves_the_folder_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        folders.replace(folder, NEW)
    assert content(folder) == OLD
    assert [path.name for path in folder.parent.iterdir()] == ["2026-11"]


def test_a_process_that_dies_between_two_renames_is_healed_by_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(folders, "_exchange", lambda *_: False)
        dying.setattr(shutil, "rmtree", lambda *_a, **_k: None)  # a killed process tidies nothing
        steps = iter([Path.rename, die])

        def rename_or_die(path: Path, target: Path) -> None:
            next(steps)(path, target)

        dying.setattr(Path, "rename", rename_or_die)
        with pytest.raises(KeyboardInterrupt):
            folders.replace(folder, NEW)
    assert sorted(path.name for path in folder.parent.iterdir()) == [".2026-11.new", ".2026-11.old"]
    folders.heal(folder.parent)
    assert content(folder) == OLD
    assert folders.replace(folder, NEW).is_new
    assert content(folder) == NEW
    assert [path.name for path in folder.parent.iterdir()] == ["2026-11"]


def test_a_process_that_dies_after_both_renames_leaves_the_new_folder(folder: Path) -> None:
    folder.rename(folder.with_name(".2026-11.old"))
    folders._write(folder, NEW)
    folders.heal(folder.parent)
    assert content(folder) == NEW
    assert [path.name for path in folder.parent.iterdir()] == ["2026-11"]


def test_a_reader_never_sees_a_mixture_nor_nothing(folder: Path) -> None:
    if not folders._exchange(folder, folder):
        pytest.skip("this file system cannot exchange two names")
    seen: set[bytes] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add((folder / "a.csv").read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(20):
            folders.replace(folder, NEW)
            folders.replace(folder, OLD)
        assert reader.is_alive()
    finally:
        done.set()
        reader.join()
    assert seen <= {b"old", b"new"}


def test_one_process_at_a_time_replaces_folders(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with folders.alone(tmp_path):
            order.append("second")

    with folders.alone(tmp_path):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(timeout=0.2)
        order.append("first")
    waiting.join(timeout=60)
    assert order == ["first", "second"]
