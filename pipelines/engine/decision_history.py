"""The log of decisions at rest: only ever continued, and never over a past that somebody altered (CONTRACT §8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.rules import decision_chain
from pipelines.store import tables
from schemas.digest import sort_rows
from schemas.tables.decision_log import DecisionLogEntry

if TYPE_CHECKING:
    import pyarrow

    from pipelines.store.home import Home

LOG: Final = "decision_log"


def continued(home: Home, offered: pyarrow.Table) -> pyarrow.Table:
    """The log that stands, with the decisions of ``offered`` (every one known, in order) that it does not have yet.

    What stands keeps its order, also where a file received earlier was landed later. Raises ``BrokenChainError`` where
    it does not hold together or has a decision that no accepted file holds, ``TableDamagedError`` where it cannot be
    read.
    """
    stored = tables.read(home, LOG)
    if stored is None:
        return offered
    known = DecisionLogEntry.from_arrow(offered).sort_values("position")
    return sort_rows(DecisionLogEntry.to_arrow(decision_chain.extend(DecisionLogEntry.from_arrow(stored), known)))
