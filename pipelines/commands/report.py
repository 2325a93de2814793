"""What `quincena run` answers: the summary on a terminal, or the same figures as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table
from rich.text import Text

from pipelines.commands.console import text
from pipelines.outputs.amounts import shown
from pipelines.outputs.hints import Hint, hints
from pipelines.outputs.labels import BUCKETS, EXCEPTIONS, HEADINGS, OUTCOMES, PROOFS, STAGES, say

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipelines.defs.running import RunResult
    from pipelines.outputs.summary import Summary

_SHOWN_REFUSALS: Final = 10


def document(
    result: RunResult, summary: Summary | None, outbox: Sequence[Path], seconds: dict[str, float]
) -> dict[str, Any]:
    """One month as a JSON object; amounts in centavos."""
    publication = result.publication
    told: dict[str, Any] = {
        "month": result.month,
        "published": summary is not None,
        "run_id": result.run_id,
        "publication": publication.number if publication else None,
        "content_digest": publication.content_digest if publication else None,
        "changed_tables": sorted(result.changed_tables),
        "failed_checks": [_proof(line) for line in result.failed_checks],
        "error": result.error,
        "seconds": {stage: seconds[stage] for stage in STAGES if stage in seconds},
    }
    if summary is None:
        return told
    open_things = [{key: value for key, value in asdict(hint).items() if key != "words"} for hint in hints(summary)]
    return {**told, **asdict(summary), "next": open_things, "outbox": [str(path) for path in outbox]}


def render(result: RunResult, summary: Summary, outbox: Sequence[Path], language: str) -> list[RenderableType]:
    """The summary of a published month."""
    return [
        text(_say("title", language, month=summary.month, coverage_month=summary.coverage_month), "bold"),
        text(_version(result, summary, language)),
        _money(summary, language),
        _coverage(summary, language),
        *_decisions(summary, language),
        _files(summary, language),
        *_refusals(summary, language),
        *_next(summary, language),
        *_outbox(outbox, language),
    ]


def failed_proofs(lines: Sequence[Any], language: str) -> Table:
    """The figures of the proofs that failed."""
    table = _table("", language, "proof", "scope", expected="right", found="right")
    for line in lines:
        proof = _proof(line)
        name = say(PROOFS[proof["check"]], language) if proof["check"] in PROOFS else proof["check"]
        table.add_row(text(name), text(proof["scope"]), f"{proof['expected']:,}", f"{proof['found']:,}")
    return table


def _proof(line: Any) -> dict[str, Any]:  # noqa: ANN401 - a certificate line, however it is kept
    return {name: getattr(line, name) for name in ("check", "scope", "expected", "found")}


def _version(result: RunResult, summary: Summary, language: str) -> str:
    """Which publication stands, and what it changed against the one before."""
    number = result.publication.number if result.publication else 0
    if not result.is_new:
        return _say("unchanged", language, number=number)
    names = ", ".join(sorted(result.changed_tables))
    changes = _say("changes", language, **summary.changes)
    return (
        _say("first", language)
        if number == 1
        else _say("published", language, number=number, changes=changes, tables=names)
    )


def _money(summary: Summary, language: str) -> Table:
    table = _table("money", language, "bucket", payments="right", amount="right")
    for line in summary.money:
        name = say(BUCKETS[line.name], language) if line.name in BUCKETS else line.name
        table.add_row(text(name), f"{line.payments:,}", text(shown(line.amount_centavos, line.currency)))
    for currency in dict.fromkeys(line.currency for line in summary.money):
        total = sum(line.amount_centavos for line in summary.money if line.currency == currency)
        table.add_section()
        table.add_row(_say("total", language), "", text(shown(total, currency)), style="bold")
    return table


def _coverage(summary: Summary, language: str) -> Table:
    table = _table("coverage", language, "outcome", lines="right", amount="right")
    covered = summary.activations
    table.add_row(_say("activations", language), f"{covered.lines:,}", shown(covered.amount_centavos), style="green")
    for line in summary.exceptions:
        name = f"{_say('exceptions', language)}: {say(EXCEPTIONS[line.name], language)}"
        table.add_row(name, f"{line.lines:,}", shown(line.amount_centavos))
    return table


def _decisions(summary: Summary, language: str) -> Iterator[Text]:
    """What became of the month's decisions, where there are any."""
    if any(summary.decisions.values()):
        yield text(_say("decisions", language, **summary.decisions))


def _files(summary: Summary, language: str) -> Table:
    table = _table("files", language, "outcome", this_run="right", in_all="right")
    for line in summary.files:
        table.add_row(say(OUTCOMES[line.outcome], language), f"{line.new:,}", f"{line.total:,}")
    table.add_section()
    table.add_row(_say("rejected_rows", language), "", f"{summary.rejected_rows:,}")
    return table


def _refusals(summary: Summary, language: str) -> Iterator[Text]:
    for refusal in summary.refusals[:_SHOWN_REFUSALS]:
        yield text(f"  {refusal.reason}", "red" if refusal.is_new else "")
    left = len(summary.refusals) - _SHOWN_REFUSALS
    if left > 0:
        yield text(f"  {_say('more', language, count=f'{left:,}')}")


def _next(summary: Summary, language: str) -> Iterator[Text]:
    found = hints(summary)
    yield text(_say("next" if found else "nothing", language), "bold")
    for place, hint in enumerate(found, 1):
        yield text(f"{place:>3}. {_hint(hint, language)}")


def _hint(hint: Hint, language: str) -> str:
    money = f" · {shown(hint.amount_centavos, hint.currency)}" if hint.currency else ""
    return f"{hint.count:,}{money} · {say(hint.words, language)} [{hint.table}{': ' if hint.value else ''}{hint.value}]"


def _outbox(paths: Sequence[Path], language: str) -> Iterator[Text]:
    yield text(_say("outbox", language), "bold")
    for path in paths:
        rosters = len(list(path.iterdir())) if path.is_dir() else 0
        note = f"/  {_say('rosters', language, count=rosters)}" if rosters else ""
        yield text(f"  {path}{note}")


def _table(title: str, language: str, *columns: str, **aligned: str) -> Table:
    table = Table(title=_say(title, language) if title else None, title_justify="left", title_style="bold")
    for name in columns:
        table.add_column(_say(name, language), overflow="fold")
    for name in aligned:
        table.add_column(_say(name, language), justify="right", no_wrap=True)
    return table


def _say(heading: str, language: str, **values: object) -> str:
    return say(HEADINGS[heading], language, **values)
