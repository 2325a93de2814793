"""The rules tried on a payment, in order, each with its answer and the values that decided it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipelines.engine.explaining.sources import records
from pipelines.rules import buckets, holds, matching
from pipelines.rules.calendar import month_name
from schemas.identifiers.capture_line import normalise

if TYPE_CHECKING:
    from pipelines.engine.explaining.world import World
    from pipelines.rules.steps import Question

    Document = dict[str, Any]


def trace(world: World, payment_id: str) -> Document:
    """``buckets`` up to the first that applies, ``claims`` with what each step was asked and found, ``holds``."""
    question = world.question()
    subjects = set(np.flatnonzero(question.claims["payment_id"].eq(payment_id)).tolist())
    found = {step: answer[answer["subject"].isin(subjects)] for step, answer in matching.answers(question)}
    return {
        "buckets": _buckets(world, payment_id),
        "claims": [_claim(question, subject) for subject in sorted(subjects)],
        "steps": _steps(question, found, subjects),
        "holds": _holds(question, pd.concat(found.values(), ignore_index=True)),
    }


def _buckets(world: World, payment_id: str) -> list[Document]:
    """The conditions of ``BUCKETS`` in order, to the first that applies; ``unmatched`` where none does."""
    tables = world.tables
    look = buckets.with_context(tables["payment_facts"], tables["deposits"], tables["findings"])
    look = look[look["payment_id"].eq(payment_id)]
    tried: list[Document] = []
    for bucket, reason, applies in buckets.BUCKETS:
        told = look["found"].iloc[0] if reason is None else reason
        tried.append(
            {"bucket": bucket, "reason": told if isinstance(told, str) else "", "applies": bool(applies(look).iloc[0])}
        )
        if tried[-1]["applies"]:
            return tried
    return [*tried, {"bucket": "unmatched", "reason": "", "applies": True}]


def _claim(question: Question, subject: int) -> Document:
    claim = question.claims.iloc[subject]
    return {
        "capture_line": claim["capture_line"],
        "capture_line_normalised": normalise(pd.Series([claim["capture_line"]])).iloc[0],
        "nss": claim["nss"],
        "curp": claim["curp"],
        "text": claim["text"],
        "amount_centavos": int(claim["amount_centavos"]),
        "month": month_name(int(claim["month"])),
    }


def _steps(question: Question, found: dict[str, pd.DataFrame], subjects: set[int]) -> list[Document]:
    """Each step until every claim has its answer, with what it found."""
    tried: list[Document] = []
    open_subjects = set(subjects)
    for step, answer in found.items():
        if not open_subjects:
            break
        tried.append({"step": step, "found": [_found(question, row) for row in records(answer)]})
        open_subjects -= set(answer["subject"])
    return tried


def _found(question: Question, row: Document) -> Document:
    line = records(question.lines.iloc[[row["line"]]])[0] if row["line"] >= 0 else None
    return {
        "rule": row["rule"],
        "problem": row["problem"],
        "nss": row["nss"],
        "capture_line": "" if line is None else line["capture_line"],
        "due_month": "" if line is None else line["due_month"],
        "amount_due_centavos": None if line is None else line["amount_due_centavos"],
        "status": "" if line is None else line["status"],
    }


def _holds(question: Question, found: pd.DataFrame) -> list[Document]:
    """The reasons of ``HOLDS`` in order, to the first that applies, each with the values it looked at."""
    if found.empty:
        return []
    context = holds.with_context(found, question)
    tried: list[Document] = []
    for reason, applies in holds.HOLDS.items():
        held = applies(context)
        looked_at = context[held] if held.any() else context
        tried.append({"reason": reason, "applies": bool(held.any()), "values": _values(question, reason, looked_at)})
        if held.any():
            break
    return tried


def _values(question: Question, reason: str, context: pd.DataFrame) -> Document:
    """What a reason looked at: of the rows it applies to, else of all that were found."""
    rows = [_found(question, row) for row in records(context[["line", "nss", "rule", "problem"]])]
    first = context.iloc[0]
    claim = question.claims.iloc[int(first["subject"])]
    lines = [row for row in rows if row["capture_line"]]
    values: Document = {
        "lines": sorted({row["capture_line"] for row in lines}),
        "statuses": sorted({row["status"] for row in lines}),
        "nss": sorted({row["nss"] for row in rows if row["nss"]}),
        "due_months": sorted({row["due_month"] for row in lines if row["due_month"]}),
        "due_centavos": sum(row["amount_due_centavos"] for row in lines),
        "paid_centavos": int(claim["amount_centavos"]),
        "month": month_name(int(claim["month"])),
    }
    if reason == "out_of_window":
        values |= {"months_away": int(context["months_away"].max()), "window_months": int(first["window_months"])}
    if reason == "identity_conflict":
        values["named"] = sorted({str(first[name]) for name in ("nss_token", "curp_token", "nss_in_text")} - {""})
    if reason == "unknown_registrant":
        values["is_registered"] = bool(context["is_registered"].all())
    if reason == "unsettled":
        values["waits_for_settlement"] = bool(first["waits_for_settlement"])
    return values
