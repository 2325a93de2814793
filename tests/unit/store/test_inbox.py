from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest

from pipelines.store import inbox, seen
from pipelines.store.inbox import ChangingError, UnreadableError, open_file, open_inbox

if TYPE_CHECKING:
    from pipelines.store.home import Home


def read(path: Path) -> bytes:
    with open_file(path) as stream:
        return stream.read()


def read_after(stream: BinaryIO, change: Callable[[], object]) -> None:
    change()
    stream.read()


def test_names_are_sorted_and_those_beginning_with_a_dot_left_out(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".c.csv"):
        (tmp_path / name).touch()
    assert open_inbox(tmp_path).names() == ["a.csv", "b.csv"]


def test_names_that_uploaders_write_under_and_marks_are_left_alone(tmp_path: Path) -> None:
    for name in ("a.csv", "a.csv.done", "b.csv.part", "c.csv.filepart", "d.TMP", "e.DONE", "part", "f.csv.party"):
        (tmp_path / name).touch()
    assert open_inbox(tmp_path).names() == ["a.csv", "f.csv.party", "part"]


def test_where_marks_are_required_only_files_that_have_one_are_offered(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "b.csv.done"):
        (tmp_path / name).touch()
    assert open_inbox(f"{tmp_path.as_uri()}?done=required").names() == ["b.csv"]


def test_an_inbox_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="name a folder that exists"):
        open_inbox(tmp_path / "none")


def test_the_bytes_of_a_regular_file_are_read(tmp_path: Path) -> None:
    content = b"\x00\xff" * 1_500_000
    (tmp_path / "a").write_bytes(content)
    with open_inbox(tmp_path) as box, box.open("a") as stream:
        assert stream.read(3) + stream.read() == content
    (tmp_path / "empty").touch()
    assert read(tmp_path / "empty") == b""


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
    box = open_inbox(tmp_path)
    assert box.names() == ["target", "x.csv"]
    assert box.signature("x.csv") is None
    with pytest.raises(UnreadableError, match="expected a regular file"), box.open("x.csv"):
        pass


@pytest.mark.parametrize("name", ["../a", "..", ".", "", "folder/a"])
def test_no_name_leads_out_of_the_inbox(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "a", tmp_path / "folder/a"):
        path.write_bytes(b"1")
    box = open_inbox(tmp_path / "folder" if name.startswith("..") else tmp_path)
    with pytest.raises(UnreadableError, match="expected a regular file"), box.open(name):
        pass


def test_a_name_exchanged_for_a_pipe_after_the_first_look_is_noticed_on_the_open_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "x.csv")
    (tmp_path / "regular").touch()
    regular = (tmp_path / "regular").lstat()
    monkeypatch.setattr(Path, "lstat", lambda _path: regular)
    with pytest.raises(UnreadableError, match="expected a regular file"):
        read(tmp_path / "x.csv")


def test_a_file_that_vanished_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read(tmp_path / "gone.csv")


def test_a_file_that_fails_while_it_is_read_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"1234")

    def fail(_descriptor: int, _size: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(UnreadableError, match="Input/output error"):
        read(tmp_path / "a")


def test_a_fault_of_the_reader_of_a_stream_passes_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1234")
    with pytest.raises(OSError, match="no space"), open_file(tmp_path / "a"):
        raise OSError(28, "no space")


def test_a_file_larger_than_the_limit_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.store.inboxes.base.LIMIT_BYTES", 3)
    (tmp_path / "a").write_bytes(b"1234")
    with pytest.raises(UnreadableError, match="found 4 bytes; expected at most 3"):
        read(tmp_path / "a")


@pytest.mark.parametrize("content", [b"12345", b"123", b"4321"], ids=["longer", "shorter", "other"])
def test_a_file_that_changes_while_it_is_read_is_left_for_later(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1234")
    os.utime(path, ns=(0, 0))
    with pytest.raises(ChangingError), open_file(path) as stream:
        read_after(stream, lambda: path.write_bytes(content))


def test_a_stream_that_is_not_read_to_its_end_is_no_whole_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(3_000_000))
    with pytest.raises(ChangingError), open_file(tmp_path / "a") as stream:
        stream.read(1)


def test_a_fresh_file_must_stand_still_between_the_look_and_its_opening(tmp_path: Path) -> None:
    (tmp_path / "grows").write_bytes(b"1")
    (tmp_path / "stands").write_bytes(b"2")
    box = open_inbox(f"{tmp_path.as_uri()}?settle=0.05")
    assert box.names() == ["grows", "stands"]
    looked_at = time.monotonic()
    (tmp_path / "grows").write_bytes(b"12")
    with pytest.raises(ChangingError), box.open("grows"):
        pass
    with box.open("stands") as stream:
        assert stream.read() == b"2"
    assert time.monotonic() >= looked_at + 0.04


def test_a_file_that_has_stood_still_or_has_its_mark_is_read_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("marked", "marked.done"):
        (tmp_path / name).write_bytes(b"1")

    def wait(_seconds: float) -> None:
        pytest.fail("waited for a file that needs no waiting for")

    monkeypatch.setattr(time, "sleep", wait)
    box = open_inbox(f"{tmp_path.as_uri()}?settle=30")
    assert box.names() == ["marked"]
    with box.open("marked") as stream:
        stream.read()
    later = time.time_ns() + 31_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: later)
    (tmp_path / "marked.done").unlink()
    box.names()
    with box.open("marked") as stream:
        assert stream.read() == b"1"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (os.fsdecode(b"a\xff\xc3\xb1.csv"), "a\\xffñ.csv"),
        ("a\nb\t.csv", "a\\nb\\t.csv"),
        ("a\x1b[31m.csv", "a\\x1b[31m.csv"),
        ("a\u202evsc.exe", "a\\u202evsc.exe"),
        ("a\u200b\xa0.csv", "a\\u200b\\xa0.csv"),
        ("=cmd ñ 人.csv", "=cmd ñ 人.csv"),
    ],
)
def test_a_name_is_shown_on_one_line_with_what_cannot_be_seen_written_out(name: str, shown: str) -> None:
    assert inbox.printable(name) == shown


def test_a_signature_changes_with_the_bytes_and_is_of_regular_files_only(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12")
    box = open_inbox(tmp_path)
    before = box.signature("a")
    path.write_bytes(b"34")
    os.utime(path, ns=(0, 0))
    assert before is not None
    assert box.signature("a") != before
    assert box.signature("none") is None


def test_what_was_seen_is_remembered_without_files_that_changed_a_moment_ago(home: Home, tmp_path: Path) -> None:
    settled = (inbox.Signature(1, 2, 3, 4, 5), "aa")
    (tmp_path / "fresh").touch()
    box = open_inbox(tmp_path)
    signature = box.signature("fresh")
    assert signature is not None
    seen.remember(home, box.key, {"a": settled, "fresh": (signature, "bb")}, seen.settled())
    assert seen.recall(home, box.key) == {"a": settled}
    assert seen.recall(home, "another") == {}


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"a": 1}', b'{"a": [[1], "x"]}', b"\xff"])
def test_a_damaged_memory_is_an_empty_one(home: Home, damage: bytes) -> None:
    seen.remember(home, "key", {"a": (inbox.Signature(1, 2, 3, 4, 5), "aa")}, 6)
    (path,) = (home.work / "seen").iterdir()
    path.write_bytes(damage)
    assert seen.recall(home, "key") == {}
