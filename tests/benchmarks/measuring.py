"""One process from its start to its end: CPU, wall, memory, or how it was stopped.

A process that takes more memory than it may, or more time, is stopped with all that it started, and its measurement
says so. Linux kills what takes the last memory of the machine; here the process measured offers itself first.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DONE, FAILED, OUT_OF_MEMORY, OUT_OF_TIME = "done", "failed", "out of memory", "out of time"
LOOK_EVERY_SECONDS: Final = 0.25
PROC: Final = Path("/proc")


@dataclass(frozen=True)
class Limits:
    """What one process may take."""

    memory_mebibytes: float
    wall_seconds: float


@dataclass(frozen=True)
class Spent:
    """What a process took: CPU of it and of what it started, and the most memory all of them held at one time."""

    outcome: str
    cpu_seconds: float
    wall_seconds: float
    peak_mebibytes: float
    answer: str
    last_words: str


def measure(command: list[str], environment: dict[str, str], limits: Limits, folder: Path) -> Spent:
    """Run ``command`` to its end; what it says is kept in ``folder``."""
    answer, words = folder / "answer.txt", folder / "words.txt"
    began = time.perf_counter()
    with answer.open("wb") as out, words.open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment, start_new_session=True)
        watch = _Watch(process.pid, limits)
        with watch:
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    unit = 1 << 20 if platform.system() == "Darwin" else 1 << 10
    outcome = watch.stopped_for or (DONE if process.returncode == 0 else FAILED)
    if process.returncode == -signal.SIGKILL and not watch.stopped_for:
        outcome = OUT_OF_MEMORY  # nobody else kills so
    return Spent(
        outcome,
        used.ru_utime + used.ru_stime,
        wall,
        max(used.ru_maxrss / unit, watch.peak_mebibytes),
        answer.read_text(errors="replace"),
        words.read_text(errors="replace")[-2_000:],
    )


class _Watch:
    """Looks at a process and all of its session until it ends, and stops it where it takes too much."""

    def __init__(self, leader: int, limits: Limits) -> None:
        self.peak_mebibytes = 0.0
        self.stopped_for = ""
        self._leader = leader
        self._limits = limits
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        with contextlib.suppress(OSError):
            (PROC / str(self._leader) / "oom_score_adj").write_text("1000")
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        # What it may have left behind would take part in the next measurement.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._leader, signal.SIGKILL)

    def _look(self) -> None:
        began = time.perf_counter()
        while not self._ended.wait(LOOK_EVERY_SECONDS):
            self.peak_mebibytes = max(self.peak_mebibytes, held_mebibytes(self._leader))
            if self.peak_mebibytes > self._limits.memory_mebibytes:
                self._stop(OUT_OF_MEMORY)
            elif time.perf_counter() - began > self._limits.wall_seconds:
                self._stop(OUT_OF_TIME)

    def _stop(self, why: str) -> None:
        self.stopped_for = self.stopped_for or why
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._leader, signal.SIGKILL)


def held_mebibytes(session: int) -> float:
    """Memory that the processes of a session hold; 0 where the system does not tell."""
    pages = 0
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            # The name of a program may hold blanks and brackets; what follows it is plain.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                pages += int(fields[21])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def memory_mebibytes() -> float:
    """Memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def processor() -> str:
    """What the machine says it computes with."""
    with contextlib.suppress(OSError):
        for line in (PROC / "cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
