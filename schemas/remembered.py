"""What columns mean, remembered for a moment: a column that is checked and then typed is parsed once.

A column is told by where its bytes lie, and held as long as it is remembered, so that no other can lie there. Who
reads block after block calls ``forget`` after each, or the blocks before would all be held.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, Final, TypeVar

from schemas.octets import TextColumn, as_array, octets

Address = tuple[int, ...]
"""Where the bytes of a column lie."""

KEPT: Final = 16
"""How many columns are remembered for each way of parsing: more than a file has of one kind."""

Meaning = TypeVar("Meaning")


_MEMORIES: Final[list[Callable[[], None]]] = []
"""What empties each memory there is."""


def forget() -> None:
    """Let go of every column remembered."""
    for memory in _MEMORIES:
        memory()


def forgets(memory: Callable[[], None]) -> None:
    """Have ``forget`` call this too."""
    _MEMORIES.append(memory)


def address(array: Any) -> Address:  # noqa: ANN401 - an Arrow array
    """Where an Arrow array lies: no other one that is held at the same time lies there."""
    return (len(array), array.offset, *(0 if buffer is None else buffer.address for buffer in array.buffers()))


def remembered(parse: Callable[[Any], Meaning], kept: int = KEPT) -> Callable[[TextColumn], Meaning]:
    """``parse``, called with one Arrow array; asked again about one of the last ``kept``, it answers from memory."""
    known: OrderedDict[Address, tuple[Any, Meaning]] = OrderedDict()
    guard = Lock()
    forgets(known.clear)

    @wraps(parse)
    def recalled(column: TextColumn) -> Meaning:
        array = as_array(column)
        place = address(array)
        with guard:
            found = known.get(place)
        if found is not None:
            return found[1]
        meaning = parse(array)
        with guard:
            known[place] = array, meaning
            while len(known) > kept:
                known.popitem(last=False)
        return meaning

    return recalled


octets_of: Final = remembered(octets, kept=2 * KEPT)
"""As ``schemas.octets.octets``, for columns about which one rule after the other asks."""
