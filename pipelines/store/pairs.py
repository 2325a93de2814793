"""Two of several things done at a time, so that a second core has work wherever Arrow or zlib does it."""

from __future__ import annotations

import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    Item = TypeVar("Item")
    Made = TypeVar("Made")

WORKERS: Final = 2
"""How many are done at a time, and how many are held because of it."""

_SWITCH_SECONDS: Final = 0.0005


def in_turn(make: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """What ``make`` makes of each item, in their order. An item is asked for when it is its turn, and no earlier."""
    pending: deque[Future[Made]] = deque()
    with _switching_often(), ThreadPoolExecutor(WORKERS) as workers:
        for item in items:
            pending.append(workers.submit(make, item))
            if len(pending) == WORKERS:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


@contextmanager
def _switching_often() -> Iterator[None]:
    """Let threads wait less for one that runs Python.

    Arrow works for a millisecond at a time and then needs the interpreter: beside a thread that holds it for its usual
    5 ms, the second core would mostly wait.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _SWITCH_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
