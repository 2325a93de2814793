"""A month in shards, through Dagster and on a cluster: what is published is what one process publishes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.defs.location import resources
from pipelines.defs.resources import Programme, load_policy
from pipelines.defs.running import Engine, RunRequest, RunResult, run_month
from pipelines.engine import landing
from pipelines.engine.sharding import planning
from pipelines.engine.sharding.cluster import NoWorkersError, OnCluster, on_cluster
from pipelines.engine.sharding.months import GIVES, ShardedMonth
from pipelines.engine.sharding.runners import InTurn
from pipelines.engine.sharding.settings import Settings, of_environment, settings
from pipelines.engine.sharding.tables import ShardedTable
from pipelines.store import landed, spilled
from pipelines.store.home import Home
from tests.integration import october
from tests.integration.small_month import offer
from tests.property.sharded import differing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.context import ForkServerContext

    from pipelines.engine.sharding.jobs import Job, Runner

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),  # of the cluster's own
]
ROOT: Final = Path(__file__).resolve().parents[2]
MONTH: Final = "2026-10"
INBOX: Final = ROOT / "fixtures" / "months" / MONTH / "inbox"
RECEIVED_AT: Final = datetime(2026, 11, 1, 6, tzinfo=UTC)


def run(home: Path, engine: Engine, month: str = MONTH) -> RunResult:
    inbox = ROOT / "fixtures" / "months" / month / "inbox"
    result = run_month(RunRequest(home=home, month=month, inbox=inbox, received_at=RECEIVED_AT, engine=engine))
    assert result.success, result.error
    return result


def digests(result: RunResult) -> dict[str, str]:
    assert result.publication is not None
    return {name: version.digest for name, version in result.publication.tables.items()}


@pytest.fixture(scope="module")
def landed_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which the files of October are landed, and nothing else."""
    return october.landed(tmp_path_factory.mktemp("landed"))


