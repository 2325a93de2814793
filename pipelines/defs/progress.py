"""Progress: what stage a run has reached, told to whoever listens in the same process (the command line)."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STAGES: Final = (
    *("land", "read", "identify", "settle", "match", "allocate", "flag", "suggest", "cover", "prove", "publish"),
)
"""The stages of a month in order; Dagster's asset groups have these names."""


class StageEvent(NamedTuple):
    """A stage of ``month`` began, advanced (``done`` of ``total`` files landed) or ended."""

    month: str
    stage: str
    state: Literal["started", "advanced", "finished"]
    done: int = 0
    total: int = 0


_listener: ContextVar[Callable[[StageEvent], None] | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Callable[[StageEvent], None] | None) -> Iterator[None]:
    """Let ``listener`` hear of the stages that run in this thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(event: StageEvent) -> None:
    """Tell of a stage; nobody need listen."""
    listener = _listener.get()
    if listener:
        listener(event)
