"""A home whose store is a real object store: what is published, told and found there is what a folder gives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli import app
from pipelines.store import publications
from pipelines.store.home import Home
from tests.architecture.tree import ROOT
from tests.integration.lines import HOST, Line, free_ports
from tests.integration.object_store import Objects, new_store
from tests.integration.s3_server import KEY, SECRET, S3Server
from tests.integration.small_month import LATER, MONTH, digests, offer
from tests.integration.test_verify import publish_all

if TYPE_CHECKING:
    from pipelines.store.publications import Publication

OCTOBER = "2026-10"
FIXTURES = ROOT / "fixtures" / "months" / OCTOBER / "inbox"
LASTING = ("originals", "landed", "tables", "publications")
RUN = ("run", "--month", OCTOBER, "--inbox", FIXTURES, "--received-at", "2026-11-01T06:00:00Z")


def call(home: Home, *arguments: object, lang: str = "en") -> Result:
    options = ["--home", str(home.root), "--policy", str(ROOT / "policy.toml"), "--lang", lang, "--store", home.store]
    return CliRunner().invoke(app, [*options, *map(str, arguments)], env={"COLUMNS": "200"})


def published(home: Home, month: str = OCTOBER) -> Publication:
    found = publications.latest(home, month)
    assert found is not None
    return found


class Both(NamedTuple):
    """The same month in a home that is a folder, and in one whose store is an object store."""

    local: Home
    remote: Home


@pytest.fixture(scope="module")
def october(object_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """The month of the fixtures, as it is run by the command line."""
    assert object_server.port
    root = tmp_path_factory.mktemp("october")
    both = Both(Home(root / "local"), Home(root / "remote", new_store()))
    for home in both:
        ran = call(home, *RUN)
        assert ran.exit_code == 0, ran.stderr
    return both


@pytest.mark.slow
def test_a_month_in_an_object_store_has_the_content_and_certificate_of_one_in_a_folder(october: Both) -> None:
    local, remote = map(published, october)
    assert {name: one.digest for name, one in remote.tables.items()} == {
        name: one.digest for name, one in local.tables.items()
    }
    assert remote.certificate_digest == local.certificate_digest
    outboxes = [digests(home.outbox / "2026-11") for home in october]
    assert outboxes[0] == outboxes[1]


@pytest.mark.slow
def test_what_lasts_stands_in_the_store_under_the_same_names_and_nothing_of_it_in_the_home(october: Both) -> None:
    kept = {key for key in Objects(october.remote.store).tags() if key.startswith(("originals/", "landed/", "publ"))}
    expected = {f"{name}/{key}" for name in LASTING for key in digests(october.local.root / name)}
    assert kept == {key for key in expected if not key.startswith("tables/")}
    assert [name for name in LASTING if (october.remote.root / name).exists()] == []
    in_work = {path.parent.name for path in (october.remote.root / "work").rglob("*") if path.is_file()}
    assert in_work <= {"seen", "notes"}


@pytest.mark.slow
def test_a_second_home_on_the_store_sees_what_the_first_published_and_adds_nothing(
    october: Both, tmp_path: Path
) -> None:
    before, first = Objects(october.remote.store).tags(), published(october.remote)
    second = Home(tmp_path / "second", october.remote.store)
    assert call(second, "verify").exit_code == 0
    ran = call(second, *RUN, "--json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["publication"] == 1
    assert published(second) == first
    assert Objects(october.remote.store).tags() == before
    assert digests(second.outbox / "2026-11") == digests(october.remote.outbox / "2026-11")


@pytest.mark.slow
def test_tables_explanations_and_verification_are_those_of_a_folder(october: Both, tmp_path: Path) -> None:
    answers = []
    for home in october:
        output = tmp_path / f"{home.root.name}.csv"
        told = [
            call(home, "table", "dispositions", "--month", OCTOBER, "--output", output),
            call(home, "explain", "AZ1039", "--json"),
            call(home, "check", min(FIXTURES.iterdir()), "--json"),
        ]
        assert [one.exit_code for one in told] == [0, 0, 0]
        verified = json.loads(call(home, "verify", "--json").stdout)
        assert (verified["intact"], verified["faults"]) == (True, [])
        explained = json.loads(told[1].stdout)
        answers.append((output.read_bytes(), explained["payment"]["payment_id"], told[2].stdout))
        assert {**verified["looked_at"], "tables": 0} == {
            **json.loads(call(october.local, "verify", "--json").stdout)["looked_at"],
            "tables": 0,
        }
    assert answers[0] == answers[1]


@pytest.mark.slow
def test_a_month_on_a_cluster_whose_workers_read_the_store_is_the_same(october: Both, tmp_path: Path) -> None:
    home = Home(tmp_path / "cluster", october.remote.store.replace("/uno", "/dos"))
    # In a process of its own, as the cluster starts others that import what this one is.
    options = ["--home", str(home.root), "--store", home.store, *map(str, RUN)]
    engine = ["--engine", "dask", "--workers", "1", "--shards", "3"]
    ran = subprocess.run(
        [Path(sys.executable).parent / "quincena", *options, *engine], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert SECRET not in ran.stdout + ran.stderr
    assert {name: one.digest for name, one in published(home).tables.items()} == {
        name: one.digest for name, one in published(october.local).tables.items()
    }


@pytest.fixture(scope="module")
def small(object_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Two publications of a small month, in a folder and in a store."""
    assert object_server.port
    root = tmp_path_factory.mktemp("small")
    both = Both(Home(root / "local"), Home(root / "remote", new_store()))
    for home in both:
        home.prepare()
        offer(home.inbox)
        publish_all(home, MONTH, 10)
        offer(home.inbox, LATER)
        publish_all(home, MONTH, 16)
    return both