@pytest.fixture(scope="module")
def whole(landed_home: Home) -> dict[str, pd.DataFrame]:
    """October as one process makes it."""
    return october.made_whole(landed_home)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Both months as runs of one process publish them, one after the other in one home: the digests of their tables."""
    home = tmp_path_factory.mktemp("whole") / "home"
    return {month: digests(run(home, Engine(memory="40000GB"), month)) for month in ("2026-10", "2026-11")}


@pytest.fixture(scope="module")
def quick_workers(processes: ForkServerContext) -> Iterator[None]:
    """Workers that are forked off a process which has loaded what they need: a new one does not load it again.

    A run on a cluster whose workers are started as they are for users is one of ``test_store_s3``.
    """
    import dask  # noqa: PLC0415 - only some tests need a cluster
    import distributed.utils  # noqa: PLC0415 - as dask

    with (
        pytest.MonkeyPatch.context() as patched,
        dask.config.set({"distributed.worker.multiprocessing-method": processes.get_start_method()}),
    ):
        patched.setattr(distributed.utils, "_forkserver_preload_set", True)  # in place of its own list
        yield


def plan(home: Home, asked: Settings) -> Job:
    return planning.plan(home, MONTH, load_policy(ROOT / "policy.toml"), landing.issued(home, None), asked)


def made(job: Job, runner: Runner) -> dict[str, pd.DataFrame]:
    month = ShardedMonth(job, runner)
    tables = {name: table for stage in GIVES for name, table in month.take(stage).items()}
    return {name: table.read() if isinstance(table, ShardedTable) else table for name, table in tables.items()}


def test_two_months_publish_the_same_digests_where_memory_is_too_small_for_them(
    published: dict[str, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[str] = []

    def plan_and_note(home: Home, month: str, *more: Any) -> Job:
        planned.append(f"{home.root.name} {month}")
        return planning_plan(home, month, *more)

    planning_plan = planning.plan
    monkeypatch.setattr(planning, "plan", plan_and_note)
    monkeypatch.setattr("pipelines.engine.sharding.settings._OF_A_ROW", 10**6)
    for month, whole in published.items():
        cut = run(tmp_path / "cut", Engine(memory="1MB"), month)
        assert digests(cut) == whole
        assert not (tmp_path / "cut" / "work" / month / "shards").exists()
    assert planned == ["cut 2026-10", "cut 2026-11"]


def test_rows_of_a_large_file_are_read_part_by_part(
    landed_home: Home, whole: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "rows_at_once", 7)
    job = plan(landed_home, Settings(shards=2))
    assert any(isinstance(piece, planning.Groups) for piece in job.pieces)
    assert differing(made(job, InTurn()), whole) == []


def test_a_large_file_whose_landed_rows_were_altered_is_read_again_from_its_original(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.prepare()
    landing.land(home, INBOX, RECEIVED_AT)
    files = landing.accepted_files(home, landing.issued(home, None))
    entry = files[files["kind"].eq("bank_transfers")].iloc[0]
    path = home.root / landed.rows_path(home, entry["layout"], entry["sha256"]).key
    sound = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(sound[:-1] + b"x")
    monkeypatch.setattr(Settings, "rows_at_once", 1)
    plan(home, Settings(shards=2))
    assert path.read_bytes() == sound


def test_what_a_killed_run_left_is_gone_after_the_next(tmp_path: Path) -> None:
    left = tmp_path / "home" / "work" / MONTH / "shards" / "rows"
    left.mkdir(parents=True)
    (left / ".0.arrow.abc.partial").write_bytes(b"half")
    (left / "0.arrow").write_bytes(b"of another run")
    run(tmp_path / "home", Engine(shards=2))
    assert not left.exists()


def test_a_run_killed_among_its_shards_is_run_again_as_if_it_had_not_been(
    published: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "--home", str(home), "run"]
    options = ["--month", MONTH, "--inbox", str(INBOX), "--received-at", RECEIVED_AT.isoformat()]
    options += ["--shards", "2", "--workers", "2"]
    shards = home / "work" / MONTH / "shards"
    with subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run_:
        while run_.poll() is None and not (shards / "shards" / "1").exists():
            time.sleep(0.01)
        run_.kill()
    assert shards.exists()
    assert not list((home / "publications").rglob("*.json"))
    assert digests(run(home, Engine(shards=2, workers=2))) == published[MONTH]
    assert not shards.exists()


class Deadly:
    """A runner on which, in every step, the worker that has the second number dies in the middle of it, once."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def map(self, step: Callable[[Job, int], Any], job: Job, numbers: Iterable[int]) -> list[Any]:
        return self._runner.map(partial(_die_once, step), job, numbers)

    def end(self) -> None:
        self._runner.end()


def _die_once(step: Callable[[Job, int], Any], job: Job, number: int) -> object:
    died = job.folder / "died" / step.__name__
    if number == 1 and not died.exists():
        step(job, number)
        died.parent.mkdir(exist_ok=True)
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return step(job, number)


def _nothing(_job: Job, _number: int) -> None:
    """A step that is never begun."""


@pytest.mark.usefixtures("quick_workers")
@pytest.mark.parametrize(("workers", "shards"), [(2, 3)])
def test_a_cluster_whose_workers_die_gives_the_same_tables(
    landed_home: Home, whole: dict[str, pd.DataFrame], workers: int, shards: int
) -> None:
    asked = Settings("dask", shards=shards, workers=workers)
    job = plan(landed_home, asked)
    with on_cluster(asked, job.folder) as runner:
        found = made(job, Deadly(runner))
    deaths = {path.name for path in (job.folder / "died").iterdir()}
    assert {"begin", "finish", "lay_apart", "link", "meet", "settle_part"} <= deaths
    assert differing(found, whole) == []


