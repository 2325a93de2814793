"""Progress of a run: a moving line on a terminal, nothing elsewhere; and how long each stage took."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

from pipelines.commands import console
from pipelines.defs.progress import StageEvent
from pipelines.outputs.labels import STAGES, say


class Watch:
    """Hears of the stages of one run; ``seconds`` has what each ended one took."""

    def __init__(self, language: str, status: Status | None) -> None:
        self.seconds: dict[str, float] = {}
        self._language = language
        self._status = status
        self._began: dict[str, float] = {}

    def hear(self, event: StageEvent) -> None:
        """Take note of one event, and show it where somebody watches."""
        now = time.perf_counter()
        if event.state == "started":
            self._began.setdefault(event.stage, now)
        if event.state == "finished" and event.stage in self._began:
            took = now - self._began.pop(event.stage)
            self.seconds[event.stage] = round(self.seconds.get(event.stage, 0.0) + took, 3)
        if self._status:
            self._status.update(console.text(_line(event, self._language)))


@contextmanager
def watching(month: str, language: str) -> Iterator[Watch]:
    """A watch for one run of ``month``."""
    if not console.is_terminal():
        yield Watch(language, None)
        return
    # A second handle on the terminal: while a stage runs, Dagster sends stderr itself into the log of that stage.
    terminal = os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8")
    with terminal, Status(month, console=Console(file=terminal)) as status:
        yield Watch(language, status)


def _line(event: StageEvent, language: str) -> str:
    stage = say(STAGES[event.stage], language) if event.stage in STAGES else event.stage
    files = f" {event.done}/{event.total}" if event.total else ""
    return f"{event.month} · {stage}{files}"
