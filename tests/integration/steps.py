"""Steps of made-up months, which processes beside that of a run can load."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from pipelines.store.landed import LandedDamagedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.engine.sharding.jobs import Job


DEADLY: Final = ("lay_apart", "finish")
"""Steps in which processes die."""


class HoldingError(Exception):
    """An error that holds what no other process can be given."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.held = threading.Lock()


def whose(_job: Job, _number: int) -> int:
    """The process that takes it; both have time to take one."""
    time.sleep(0.2)
    return os.getpid()


def fail_beside(run: int, _job: Job, _number: int) -> None:
    """An error in any process but ``run``."""
    if os.getpid() != run:
        message = "of no file"
        raise LandedDamagedError(message)
    time.sleep(0.2)


def fail_oddly_beside(run: int, _job: Job, _number: int) -> None:
    """As :func:`fail_beside`, with an error that cannot be handed on."""
    if os.getpid() != run:
        message = "not told"
        raise HoldingError(message)
    time.sleep(0.2)


def note_and_sleep(job: Job, number: int) -> None:
    """Lie still for minutes, whoever takes it; its process can be found."""
    job.folder.joinpath(f"{number}.sleeping").write_text(str(os.getpid()))
    time.sleep(300)


def die_beside(run: int, step: Callable[[Job, int], Any], job: Job, number: int) -> object:
    """What ``step`` gives to the process ``run``; of some steps any other is killed, done and not having answered."""
    given: object = step(job, number)
    if os.getpid() != run and step.__name__ in DEADLY:
        died = job.folder / "died"
        died.mkdir(exist_ok=True)
        (died / step.__name__).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return given
