"""Steps of a month on several cores at once: the same tables, and no process that is left behind."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pytest

from pipelines.defs import guarding
from pipelines.defs.resources import load_policy
from pipelines.engine import landing
from pipelines.engine.sharding import opening, planning, runners
from pipelines.engine.sharding.jobs import Job
from pipelines.engine.sharding.months import GIVES, ShardedMonth
from pipelines.engine.sharding.runners import AtOnce
from pipelines.engine.sharding.settings import Settings, cores
from pipelines.engine.sharding.steps import frames
from pipelines.engine.sharding.tables import ShardedTable
from pipelines.rules.policy import PolicyBook
from pipelines.store.home import Home
from pipelines.store.landed import LandedDamagedError
from tests.integration import october, steps
from tests.property.sharded import differing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
MONTH: Final = "2026-10"
POLICY: Final = load_policy(ROOT / "policy.toml")
SECONDS: Final = 60


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which the files of October are landed."""
    return october.landed(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def whole(home: Home) -> dict[str, pd.DataFrame]:
    """October as one process makes it."""
    return october.made_whole(home)


@pytest.fixture(scope="module")
def at_once() -> Iterator[AtOnce]:
    """Two processes."""
    with AtOnce(2) as runner:
        yield runner


def nothing(folder: Path) -> Job:
    return Job(folder, 2, MONTH, PolicyBook(()), (), None)


def made(month: ShardedMonth) -> dict[str, pd.DataFrame]:
    tables = {name: table for stage in GIVES for name, table in month.take(stage).items()}
    return {name: table.read() if isinstance(table, ShardedTable) else table for name, table in tables.items()}


def is_running(process: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(found: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not found():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize(("processes", "shards"), [(2, 3), (3, 5)])
def test_a_month_on_several_cores_has_the_same_tables(
    home: Home, whole: dict[str, pd.DataFrame], processes: int, shards: int
) -> None:
    job = planning.plan(home, MONTH, POLICY, landing.issued(home, None), Settings(shards=shards))
    with AtOnce(processes) as runner:
        assert differing(made(ShardedMonth(job, runner)), whole) == []
        assert not runner._beside  # what follows has their memory


class Deadly(AtOnce):
    """What a process beside this one takes of some steps kills it before it has answered."""

    def map(self, step: Callable[[Job, int], Any], job: Job, numbers: Iterable[int]) -> list[Any]:
        deadly = partial(steps.die_beside, os.getpid(), step)
        return super().map(deadly, job, numbers)


def test_a_month_whose_processes_are_killed_in_the_middle_has_the_same_tables(
    home: Home, whole: dict[str, pd.DataFrame]
) -> None:
    job = planning.plan(home, MONTH, POLICY, landing.issued(home, None), Settings(shards=3))
    with Deadly(2) as runner:
        assert differing(made(ShardedMonth(job, runner)), whole) == []
    assert {path.name for path in (job.folder / "died").iterdir()} == set(steps.DEADLY)


def test_steps_are_taken_here_and_beside_at_the_same_time(at_once: AtOnce, tmp_path: Path) -> None:
    taken = at_once.map(steps.whose, nothing(tmp_path), range(20))
    assert len(set(taken)) == 2
    assert os.getpid() in taken
    again = at_once.map(steps.whose, nothing(tmp_path), range(20))
    assert set(again) == set(taken)  # libraries are loaded once


def test_a_process_beside_runs_the_code_of_the_run_whatever_lies_where_it_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pipelines", "schemas", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    with AtOnce(2) as runner:
        assert len(set(runner.map(steps.whose, nothing(tmp_path), range(20)))) == 2


def test_one_step_alone_starts_no_process(tmp_path: Path) -> None:
    with AtOnce(2) as runner:
        assert runner.map(steps.whose, nothing(tmp_path), [7]) == [os.getpid()]
        assert not runner._beside


def test_where_no_process_can_be_started_all_is_done_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise BlockingIOError

    monkeypatch.setattr(runners, "Beside", none)
    with AtOnce(2) as runner:
        assert runner.map(steps.whose, nothing(tmp_path), range(2)) == 2 * [os.getpid()]


def test_what_a_process_that_died_between_two_steps_would_have_done_is_done(tmp_path: Path) -> None:
    with AtOnce(2) as runner:
        taken = set(runner.map(steps.whose, nothing(tmp_path), range(20)))
        (other,) = taken - {os.getpid()}
        os.kill(other, signal.SIGKILL)
        wait_for(lambda: not is_running(other))
        assert len(runner.map(steps.whose, nothing(tmp_path), range(20))) == 20


def test_an_error_beside_is_raised_here_as_itself_with_its_place(at_once: AtOnce, tmp_path: Path) -> None:
    with pytest.raises(LandedDamagedError, match="of no file") as caught:
        at_once.map(partial(steps.fail_beside, os.getpid()), nothing(tmp_path), range(20))
    assert guarding._told(caught.value) == "of no file"
    assert frames(caught.value)[-1].name == "fail_beside"


def test_an_error_that_cannot_be_handed_on_is_told_by_its_kind(at_once: AtOnce, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(steps.HoldingError("not told"))
    with pytest.raises(RuntimeError, match=r"^HoldingError$"):
        at_once.map(partial(steps.fail_oddly_beside, os.getpid()), nothing(tmp_path), range(20))


def test_after_an_error_no_process_is_left_and_steps_can_be_taken_again(tmp_path: Path) -> None:
    with AtOnce(2) as runner:
        with pytest.raises(LandedDamagedError):
            runner.map(partial(steps.fail_beside, os.getpid()), nothing(tmp_path), range(20))
        assert not runner._beside
        assert len(runner.map(steps.whose, nothing(tmp_path), range(2))) == 2


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_leaves_no_process_behind(tmp_path: Path, end: signal.Signals) -> None:
    program = (
        "import signal\n"
        "from pathlib import Path\n"
        "from tests.integration import steps, test_at_once\n"
        # Whoever started the tests may have left them without; Dagster does with one what it finds of the other.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_DFL)\n"
        f"job = test_at_once.nothing(Path({str(tmp_path)!r}))\n"
        "with test_at_once.AtOnce(3) as runner:\n"
        "    runner.map(steps.note_and_sleep, job, range(3))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.DEVNULL) as run:
        paths = [tmp_path / f"{number}.sleeping" for number in range(3)]
        wait_for(lambda: all(path.exists() and path.read_text() for path in paths))
        taken = [int(path.read_text()) for path in paths]
        assert run.pid in taken
        assert len(set(taken)) == 3
        run.send_signal(end)
        assert run.wait(SECONDS) != 0
    wait_for(lambda: not any(is_running(process) for process in taken))


def test_a_process_of_each_core_is_used_where_nobody_says() -> None:
    assert Settings().processes == min(2, cores())
    assert Settings(workers=1).processes == 1
    assert Settings(workers=4).processes == 4


def test_another_process_is_used_where_it_is_asked_for_or_there_are_rows_for_it() -> None:
    def used(asked: Settings, rows: int) -> type:
        with opening._runner(asked, ROOT, rows) as runner:
            return type(runner)

    assert used(Settings(workers=1), 10**7) is runners.InTurn
    assert used(Settings(workers=2), 10) is AtOnce
    assert used(Settings(shards=2), 10) is runners.InTurn
    assert used(Settings(shards=2), 10**7) is (AtOnce if cores() > 1 else runners.InTurn)


def test_no_more_processes_are_used_than_the_memory_has_room_for() -> None:
    assert 2 < Settings(memory=4 * 10**9, workers=64).processes < 10
    assert Settings(memory=10**9, workers=2).processes == 1


def test_the_shards_of_all_processes_together_are_within_the_memory() -> None:
    rows = 30_000_000
    alone, both = Settings(workers=1).shards_for(rows), Settings(workers=2).shards_for(rows)
    assert both % 2 == 0
    assert 2 * alone < both < 2.5 * alone
    assert Settings("dask", workers=2).shards_for(rows) == alone


def test_a_month_that_one_process_can_hold_is_not_cut_for_others() -> None:
    assert Settings(workers=2).shards_for(1_000_000) == 1
