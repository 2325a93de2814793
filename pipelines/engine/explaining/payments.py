"""One payment: its rows and originals, what became of its money, the rules tried, what would confirm it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from pipelines.engine.explaining import confirming, tracing
from pipelines.engine.explaining.sources import records
from pipelines.rules.calendar import cut_off, shift_month

if TYPE_CHECKING:
    from pipelines.engine.explaining.sources import Source, Sources
    from pipelines.engine.explaining.world import World

    Document = dict[str, Any]

PLACE = ["sha256", "sheet", "row"]
TOLD = ["amount_centavos", "currency", "status"]


def tell(sources: Sources, world: World, source: Source, payment_id: str) -> Document:
    """The document of a payment that stands in the month of ``source``."""
    mine = {"payment_id": {payment_id}}
    payment = records(source.table("payments", **mine))[0]
    facts = records(_of(world, "payment_facts", payment_id))
    document: Document = {
        **{name: payment[name] for name in ("payment_id", "channel", "institution", "natural_key", "month", "status")},
        **{name: payment[name] for name in ("amount_centavos", "currency", "paid_at", "paid_on")},
        "publication": source.publication.number,
        "own_cut_off": cut_off(payment["month"], source.policy).date().isoformat(),
        "rows": _rows(source, world, payment_id),
        "parts": [_part(sources, source, part) for part in records(source.table("dispositions", **mine))],
        "matches": _only(source.table("matches", **mine), ["capture_line", "nss", "rule"]),
        "findings": _only(source.table("findings", **mine), ["capture_line", "nss", "rule", "reason"]),
        "flags": _only(source.table("payment_flags", **mine), ["flag", "detail"]),
        "settlement": _settlement(world, facts[0]) if facts and facts[0]["settlement_id"] else None,
        "decisions": decisions(world, payment_id),
        "suggestions": _suggestions(source, payment_id),
        "rules": tracing.trace(world, payment_id) if facts else None,
    }
    return {**document, "confirmed_by": confirming.of_payment(sources, document)}


def decisions(world: World, payment_id: str) -> list[Document]:
    """Every decision on the payment, oldest first: what it says, where it stands, whether and why it does not count.

    ``told`` is what its rejection says was expected.
    """
    mine = _of(world, "decisions", payment_id).sort_values(["decided_at", "received_at"]).drop(columns="month")
    rejected = world.tables["decision_rejections"][[*PLACE, "reason"]].rename(columns={"reason": "told"})
    return records(mine.merge(rejected, on=PLACE, how="left").fillna({"told": ""}))


def _rows(source: Source, world: World, payment_id: str) -> list[Document]:
    """Every row that told of the payment: file, sheet, row, role, the original's digest, and what it says."""
    said = pd.concat(
        [
            world.tables["bank_transfer_rows"].rename(columns={"concept": "text"})[[*PLACE, *TOLD, "text"]],
            world.tables["remittance_rows"].rename(
                columns={"pay_amount_centavos": "amount_centavos", "pay_currency": "currency", "message": "text"}
            )[[*PLACE, *TOLD, "text"]],
        ]
    )
    told = source.table("payment_rows", payment_id={payment_id}).merge(said, on=PLACE, how="left")
    files = source.files[["sha256", "layout", "received_at"]].drop_duplicates("sha256")
    told = told.merge(files, on="sha256", how="left").drop(columns=["payment_id", "month"])
    order = {"payment": 0, "status": 1, "repeat": 2, "conflict": 3}
    return sorted(records(told), key=lambda row: (order[row["role"]], row["file_name"], row["row"]))


def _part(sources: Sources, source: Source, part: Document) -> Document:
    """One part of the money, with the cut-off and the coverage of its line."""
    told = {name: part[name] for name in ("bucket", "reason", "amount_centavos", "currency", "capture_line", "nss")}
    if not part["capture_line"]:
        return told
    due = shift_month(part["coverage_month"], -1)
    return {
        **told,
        "due_month": due,
        "coverage_month": part["coverage_month"],
        "cut_off": cut_off(due, source.policy).date().isoformat(),
        "coverage": coverage(sources, part, due),
    }


def coverage(sources: Sources, line: Document, due_month: str) -> Document:
    """What the publication of its due month says of a line (``capture_line``, ``nss``)."""
    source = sources.of(due_month)
    if source is None:
        return {"outcome": "not_published", "month": due_month}
    said = {"month": due_month, "publication": source.publication.number}
    for outcome, name in (("activated", "coverage_activations"), ("exception", "coverage_exceptions")):
        # By the registrant: these tables lie in that order, so that a part of them is read.
        of_person = source.table(name, nss={line["nss"]})
        found = records(of_person[of_person["capture_line"].eq(line["capture_line"])])
        if found:
            left = {key: value for key, value in found[0].items() if key not in {"month", "capture_line"}}
            return {"outcome": outcome, **said, **left}
    return {"outcome": "not_issued", **said}


def _settlement(world: World, facts: Document) -> Document:
    """The settlement of a remittance, or that nobody has sent it."""
    key = {"company": facts["institution"], "settlement_id": facts["settlement_id"]}
    listed = world.tables["settlements"]
    mine = listed["company"].eq(key["company"]) & listed["settlement_id"].eq(key["settlement_id"])
    found = records(listed[mine].drop(columns="month"))
    stated = world.tables["settlement_rows"]
    rows = stated[stated["company"].eq(key["company"]) & stated["settlement_id"].eq(key["settlement_id"])]
    return {**key, **(found[0] if found else {"status": "missing"}), "rows": _only(rows, ["file_name", *PLACE])}


def _suggestions(source: Source, payment_id: str) -> list[Document]:
    told = source.table("suggestions", payment_id={payment_id}).sort_values("rank")
    return [
        {**row, "lines": row["capture_line"].split("+")} for row in records(told.drop(columns=["payment_id", "month"]))
    ]


def _of(world: World, name: str, payment_id: str) -> pd.DataFrame:
    table = world.tables[name]
    return table[table["payment_id"].eq(payment_id)]


def _only(frame: pd.DataFrame, columns: list[str]) -> list[Document]:
    return records(frame[columns])
