"""A folder and an object store are places that behave alike: one suite for both, against a real server."""

from __future__ import annotations

import copy
import io
import logging
import pickle
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from pipelines.store import tables
from pipelines.store.home import Home
from pipelines.store.places.base import Place, UnreachedError, Why
from pipelines.store.places.local import LocalPlace
from pipelines.store.places.objects import open_objects
from tests.integration.lines import HOST, free_ports
from tests.integration.object_store import BUCKET, Objects, new_store
from tests.integration.s3_server import KEY, SECRET, S3Server
from tests.integration.unconditional import unconditional

if TYPE_CHECKING:
    from collections.abc import Callable


def opened(place: Place) -> bytes:
    with place.open() as stream:
        return stream.read()


def ranged(place: Place) -> bytes:
    with place.ranged() as stream:
        return bytes(stream.read())


WAYS: dict[str, Callable[[Place], object]] = {
    "read_bytes": lambda place: place.read_bytes(),
    "buffer": lambda place: place.buffer().to_pybytes(),
    "open": opened,
    "ranged": ranged,
    "sha256": lambda place: place.sha256(),
    "size": lambda place: place.size(),
}
LARGE = bytes(range(256)) * 80_000
"""More than one part of an upload."""


@pytest.fixture(params=["folder", "objects"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place with nothing in it yet."""
    if request.param == "objects":
        request.getfixturevalue("object_server")
        return objects(tmp_path)
    return folder(tmp_path)


def folder(tmp_path: Path) -> Place:
    made = LocalPlace(tmp_path / "root")
    made.prepare(("f",))
    return made


def objects(tmp_path: Path) -> Place:
    made = open_objects(new_store(), tmp_path / "scratch")
    made.prepare(("f",))
    return made


def test_what_is_written_is_there_by_every_way_of_reading_it(root: Place) -> None:
    place = root / "f/a=1/b.txt"
    place.write(b"hola")
    assert place.exists()
    assert {name: read(place) for name, read in WAYS.items()} == {
        **dict.fromkeys(WAYS, b"hola"),
        "sha256": "b221d9dbb083a7f33428d7c2a3c3198ae925614d70210e28716ccaa7cd4ddb79",
        "size": 4,
    }
    assert (place.key, place.name, place.parent.key) == ("f/a=1/b.txt", "b.txt", "f/a=1")
    assert place == root / "f" / "a=1" / "b.txt"


@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_there_is_told_by_every_way_of_reading_it(root: Place, way: str) -> None:
    (root / "f/there").write(b"1")
    assert not (root / "f/the").exists()
    with pytest.raises(FileNotFoundError):
        WAYS[way](root / "f/the")


def test_a_folder_that_nobody_wrote_in_has_nothing(root: Place) -> None:
    nowhere = root / "nowhere"
    assert (nowhere.names(), nowhere.folders(), nowhere.files(), nowhere.is_folder()) == ([], [], [], False)


def test_names_and_folders_are_one_level_and_files_all_levels_in_order(root: Place) -> None:
    for key in ("f/b", "f/a", "f/d/y", "f/d/x/z", "fg/no", "f/c/1"):
        (root / key).write(b"1")
    assert (root / "f").names() == ["a", "b"]
    assert (root / "f").folders() == ["c", "d"]
    assert [place.key for place in (root / "f").files()] == ["f/a", "f/b", "f/c/1", "f/d/x/z", "f/d/y"]
    assert (root / "f").is_folder()
    assert not (root / "f/d/x").exists() or (root / "f/d/x").is_folder()


def test_what_is_written_again_stands_anew(root: Place) -> None:
    place = root / "f/x"
    place.write(b"one", read_only=True)
    place.write(b"two", read_only=True)
    assert place.read_bytes() == b"two"


def test_what_is_to_be_new_is_refused_where_something_stands_and_that_stays(root: Place) -> None:
    place = root / "f/x"
    place.write(b"one", exclusive=True)
    with pytest.raises(FileExistsError):
        place.write(b"two", exclusive=True)
    assert place.read_bytes() == b"one"


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """What ``count`` threads give that begin in one moment; None of one that is refused."""
    start = Barrier(count)

    def one(number: int) -> object:
        start.wait()
        with suppress(FileExistsError):
            return work(number)
        return None

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_of_many_that_write_what_is_to_be_new_one_does(root: Place) -> None:
    for number in range(10):
        place = root / f"f/{number}"

        def claim(writer: int, place: Place = place) -> int:
            place.write(f"{writer}".encode(), exclusive=True)
            return writer

        won = [writer for writer in at_once(6, claim) if writer is not None]
        assert [place.read_bytes().decode()] == [str(writer) for writer in won]


def test_lines_are_added_to_what_is_shown(root: Place) -> None:
    place, shown = root / "f/list", []

    def added(content: bytes) -> bytes:
        shown.append(content)
        return b"" if b"b" in content else b"b\n" if content else b"a\n"

    for _ in range(4):
        place.extend(added)
    assert (shown, place.read_bytes()) == ([b"", b"a\n", b"a\nb\n", b"a\nb\n"], b"a\nb\n")


def test_the_beginning_of_a_line_without_its_end_is_taken_off(root: Place) -> None:
    place = root / "f/list"
    place.write(b"whole\nbegun")
    place.extend(lambda content: content.replace(b"whole", b"next"))
    assert place.read_bytes() == b"whole\nnext\n"


def test_of_many_that_add_lines_at_once_none_is_lost(root: Place) -> None:
    place = root / "f/list"
    at_once(6, lambda writer: [place.extend(lambda _: f"{writer}\n".encode()) for _ in range(5)])
    assert sorted(place.read_bytes().split()) == sorted(f"{number % 6}".encode() for number in range(30))


def test_a_file_of_many_parts_is_seen_when_it_is_placed_and_not_before(root: Place) -> None:
    with (root / "f").staged() as file:
        file.write(memoryview(LARGE)[:1000])
        file.write(LARGE[1000:])
        assert (root / "f").files() == []
        file.place("d/large", read_only=True)
    found = root / "f/d/large"
    assert (found.size(), found.read_bytes() == LARGE) == (len(LARGE), True)
    with found.open() as stream:
        stream.seek(len(LARGE) - 2)
        assert stream.read() == b"\xfe\xff"


def test_a_file_that_is_not_placed_leaves_nothing(root: Place) -> None:
    with (root / "f").staged() as file:
        file.write(b"half")
    assert (root / "f").files() == []
    assert [path for path in Path(str(root)).parent.rglob("*") if path.is_file()] == []


def test_some_groups_of_rows_are_read_of_a_large_file(root: Place) -> None:
    written = io.BytesIO()
    rows = pyarrow.table({"name": [f"N{number * 7919 % 100_003:06d}" for number in range(100_000)]})
    parquet.write_table(rows, written, row_group_size=10_000)
    (root / "f/rows").write(written.getvalue())
    with (root / "f/rows").ranged() as source, parquet.ParquetFile(source) as file:
        assert file.read_row_groups([3, 4, 9], use_threads=False) == pyarrow.concat_tables(
            [rows.slice(30_000, 20_000), rows.slice(90_000)]
        )


NAMES = st.sampled_from(["a", "b", "d/a"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "exclusive", "staged", "extend"]), NAMES, st.sampled_from([b"", b"x\n", b"y"])),
    max_size=8,
)


def take(root: Place, number: int, step: str, name: str, content: bytes) -> str:
    """Take one step, and say how it went. No two write the same what is to be new; a list gets a line or more."""
    place = root / "f" / name
    try:
        if step == "staged":
            with (root / "f").staged() as file:
                file.write(content)
                file.place(name)
        elif step == "extend":
            place.extend(lambda _: content or b"z\n")
        elif step == "exclusive":
            place.write(f"{number}".encode(), exclusive=True)
        else:
            place.write(content)
    except OSError as error:
        return type(error).__name__
    return ""


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_to_both_comes_to_the_same(
    steps: list[tuple[str, str, bytes]],
    object_server: S3Server,  # noqa: ARG001 - it has to be there
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    tmp_path = tmp_path_factory.mktemp("alike")
    both = (folder(tmp_path), objects(tmp_path))
    for root in both:
        (root / "f/d/there").write(b"")
    went, found = (
        [[take(root, number, *step) for number, step in enumerate(steps)] for root in both],
        [seen(root) for root in both],
    )
    assert (went[0], found[0]) == (went[1], found[1])


def seen(root: Place) -> dict[str, bytes]:
    return {place.key: place.read_bytes() for place in (root / "f").files()}


def test_an_object_put_by_a_client_that_asked_twice_is_its_own(object_server: S3Server, tmp_path: Path) -> None:
    """The first answer got lost: the second says that something stands there, and it is what was to be written."""
    assert object_server.port
    place = objects(tmp_path) / "f/x"
    place.write(b"mine", exclusive=True)
    place.write(b"mine", exclusive=True)


ASKS: list[Callable[[Place], object]] = [
    lambda place: place.prepare(()),
    lambda place: place.is_folder(),
    lambda place: place.read_bytes(),
]
REFUSALS = [
    ({"AWS_SECRET_ACCESS_KEY": "another"}, Why.REFUSED),
    ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, Why.NO_CREDENTIALS),
    ({"AWS_ENDPOINT_URL": f"http://{HOST}:{free_ports(1)[0]}"}, Why.UNANSWERED),
]


@pytest.mark.parametrize(("changed", "why"), REFUSALS)
def test_a_store_that_is_not_reached_or_lets_nobody_in_is_told(
    object_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], why: Why
) -> None:
    assert object_server.port
    for name, value in changed.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    for ask in ASKS:
        with pytest.raises(UnreachedError) as told:
            ask(open_objects(new_store(), tmp_path))
        assert told.value.why is why
        assert copy.copy(told.value).why is why


def test_a_profile_says_where_the_store_is_and_who_asks(
    object_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(f"[profile caja]\nendpoint_url = http://{HOST}:{object_server.port}\n")
    (tmp_path / "keys").write_text(f"[caja]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_PROFILE", "caja")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    home = Home(tmp_path / "home", new_store())
    home.prepare()
    rows = pyarrow.table({"number": [1], "month": ["2026-10"]})
    tables.publish(home, "payments", rows, "2026-10")
    assert tables.read(home, "payments", "2026-10") == rows


def test_a_bucket_that_is_not_there_is_told(object_server: S3Server, tmp_path: Path) -> None:
    assert object_server.port
    with pytest.raises(UnreachedError) as told:
        open_objects("s3://no-such-bucket/x", tmp_path).is_folder()
    assert told.value.why is Why.NO_BUCKET


@pytest.mark.parametrize(
    ("server", "why"),
    [
        (("if-none-match",), Why.NO_CONDITIONS),
        (("if-match",), Why.NO_CONDITIONS),
        (("none", 501), Why.NO_CONDITIONS),
        (("none",), None),
    ],
)
def test_a_store_that_lets_the_conditions_of_a_put_pass_is_not_used(
    object_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: tuple[Any, ...], why: Why | None
) -> None:
    assert object_server.port
    found = None
    with unconditional(*server) as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{HOST}:{port}")
        try:
            objects(tmp_path)
        except UnreachedError as told:
            found = told.why
    assert found is why


def test_no_secret_is_in_a_representation_a_message_a_log_or_what_is_sent_to_a_worker(
    object_server: S3Server, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert object_server.port
    caplog.set_level(logging.DEBUG)
    home = Home(tmp_path, new_store())
    home.prepare()
    told = [repr(home), repr(home.lasting), str(home.lasting), repr(pickle.dumps(home))]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{HOST}:{free_ports(1)[0]}")
    with pytest.raises(UnreachedError) as failed:
        Home(tmp_path, home.store).prepare()
    assert SECRET not in "".join([*told, repr(failed.value), caplog.text])
    assert copy.copy(home) == home


def test_a_store_is_left_with_nothing_but_its_mark_by_a_look_at_it(object_server: S3Server, tmp_path: Path) -> None:
    assert object_server.port
    home = Home(tmp_path, new_store())
    home.prepare()
    home.prepare()
    assert not home.is_begun()
    assert list(Objects(home.store).tags()) == ["quincena.store"]
    assert home.store.startswith(f"s3://{BUCKET}/")
