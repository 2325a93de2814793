"""Processes killed while they land or publish: what stands is whole, and a rerun ends as if none had been killed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import pandas as pd
import pyarrow
import pytest

from pipelines.engine.landing import land, load_known_rows, load_rejections, offered
from pipelines.rules.receipts import receipts
from pipelines.store import publications, tables
from pipelines.store.files import TEMPORARY_SUFFIX
from pipelines.store.home import Home
from pipelines.store.publications import Publication

MORNING = datetime(2026, 10, 15, 14, tzinfo=UTC)
MONTH = "2026-10"
HEADER = (
    "company,settlement_id,settled_on,items,gross_amount,fee_amount,net_amount,currency,sender_bank,bank_tracking_key"
)
TRIALS = int(os.environ.get("QUINCENA_FAULT_TRIALS", "4"))
"""Homes in which three runs are killed one after another; `make faults` has more of them."""
BATCHES = 3
FILES = 3
ROWS = 5
PUBLICATIONS = 6
TABLES = ("payments", "matches", "dispositions")


@pytest.fixture(scope="module")
def offered_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("offered")
    for batch in range(BATCHES):
        folder = root / str(batch)
        folder.mkdir()
        for number in range(FILES):
            net = "90.00" if number else "x"
            rows = [f"N,L{batch}{number}{row},2026-10-14,1,100.00,10.00,{net},MXN,40012,K{row}" for row in range(ROWS)]
            (folder / f"settlements_{number}.csv").write_text("\n".join([HEADER, *rows]))
        (folder / f"unknown_{batch}.dat").write_text("refused")
    return root


def land_all(home: Home, root: Path) -> None:
    home.prepare()
    for batch in range(BATCHES):
        land(home, root / str(batch), MORNING + timedelta(hours=batch))


def publish_all(home: Home) -> None:
    """Publish numbers up to ``PUBLICATIONS``; every table of a publication carries its number in each row."""
    home.prepare()
    in_force = publications.latest(home, MONTH)
    for number in range(in_force.number + 1 if in_force else 1, PUBLICATIONS + 1):
        rows = pyarrow.table({"number": [number] * 50, "month": [MONTH] * 50})
        versions = {name: tables.publish(home, name, rows, MONTH) for name in TABLES}
        digest = publications.digest_of(versions)
        publications.write(
            home, Publication(MONTH, number, MORNING, "run", "", "0.1.0", versions, ("aa",), "bb", digest)
        )


class Killing:
    """Kills runs at any moment of the seconds that one lasts: fewer than was thought, where one ended before."""

    def __init__(self, processes: ForkServerContext, seed: int, lasting: float) -> None:
        self._processes = processes
        self._moments = random.Random(seed)
        self._lasting = lasting
        self.killed = 0

    def trials(self) -> Iterator[int]:
        """``TRIALS`` homes, and more while fewer runs than that were killed: how fast they are, the machine says."""
        for trial in range(10 * TRIALS):
            if trial >= TRIALS and self.killed >= TRIALS:
                return
            yield trial

    def runs(self, target: Callable[..., None], *arguments: object) -> Iterator[ForkServerProcess]:
        """Up to three runs of ``target``, one after the other, of which all but the last were killed."""
        for _ in range(3):
            process = self._processes.Process(target=target, args=arguments)
            process.start()
            time.sleep(self._moments.uniform(0, self._lasting))
            process.kill()
            process.join()
            yield process
            if process.exitcode == 0:
                self._lasting *= 0.7
                return
            assert process.exitcode == -9
            self.killed += 1


def kept(home: Home) -> dict[str, bytes]:
    folders = (home.root / "originals", home.root / "landed")
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(home.root)): path.read_bytes() for path in paths}


def timed(run: Callable[[], None]) -> float:
    start = time.monotonic()
    run()
    return time.monotonic() - start


@pytest.mark.slow
def test_landing_killed_at_any_moment_ends_as_if_it_never_had_been(
    processes: ForkServerContext, offered_files: Path, tmp_path: Path
) -> None:
    undisturbed = Home(tmp_path / "undisturbed")
    land_all(Home(tmp_path / "warm"), offered_files)
    lasting = timed(lambda: land_all(undisturbed, offered_files))
    expected = offered(undisturbed, None)
    killing = Killing(processes, 20261015, 1.3 * lasting)
    for trial in killing.trials():
        home = Home(tmp_path / str(trial))
        for _ in killing.runs(land_all, home, offered_files):
            assert offered(home, None).groupby("received_at").size().isin([FILES + 1]).all()
        land_all(home, offered_files)

        logged = offered(home, None)
        issued = receipts(logged)
        pd.testing.assert_frame_equal(logged, expected)
        assert kept(home) == kept(undisturbed)
        assert list(home.root.rglob(f"*{TEMPORARY_SUFFIX}")) == []
        assert len(load_known_rows(home, issued, "settlements")) == BATCHES * (FILES - 1) * ROWS
        assert len(load_rejections(home, issued)) == BATCHES * ROWS
    assert killing.killed >= TRIALS


@pytest.mark.slow
def test_publishing_killed_at_any_moment_leaves_a_consistent_publication_in_force(
    processes: ForkServerContext, tmp_path: Path
) -> None:
    publish_all(Home(tmp_path / "warm"))
    lasting = timed(lambda: publish_all(Home(tmp_path / "undisturbed")))
    killing = Killing(processes, 20261016, lasting)
    for trial in killing.trials():
        home = Home(tmp_path / str(trial))
        for _ in killing.runs(publish_all, home):
            assert_consistent(home)
        publish_all(home)

        assert publications.numbers(home, MONTH) == list(range(1, PUBLICATIONS + 1))
        assert_consistent(home)
        assert list(home.root.rglob(f"*{TEMPORARY_SUFFIX}")) == []
    assert killing.killed >= TRIALS


def assert_consistent(home: Home) -> None:
    """Every publication of the home holds exactly its own number in all of its tables."""
    numbers = publications.numbers(home, MONTH)
    assert numbers == list(range(1, len(numbers) + 1))
    for number in numbers:
        publication = publications.fetch(home, MONTH, number)
        assert publication is not None
        for name in TABLES:
            rows = publications.read_table(home, publication, name)
            assert rows["number"].to_pylist() == [number] * 50
