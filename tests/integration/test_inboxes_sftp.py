from __future__ import annotations

import getpass
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from pipelines.engine import arrivals
from pipelines.engine.landing import issued, land, offered
from pipelines.store import originals
from pipelines.store.home import Home
from pipelines.store.inbox import ChangingError, UnreadableError, open_inbox
from tests.integration.lines import HOST, Line, free_ports
from tests.integration.sftp_servers import SftpServer, serving
from tests.integration.small_month import FILES
from tests.integration.taking import take, take_from

SFTP = shutil.which("sftp")
MORNING = datetime(2026, 11, 1, 6, tzinfo=UTC)
LARGE = os.urandom(1_500_000)
NAME, TEXT = "bank_transfers_1.csv", FILES["bank_transfers_1.csv"]
needs_client = pytest.mark.skipif(SFTP is None, reason="no OpenSSH client (sftp) is installed on this machine")


@pytest.fixture(scope="module", params=["openssh", "asyncssh"])
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with serving(request.param, tmp_path_factory.mktemp(request.param)) as server:
        yield server


@pytest.fixture
def server(started: SftpServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    """A server, in an account that has a key for it and knows it only once it asked for a URL."""
    monkeypatch.setenv("HOME", str(started.home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    (started.home / ".ssh/known_hosts").write_text("")
    (started.home / ".ssh/id_ed25519").chmod(0o600)
    yield started
    (started.home / ".ssh/known_hosts").unlink()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder of the server from which files are fetched."""
    folder = tmp_path / "salida"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def uploading(server: SftpServer, *orders: str, slowly: bool = False) -> subprocess.Popen[bytes]:
    """OpenSSH's own client, carrying out these orders."""
    ssh = server.home / ".ssh"
    server.know(server.port)
    options = [f"UserKnownHostsFile={ssh / 'known_hosts'}", "StrictHostKeyChecking=yes", "BatchMode=yes"]
    command = [str(SFTP), "-q", "-b", "-", "-P", str(server.port), "-i", str(ssh / "id_ed25519")]
    command += ["-F", "none", *(part for option in options for part in ("-o", option))]
    client = subprocess.Popen(
        [*command, *(["-l", "256"] if slowly else []), f"{getpass.getuser()}@{HOST}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert client.stdin is not None
    client.stdin.write("".join(f"{order}\n" for order in orders).encode())
    client.stdin.close()
    return client


def read_while_touched(stream: BinaryIO, path: Path) -> None:
    stream.read(10)
    os.utime(path, (0, 0))
    stream.read()


def upload(server: SftpServer, *orders: str) -> None:
    with uploading(server, *orders) as client:
        assert client.wait(60) == 0


@needs_client
def test_a_file_dropped_by_a_real_client_is_landed_exactly_once(
    server: SftpServer, out: Path, home: Home, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_text(TEXT)
    upload(server, f"put {tmp_path / NAME} {out}")
    first = land(home, server.url(out), MORNING)
    again = land(home, server.url(out), MORNING)
    assert first.landed["file_name"].tolist() == [NAME]
    assert originals.fetch(home, str(first.landed.loc[0, "sha256"])).decode() == TEXT
    assert (len(again.landed), again.known, again.changing) == (0, 1, ())


def test_a_line_that_dies_while_a_file_is_landed_leaves_nothing_of_it_and_the_next_run_lands_it_once(
    server: SftpServer, out: Path, home: Home
) -> None:
    header, row = TEXT.splitlines()[:2]
    rows = [row.replace("TK0001", f"TK{number}") for number in range(10_000)]
    (out / NAME).write_text("\n".join([header, *rows, ""]))
    with Line(server.port, 100_000, stays_dead=True) as line:
        broken = land(home, server.url(out, port=line.port), MORNING)
        assert line.was_cut
    assert (len(broken.landed), broken.changing) == (0, (NAME,))
    assert offered(home, None).empty
    assert [path for path in (home.root / "originals").rglob("*") if path.is_file()] == []
    landed = [len(land(home, server.url(out), MORNING).landed) for _ in range(2)]
    assert landed == [1, 0]


@pytest.mark.parametrize("how", ["reset", "end", "silence"])
def test_a_line_that_dies_in_one_file_is_made_again_for_the_others(
    server: SftpServer, out: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    for name, content in (("a.csv", b"a"), ("large.csv", LARGE), ("z.csv", b"z")):
        (out / name).write_bytes(content)
    if how == "silence":
        monkeypatch.setattr("pipelines.store.inboxes.waiting.ANSWER_SECONDS", 1.0)
    with Line(server.port, 500_000, how=how) as line:
        taken = take(server.url(out, port=line.port))
        assert line.was_cut
    assert (taken.whole, taken.left) == ({"a.csv": b"a", "z.csv": b"z"}, ["large.csv"])
    assert take(server.url(out)).whole["large.csv"] == LARGE


def test_a_line_that_stays_dead_leaves_what_is_missing_and_keeps_what_came(server: SftpServer, out: Path) -> None:
    for name, content in (("a.csv", b"a"), ("large.csv", LARGE), ("z.csv", b"z")):
        (out / name).write_bytes(content)
    with Line(server.port, 500_000, stays_dead=True) as line:
        taken = take(server.url(out, port=line.port))
    assert (taken.whole, taken.left, taken.refused) == ({"a.csv": b"a"}, ["large.csv", "z.csv"], {})


@needs_client
def test_half_an_upload_is_not_taken_where_marks_are_required(server: SftpServer, out: Path, tmp_path: Path) -> None:
    url = server.url(out, "settle=0.05&done=required")
    (tmp_path / "x.csv").write_bytes(LARGE)
    with uploading(server, f"put {tmp_path / 'x.csv'} {out}", slowly=True) as client:
        tick = threading.Event()
        while client.poll() is None and not ((out / "x.csv").exists() and (out / "x.csv").stat().st_size):
            tick.wait(0.02)
        client.kill()
    assert 0 < (out / "x.csv").stat().st_size < len(LARGE)
    assert take(url) == ({}, [], {})
    (tmp_path / "x.csv.done").touch()
    upload(server, f"put {tmp_path / 'x.csv'} {out}", f"put {tmp_path / 'x.csv.done'} {out}")
    assert take(url).whole == {"x.csv": LARGE}


def test_half_an_upload_that_looks_arrived_is_refused_and_the_whole_one_lands_once(
    server: SftpServer, out: Path, home: Home
) -> None:
    (out / NAME).write_text(TEXT[: len(TEXT) // 2])
    land(home, server.url(out), MORNING)
    (out / NAME).write_text(TEXT)
    for _ in range(2):
        land(home, server.url(out), MORNING + timedelta(hours=1))
    assert issued(home, None)["outcome"].tolist() == ["refused", "accepted"]


@pytest.mark.parametrize("how", ["grows", "is exchanged", "vanishes"])
def test_a_file_that_does_not_stand_still_is_left_for_later(server: SftpServer, out: Path, how: str) -> None:
    (out / "x.csv").write_bytes(b"1234")
    with open_inbox(server.url(out)) as box:
        names = box.names()
        if how == "grows":
            (out / "x.csv").write_bytes(b"12345")
        elif how == "is exchanged":
            (out / "x.csv").write_bytes(b"4321")
            os.utime(out / "x.csv", (0, 0))
        else:
            (out / "x.csv").unlink()
        taken = take_from(box, names)
    assert (taken.whole, taken.left) == ({}, ["x.csv"])


def test_a_file_written_to_while_it_is_read_is_left_for_later(server: SftpServer, out: Path) -> None:
    (out / "x.csv").write_bytes(LARGE)
    with open_inbox(server.url(out)) as box:
        box.names()
        with pytest.raises(ChangingError), box.open("x.csv") as stream:
            read_while_touched(stream, out / "x.csv")


def test_a_mark_beside_a_file_says_that_it_need_not_stand_still(server: SftpServer, out: Path) -> None:
    (out / "x.csv").write_bytes(b"1")
    (out / "x.csv.done").touch()
    with open_inbox(server.url(out, "settle=30")) as box:
        names = box.names()
        (out / "x.csv").write_bytes(b"12")
        assert take_from(box, names) == ({"x.csv": b"12"}, [], {})


def test_a_marked_file_that_vanishes_is_told_of(server: SftpServer, out: Path) -> None:
    for name in ("x.csv", "x.csv.done"):
        (out / name).touch()
    with open_inbox(server.url(out)) as box:
        names = box.names()
        (out / "x.csv").unlink()
        taken = take_from(box, names)
    assert list(taken.refused) == ["x.csv"]
    assert "(it is gone); expected one that may be read" in taken.refused["x.csv"]


def test_what_is_no_regular_file_is_never_opened_and_its_siblings_flow(server: SftpServer, out: Path) -> None:
    (out / "file.csv").write_bytes(b"1")
    (out / "link.csv").symlink_to(out / "file.csv")
    (out / "folder.csv").mkdir()
    os.mkfifo(out / "pipe.csv")
    for name in (".hidden.csv", "x.csv.part", "x.csv.FILEPART", "x.tmp", "y.csv.done"):
        (out / name).touch()
    taken = take(server.url(out))
    assert taken.whole == {"file.csv": b"1"}
    assert set(taken.refused) == {"folder.csv", "link.csv", "pipe.csv"}
    assert all("expected a regular file" in reason for reason in taken.refused.values())


def test_a_name_that_is_not_utf8_hides_no_other(server: SftpServer, out: Path) -> None:
    odd = os.fsdecode(b"a\xff\n.csv")
    (out / odd).write_bytes(b"1")
    (out / "b ñ#?%.csv").write_bytes(b"2")
    assert take(server.url(out)).whole == {odd: b"1", "b ñ#?%.csv": b"2"}


def test_a_server_that_the_account_does_not_know_is_refused_before_anything_is_said_to_it(
    server: SftpServer, out: Path
) -> None:
    url = server.url(out)
    (server.home / ".ssh/known_hosts").write_text("")
    with pytest.raises(UnreadableError, match=r"host key is not in known_hosts.*ssh-keyscan"):
        open_inbox(url)
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8l6Yv4Dlk3H0yrcxv3CPpQ3GfWq2n0i8b7Pc1yq0tR"
    (server.home / ".ssh/known_hosts").write_text(f"[{HOST}]:{server.port} {other}\n")
    with pytest.raises(UnreadableError, match="host key is not in known_hosts, or is another one"):
        open_inbox(url)


def test_settings_of_the_account_do_not_switch_the_check_of_host_keys_off(server: SftpServer, out: Path) -> None:
    url = server.url(out)
    (server.home / ".ssh/known_hosts").write_text("")
    settings = server.home / ".ssh/config"
    settings.write_text("Host *\n  UserKnownHostsFile none\n  StrictHostKeyChecking no\n")
    try:
        with pytest.raises(UnreadableError, match="host key"):
            open_inbox(url)
    finally:
        settings.unlink()


def test_a_server_that_does_not_let_the_account_in_is_told(server: SftpServer, out: Path) -> None:
    key = server.home / ".ssh/id_ed25519"
    url = server.url(out)
    key.rename(key.with_name("elsewhere"))
    try:
        with pytest.raises(UnreadableError, match="accepts none of the keys"):
            open_inbox(url)
    finally:
        key.with_name("elsewhere").rename(key)


def test_a_folder_that_is_not_there_and_a_port_that_is_closed_are_told(server: SftpServer, out: Path) -> None:
    with open_inbox(server.url(out / "none")) as box, pytest.raises(UnreadableError, match="does not list it"):
        box.names()
    (closed,) = free_ports(1)
    with pytest.raises(UnreadableError, match="Connection refused"):
        open_inbox(server.url(out, port=closed))


def test_a_look_for_arrivals_asks_for_the_months_of_new_files_and_again_for_none(
    server: SftpServer, out: Path, home: Home
) -> None:
    (out / NAME).write_text(TEXT)
    first = arrivals.look(home, server.url(out), [])
    again = arrivals.look(home, server.url(out), first.marks)
    assert [arrival.months for arrival in first.arrivals] == [("2026-10",)]
    assert (again.arrivals, again.marks) == ([], first.marks)


def test_neither_the_log_nor_the_representation_has_a_key_or_the_account(
    server: SftpServer, out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with open_inbox(server.url(out)) as box:
        assert repr(box) == "<SftpInbox>"
        box.names()
    assert caplog.text == ""
