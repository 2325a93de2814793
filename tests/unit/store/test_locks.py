from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.store import locks
from pipelines.store.locks import HomeBusyError

if TYPE_CHECKING:
    from pipelines.store.home import Home

_HOLDER = (
    "import sys, time; from pathlib import Path\n"
    "from pipelines.store import locks; from pipelines.store.home import Home\n"
    "with locks.hold(Home(Path(sys.argv[1])), 'landings', wait_seconds=0): print('held', flush=True); time.sleep(60)\n"
)


def test_a_lock_held_elsewhere_is_busy_and_names_itself(home: Home) -> None:
    with (
        locks.hold(home, "landings", wait_seconds=0),
        pytest.raises(HomeBusyError, match="'landings'"),
        locks.hold(home, "landings", wait_seconds=0.1),
    ):
        pytest.fail("two held one lock")


def test_locks_of_two_names_do_not_hinder_each_other(home: Home) -> None:
    with locks.hold(home, "landings", wait_seconds=0), locks.hold(home, "2026-10", wait_seconds=0):
        held = {path.name for path in home.locks.iterdir()}
    assert held == {"landings.lock", "2026-10.lock"}


def test_a_lock_is_free_after_an_error(home: Home) -> None:
    with pytest.raises(KeyError), locks.hold(home, "landings", wait_seconds=0):
        raise KeyError
    with locks.hold(home, "landings", wait_seconds=0):
        assert (home.locks / "landings.lock").exists()


def test_the_lock_of_a_killed_process_is_free_at_once(home: Home) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(locks.__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(home.root)], stdout=subprocess.PIPE, text=True, env=environment
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(HomeBusyError), locks.hold(home, "landings", wait_seconds=0):
            pytest.fail("two processes held one lock")
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with locks.hold(home, "landings", wait_seconds=0):
            assert holder.returncode == -signal.SIGKILL
