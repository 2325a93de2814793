"""What to look at next: the open things of a month, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pipelines.outputs.labels import HINTS, HOLDS, Words
from pipelines.outputs.summary import Money, Summary

_CONTRADICTIONS: Final = ("conflicting_rows", "registry_conflict", "identity_conflict")
"""Holds in which two sources say different things: they come before what merely waits."""


@dataclass(frozen=True)
class Hint:
    """One open thing: its name, how many, the money in it (none: ``currency`` is empty), and where they are listed.

    ``value`` is what the rows of ``table`` to look at say of it; empty where they are all rows, or the words tell.
    """

    name: str
    count: int
    amount_centavos: int
    currency: str
    table: str
    value: str
    words: Words


def hints(summary: Summary) -> tuple[Hint, ...]:
    """The open things of the month in the order in which they are worth looking at."""
    return (
        *_files(summary),
        *(_held(line) for line in summary.held if line.name in _CONTRADICTIONS),
        *_settlements(summary),
        *(_held(line) for line in summary.held if line.name not in _CONTRADICTIONS),
        *_money(summary),
        *_counts(summary),
    )


def _files(summary: Summary) -> Iterator[Hint]:
    totals = {files.outcome: files.total for files in summary.files}
    for name, outcome in (("refused", "refused"), ("waiting", "held")):
        if outcome in totals:
            yield Hint(name, totals[outcome], 0, "", "receipts", outcome, HINTS[name])


def _held(line: Money) -> Hint:
    words = HOLDS.get(line.name, Words(line.name, line.name))
    return Hint(line.name, line.payments, line.amount_centavos, line.currency, "dispositions", line.name, words)


def _settlements(summary: Summary) -> Iterator[Hint]:
    for line in summary.settlements:
        if line.status in HINTS:
            yield Hint(
                line.status,
                line.settlements,
                line.difference_centavos,
                "MXN",
                "settlements",
                line.status,
                HINTS[line.status],
            )


def _money(summary: Summary) -> Iterator[Hint]:
    for line in summary.money:
        if line.name in HINTS:
            yield Hint(
                line.name,
                line.payments,
                line.amount_centavos,
                line.currency,
                "dispositions",
                line.name,
                HINTS[line.name],
            )


def _counts(summary: Summary) -> Iterator[Hint]:
    if summary.rejected_rows:
        yield Hint("rejected", summary.rejected_rows, 0, "", "rejections", "", HINTS["rejected"])
    if summary.pending_clinic:
        yield Hint(
            "pending_clinic", summary.pending_clinic, 0, "", "coverage_activations", "pending", HINTS["pending_clinic"]
        )
