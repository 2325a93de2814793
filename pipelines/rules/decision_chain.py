"""The chain of decisions (CONTRACT §8): append-only; every entry carries the digest of the one before it.

One entry a decision, by its content, in the order in which decisions first appeared. A decision that comes again, in
whatever file, is the same decision.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

import pandas as pd

from schemas.tables.decision_log import DecisionLogEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT: Final = ["payment_id", "action", "capture_line", "reason", "decided_by", "approved_by", "decided_at", "facts"]
PLACE: Final = ["received_at", "sha256", "sheet", "row"]
_ENTRY: Final = ["position", "decision_id", *PLACE, "previous"]
_TOLD: Final = 3


class BrokenChainError(RuntimeError):
    """The log of decisions is not what it was, or decisions that it holds are in no file any more."""


def decision_ids(rows: pd.DataFrame) -> pd.Series[str]:
    """DecisionRow → the identifier of each: SHA-256 of what it says, wherever it stands."""
    said = rows[CONTENT].assign(decided_at=_as_text(rows["decided_at"]))
    return pd.Series([_digest(row) for row in said.itertuples(index=False)], index=rows.index, dtype="str")


def first_seen(rows: pd.DataFrame) -> pd.DataFrame:
    """DecisionRow → the row with which each decision first came, with its ``decision_id``, in order of appearance."""
    told = rows.assign(decision_id=decision_ids(rows))
    return told.sort_values(PLACE).drop_duplicates("decision_id", ignore_index=True)


def extend(log: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """DecisionLogEntry so far, and decisions as :func:`first_seen` orders them → the log with those not in it yet.

    Raises ``BrokenChainError`` where the log does not hold together, or has a decision that is not known.
    """
    found = faults(log) or _lost(log, known)
    if found:
        rest = f" (and {len(found) - _TOLD} more)" if len(found) > _TOLD else ""
        message = (
            f"the log of decisions was altered: {'; '.join(found[:_TOLD])}{rest}; nothing was published; restore the "
            "log, or the originals of the decisions, from a copy"
        )
        raise BrokenChainError(message)
    new = known[~known["decision_id"].isin(log["decision_id"])]
    positions = range(len(log) + 1, len(log) + len(new) + 1)
    entries = new[["decision_id", *PLACE]].assign(position=pd.Series(positions, index=new.index, dtype="int64"))
    return DecisionLogEntry.conform(pd.concat([log, _chained(entries, _last(log))], ignore_index=True))


def faults(log: pd.DataFrame) -> list[str]:
    """What is wrong with a log: every entry that is not at its place or does not follow from the one before it."""
    ordered = log.sort_values("position", ignore_index=True)
    digests = list(_digests(ordered[_ENTRY]))
    previous = ["", *digests][: len(digests)]
    entries = zip(ordered["position"], ordered["previous"], ordered["digest"], digests, previous, strict=True)
    return [
        f"entry {position} does not follow from the entry before it"
        for place, (position, named, digest, right, before) in enumerate(entries, start=1)
        if (position, named, digest) != (place, before, right)
    ]


def _lost(log: pd.DataFrame, known: pd.DataFrame) -> list[str]:
    lost = log.loc[~log["decision_id"].isin(known["decision_id"]), "position"].sort_values()
    return [f"the decision of entry {position} is in no accepted file" for position in lost]


def _last(log: pd.DataFrame) -> str:
    return str(log.sort_values("position")["digest"].iloc[-1]) if len(log) else ""


def _chained(entries: pd.DataFrame, last: str) -> pd.DataFrame:
    """The new entries with the digest of the one before each, and their own."""
    previous, digests = [], []
    for entry in _rendered(entries).itertuples(index=False):
        previous.append(last)
        last = _digest((*entry, last))
        digests.append(last)
    chained = entries.assign(previous=previous, digest=digests)
    return chained.astype({"previous": "str", "digest": "str"})[list(DecisionLogEntry.kinds())]


def _digests(entries: pd.DataFrame) -> Iterator[str]:
    """The digest that each entry must have, by what it says itself."""
    said = _rendered(entries)
    yield from (
        _digest((*row, before)) for row, before in zip(said.itertuples(index=False), entries["previous"], strict=True)
    )


def _rendered(entries: pd.DataFrame) -> pd.DataFrame:
    said = entries[["position", "decision_id", *PLACE]]
    return said.assign(received_at=_as_text(said["received_at"]))


def _as_text(instants: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    return instants.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ").astype("str")


def _digest(said: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps(list(said), ensure_ascii=False).encode()).hexdigest()