def test_two_publications_differ_in_a_store_as_they_do_in_a_folder(small: Both) -> None:
    told = [call(home, "diff", "--month", MONTH, 1, 2, "--json") for home in small]
    assert [one.exit_code for one in told] == [0, 0]
    assert told[0].stdout == told[1].stdout


@pytest.mark.slow
def test_a_night_in_shards_on_a_store_comes_to_what_it_does_in_a_folder(
    object_server: S3Server, tmp_path: Path
) -> None:
    assert object_server.port
    inbox = offer(tmp_path / "inbox")
    both = Both(Home(tmp_path / "local"), Home(tmp_path / "remote", new_store()))
    for day in ("2026-10-30", "2026-10-31"):
        for home in both:
            given = ("--inbox", inbox, "--received-at", f"{day}T06:00:00Z", "--shards", 2)
            ran = call(home, "run", "--month", MONTH, *given)
            assert ran.exit_code == 0, ran.stderr
        offer(inbox, LATER)
    local, remote = (published(home, MONTH) for home in both)
    assert (local.number, remote.number) == (2, 2)
    assert {name: one.digest for name, one in remote.tables.items()} == {
        name: one.digest for name, one in local.tables.items()
    }


def test_an_older_publication_and_a_month_as_it_was_known_are_given_from_a_store(small: Both, tmp_path: Path) -> None:
    written = []
    for home in small:
        for_one = tmp_path / home.root.name
        for_one.mkdir()
        table = ("table", "payments", "--month", MONTH, "--version", 1, "--output", for_one / "payments.parquet")
        known = ("run", "--month", MONTH, "--as-of", "2026-10-12T00:00:00Z", "--output", for_one / "known")
        assert [call(home, *asked).exit_code for asked in (table, known)] == [0, 0]
        written.append(digests(for_one))
    assert written[0] == written[1]
    assert len(written[0]) > 10


def test_a_home_is_moved_by_copying_its_folders(small: Both, tmp_path: Path) -> None:
    moved = Home(tmp_path / "moved", new_store())
    moved.prepare()
    there = Objects(moved.store)
    for name in LASTING:
        for key in digests(small.local.root / name):
            there.put(f"{name}/{key}", (small.local.root / name / key).read_bytes())
    assert call(moved, "verify").exit_code == 0
    before = there.tags()
    publish_all(moved, MONTH, 17)
    assert published(moved, MONTH) == published(small.local, MONTH)
    assert there.tags() == before


KINDS = {
    "originals": ("originals/", ""),
    "landed rows": ("landed/", ".rows.parquet"),
    "digests of landed rows": ("landed/", ".sha256"),
    "Parquet of a table": ("tables/payments/month", ".parquet"),
    "commit of a table": ("tables/payments/_delta_log/", "1.json"),
    "seals of a table": ("tables/payments/_seals", ""),
    "manifest": ("publications/", "1.json"),
}


