"""What every step of a month in shards is told, and the pieces of its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import numpy as np
import pyarrow

from pipelines.engine.sharding import spill
from schemas.catalog import WORKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from pipelines.rules.policy import PolicyBook

REGISTRIES: Final = {
    "registrants": "registrant_rows",
    "capture_lines": "capture_line_rows",
    "activations_before": "coverage_activations",
    "exceptions_before": "coverage_exceptions",
}
"""Kind of piece whose rows belong to a registrant → its table; the last publication's coverage goes with them."""

PAYING: Final = {
    "bank_transfers": "bank_transfer_rows",
    "remittances": "remittance_rows",
    "decisions": "decision_rows",
}
"""Kind of piece whose rows belong to a payment → its table."""

ROUTED: Final = REGISTRIES | PAYING


class Gone(NamedTuple):
    """Payments and lines of a shard that count no more: their worlds were worked out again elsewhere.

    ``asked``: those of its other payments for which suggestions are looked for; ``None``: all that wait.
    """

    payments: pd.Series[str]
    lines: pd.Series[str]
    asked: pd.Series[str] | None = None


class Piece(Protocol):
    """Rows of one kind, few enough to be held at once."""

    @property
    def kind(self) -> str:
        """A key of ``ROUTED``."""

    def read(self, columns: Sequence[str] | None = None) -> pyarrow.Table:
        """Its rows, of the schema of its table; or these columns of theirs, in any order of rows."""


@dataclass(frozen=True)
class Spilled:
    """Rows that were laid down before the first step."""

    kind: str
    path: Path

    def read(self, columns: Sequence[str] | None = None) -> pyarrow.Table:
        """Its rows."""
        return spill.read(self.path, columns)


@dataclass(frozen=True)
class Earlier:
    """What changes are told against, but for the tables: see ``changes.Before``.

    ``is_news``: whether there is a row of a file that the publication before did not have.
    """

    inputs: frozenset[str]
    is_same_policy: bool
    is_same_code: bool
    is_news: bool


@dataclass(frozen=True)
class Job:
    """One month in so many shards; ``folder`` is where its steps lay things down for one another."""

    folder: Path
    shards: int
    month: str
    policy: PolicyBook
    pieces: tuple[Piece, ...]
    earlier: Earlier | None

    def numbered(self, kinds: Iterable[str]) -> list[int]:
        """The numbers of the pieces of these kinds."""
        wanted = set(kinds)
        return [number for number, piece in enumerate(self.pieces) if piece.kind in wanted]

    def path(self, step: str, number: int) -> Path:
        """What one call of a step lays down."""
        return self.folder / step / f"{number}.arrow"

    def paths(self, step: str, numbers: Iterable[int]) -> list[Path]:
        """What calls of a step lay down."""
        return [self.path(step, number) for number in numbers]

    def laid(self, number: int, step: str) -> Path:
        """Where a step laid something down for one shard."""
        return self.path(step, number)

    def rows(self, number: int, kind: str) -> pyarrow.Table:
        """The rows of one kind that belong to a shard."""
        paths = self.paths("rows", self.numbered([kind]))
        return spill.read_part(paths, number) if paths else WORKING[ROUTED[kind]].arrow_schema().empty_table()

    def gone(self, _number: int) -> Gone | None:
        """What of a shard counts no more: nothing, but in a night (``engine.nights.patching``)."""
        return None

    def shard(self, number: int) -> Path:
        """The folder of the tables of one shard."""
        return self.folder / "shards" / str(number)

    @property
    def shared(self) -> Path:
        """The folder of the tables that every shard sees whole."""
        return self.folder / "shared"


class Runner(Protocol):
    """Where steps run."""

    def map(self, step: Callable[[Job, int], Any], job: Job, numbers: Iterable[int]) -> list[Any]:
        """What ``step`` gives for each number, in order; steps of one map know nothing of each other."""

    def end(self) -> None:
        """No step follows: give back what was held for it."""


def part_of(hashes: NDArray[np.uint64], parts: int) -> NDArray[np.uint64]:
    """The part, of so many, to which each hash belongs."""
    return hashes % np.uint64(parts)


def rows_of(job: Job, number: int, kind: str) -> pd.DataFrame:
    """The rows of one kind that belong to a shard."""
    return WORKING[ROUTED[kind]].from_arrow(job.rows(number, kind))
