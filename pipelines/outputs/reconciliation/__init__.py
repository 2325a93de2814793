"""The analyst's workbook ``reconciliation.xlsx``: the month in sheets, and the one in which people decide.

The same tables and document give the same bytes. What is saved into the inbox comes back through the layout
``reconciliation`` (docs/analysts.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipelines.outputs import labels_reconciliation as words
from pipelines.outputs.labels import DEFAULT_LANGUAGE, say
from pipelines.outputs.reconciliation import deciding, lists, overview, pending, reduced
from pipelines.outputs.reconciliation.book import Book
from schemas.working.open_payments import OpenPayment
from schemas.working.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow

FILE: Final = "reconciliation.xlsx"

MATERIAL: Final = {"open_payments": OpenPayment, "people": Person}
"""Tables that are not published and of which the workbook shows a little, where they are given."""


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
    frames = reduced.waiting(tables)
    found = pending.find(frames, month)
    payments = found["payment_id"].head(deciding.MOST_ROWS).tolist()
    frames |= reduced.of_payments(tables, payments) | reduced.listed(tables, lists.MOST_ROWS)
    shown = lists.shown(frames)
    material = more(payments, lists.named(shown)) if more else tables
    frames |= {name: reduced.frame(material, name, model) for name, model in MATERIAL.items()}
    book = Book(say(words.TEXTS["title"], language, month=month))
    overview.write(book, reduced.figures(tables), found, document, language)
    deciding.write(book, frames, found, month, language)
    lists.write(book, frames, shown, reduced.sizes(tables), document, language)
    return book.content()
