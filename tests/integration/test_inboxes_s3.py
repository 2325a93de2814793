from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import s3fs

from pipelines.engine import arrivals
from pipelines.engine.landing import land, offered
from pipelines.store import originals
from pipelines.store.home import Home
from pipelines.store.inbox import UnreadableError, open_inbox
from pipelines.store.inboxes import objects
from tests.integration.lines import HOST, Line, free_ports
from tests.integration.s3_server import SECRET, S3Server, serving
from tests.integration.small_month import FILES
from tests.integration.taking import take, take_from

MORNING = datetime(2026, 11, 1, 6, tzinfo=UTC)
LARGE = os.urandom(1_500_000)
BUCKET = "entregas"
NAME, TEXT = "bank_transfers_1.csv", FILES["bank_transfers_1.csv"]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server with one bucket: each takes it a while to make."""
    with serving(tmp_path_factory.mktemp("s3")) as server, pytest.MonkeyPatch.context() as context:
        for name, value in server.environment().items():
            context.setenv(name, value)
        s3fs.S3FileSystem(skip_instance_cache=True).call_s3("create_bucket", Bucket=BUCKET)
        yield server


@pytest.fixture
def server(started: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """A server, in an environment that reaches it."""
    for name, value in started.environment().items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    return started


class Out:
    """A prefix of its own for each test, written to by another client than the one under test."""

    def __init__(self) -> None:
        self.prefix = f"banco-{uuid.uuid4().hex[:12]}"
        self.url = f"s3://{BUCKET}/{self.prefix}/salida"
        self._store = s3fs.S3FileSystem()

    def put(self, key: str, content: bytes) -> None:
        self._store.call_s3("put_object", Bucket=BUCKET, Key=f"{self.prefix}/{key}", Body=content)

    def delete(self, key: str) -> None:
        self._store.call_s3("delete_object", Bucket=BUCKET, Key=f"{self.prefix}/{key}")


@pytest.fixture
def out(server: S3Server) -> Out:  # noqa: ARG001 - it has to be there
    return Out()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def reach_over(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{HOST}:{port}")


def test_an_object_put_into_a_bucket_is_landed_exactly_once(out: Out, home: Home) -> None:
    out.put(f"salida/{NAME}", TEXT.encode())
    first = land(home, out.url, MORNING)
    again = land(home, out.url, MORNING)
    assert first.landed["file_name"].tolist() == [NAME]
    assert originals.fetch(home, str(first.landed.loc[0, "sha256"])).decode() == TEXT
    assert (len(again.landed), again.known, again.changing) == (0, 1, ())


def test_a_line_that_dies_while_an_object_is_landed_leaves_nothing_of_it_and_the_next_run_lands_it_once(
    server: S3Server, out: Out, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    header, row = TEXT.splitlines()[:2]
    rows = [row.replace("TK0001", f"TK{number}") for number in range(10_000)]
    out.put(f"salida/{NAME}", "\n".join([header, *rows, ""]).encode())
    with Line(server.port, 100_000, stays_dead=True) as line, monkeypatch.context() as context:
        reach_over(context, line.port)
        broken = land(home, out.url, MORNING)
        assert line.was_cut
    assert (len(broken.landed), broken.changing) == (0, (NAME,))
    assert offered(home, None).empty
    assert [path for path in (home.root / "originals").rglob("*") if path.is_file()] == []
    landed = [len(land(home, out.url, MORNING).landed) for _ in range(2)]
    assert landed == [1, 0]


@pytest.mark.parametrize("how", ["reset", "end", "silence"])
def test_a_body_that_is_cut_off_is_left_and_the_others_flow(
    server: S3Server, out: Out, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    for name, content in (("a.csv", b"a"), ("large.csv", LARGE), ("z.csv", b"z")):
        out.put(f"salida/{name}", content)
    if how == "silence":
        monkeypatch.setitem(objects._SETTINGS, "read_timeout", 1)
    with Line(server.port, 500_000, how=how) as line, monkeypatch.context() as context:
        reach_over(context, line.port)
        taken = take(out.url)
        assert line.was_cut
    assert (taken.whole, taken.left) == ({"a.csv": b"a", "z.csv": b"z"}, ["large.csv"])
    assert take(out.url).whole["large.csv"] == LARGE


def test_a_line_that_stays_dead_leaves_what_is_missing_and_keeps_what_came(
    server: S3Server, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in (("a.csv", b"a"), ("large.csv", LARGE), ("z.csv", b"z")):
        out.put(f"salida/{name}", content)
    with Line(server.port, 500_000, stays_dead=True) as line, monkeypatch.context() as context:
        reach_over(context, line.port)
        taken = take(out.url)
    assert (taken.whole, taken.left, taken.refused) == ({"a.csv": b"a"}, ["large.csv", "z.csv"], {})


def test_a_store_that_fails_again_and_again_is_asked_no_more(
    server: S3Server, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        out.put(f"salida/{number}.csv", LARGE)
    with Line(server.port, 500_000, stays_dead=True) as line, monkeypatch.context() as context:
        reach_over(context, line.port)
        with open_inbox(out.url) as box:
            names = box.names()
            left = take_from(box, names[:2]).left
            connections = line.connections
            left += take_from(box, names[2:]).left
    assert (left, line.connections) == (names, connections)


def test_an_object_overwritten_after_the_look_is_left_for_later_and_one_deleted_cannot_be_read(out: Out) -> None:
    for name in ("a.csv", "b.csv"):
        out.put(f"salida/{name}", b"1234")
    with open_inbox(out.url) as box:
        names = box.names()
        before = box.signature("a.csv")
        out.put("salida/a.csv", b"4321")
        out.delete("salida/b.csv")
        taken = take_from(box, names)
        box.names()
        assert box.signature("a.csv") != before
    assert (taken.whole, taken.left, list(taken.refused)) == ({}, ["a.csv"], ["b.csv"])


def test_only_what_lies_right_under_the_prefix_is_offered(out: Out) -> None:
    for key in (
        "x.csv",
        "salida/",
        "salida/x.csv",
        "salida/.x.csv",
        "salida/x.tmp",
        "salida/old/x.csv",
        "salidas/x.csv",
    ):
        out.put(key, key.encode())
    assert take(out.url).whole == {"x.csv": b"salida/x.csv"}
    assert take(f"s3://{BUCKET}/{out.prefix}").whole == {"x.csv": b"x.csv"}


def test_all_pages_of_a_long_list_are_offered(out: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.store.inboxes.objects._PAGE", 2)
    for number in range(5):
        out.put(f"salida/{number} ñ?&+%.csv", b"%d" % number)
    assert take(out.url).whole == {f"{number} ñ?&+%.csv": b"%d" % number for number in range(5)}


def test_where_marks_are_required_an_object_without_one_waits(out: Out) -> None:
    for name in ("a.csv", "b.csv", "b.csv.done"):
        out.put(f"salida/{name}", name.encode())
    assert take(f"{out.url}?done=required") == ({"b.csv": b"b.csv"}, [], {})


def test_a_prefix_without_objects_is_an_empty_inbox_and_a_bucket_that_is_not_there_is_told(out: Out) -> None:
    assert take(out.url) == ({}, [], {})
    with pytest.raises(UnreadableError, match="there is no such bucket"):
        open_inbox("s3://otro-banco/salida")


def test_a_look_for_arrivals_asks_for_the_months_of_new_objects_and_again_for_none(out: Out, home: Home) -> None:
    out.put(f"salida/{NAME}", TEXT.encode())
    first = arrivals.look(home, out.url, [])
    again = arrivals.look(home, out.url, first.marks)
    assert [arrival.months for arrival in first.arrivals] == [("2026-10",)]
    assert (again.arrivals, again.marks) == ([], first.marks)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "another"}, "refuses these credentials"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "there are no credentials"),
        ({"AWS_ENDPOINT_URL": f"http://{HOST}:{free_ports(1)[0]}"}, "is not reached"),
    ],
)
def test_a_store_that_is_not_reached_or_lets_nobody_in_is_told(
    out: Out, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], told: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    with pytest.raises(UnreadableError, match=told):
        open_inbox(out.url)


def test_neither_the_log_nor_a_message_nor_the_representation_has_the_secret(
    out: Out, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with open_inbox(out.url) as box:
        told = [repr(box), str(box), box.key]
    with pytest.raises(UnreadableError) as failed:
        open_inbox("s3://otro-banco")
    assert SECRET not in "".join([*told, repr(failed.value), caplog.text])
