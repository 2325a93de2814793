"""A comparison of two publications as tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.table import Table
from rich.text import Text

from pipelines.outputs.amounts import shown
from pipelines.outputs.labels import BUCKETS, EXCEPTIONS, say
from pipelines.outputs.labels_publications import CHANGE, DIFF
from pipelines.outputs.labels_report import CAUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pandas as pd
    from rich.console import RenderableType

    from pipelines.store.publications import Publication

    Tables = Mapping[str, pd.DataFrame]

MOST_ROWS: Final = 50
"""How many rows of a list are shown; the JSON has all."""


def render(
    before: Publication, after: Publication, tables: Tables, policy: Sequence[Any], language: str
) -> list[RenderableType]:
    """The comparison, most important first: why, coverage, money, lines, payments.

    ``tables`` by the names of ``engine.comparing``; ``policy``: effective from, key, before, after of what differs.
    """
    moments = {f"{side}_at": _moment(one.published_at) for side, one in (("before", before), ("after", after))}
    title = say(DIFF["title"], language, month=after.month, before=before.number, after=after.number, **moments)
    return [
        _plain(title, "bold"),
        _why(before, after, tables, policy, language),
        *_coverage(tables["coverage"], language),
        _money(tables["money"], language),
        _lines(tables["lines"], language),
        *_payments(tables["payments"], language),
    ]


def _why(before: Publication, after: Publication, tables: Tables, policy: Sequence[Any], language: str) -> Table:
    table = _table("why", language, "what", "before", "after")
    for file in tables["files"].head(MOST_ROWS).to_dict("records"):
        name = _plain(f"{file['file_name']} ({_moment(file['received_at'])})")
        table.add_row(say(DIFF["file" if file["came"] else "file_gone"], language), *_on_side(name, later=file["came"]))
    for row in tables["decisions"].head(MOST_ROWS).to_dict("records"):
        told = " ".join(str(row[name]) for name in ("payment_id", "action", "status") if name in row)
        table.add_row(say(DIFF["decision"], language), "", _plain(told))
    for change in policy:
        what = say(DIFF["policy"], language, since=change.effective_from, key=change.key)
        table.add_row(_plain(what), _plain(str(change.before)), _plain(str(change.after)))
    if before.code_version != after.code_version:
        table.add_row(say(DIFF["code"], language), _plain(before.code_version), _plain(after.code_version))
    table.add_row(say(DIFF["reason"], language), _plain(before.reason), _plain(after.reason))
    return table


def _on_side(cell: Text, *, later: bool) -> tuple[Text, Text]:
    return (Text(), cell) if later else (cell, Text())


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


def _coverage(coverage: pd.DataFrame, language: str) -> Iterator[RenderableType]:
    table = _table("coverage", language, "nss", "change", "cause", "detail", "line", "payments")
    for row in coverage.head(MOST_ROWS).itertuples():
        kinds = (say(CHANGE[str(row.change)], language), say(CAUSES[str(row.cause)], language))
        detail = say(EXCEPTIONS[str(row.detail)], language) if row.detail in EXCEPTIONS else str(row.detail)
        table.add_row(*map(_plain, (str(row.nss), *kinds, detail, str(row.capture_line), str(row.payments))))
    yield table
    yield from _more(coverage, language)


def _money(money: pd.DataFrame, language: str) -> Table:
    table = _table("money", language, "bucket", before="right", after="right")
    for row in money.to_dict("records"):
        amounts = [
            f"{row[f'payments_{side}']:,} · {shown(row[f'amount_centavos_{side}'], row['currency'])}"
            for side in ("before", "after")
        ]
        table.add_row(_plain(say(BUCKETS[row["bucket"]], language)), *map(_plain, amounts))
    return table


def _lines(lines: pd.DataFrame, language: str) -> Table:
    words = {"activated": DIFF["activated"], **EXCEPTIONS}
    table = _table("lines", language, "outcome", before="right", after="right")
    for row in lines.to_dict("records"):
        table.add_row(say(words[row["outcome"]], language), f"{row['lines_before']:,}", f"{row['lines_after']:,}")
    return table


def _payments(payments: pd.DataFrame, language: str) -> Iterator[RenderableType]:
    table = _table("moved", language, "payment", "before", "after", amount="right")
    for row in payments.head(MOST_ROWS).to_dict("records"):
        sides = (_side(row[f"bucket_{side}"], row[f"reason_{side}"], language) for side in ("before", "after"))
        table.add_row(
            _plain(row["payment_id"]), *map(_plain, sides), _plain(shown(row["amount_centavos"], row["currency"]))
        )
    yield table
    yield from _more(payments, language)


def _side(buckets: str, reasons: str, language: str) -> str:
    named = "; ".join(say(BUCKETS[bucket], language) for bucket in buckets.split("; ") if bucket)
    return f"{named} ({reasons})" if reasons else named


def _more(rows: pd.DataFrame, language: str) -> Iterable[Text]:
    left = len(rows) - MOST_ROWS
    return [_plain(say(DIFF["more"], language, count=f"{left:,}"))] if left > 0 else []


def _table(title: str, language: str, *columns: str, **aligned: str) -> Table:
    table = Table(title=say(DIFF[title], language), title_justify="left", title_style="bold")
    for name in columns:
        table.add_column(say(DIFF[name], language), overflow="fold")
    for name in aligned:
        table.add_column(say(DIFF[name], language), justify="right", no_wrap=True)
    return table


def _plain(content: str, style: str = "") -> Text:
    """Text as it is; characters that steer a terminal are made visible."""
    return Text("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in content), style=style)
