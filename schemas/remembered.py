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

KEPT: Final = 16
"""How many columns are remembered for each way of parsing: more than a file has of one kind."""

Meaning = TypeVar("Meaning")


_MEMORIES: Final[list[Callable[[], None]]] = []
"""What empties each memory there is."""


def forget() -> None:
    """Let go of every column remembered."""
    for memory in _MEMORIES:
        memory()


def remembered(parse: Callable[[Any], Meaning], kept: int = KEPT) -> Callable[[TextColumn], Meaning]:
    """``parse``, called with one Arrow array; asked again about one of the last ``kept``, it answers from memory."""
    known: OrderedDict[tuple[int, ...], tuple[Any, Meaning]] = OrderedDict()
    guard = Lock()
    _MEMORIES.append(known.clear)

    @wraps(parse)
    def recalled(column: TextColumn) -> Meaning:
        array = as_array(column)
        place = (len(array), array.offset, *(0 if buffer is None else buffer.address for buffer in array.buffers()))
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