def test_a_bit_flipped_in_the_store_is_found_and_named_whatever_it_is_in(small: Both) -> None:
    store = Objects(small.remote.store)
    for kind, (begins, ends) in KINDS.items():
        key = next(key for key in sorted(store.tags()) if key.startswith(begins) and key.endswith(ends))
        content = store.get(key)
        altered = bytearray(content)
        altered[len(altered) // 2] ^= 1
        store.put(key, bytes(altered))
        try:
            told = call(small.remote, "verify", "--json")
        finally:
            store.put(key, content)
        faults = json.loads(told.stdout)["faults"]
        assert told.exit_code == 1, kind
        assert key in {name for fault in faults for name in (fault["path"], fault["detail"])}, kind
    assert call(small.remote, "verify").exit_code == 0


@pytest.mark.parametrize(("begins", "ends"), [("originals/", ""), ("landed/", ".sha256"), ("publications/", "1.json")])
def test_what_is_gone_from_the_store_is_named(small: Both, begins: str, ends: str) -> None:
    store = Objects(small.remote.store)
    key = next(key for key in sorted(store.tags()) if key.startswith(begins) and key.endswith(ends))
    content = store.get(key)
    store.delete(key)
    try:
        faults = json.loads(call(small.remote, "verify", "--json").stdout)["faults"]
    finally:
        store.put(key, content)
    assert (key, "missing") in {(fault["path"], fault["problem"]) for fault in faults}


UNREACHED = {"es": "El almacén (--store) no responde", "en": "The store (--store) does not answer"}
COMMANDS = {
    "run": RUN,
    "verify": ("verify",),
    "explain": ("explain", "AZ1039"),
    "diff": ("diff", "--month", MONTH, 1, 2),
    "table": ("table", "payments", "--month", MONTH, "--output", "/tmp/never.csv"),  # noqa: S108 - nothing is written
}


@pytest.mark.parametrize("lang", UNREACHED)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_store_that_is_down_is_told_in_a_line_with_exit_1_and_no_secret(
    small: Both, monkeypatch: pytest.MonkeyPatch, command: str, lang: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{HOST}:{free_ports(1)[0]}")
    told = call(small.remote, *COMMANDS[command], lang=lang)
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith(UNREACHED[lang])
    assert told.stderr.count("\n") == 1
    assert not {SECRET, KEY} & {*told.stderr.split()}
    assert SECRET not in told.stderr


@pytest.mark.parametrize(
    "url",
    ["s3://clave:secreta@cubo/x", "s3://cubo", "gs://cubo/x", "s3://cubo/x?secreta=1", "cubo/x", "s3://cubo/../x"],
)
def test_an_address_that_cannot_be_used_is_wrong_usage_and_not_repeated(tmp_path: Path, url: str) -> None:
    told = call(Home(tmp_path / "home", url), *RUN)
    assert (told.exit_code, told.stdout) == (2, "")
    assert "secreta" not in told.stderr
    assert not list((tmp_path / "home").rglob("*.db"))


@pytest.mark.slow
@pytest.mark.parametrize("bytes_of_answers", [2_000, 60_000])
def test_a_store_that_goes_away_in_the_middle_of_a_run_leaves_the_last_publication_and_the_next_run_completes(
    object_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bytes_of_answers: int
) -> None:
    home = Home(tmp_path / "home", new_store())
    offer(tmp_path / "inbox")
    run = ("run", "--month", MONTH, "--inbox", tmp_path / "inbox")
    assert call(home, *run).exit_code == 0
    first = published(Home(home.root, home.store), MONTH)
    offer(tmp_path / "inbox", LATER)
    with Line(object_server.port, bytes_of_answers, stays_dead=True) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{HOST}:{line.port}")
        failed = call(home, *run, lang="es")
        assert line.was_cut
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert UNREACHED["es"] in failed.stderr
    assert SECRET not in failed.stderr
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{HOST}:{object_server.port}")
    assert published(Home(home.root, home.store), MONTH) == first
    assert call(home, *run).exit_code == 0
    assert published(Home(home.root, home.store), MONTH).number == 2
    assert call(home, "verify").exit_code == 0
