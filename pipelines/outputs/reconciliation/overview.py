"""The sheet *Resumen*: the month in figures, and three charts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipelines.outputs import labels_reconciliation as words
from pipelines.outputs.labels import BUCKETS, EXCEPTIONS, HOLDS, say
from pipelines.outputs.reconciliation import charts
from pipelines.outputs.reconciliation.book import Column, pesos
from pipelines.outputs.tallies import NOTHING, merged
from pipelines.rules.calendar import cut_off, last_day, shift_month
from pipelines.rules.policy import Policy, PolicyBook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from pipelines.outputs.reconciliation.book import Book, Sheet
    from pipelines.outputs.reconciliation.reduced import Figures
    from pipelines.outputs.tallies import Row, Tally

AGES: Final = ((0, 7), (8, 15), (16, 30))
"""Bands of age in days, first and last, counted to the end of the payment month."""

_COLUMNS: Final = (("text", 60), ("whole", 12), ("money", 18), ("text", 13), ("text", 2))


def write(book: Book, figures: Figures, pending: pd.DataFrame, document: Mapping[str, Any], language: str) -> None:
    """Add the sheet of the month that ``document`` certifies; ``pending`` as ``pending.find`` gives it."""
    month = document["month"]
    columns = [Column("", kind, width) for kind, width in _COLUMNS]
    sheet = book.sheet(getattr(words.SHEETS["overview"], language), columns, "A3")
    sheet.page.page_setup.fitToHeight = 1
    sheet.line((say(words.TEXTS["title"], language, month=month), "title"), height=24)
    told = {"coverage_month": shift_month(month, 1), "number": document.get("publication", "")}
    sheet.line((say(words.TEXTS["subtitle"], language, **told), "note"))
    money = _block(sheet, "money", ("bucket", "payments", "amount"), _money(figures.buckets, language), language)
    _block(sheet, "held", ("reason", "payments", "amount"), _by_reason(figures.held, language), language)
    _block(sheet, "coverage", ("what", "lines", "amount"), _coverage(figures, language), language)
    ages = _block(sheet, "by_age", ("age", "payments", "amount"), _ages(pending, language), language)
    days = _block(sheet, "by_day", ("day", "on_time", "after", "cut_off"), _days(figures.days, document), language)
    charts.money(sheet, *money, language=language)
    charts.days(sheet, *days, language=language)
    charts.ages(sheet, *ages, language=language)


def _block(
    sheet: Sheet, heading: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], language: str
) -> tuple[int, int]:
    """Add a headed table, what its rows are about in the first column; the numbers of its header and its last row."""
    sheet.line()
    sheet.line((getattr(words.TEXTS[heading], language), "heading"), height=20)
    headings = [getattr(words.COLUMNS[name], language) for name in columns]
    kinds = ["header", *["number_header"] * (len(columns) - 1)]
    header = sheet.line(*zip(headings, kinds, strict=True), height=30 if heading == "by_day" else 18)
    for row in rows:
        first, *figures = row
        cells = [None if value is None else (value, _kind(value)) for value in figures]
        sheet.line((first, "text" if isinstance(first, str) else "day"), *cells)
    return header, sheet.last_row


def _kind(figure: Any) -> str:  # noqa: ANN401 - a number of things or of pesos
    return "whole" if isinstance(figure, int) else "money"


def _money(buckets: Mapping[Row, Tally], language: str) -> list[list[Any]]:
    """Payments and centavos by bucket: in pesos, and in each other currency."""
    rows: list[list[Any]] = []
    for name, said in BUCKETS.items():
        found = buckets.get((name, "MXN"), NOTHING)
        rows.append([getattr(said, language), found.number, pesos(found.amount)])
    foreign = {key: found for key, found in buckets.items() if key[1] != "MXN"}
    # Never with pesos (CONTRACT §5): a line of its own for every other currency, outside the chart.
    return rows + [[key[0], found.number, pesos(found.amount)] for key, found in sorted(merged(foreign, 1).items())]


def _by_reason(held: Mapping[Row, Tally], language: str) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for reason, said in HOLDS.items():
        found = {key: tallied for key, tallied in held.items() if key[0] == reason}
        if found:
            mexican = found.get((reason, "MXN"), NOTHING)
            number = sum(tallied.number for tallied in found.values())
            rows.append([getattr(said, language), number, pesos(mexican.amount)])
    return rows


def _coverage(figures: Figures, language: str) -> list[list[Any]]:
    activated = figures.activated
    rows: list[list[Any]] = [[getattr(words.TEXTS["activations"], language), activated.number, pesos(activated.amount)]]
    for reason, said in EXCEPTIONS.items():
        found = figures.exceptions.get((reason,), NOTHING)
        if found.number:
            rows.append([getattr(said, language), found.number, pesos(found.amount)])
    return rows


def _ages(pending: pd.DataFrame, language: str) -> list[list[Any]]:
    waiting = pending[pending["standing"].isin(["held", "unmatched"])]
    rows = []
    for first, last in AGES:
        of_age = waiting[waiting["age"].between(first, last)]
        centavos = int(of_age.loc[of_age["currency"].eq("MXN"), "amount_centavos"].sum())
        rows.append([say(words.TEXTS["days"], language, first=first, last=last), len(of_age), pesos(centavos)])
    return rows


def _days(counts: Mapping[int, int], document: Mapping[str, Any]) -> list[list[Any]]:
    """Every day of the month: payments on time, payments after the cut-off; the cut-off marks its own day."""
    month = document["month"]
    last_on_time = cut_off(month, PolicyBook((Policy(**document["policy"]),))).day
    highest = max([1, *counts.values()])
    rows: list[list[Any]] = []
    for day in range(1, last_day(month).day + 1):
        count = counts.get(day, 0)
        on_time = day <= last_on_time
        mark = highest if day == last_on_time else None
        rows.append([day, count if on_time else None, None if on_time else count, mark])
    return rows
