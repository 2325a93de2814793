"""The analyst's workbook ``reconciliation.xlsx``: the month in sheets, and the one in which people decide.

The same tables and document give the same bytes. What is saved into the inbox comes back through the layout
``reconciliation`` (docs/analysts.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipelines.outputs import labels_reconciliation as words
from pipelines.outputs.labels import DEFAULT_LANGUAGE, say
from pipelines.outputs.reconciliation import deciding, lists, overview, pending
from pipelines.outputs.reconciliation.book import Book
from schemas.catalog import PUBLISHED
from schemas.tables.suggestions import Suggestion
from schemas.working.open_payments import OpenPayment
from schemas.working.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    import pyarrow

    from schemas.table import Table

FILE: Final = "reconciliation.xlsx"

MATERIAL: Final = {"open_payments": OpenPayment, "people": Person}
"""Tables that are not published and of which the workbook shows a little, where they are given."""

_PUBLISHED: Final = (
    *("payments", "settlements", "findings", "matches", "dispositions", "receipts", "rejections"),
    *("coverage_activations", "coverage_exceptions", "coverage_changes"),
)


def encode(
    tables: Mapping[str, pyarrow.Table],
    document: Mapping[str, Any],
    language: str = DEFAULT_LANGUAGE,
    more: Callable[[list[str], list[str]], Mapping[str, pyarrow.Table]] | None = None,
) -> bytes:
    """The workbook of one published month as .xlsx.

    ``tables``: the tables published (of the month; receipts and rejections of the home); a table that is not there
    counts as empty. ``document``: the certificate document of the publication. ``more`` gives the tables of
    ``MATERIAL`` for payments (by payment_id) and persons (by NSS); without it they are taken from ``tables``.
    """
    month = str(document["month"])
    frames = _frames(tables, {name: PUBLISHED[name].model for name in _PUBLISHED} | {"suggestions": Suggestion})
    found = pending.find(frames, month)
    shown = lists.shown(frames)
    payments = found["payment_id"].head(deciding.MOST_ROWS).tolist()
    material = more(payments, lists.named(shown)) if more else tables
    frames |= _frames(material, MATERIAL)
    book = Book(say(words.TEXTS["title"], language, month=month))
    overview.write(book, frames, found, document, language)
    deciding.write(book, frames, found, month, language)
    lists.write(book, frames, shown, document, language)
    return book.content()


def _frames(tables: Mapping[str, pyarrow.Table], models: Mapping[str, type[Table]]) -> dict[str, pd.DataFrame]:
    return {name: model.from_arrow(tables[name]) if name in tables else model.empty() for name, model in models.items()}
