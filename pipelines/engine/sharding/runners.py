"""Where the steps of a month are taken on one machine: in this process, or on several cores at once (ADR 0052)."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from pipelines.engine import memory
from pipelines.engine.sharding.beside import Beside, EndedError, task_of
from pipelines.engine.sharding.steps import alone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipelines.engine.sharding.jobs import Job


class InTurn:
    """Runs every step here, one after the other: what is held at once is one piece or one shard."""

    def map(self, step: Callable[[Job, int], Any], job: Job, numbers: Iterable[int]) -> list[Any]:
        """What ``step`` gives for each number, in order."""
        return [alone(step, job, number) for number in numbers]

    def end(self) -> None:
        """Give back what the steps took, for what follows them."""
        memory.give_back()


class AtOnce:
    """Runs steps here and, at the same time, in processes beside this one, so many with it.

    What one that died left undone is done here after all others, with nothing beside it: most likely there was not
    enough memory. The next steps have a process in its place.
    """

    def __init__(self, processes: int) -> None:
        self._others = processes - 1
        self._beside: list[Beside] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def map(self, step: Callable[[Job, int], Any], job: Job, numbers: Iterable[int]) -> list[Any]:
        """What ``step`` gives for each number, in order; the first error of a step is raised here."""
        wanted, task, here = list(numbers), task_of(step, job), partial(alone, step, job)
        spread = _Spread(deque(wanted))
        self._start(min(self._others, len(wanted) - 1))
        with ThreadPoolExecutor(1 + self._others) as threads:
            try:
                asked = [threads.submit(spread.drain, partial(other.take, task)) for other in self._beside]
                spread.drain(here)
                for one in asked:
                    one.result()
            except BaseException:
                # Whoever waits for an answer has none to wait for.
                spread.waiting.clear()
                self.end()
                raise
        if spread.left:
            spread.found |= {number: here(number) for number in spread.left}
        return [spread.found[number] for number in wanted]

    def end(self) -> None:
        """End the processes beside this one, another step would start them again; give back what the steps took."""
        for other in self._beside:
            other.end()
        self._beside = []
        memory.give_back()

    def _start(self, wanted: int) -> None:
        """Have so many there, if the system lets them be started."""
        for other in [other for other in self._beside if not other.is_there]:
            other.end()
            self._beside.remove(other)
        with suppress(OSError):  # what they would have done is done here
            self._beside += [Beside() for _ in range(wanted - len(self._beside))]


@dataclass
class _Spread:
    """The numbers of one step: who waits, what was found, and what a process that ended left undone."""

    waiting: deque[int]
    found: dict[int, Any] = field(default_factory=dict)
    left: list[int] = field(default_factory=list)

    def drain(self, take: Callable[[int], Any]) -> None:
        """Take one number after the other until none waits, or somebody stumbled."""
        while self.waiting:
            with suppress(IndexError):  # another thread was faster
                number = self.waiting.popleft()
                try:
                    self.found[number] = take(number)
                except EndedError:
                    self.left.append(number)
                    return
                except BaseException:
                    self.waiting.clear()
                    raise