def test_a_cluster_without_workers_is_told_instead_of_waited_for(
    landed_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client, LocalCluster  # noqa: PLC0415 - only some tests need a cluster of their own

    monkeypatch.setattr("pipelines.engine.sharding.cluster._LOOK_SECONDS", 0.1)
    monkeypatch.setattr("pipelines.engine.sharding.cluster._LOOKS", 3)
    asked = Settings("dask", shards=2, workers=1)
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as empty, Client(empty) as client:
        runner = OnCluster(client)
        with pytest.raises(NoWorkersError, match="no worker left"):
            runner.map(_nothing, plan(landed_home, asked), range(2))


@pytest.mark.usefixtures("quick_workers")
def test_a_run_on_a_cluster_by_address_publishes_the_same_digests(
    published: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    from distributed import LocalCluster  # noqa: PLC0415 - only this test needs a cluster of its own

    with LocalCluster(n_workers=1, threads_per_worker=1, memory_limit=None, dashboard_address="127.0.0.1:0") as cluster:
        there = run(tmp_path / "there", Engine("dask", shards=2, scheduler=cluster.scheduler_address))
    assert digests(there) == published[MONTH]


@pytest.mark.usefixtures("quick_workers")
def test_the_error_of_a_step_is_raised_where_the_run_is(landed_home: Home) -> None:
    job = plan(landed_home, Settings("dask", shards=2, workers=1))
    with (
        on_cluster(Settings("dask", workers=1), job.folder) as runner,
        pytest.raises(landed.LandedDamagedError, match="of no file"),
    ):
        runner.map(_fail, job, range(2))


def _fail(_job: Job, number: int) -> None:
    if number:
        message = "of no file"
        raise landed.LandedDamagedError(message)


def test_a_local_run_loads_no_cluster(tmp_path: Path) -> None:
    inbox = offer(tmp_path / "inbox")
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from pipelines.defs.running import Engine, RunRequest, run_month\n"
        f"request = RunRequest(Path({str(tmp_path / 'home')!r}), {MONTH!r}, Path({str(inbox)!r}),"
        " datetime(2026, 11, 1, tzinfo=UTC), engine=Engine(shards=2))\n"
        "assert run_month(request).success\n"
        "assert 'distributed' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_settings_that_cannot_be_are_told_before_anything_is_landed(tmp_path: Path) -> None:
    request = RunRequest(tmp_path, MONTH, INBOX, RECEIVED_AT, engine=Engine(memory="much"))
    result = run_month(request)
    assert not result.success
    assert "memory much: expected a figure with MB or GB" in result.error
    assert not list((tmp_path / "originals").iterdir())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--memory", "lots"], "--engine: memory lots: expected a figure with MB or GB, such as 4GB"),
        (["--engine", "spark"], "'spark' is not one of 'local', 'dask'"),
    ],
)
def test_options_that_cannot_be_are_wrong_usage(tmp_path: Path, options: list[str], told: str) -> None:
    arguments = ["--home", str(tmp_path / "home"), "--lang", "en", "run", "--month", MONTH, *options]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 2
    assert told in answer.output
    assert not (tmp_path / "home").exists()


def test_the_environment_says_on_what_the_runs_of_the_ui_go() -> None:
    written = {"QUINCENA_ENGINE": "dask", "QUINCENA_SHARDS": "8", "QUINCENA_MEMORY": "", "QUINCENA_HOME": "var"}
    assert of_environment(written) == {"engine": "dask", "shards": 8}
    programme = resources(Path("var"), ROOT / "policy.toml", engine=of_environment(written))["programme"]
    assert isinstance(programme, Programme)
    assert (programme.engine, programme.shards, programme.workers) == ("dask", 8, 0)


def test_shards_are_as_many_as_rows_and_memory_ask_for() -> None:
    asked = settings(**asdict(Engine()))
    assert asked.shards_for(100_000) == 1
    assert 1 < asked.shards_for(10_000_000) < settings(**asdict(Engine(memory="2GB"))).shards_for(10_000_000)
    assert settings(**asdict(Engine(shards=5))).shards_for(1) == 5


def test_a_run_that_begins_leaves_what_another_is_laying_down(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with spilled._placed(home.work / MONTH / "shards" / "0.arrow") as sink:
        home.prepare()
        sink.write(b"whole")
    assert (home.work / MONTH / "shards" / "0.arrow").read_bytes() == b"whole"


def _half(path: Path) -> None:
    with spilled._placed(path) as sink:
        sink.write(b"half")
        raise TimeoutError


def test_a_table_laid_down_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        _half(tmp_path / "0.arrow")
    assert list(tmp_path.iterdir()) == []
