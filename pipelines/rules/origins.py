"""Which keys were taken from which column, remembered for a moment, so that none is looked up again (ADR 0043).

A month asks again and again where the payments, lines and registrants of one table stand in another. Most of these
columns were taken, row by row, from the first table that has them; where the rows of that one stand is asked once, and
what was taken follows by its places. Nothing is believed that was not looked up and compared once: this is memory only.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from schemas.remembered import Address, address, forgets

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Positions = NDArray[np.int64]
    Places = NDArray[np.int32] | NDArray[np.int64]

KEPT: Final = 16
"""How many columns, and how many answers, are remembered."""

NOWHERE: Final = -1
_LARGEST: Final = np.iinfo(np.int32).max


class Origin(NamedTuple):
    """Row ``i`` of ``column`` is row ``place[i]`` of ``base``; ``missing`` where that is ``NOWHERE``."""

    column: Any
    base: Any
    place: Places
    missing: str


_origins: Final[OrderedDict[Address, Origin]] = OrderedDict()
_answers: Final[OrderedDict[tuple[Address, Address], tuple[Any, Any, Places]]] = OrderedDict()
_guard: Final = Lock()
forgets(_origins.clear)
forgets(_answers.clear)


def note(column: Any, base: Any, place: Positions, missing: str = "") -> None:  # noqa: ANN401 - Arrow arrays
    """Remember that an Arrow array was taken from another one: from the first that this one was taken from.

    Of empty arrays there is nothing to remember, and many lie at one address.
    """
    if not len(column) or not len(base):
        return
    first = origin(base)
    if first is not None and first.missing == missing:
        base, place = first.base, np.append(first.place, NOWHERE)[place]
    if address(column) == address(base):
        return
    with _guard:
        _keep(_origins, address(column), Origin(column, base, _small(place), missing))


def origin(column: Any) -> Origin | None:  # noqa: ANN401 - an Arrow array
    """From where an Arrow array was taken, if that is remembered."""
    with _guard:
        return _origins.get(address(column))


def answer(asked: Any, known: Any, look: Callable[[Any, Any], Positions]) -> Positions:  # noqa: ANN401 - Arrow arrays
    """What ``look`` says of two Arrow arrays, from memory where it was asked before."""
    both = (address(asked), address(known))
    with _guard:
        found = _answers.get(both)
    if found is not None:
        return found[2].astype(np.int64)
    places = look(asked, known)
    with _guard:
        _keep(_answers, both, (asked, known, _small(places)))
    return places


def is_answered(asked: Any, known: Any) -> bool:  # noqa: ANN401 - Arrow arrays
    """Whether :func:`answer` has the answer."""
    with _guard:
        return (address(asked), address(known)) in _answers


def _small(places: Positions) -> Places:
    return places.astype(np.int32) if int(places.max(initial=0)) <= _LARGEST else places


def _keep(memory: OrderedDict[Any, Any], key: Any, value: Any) -> None:  # noqa: ANN401 - of either memory
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > KEPT:
        memory.popitem(last=False)
