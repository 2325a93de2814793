"""What hangs together: components of pairs, found all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_BITS: Final = 22
_SHIFT: Final = np.uint64(64 - _BITS)


class Components(NamedTuple):
    """``member`` (sorted, each once) and the smallest member of its component, ``head``."""

    member: Hashes
    head: Hashes

    def heads(self, of: Hashes) -> Hashes:
        """The head of each; what hangs together with nothing is its own."""
        # Few of many are members: most of the others are told by their first bits, without a search.
        may_be = np.zeros(1 << _BITS, dtype=bool)
        may_be[self.member >> _SHIFT] = True
        asked = np.flatnonzero(may_be[of >> _SHIFT])
        place = np.minimum(np.searchsorted(self.member, of[asked]), len(self.member) - 1)
        is_member = self.member[place] == of[asked]
        heads = of.copy()
        heads[asked[is_member]] = self.head[place[is_member]]
        return heads


def components(one: Hashes, other: Hashes) -> Components:
    """The components of the pairs ``one[i]``–``other[i]``.

    >>> import numpy as np
    >>> pairs = np.array([[7, 3], [9, 8], [3, 5]], dtype=np.uint64)
    >>> found = components(pairs[:, 0], pairs[:, 1])
    >>> found.heads(np.array([3, 5, 7, 8, 9, 4], dtype=np.uint64)).tolist()
    [3, 3, 3, 8, 8, 4]
    """
    member, code = np.unique(np.concatenate([one, other]), return_inverse=True)
    left, right = code[: len(one)], code[len(one) :]
    label = np.arange(len(member))
    while True:
        lower = np.minimum(label[left], label[right])
        lowered = label.copy()
        for side in (left, right, label[left], label[right]):
            np.minimum.at(lowered, side, lower)
        # A label points to a member, whose own label is as good or better.
        lowered = lowered[lowered]
        if (lowered == label).all():
            return Components(member, member[label])
        label = lowered


def first_places(ordered: Hashes) -> NDArray[np.int64]:
    """Where each run of equal values of a sorted array begins."""
    if not len(ordered):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
