from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.store import inbox, seen
from pipelines.store.inbox import ChangingError, UnreadableError

if TYPE_CHECKING:
    from pipelines.store.home import Home


def test_names_are_sorted_and_those_beginning_with_a_dot_left_out(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".c.csv"):
        (tmp_path / name).touch()
    assert inbox.names(tmp_path) == ["a.csv", "b.csv"]


def test_an_inbox_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="name a folder that exists"):
        inbox.names(tmp_path / "none")


def test_the_bytes_of_a_regular_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x00\xff")
    assert inbox.fetch(tmp_path / "a") == b"\x00\xff"


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "socket"])
def test_what_is_no_regular_file_is_never_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.csv"
    (tmp_path / "target").write_bytes(b"x")
    if kind == "link":
        path.symlink_to(tmp_path / "target")
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(os.path.relpath(path))
    with pytest.raises(UnreadableError, match="expected a regular file"):
        inbox.fetch(path)


def test_a_name_exchanged_for_a_pipe_after_the_first_look_is_noticed_on_the_open_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "x.csv")
    (tmp_path / "regular").touch()
    regular = (tmp_path / "regular").lstat()
    monkeypatch.setattr(Path, "lstat", lambda _path: regular)
    with pytest.raises(UnreadableError, match="expected a regular file"):
        inbox.fetch(tmp_path / "x.csv")


def test_a_file_that_vanished_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        inbox.fetch(tmp_path / "gone.csv")


def test_a_file_larger_than_the_limit_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "LIMIT_BYTES", 3)
    (tmp_path / "a").write_bytes(b"1234")
    with pytest.raises(UnreadableError, match="found 4 bytes, expected at most 3"):
        inbox.fetch(tmp_path / "a")


def test_a_file_that_grows_while_it_is_read_is_left_for_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1234")
    check = inbox._check

    def grow(status: os.stat_result) -> None:
        check(status)
        with path.open("ab") as writer:
            writer.write(b"5")

    monkeypatch.setattr(inbox, "_check", grow)
    with pytest.raises(ChangingError):
        inbox.fetch(path)


def test_a_name_that_is_not_text_is_written_out() -> None:
    assert inbox.printable(os.fsdecode(b"a\xff\xc3\xb1.csv")) == "a\\xffñ.csv"


def test_a_signature_changes_with_the_bytes_and_is_of_regular_files_only(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12")
    before = inbox.signature(path)
    path.write_bytes(b"34")
    os.utime(path, ns=(0, 0))
    assert before is not None
    assert inbox.signature(path) != before
    assert inbox.signature(tmp_path) is None
    assert inbox.signature(tmp_path / "none") is None


def test_what_was_seen_is_remembered_without_files_that_changed_a_moment_ago(home: Home, tmp_path: Path) -> None:
    settled = (inbox.Signature(1, 2, 3, 4, 5), "aa")
    (tmp_path / "fresh").touch()
    signature = inbox.signature(tmp_path / "fresh")
    assert signature is not None
    seen.remember(home, tmp_path, {"a": settled, "fresh": (signature, "bb")}, seen.settled())
    assert seen.recall(home, tmp_path) == {"a": settled}
    assert seen.recall(home, tmp_path / "another") == {}


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"a": 1}', b'{"a": [[1], "x"]}', b"\xff"])
def test_a_damaged_memory_is_an_empty_one(home: Home, tmp_path: Path, damage: bytes) -> None:
    seen.remember(home, tmp_path, {"a": (inbox.Signature(1, 2, 3, 4, 5), "aa")}, 6)
    (path,) = (home.work / "seen").iterdir()
    path.write_bytes(damage)
    assert seen.recall(home, tmp_path) == {}
