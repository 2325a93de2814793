"""One capture line or one registrant: registry rows, the money, what became of the coverage, what would activate it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from pipelines.engine.explaining import confirming, payments
from pipelines.engine.explaining.sources import Source, records
from pipelines.engine.explaining.world import build
from pipelines.rules import coverage
from pipelines.rules.calendar import cut_off
from pipelines.store import publications
from schemas.tables.payment_rows import PaymentRow

if TYPE_CHECKING:
    from pipelines.engine.explaining.sources import Sources
    from pipelines.engine.explaining.world import World

    Document = dict[str, Any]

MOST_PAYMENTS = 40
"""Payments told one by one; a line or a registrant with more is told with the first of them and their number."""

PLACE = ["file_name", "sha256", "sheet", "row"]


def tell_line(sources: Sources, capture_line: str) -> Document:
    """The document of a line that some registry file holds.

    It is judged by what the publication of its due month knew; payments are told as the newest one knows them.
    """
    rows = sources.newest.rows("capture_lines", capture_line={capture_line})
    latest = rows[rows["updated_at"].eq(rows["updated_at"].max())]
    asked = ({capture_line}, set(latest["nss"]))
    # A line in conflict has no registrant: what found it is looked for by the line.
    told, at = _told(sources, {capture_line} if len(latest) > 1 else set(), asked[1])
    world = build(sources, sources.newest, told, *asked)
    line = next(line for line in records(world.tables["capture_lines"]) if line["capture_line"] == capture_line)
    judge = sources.of(line["due_month"]) or sources.newest
    is_same = judge.publication.inputs == sources.newest.publication.inputs
    judged = world if is_same else build(sources, judge, told, *asked)
    document = _line(sources, world, judged, at, line)
    return {**document, "changes": _changes(sources, line["nss"], line["due_month"])}


def tell_registrant(sources: Sources, nss: str) -> Document:
    """The document of an NSS that some registry file holds, with all its lines."""
    mine = sources.newest.rows("capture_lines", nss={nss})
    asked = (set(mine["capture_line"]), {nss})
    told, at = _told(sources, set(), {nss})
    world = build(sources, sources.newest, told, *asked)
    lines = [line for line in records(world.tables["capture_lines"]) if line["nss"] == nss]
    lines.sort(key=lambda line: (line["due_month"], line["capture_line"]))
    people = records(world.tables["registrants"])
    on_lines = [_line(sources, world, world, at, line) for line in lines]
    on_line = {payment["payment_id"] for line in on_lines for payment in line["payments"]}
    others = sorted(set(at) & _naming(sources, nss) - on_line)
    return {
        "nss": nss,
        "registrant": next((person for person in people if person["nss"] == nss), None),
        "rows": _registry_rows(world, "registrant_rows", "nss", nss),
        "lines": on_lines,
        "payments": [payments.tell(sources, world, at[name], name) for name in others[:MOST_PAYMENTS]],
        "changes": [change for month in sorted(sources.by_month) for change in _changes(sources, nss, month)],
    }


def _told(sources: Sources, lines: set[str], persons: set[str]) -> tuple[pd.DataFrame, dict[str, Source]]:
    """The ``PaymentRow`` rows of every payment on these lines or persons, and in which publication each stands."""
    named_by = {"nss": persons, "capture_line": lines}
    at: dict[str, Source] = {}
    told: list[pd.DataFrame] = [PaymentRow.empty()]
    for source in sources.by_month.values():
        named = {
            *source.table("dispositions", **named_by)["payment_id"],
            *source.table("findings", **named_by)["payment_id"],
        }
        told.append(source.table("payment_rows", payment_id=named))
        at |= dict.fromkeys(named, source)
    return pd.concat(told, ignore_index=True), at


def _naming(sources: Sources, nss: str) -> set[str]:
    """Payments that name the registrant without a line."""
    found = [source.table("findings", nss={nss}) for source in sources.by_month.values()]
    return {name for findings in found for name in findings.loc[findings["capture_line"].eq(""), "payment_id"]}


def _line(sources: Sources, world: World, judged: World, at: dict[str, Source], line: Document) -> Document:
    """The document of a line; ``judged`` is the world by which its publication judged it.

    Reasons that end otherwise than was published, because more is known since, are not told.
    """
    name = line["capture_line"]
    concerned = _concerned(world, name)
    told = [payments.tell(sources, world, at[found], found) for found in concerned[:MOST_PAYMENTS] if found in at]
    coverage_of = payments.coverage(sources, line, line["due_month"])
    reasons = _reasons(judged, line)
    if reasons and reasons[-1]["reason"] != coverage_of.get("reason"):
        reasons = []
    document: Document = {
        **line,
        "written": line["capture_line_written"],
        "cut_off": cut_off(line["due_month"], world.policy).date().isoformat() if line["due_month"] else "",
        "rows": _registry_rows(world, "capture_line_rows", "capture_line", name),
        "registered": line["nss"] in set(world.tables["registrants"]["nss"]),
        "coverage": coverage_of,
        "reasons": reasons,
        "money": _money(judged, name),
        "payments": told,
        "payments_found": len(concerned),
        "known_later": sorted(set(concerned) - set(_concerned(judged, name))),
        "alike": _alike(sources, name),
    }
    return {**document, "activated_by": confirming.of_line(sources, document)}


def _money(judged: World, capture_line: str) -> Document | None:
    standing = judged.tables["line_standings"]
    return next(iter(records(standing[standing["capture_line"].eq(capture_line)])), None)


def _concerned(world: World, capture_line: str) -> list[str]:
    """Payments confirmed to the line, then those that found it, in order of payment."""
    tables = world.tables
    names = {
        payment
        for name in ("matches", "findings")
        for payment in tables[name].loc[tables[name]["capture_line"].eq(capture_line), "payment_id"]
    }
    known = tables["payments"][tables["payments"]["payment_id"].isin(names)]
    return [str(name) for name in known.sort_values(["paid_at", "payment_id"])["payment_id"]]


def _registry_rows(world: World, name: str, column: str, key: str) -> list[Document]:
    """Every row of the registry that tells of the key, the latest first; ``stands``: with the latest updated_at."""
    rows = world.tables[name]
    mine = rows[rows[column].eq(key)].sort_values(["updated_at", *PLACE], ascending=[False, True, True, True, True])
    kept = [*PLACE, "updated_at", *({"amount_due_centavos", "status"} & set(rows.columns))]
    rejected = world.tables["registry_rejections"][PLACE].assign(in_conflict=True)
    told = mine[kept].assign(is_latest=mine["updated_at"].eq(mine["updated_at"].max()))
    told = told.merge(rejected, on=PLACE, how="left")
    return records(told.assign(in_conflict=told["in_conflict"].eq(other=True)))


def _reasons(world: World, line: Document) -> list[Document]:
    """The reasons of CONTRACT §10 to the first that applies; none for a line that activates or is not issued."""
    names = ("line_standings", "findings", "payment_standings", "payments", "capture_lines", "registrants")
    evidence = coverage.Evidence(*(world.tables[name] for name in names))
    if line["status"] != "issued":
        return []
    activations = coverage.activate(line["due_month"], evidence)
    if line["capture_line"] in set(activations["capture_line"]):
        return []
    mine = evidence.lines[evidence.lines["capture_line"].eq(line["capture_line"])]
    context = coverage.with_context(mine, line["due_month"], activations, evidence)
    tried: list[Document] = []
    for reason, applies in coverage.REASONS.items():
        tried.append({"reason": reason, "applies": bool(applies(context).iloc[0])})
        if tried[-1]["applies"]:
            return tried
    return [*tried, {"reason": "unpaid", "applies": True}]


def _alike(sources: Sources, capture_line: str) -> list[Document]:
    """Payments that wait, and are like this line."""
    found = [source.table("suggestions", capture_line={capture_line}) for source in sources.by_month.values()]
    told = pd.concat(found, ignore_index=True)
    return records(told[["payment_id", "differs", "likeness", "rank", "basis", "others"]])


def _changes(sources: Sources, nss: str, month: str) -> list[Document]:
    """What each publication of a month changed for a registrant, first to last."""
    source = sources.of(month)
    if source is None or not nss:
        return []
    made = [publications.fetch(source.home, month, number) for number in publications.numbers(source.home, month)]
    return [
        {"publication": each.number, "published_at": each.published_at.isoformat(), "reason": each.reason, **change}
        for each in made
        if each
        for change in records(Source(source.slices, each, source.fallback).table("coverage_changes", nss={nss}))
    ]
