from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipelines.store.attempts import attempt

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.store.home import Home

DIES = """
import os, signal, sys
from pathlib import Path

from pipelines.store.attempts import attempt
from pipelines.store.home import Home

with attempt(Home(Path(sys.argv[1])), "aa") as earlier:
    print(earlier, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def marks(home: Home) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in (home.work / "attempts").iterdir()}


def test_an_attempt_that_ends_leaves_no_mark(home: Home) -> None:
    for _ in range(3):
        with attempt(home, "aa") as earlier:
            assert earlier == 0
            assert marks(home) == {"aa": 1}
        assert marks(home) == {}


def test_an_attempt_that_fails_in_a_way_that_is_told_leaves_no_mark(home: Home) -> None:
    with pytest.raises(KeyError), attempt(home, "aa"):
        raise KeyError
    assert marks(home) == {}


def test_attempts_that_end_with_the_process_are_counted_by_file(home: Home) -> None:
    told = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", DIES, home.root], capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL
        told.append(done.stdout)
    assert told == ["0\n", "1\n"]
    with attempt(home, "aa") as earlier, attempt(home, "bb") as of_another:
        assert (earlier, of_another) == (2, 0)
    assert marks(home) == {}


def test_a_mark_that_somebody_removed_meanwhile_is_no_fault(home: Home) -> None:
    with attempt(home, "aa"):
        mark: Path = home.work / "attempts" / "aa"
        mark.unlink()
    assert marks(home) == {}
