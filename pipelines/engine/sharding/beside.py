"""A process beside that of the run, which takes steps for it; started once, so that it loads the libraries once.

`python -m pipelines.engine.sharding.beside N` is that process; ``N`` is its end of a socket. What it is sent is a step
and a number, what it answers is small: tables lie in the folder of the job.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from typing import TYPE_CHECKING, Any, Final

from pipelines.engine import memory
from pipelines.engine.sharding.steps import attempted, sendable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.engine.sharding.jobs import Job
    from pipelines.engine.sharding.steps import Answer

_OF_ONE_CORE: Final = {"OMP_NUM_THREADS": "1"}
"""Each core has a process of ours: threads of the libraries would only wait for one another."""


class EndedError(RuntimeError):
    """The process has ended before it answered."""


class Beside:
    """One such process; it ends with this one, however this one ends."""

    def __init__(self) -> None:
        self._connection, there = Pipe()
        with there:
            self._process = subprocess.Popen(  # noqa: S603 - a program of ours
                [sys.executable, "-P", "-m", "pipelines.engine.sharding.beside", str(there.fileno())],
                # Nothing is written to it: it is closed when this process ends, and the other sees that at once.
                stdin=subprocess.PIPE,
                # What a library says there may quote a row.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[there.fileno()],
                # An interrupt from the keyboard is for the run, which ends it.
                process_group=0,
                # The code that the run has loaded, whatever lies in the folder where it was begun.
                env=os.environ | _OF_ONE_CORE | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
            )

    @property
    def is_there(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def take(self, task: bytes, number: int) -> Any:  # noqa: ANN401 - whatever the step gives
        """What the step of ``task`` (:func:`task_of`) gives for a number; an error of it is raised here.

        Raises ``EndedError``.
        """
        try:
            self._connection.send((task, number))
            given, error = self._connection.recv()
        except (EOFError, OSError):
            raise EndedError from None
        if error is not None:
            raise error
        return given

    def end(self) -> None:
        """End it, in the middle of a step or not: what a step lays down is there whole or not at all."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        self._process.stdin.close()
        # The socket is closed with this object: a thread may just be learning from it that nothing comes any more.


def task_of(step: Callable[[Job, int], Any], job: Job) -> bytes:
    """What is the same of all calls of a step."""
    return pickle.dumps((step, job))


def main() -> None:
    """Take one step after the other until the run wants no more."""
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    memory.end_first()
    memory.keep()
    with Connection(int(sys.argv[1])) as run, suppress(EOFError):
        while True:
            run.send(_answer(*run.recv()))


def _end_with_the_run() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def _answer(task: bytes, number: int) -> Answer:
    try:
        step, job = pickle.loads(task)  # noqa: S301 - of the process that started this one
    except Exception as error:  # noqa: BLE001 - raised again where the run is
        return None, sendable(error)
    return attempted(step, job, number)


if __name__ == "__main__":
    main()
