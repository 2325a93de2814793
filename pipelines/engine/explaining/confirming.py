"""What would confirm what is not confirmed: the reason that decided, with the values that would have to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.rules.allocation import ACCEPTED
from pipelines.rules.calendar import cut_off

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.engine.explaining.sources import Source, Sources

    Document = dict[str, Any]


def of_payment(sources: Sources, payment: Document) -> list[Document]:
    """For each part that is not confirmed or activates nothing: a ``code`` and its values; none where nothing lacks."""
    found: list[Document] = []
    for part in payment["parts"]:
        tell = _PARTS.get(part["bucket"])
        if tell and part["reason"] != ACCEPTED:
            found.append(tell(sources, payment, part))
    return found


def lacks(sources: Sources, line: Document, due_month: str) -> int:
    """Centavos that on-time money, as published, lacks of the amount due of a line (``capture_line``, ``nss``)."""
    due, paid = 0, 0
    source = sources.of(due_month)
    if source:
        due = int(_of(source.table("coverage_exceptions", nss={line["nss"]}), line)["amount_due_centavos"].sum())
    for near in sources.near(due_month, window(sources.newest)):
        parts = _of(near.table("dispositions", nss={line["nss"]}), line)
        paid += int(parts.loc[parts["bucket"].eq("short"), "amount_centavos"].sum())
    return max(due - paid, 0)


def _of(table: pd.DataFrame, line: Document) -> pd.DataFrame:
    return table[table["capture_line"].eq(line["capture_line"])]


def window(source: Source) -> int:
    """The most months that any entry of the policy lets a payment be away from its line."""
    return max(entry.window_months for entry in source.policy.entries)


def of_line(sources: Sources, line: Document) -> list[Document]:
    """What would activate a line that activates nobody."""
    reason = line["coverage"].get("reason")
    if line["coverage"]["outcome"] != "exception":
        return []
    source = sources.of(line["due_month"]) or sources.newest
    values = {
        "capture_line": line["capture_line"],
        "nss": line["nss"],
        "due_centavos": line["amount_due_centavos"],
        "lacks_centavos": lacks(sources, line, line["due_month"]) if reason == "short" else None,
        "cut_off": cut_off(line["due_month"], source.policy).date().isoformat(),
        "coverage_month": line["coverage_month"],
    }
    held = [payment["payment_id"] for payment in line["payments"] if _is_held(payment)]
    late = [payment["payment_id"] for payment in line["payments"] if _is_late(payment)]
    return [{"code": f"line_{reason}", **values, "payments": late if reason == "late" else held}]


def _is_held(payment: Document) -> bool:
    return any(part["bucket"] == "held" for part in payment["parts"])


def _is_late(payment: Document) -> bool:
    return any(part["bucket"] == "late" for part in payment["parts"])


def _held(_sources: Sources, payment: Document, part: Document) -> Document:
    tried = payment["rules"]["holds"] if payment["rules"] else []
    values: Document = next((hold["values"] for hold in tried if hold["reason"] == part["reason"]), {})
    told: Document = {
        "code": part["reason"],
        "paid_centavos": part["amount_centavos"],
        "currency": part["currency"],
        **values,
    }
    if part["reason"] == "unsettled":
        told["settlement"] = payment["settlement"]
    if part["reason"] == "amount_mismatch":
        told["lacks_centavos"] = told["due_centavos"] - told["paid_centavos"]
    return told


def _unmatched(_sources: Sources, payment: Document, part: Document) -> Document:
    claims = payment["rules"]["claims"] if payment["rules"] else []
    names = ("capture_line", "nss", "curp", "text")
    said = [claim[name] for claim in claims for name in names if claim[name]]
    return {"code": "unmatched", "paid_centavos": part["amount_centavos"], "said": said}


def _short(sources: Sources, _payment: Document, part: Document) -> Document:
    lacking = lacks(sources, part, part["due_month"])
    return {"code": "short", **_line_of(part), "lacks_centavos": lacking}


def _late(_sources: Sources, payment: Document, part: Document) -> Document:
    return {"code": "late", **_line_of(part), "paid_on": payment["paid_on"]}


def _surplus(_sources: Sources, _payment: Document, part: Document) -> Document:
    return {"code": "surplus", **_line_of(part), "surplus_centavos": part["amount_centavos"]}


def _waiting(_sources: Sources, payment: Document, part: Document) -> Document:
    return {"code": part["bucket"], "status": payment["status"], "paid_centavos": part["amount_centavos"]}


def _line_of(part: Document) -> Document:
    return {name: part[name] for name in ("capture_line", "cut_off", "due_month", "coverage_month")}


_PARTS = {
    "held": _held,
    "unmatched": _unmatched,
    "short": _short,
    "late": _late,
    "surplus": _surplus,
    "pending": _waiting,
    "returned": _waiting,
}
