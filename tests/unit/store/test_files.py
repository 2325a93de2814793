from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

import pytest

from pipelines.store import files


def _temporaries(folder: Path) -> list[Path]:
    return list(folder.rglob(f"*{files.TEMPORARY_SUFFIX}"))


def test_content_stands_whole_and_new_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    files.write_atomically(path, b"first")
    files.write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert _temporaries(tmp_path) == []


def test_a_read_only_file_cannot_be_written_by_its_mode(tmp_path: Path) -> None:
    files.write_atomically(tmp_path / "file", b"x", read_only=True)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o444


def test_an_exclusive_write_leaves_what_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.write_atomically(path, b"first", exclusive=True)
    with pytest.raises(FileExistsError):
        files.write_atomically(path, b"second", exclusive=True)
    assert path.read_bytes() == b"first"
    assert _temporaries(tmp_path) == []


def test_a_full_disk_leaves_the_earlier_content_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    files.write_atomically(path, b"good")
    write = os.write

    def write_until_full(descriptor: int, content: bytes) -> int:
        if len(content) < 3:
            raise OSError(28, "No space left on device")
        return write(descriptor, content[:1])

    monkeypatch.setattr(os, "write", write_until_full)
    with pytest.raises(OSError, match="No space left"):
        files.write_atomically(path, b"newer")
    assert path.read_bytes() == b"good"
    assert _temporaries(tmp_path) == []


def test_a_sweep_removes_what_a_killed_writer_left_and_spares_one_at_work(tmp_path: Path) -> None:
    orphan, at_work = (tmp_path / "deep" / f".{name}{files.TEMPORARY_SUFFIX}" for name in ("orphan", "at_work"))
    orphan.parent.mkdir()
    orphan.write_bytes(b"half")
    other = tmp_path / "deep" / "other"
    other.write_bytes(b"whole")
    with at_work.open("wb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        removed = files.sweep(tmp_path)
        assert (removed, orphan.exists(), at_work.exists(), other.exists()) == (1, False, True, True)
    assert files.sweep(tmp_path) == 1


def test_a_writer_whose_temporary_file_was_swept_before_it_was_locked_takes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock
    swept: list[Path] = []

    def sweep_first(descriptor: int, operation: int) -> None:
        if not swept:
            swept.extend(_temporaries(tmp_path))
            swept[0].unlink()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    files.write_atomically(tmp_path / "file", b"whole")
    assert len(swept) == 1
    assert (tmp_path / "file").read_bytes() == b"whole"
