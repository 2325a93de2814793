"""Processes killed, or racing, while they publish into an object store: what stands there is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pyarrow
import pytest

from pipelines.store import publications, seals, tables
from pipelines.store.home import Home
from pipelines.store.publications import Publication, PublicationConflictError
from pipelines.store.tables import StoreBusyError
from tests.faults.test_killed import (
    MONTH,
    MORNING,
    PUBLICATIONS,
    TABLES,
    TRIALS,
    Killing,
    assert_consistent,
    publish_all,
    timed,
)
from tests.integration.object_store import BUCKET, Objects, new_store
from tests.integration.s3_server import S3Server, serving

WRITERS = 3

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with serving(tmp_path_factory.mktemp("store")) as started, pytest.MonkeyPatch.context() as context:
        for name, value in started.environment().items():
            context.setenv(name, value)
        Objects(f"s3://{BUCKET}/x").make_bucket()
        yield started


def publish_into(root: Path, store: str, environment: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as context:
        for name, value in environment.items():
            context.setenv(name, value)
        publish_all(Home(root, store))


def test_publishing_killed_at_any_moment_leaves_a_consistent_publication_in_force_in_the_store(
    processes: ForkServerContext, server: S3Server, tmp_path: Path
) -> None:
    publish_all(Home(tmp_path / "warm", new_store()))
    lasting = timed(lambda: publish_all(Home(tmp_path / "undisturbed", new_store())))
    killing = Killing(processes, 20261017, 1.3 * lasting)
    for trial in killing.trials():
        home = Home(tmp_path / str(trial), new_store())
        for _ in killing.runs(publish_into, home.root, home.store, server.environment()):
            assert_consistent(home)
        publish_all(home)

        assert publications.numbers(home, MONTH) == list(range(1, PUBLICATIONS + 1))
        assert_consistent(home)
        assert_sealed(home)
    assert killing.killed >= TRIALS


def assert_sealed(home: Home) -> None:
    """Every file that a commit brought is noted, with the digest of what stands there."""
    for name in TABLES:
        folder = home.tables / name
        sealed = seals.read(folder)
        last = max(map(seals.version_of, seals.commits(folder)))
        assert set(seals.brought(folder, last)) == set(sealed.digests)
        assert {file for file, digest in sealed.digests.items() if (folder / file).sha256() != digest} == set()


def race(root: Path, store: str, environment: dict[str, str], writer: int, start: Barrier) -> None:
    """Publish number 1 of the month with rows that tell the writer; leave its name where it won."""
    with pytest.MonkeyPatch.context() as context, suppress(PublicationConflictError, StoreBusyError):
        for name, value in environment.items():
            context.setenv(name, value)
        home = Home(root, store)
        home.prepare()
        rows = pyarrow.table({"number": [writer] * 50, "month": [MONTH] * 50})
        start.wait()
        versions = {name: tables.publish(home, name, rows, MONTH) for name in TABLES}
        digest = publications.digest_of(versions)
        publications.write(
            home, Publication(MONTH, 1, MORNING, f"{writer}", "", "0.1.0", versions, ("aa",), "bb", digest)
        )
        (root / "won").touch()


def test_of_machines_that_publish_one_month_at_once_one_wins_and_nothing_is_torn(
    processes: ForkServerContext, server: S3Server, tmp_path: Path
) -> None:
    for trial in range(TRIALS):
        store, start = new_store(), processes.Barrier(WRITERS)
        homes = [tmp_path / f"{trial}-{writer}" for writer in range(WRITERS)]
        racers = [
            processes.Process(target=race, args=(root, store, server.environment(), writer, start))
            for writer, root in enumerate(homes)
        ]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join(120)
        assert [racer.exitcode for racer in racers] == [0] * WRITERS
        won = [writer for writer, root in enumerate(homes) if (root / "won").exists()]
        home = Home(homes[0], store)
        publication = publications.latest(home, MONTH)
        assert publication is not None
        assert won == [int(publication.run_id)]
        assert publications.numbers(home, MONTH) == [1]
        for name in TABLES:
            assert publications.read_table(home, publication, name)["number"].to_pylist() == won * 50
        assert_sealed(home)
