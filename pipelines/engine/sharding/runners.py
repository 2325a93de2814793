"""Steps in this process, one after the other: what is held at once is one piece or one shard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.engine import memory
from schemas.remembered import forget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipelines.engine.sharding.jobs import Job


class InTurn:
    """Runs every step here."""

    def map(self, step: Callable[[Job, int], Any], job: Job, numbers: Iterable[int]) -> list[Any]:
        """What ``step`` gives for each number, in order. What they took is given back for what follows."""
        found = [alone(step, job, number) for number in numbers]
        memory.give_back()
        return found


def alone(step: Callable[[Job, int], Any], job: Job, number: int) -> Any:  # noqa: ANN401 - whatever the step gives
    """One call of a step, after which nothing of its rows is remembered."""
    try:
        return step(job, number)
    finally:
        forget()
