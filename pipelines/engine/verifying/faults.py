"""What a verification finds: where, and what is wrong there."""

from __future__ import annotations

from typing import Final, NamedTuple

PROBLEMS: Final = (
    "altered",
    "missing",
    "extra",
    "unreadable",
    "disagrees",
    "unsealed",
    "unchained",
    "superseded",
)
"""``altered``: its bytes are not those that were written. ``missing``: it is gone. ``extra``: nobody wrote it.

``unreadable``: it is not of its form. ``disagrees``: what it says is not what is there; one of both was altered.
``unsealed``: published, and its digest was never noted. ``unchained``: it does not follow on the one before it.
``superseded``: it is of an older publication than the one in force.
"""


class Fault(NamedTuple):
    """One thing that is not as it was written; ``path`` is relative to the home, ``detail`` says more."""

    path: str
    problem: str
    detail: str = ""
