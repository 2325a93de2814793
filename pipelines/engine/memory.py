"""Memory that a run gives back it keeps for what it needs next: a third of the time of a large month went into pages.

Columns of millions of rows come and go. Where each is taken from the system and given back, every page of it is made
and cleared anew; measured on a million payments, keeping them saves 7 of 11 seconds spent in the system, at the same
peak (docs/performance.md).
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyarrow

_TRIM_THRESHOLD: Final = -1
_MMAP_MAX: Final = -4
_ARENA_MAX: Final = -8
"""Names of ``mallopt`` in the C library of GNU."""

_NEVER: Final = 2**31 - 1

KEEPING: Final = {
    "MALLOC_ARENA_MAX": 1,
    "MALLOC_MMAP_MAX_": 0,
    "MALLOC_TRIM_THRESHOLD_": _NEVER,
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""The environment of a process that does from its start what :func:`keep` does; read by the C library of GNU alone."""


def keep() -> None:
    """Let this process keep the memory it has had, and Arrow take its own from the same place; harmless if repeated.

    Elsewhere than with the C library of GNU nothing changes.
    """
    library = _library()
    if library is None:
        return
    # One place for all threads: what one of them gives back, any other can have.
    library.mallopt(_ARENA_MAX, 1)
    library.mallopt(_MMAP_MAX, 0)
    library.mallopt(_TRIM_THRESHOLD, _NEVER)
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())


def give_back() -> None:
    """Give the system what lies idle of the memory kept: a library with a store of its own could not have it else.

    What is needed afterwards is fetched anew, so this is for the end of what takes most.
    """
    library = _library()
    if library is not None:
        library.malloc_trim(0)


def end_first() -> None:
    """If memory runs out, let the system end this process, and no other."""
    with suppress(OSError):  # where there is no such thing, nothing is lost
        Path("/proc/self/oom_score_adj").write_text("1000")


def _library() -> ctypes.CDLL | None:
    """The C library of GNU, where this process has it."""
    library = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
