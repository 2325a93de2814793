"""The figures at the end of a run: money by bucket, coverage, files. No person is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.outputs.labels import BUCKETS, EXCEPTIONS, HOLDS, OUTCOMES
from pipelines.outputs.tallies import NOTHING, Row, Tally, tally, total
from pipelines.rules.calendar import shift_month
from pipelines.store.ordered import ordered
from schemas.tables.decisions import Decision
from schemas.tables.receipts import Receipt
from schemas.tables.settlements import Settlement

CHANGES = ("activated", "revoked", "amended")
DECISIONS = ("applied", "superseded", "undone", "stale", "rejected")
"""What became of decisions; one that came again is counted once."""


@dataclass(frozen=True)
class Money:
    """Payments with a part in one bucket (or held for one reason) and the sum of the parts, in one currency."""

    name: str
    currency: str
    payments: int
    amount_centavos: int


@dataclass(frozen=True)
class Lines:
    """Issued lines due in the month that came out one way, and the sum of their amounts due."""

    name: str
    lines: int
    amount_centavos: int


@dataclass(frozen=True)
class Settlements:
    """Settlements of the month with one status, and the sum of deposits less net amounts."""

    status: str
    settlements: int
    difference_centavos: int


@dataclass(frozen=True)
class Files:
    """Files with one outcome: of this run, and in the whole home."""

    outcome: str
    new: int
    total: int


@dataclass(frozen=True)
class Refusal:
    """One file that was not taken, and why; ``is_new``: in this run."""

    file_name: str
    outcome: str
    reason: str
    is_new: bool


@dataclass(frozen=True)
class Sums:
    """What is said of a month's tables but for the files; amounts in centavos."""

    money: tuple[Money, ...]
    held: tuple[Money, ...]
    activations: Lines
    pending_clinic: int
    exceptions: tuple[Lines, ...]
    changes: Mapping[str, int]
    decisions: Mapping[str, int]
    settlements: tuple[Settlements, ...]
    rejected_rows: int


@dataclass(frozen=True)
class Summary(Sums):
    """Everything that is said of one published month."""

    month: str
    coverage_month: str
    files: tuple[Files, ...]
    refusals: tuple[Refusal, ...]


def summarise(
    month: str, tables: Mapping[str, pyarrow.Table], landed: AbstractSet[tuple[str, str]] = frozenset()
) -> Summary:
    """The figures of payment month ``month`` from the tables published with it.

    ``landed``: file name and SHA-256 of the files that this run landed.
    """
    return told(month, sums(tables), tables["receipts"], landed)


def told(month: str, found: Sums, receipts: pyarrow.Table, landed: AbstractSet[tuple[str, str]]) -> Summary:
    """The sums of a month, and its files."""
    files = _with_news(Receipt.from_arrow(receipts), landed)
    known = {field.name: getattr(found, field.name) for field in fields(found)}
    return Summary(
        **known, month=month, coverage_month=shift_month(month, 1), files=_files(files), refusals=_refusals(files)
    )


def sums(tables: Mapping[str, pyarrow.Table]) -> Sums:
    """The sums of the tables of a publication, some rows at a time."""
    parts, activations = ordered(tables, "dispositions"), ordered(tables, "coverage_activations")
    columns = ["payment_id", "bucket", "reason", "currency", "amount_centavos"]
    held = (rows.filter(pc.equal(rows["bucket"], "held")) for rows in parts.slices(columns))
    due = "amount_due_centavos"
    by_clinic = tally(activations.slices(["clinic_status", due]), ["clinic_status"], due)
    changes = tally(ordered(tables, "coverage_changes").slices(["change"]), ["change"])
    return Sums(
        money=_money(parts.slices(columns), "bucket", list(BUCKETS)),
        held=_money(held, "reason", list(HOLDS)),
        activations=_lines("activations", total(by_clinic)),
        pending_clinic=by_clinic.get(("pending",), NOTHING).number,
        exceptions=_exceptions(tally(ordered(tables, "coverage_exceptions").slices(["reason", due]), ["reason"], due)),
        changes={name: changes.get((name,), NOTHING).number for name in CHANGES},
        decisions=_decisions(Decision.from_arrow(tables["decisions"])),
        settlements=_settlements(Settlement.from_arrow(tables["settlements"])),
        rejected_rows=ordered(tables, "rejections").num_rows,
    )


def _money(parts: Iterable[pyarrow.Table], by: str, order: Sequence[str]) -> tuple[Money, ...]:
    """Sums by ``by`` and currency: pesos first, then the values of ``by`` in the order given, unknown ones last."""
    found = tally(parts, [by, "currency"], "amount_centavos", "payment_id")
    lines = [Money(str(key[0]), str(key[1]), *tallied) for key, tallied in found.items()]
    places = {name: place for place, name in enumerate(order)}
    return tuple(
        sorted(lines, key=lambda line: (places.get(line.name, len(order)), line.currency != "MXN", line.currency))
    )


def _lines(name: str, found: Tally) -> Lines:
    return Lines(name, found.number, found.amount)


def _exceptions(found: Mapping[Row, Tally]) -> tuple[Lines, ...]:
    return tuple(_lines(reason, found[(reason,)]) for reason in EXCEPTIONS if (reason,) in found)


def _decisions(decisions: pd.DataFrame) -> dict[str, int]:
    """Decisions on payments of the month, by what became of each."""
    statuses = decisions[decisions["status"].ne("repeated")].drop_duplicates("decision_id")["status"].value_counts()
    return {name: int(statuses.get(name, 0)) for name in DECISIONS}


def _settlements(settlements: pd.DataFrame) -> tuple[Settlements, ...]:
    by_status = settlements.groupby("status")["difference_centavos"].agg(["size", "sum"])
    return tuple(Settlements(str(row[0]), int(row[1]), int(row[2])) for row in by_status.itertuples())


def _with_news(receipts: pd.DataFrame, landed: AbstractSet[tuple[str, str]]) -> pd.DataFrame:
    offered = pd.MultiIndex.from_frame(receipts[["file_name", "sha256"]])
    return receipts.assign(is_new=offered.isin(list(landed)) if landed else False)


def _files(receipts: pd.DataFrame) -> tuple[Files, ...]:
    counts = receipts.groupby("outcome")["is_new"].agg(["sum", "size"])
    return tuple(
        Files(outcome, int(counts["sum"][outcome]), int(counts["size"][outcome]))
        for outcome in OUTCOMES
        if outcome in counts.index
    )


def _refusals(receipts: pd.DataFrame) -> tuple[Refusal, ...]:
    """Files refused or held: those of this run first, the latest before the others."""
    found = receipts[receipts["outcome"].isin(["refused", "held"])]
    found = found.sort_values(["is_new", "received_at", "file_name"], ascending=[False, False, True])
    columns = found[["file_name", "outcome", "reason", "is_new"]]
    return tuple(
        Refusal(str(row[0]), str(row[1]), str(row[2]), bool(row[3])) for row in columns.itertuples(index=False)
    )
