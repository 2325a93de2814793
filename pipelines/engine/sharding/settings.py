"""On what a month runs: the engine, its memory, its shards."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, fields
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINES: Final = ("local", "dask")
DEFAULT_MEMORY: Final = "4GB"

_UNITS: Final = {"MB": 10**6, "GB": 10**9}
_WHOLE: Final = ("shards", "workers")
_AT_ONCE: Final = 2
"""How many processes work on shards where nobody says: what an office's machine has cores for."""

_BASE: Final = 600 * 10**6
"""Bytes that the process of a run has before it holds a row: the libraries, the run history."""

_BASE_BESIDE: Final = 300 * 10**6
"""Bytes that a process beside it has before it holds a row."""

_FEW: Final = 250 * 10**6
"""With fewer bytes for rows than this in each, shards would be so small that one process is faster."""

_OF_A_ROW: Final = 2_300
"""Bytes that a row of a shard takes while the stages run on it, with all that is made of it.

Measured: 1,900 where one shard of 620,000 rows is finished, 2,300 at the third of 210,000 in one process.
"""

_OF_A_PIECE: Final = 2_000
"""Bytes that a row takes while it is routed."""

_OF_AN_ORDERED_ROW: Final = 4_000
"""Bytes that a row takes while rows are put into order: as it came, as it stands, and the pages of what is written."""

_MOST_ORDERED: Final = 500_000
_WORTH_ANOTHER: Final = 100_000
"""With fewer rows in all, another process takes longer to begin than to help."""

_FEWEST_ROWS: Final = 16_384
_MOST_ROWS: Final = 1_000_000


class SettingsError(ValueError):
    """The engine cannot be set like this."""


@dataclass(frozen=True)
class Settings:
    """``shards`` 0: as many as the memory asks for.

    ``memory``: bytes that a run may take, all its processes together; on a cluster, that each of them may take.
    ``workers``: how many processes work on shards, the run's own among them, unless they are those of a cluster; 0: as
    many as there are cores, but two. ``scheduler``: address of a Dask cluster; empty: one on this machine.
    """

    engine: str = "local"
    shards: int = 0
    memory: int = 4 * 10**9
    scheduler: str = ""
    workers: int = 0

    @property
    def processes(self) -> int:
        """How many processes work on shards at once; here no more than the memory has room for."""
        if self.engine != "local":
            return self.workers or _AT_ONCE
        room = (self.memory - _BASE + _BASE_BESIDE) // (_BASE_BESIDE + _FEW)
        return max(1, min(self.workers or min(_AT_ONCE, cores()), room))

    def processes_for(self, rows: int) -> int:
        """How many processes work on the shards of so many rows."""
        is_small = self.engine == "local" and not self.workers and rows < _WORTH_ANOTHER
        return 1 if is_small else self.processes

    def shards_for(self, rows: int) -> int:
        """Into how many shards so many rows are cut; 1: they are held at once."""
        if self.shards:
            return self.shards
        if self.engine != "local":
            return max(_needed(rows, self._free), 2 * self.processes)
        if _needed(rows, self._free) == 1:
            return 1
        # All processes have as many of them.
        return math.ceil(_needed(rows, self._share) / self.processes) * self.processes

    @property
    def rows_at_once(self) -> int:
        """How many rows a piece may have."""
        return min(_MOST_ROWS, max(_FEWEST_ROWS, self._share // _OF_A_PIECE))

    @property
    def rows_in_order(self) -> int:
        """How many rows of a table are put into order at once."""
        return min(_MOST_ORDERED, max(_FEWEST_ROWS, self._free // _OF_AN_ORDERED_ROW))

    @property
    def _free(self) -> int:
        """Bytes for the rows of one process that has nothing beside it."""
        return max(self.memory - _BASE, _BASE // 10)

    @property
    def _share(self) -> int:
        """Bytes for the rows of each process while all of them work."""
        if self.engine != "local":
            return self._free
        return max(self.memory - _BASE - (self.processes - 1) * _BASE_BESIDE, _BASE // 10) // self.processes


def cores() -> int:
    """The cores that this process may use."""
    # Not every system has the call.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _needed(rows: int, free: int) -> int:
    return max(1, math.ceil(rows * _OF_A_ROW / free))


def of_environment(environment: Mapping[str, str]) -> dict[str, str | int]:
    """The settings that the environment has, as they are written: ``QUINCENA_ENGINE`` and so on.

    >>> of_environment({"QUINCENA_SHARDS": "8", "QUINCENA_HOME": "var"})
    {'shards': 8}
    """
    names = [field.name for field in fields(Settings)]
    written = {name: environment.get(f"QUINCENA_{name.upper()}", "") for name in names}
    return {name: int(value) if name in _WHOLE else value for name, value in written.items() if value}


def checked(asked: Settings) -> Settings:
    """The settings; raises ``SettingsError`` where the libraries of their engine are not there."""
    if asked.engine == "dask" and find_spec("distributed") is None:
        message = "dask needs the libraries of quincena[dask]; install them, or leave the engine out"
        raise SettingsError(message)
    return asked


def settings(engine: str, shards: int, memory: str, scheduler: str, workers: int) -> Settings:
    """The settings as they are written; raises ``SettingsError``.

    >>> settings("local", 0, "1.5GB", "", 2).memory
    1500000000
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(MB|GB)", memory.strip(), re.IGNORECASE)
    if engine not in ENGINES:
        message = f"engine {engine}: expected one of {', '.join(ENGINES)}"
        raise SettingsError(message)
    if found is None:
        message = f"memory {memory}: expected a figure with MB or GB, such as {DEFAULT_MEMORY}"
        raise SettingsError(message)
    if shards < 0 or workers < 0:
        message = "shards and workers may not be fewer than 0"
        raise SettingsError(message)
    return Settings(engine, shards, int(float(found[1]) * _UNITS[found[2].upper()]), scheduler, workers)
