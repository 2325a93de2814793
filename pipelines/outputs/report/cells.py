"""Cells and columns that several tables have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.outputs.report.figures import PESOS
from pipelines.outputs.report.parts import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipelines.outputs.labels import Words
    from pipelines.outputs.report.figures import Money
    from pipelines.outputs.report.speech import Speech


def pesos(found: Iterable[Money]) -> int:
    """The sum in pesos; other currencies count for nothing."""
    return sum(money.amount_centavos for money in found if money.currency == PESOS)


def columns_of(speech: Speech, catalogue: Mapping[str, Words], *names: str) -> tuple[Column, ...]:
    """Columns by the names of their words; ``#`` in front for numbers."""
    return tuple(Column(speech.say(catalogue[name.lstrip("#")]), name.startswith("#")) for name in names)


def number(figure: int, speech: Speech) -> Cell:
    """A cell of a count."""
    return Cell(speech.count(figure), figure)


def amount(centavos: int, speech: Speech) -> Cell:
    """A cell of an amount in pesos."""
    return Cell(speech.money(centavos), centavos)


def words(catalogue: Mapping[str, Words], code: str, speech: Speech) -> Cell:
    """A cell of a code, in words."""
    text = speech.name(catalogue, code)
    return Cell(text, text)


def foreign(text: str) -> Cell:
    """A cell of text that came from outside."""
    return Cell(text, text, is_foreign=True)
