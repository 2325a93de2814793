"""The section of what is held: for what it waits, and since when."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pipelines.outputs.labels import HOLDS
from pipelines.outputs.labels_report import AGES, HELD, HOLDING, PAGE
from pipelines.outputs.report import charts
from pipelines.outputs.report.cells import amount, columns_of, number
from pipelines.outputs.report.figures import PESOS
from pipelines.outputs.report.parts import Bars, Block, Cell, Column, Legend, Section, Sheet
from pipelines.rules.calendar import last_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.outputs.report.figures import Figures, Waiting
    from pipelines.outputs.report.speech import Speech


def held(figures: Figures, speech: Speech) -> Section:
    """What waits, for what, and since when."""
    lead = speech.say(HOLDING["lead"], day=speech.day(last_day(figures.month).date()))
    block = Block(bars=(_ages(figures, speech),), sheets=(_held_sheet(figures, speech),))
    if not figures.waiting:
        lead, block = "", Block(empty=speech.say(HOLDING["empty"]))
    return Section("held", speech.say(HOLDING["heading"]), lead, (block,))


def _ages(figures: Figures, speech: Speech) -> Bars:
    by_reason = _by_reason(figures)
    most = max((sum(ages.values()) for ages in by_reason.values()), default=0)
    drawn = tuple(
        charts.stacked(
            speech.name(HELD, reason),
            speech.count(sum(ages.values())),
            [(ages[age], f"age-{age}") for age in range(len(AGES))],
            most,
        )
        for reason, ages in by_reason.items()
    )
    legend = tuple(Legend(f"age-{age}", speech.say(words)) for age, words in enumerate(AGES))
    return Bars("held", speech.say(HOLDING["chart"]), drawn, legend)


def _by_reason(figures: Figures) -> dict[str, Counter[int]]:
    """Held payments of each reason by age, most payments first."""
    found: dict[str, Counter[int]] = {}
    for waiting in figures.waiting:
        found.setdefault(waiting.reason, Counter())[waiting.age] += waiting.payments
    return dict(sorted(found.items(), key=lambda item: (-item[1].total(), item[0])))


def _held_sheet(figures: Figures, speech: Speech) -> Sheet:
    rows = []
    for reason, ages in _by_reason(figures).items():
        ours = [waiting for waiting in figures.waiting if waiting.reason == reason]
        rows.append(
            (Cell(speech.name(HELD, reason), reason), *_held_cells(ages, ours, speech), _remedy(reason, speech))
        )
    whole = sum((ages for ages in _by_reason(figures).values()), Counter[int]())
    label = Cell(speech.say(PAGE["total"]), "")
    total = (label, *_held_cells(whole, figures.waiting, speech), Cell("", ""))
    columns = (
        Column(speech.say(PAGE["reason"])),
        *(Column(speech.say(words), is_number=True) for words in AGES),
        *columns_of(speech, PAGE, "#payments", "#pesos"),
        Column(speech.say(HOLDING["foreign"]), is_number=True),
        Column(speech.say(PAGE["waits_for"])),
    )
    return Sheet("held-by-reason", speech.say(HOLDING["sheet"]), columns, tuple(rows), total, source="dispositions")


def _held_cells(ages: Counter[int], ours: Sequence[Waiting], speech: Speech) -> tuple[Cell, ...]:
    in_pesos = sum(waiting.amount_centavos for waiting in ours if waiting.currency == PESOS)
    foreign = sum(waiting.payments for waiting in ours if waiting.currency != PESOS)
    counts = (*(ages[age] for age in range(len(AGES))), ages.total())
    return (*(number(count, speech) for count in counts), amount(in_pesos, speech), number(foreign, speech))


def _remedy(reason: str, speech: Speech) -> Cell:
    text = speech.say(HOLDS[reason]) if reason in HOLDS else ""
    return Cell(text, text)
