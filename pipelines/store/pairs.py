"""Two of several things done at a time, so that a second core has work wherever Arrow or zlib does it."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    Item = TypeVar("Item")
    Made = TypeVar("Made")

WORKERS: Final = 2
"""How many are done at a time, and how many are held because of it."""


def in_turn(make: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """What ``make`` makes of each item, in their order. An item is asked for when it is its turn, and no earlier."""
    pending: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(WORKERS) as workers:
        for item in items:
            pending.append(workers.submit(make, item))
            if len(pending) == WORKERS:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
