"""The section of coverage: who is covered, why others are not, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.outputs.labels import EXCEPTIONS
from pipelines.outputs.labels_report import CAUSES, CHANGES, COVERAGE, PAGE
from pipelines.outputs.report import charts
from pipelines.outputs.report.cells import amount, columns_of, number, words
from pipelines.outputs.report.parts import Bars, Block, Cell, Legend, Section, Sheet
from pipelines.rules.calendar import shift_month

if TYPE_CHECKING:
    from pipelines.outputs.report.figures import Figures
    from pipelines.outputs.report.speech import Speech


def coverage(figures: Figures, speech: Speech) -> Section:
    """What became of the lines due in the month; the month before; the publication before."""
    heading, lead = speech.say(COVERAGE["heading"]), speech.say(COVERAGE["lead"])
    blocks = (_lines(figures, speech), _against(figures, speech), _changed(figures, speech))
    return Section("coverage", heading, lead, blocks)


def _lines(figures: Figures, speech: Speech) -> Block:
    found = _outcomes(figures, speech)
    if not any(lines for _, lines, _, _ in found):
        return Block(empty=speech.say(COVERAGE["empty"]))
    rows = tuple(
        (Cell(label, place), number(lines, speech), amount(due, speech))
        for place, (label, lines, due, _) in enumerate(found)
    )
    total = (
        Cell(speech.say(PAGE["total"]), ""),
        number(sum(lines for _, lines, _, _ in found), speech),
        amount(sum(due for _, _, due, _ in found), speech),
    )
    columns = columns_of(speech, COVERAGE, "outcome", "#lines", "#due")
    sheet = Sheet("lines", speech.say(COVERAGE["sheet"]), columns, rows, total, source="coverage_exceptions")
    drawn = [(label, speech.count(lines), lines, kind) for label, lines, _, kind in found if lines]
    return Block(bars=(charts.bars("lines", speech.say(COVERAGE["chart"]), drawn),), sheets=(sheet,))


def _outcomes(figures: Figures, speech: Speech) -> list[tuple[str, int, int, str]]:
    """Words, lines, amount due and kind of every outcome, activated first."""
    sums = {line.name: line for line in figures.exceptions}
    ours = figures.coverage
    activated = (speech.head(COVERAGE["activated"]), ours.activated, ours.due_centavos, "good")
    return [
        activated,
        *(
            (speech.head(label), sums[reason].number, sums[reason].amount_centavos, "rest")
            if reason in sums
            else (speech.head(label), 0, 0, "rest")
            for reason, label in EXCEPTIONS.items()
        ),
    ]


def _against(figures: Figures, speech: Speech) -> Block:
    """Against the month before, where its activations are known."""
    ours = figures.coverage
    if ours.last_month is None:
        return Block(empty=speech.say(COVERAGE["no_last_month"]))
    month = speech.month(shift_month(figures.coverage_month, -1))
    told = (
        (speech.say(COVERAGE["last_month"], month=month), ours.last_month),
        (speech.say(COVERAGE["left"]), ours.last_month - ours.stayed),
        (speech.say(COVERAGE["stayed"]), ours.stayed),
        (speech.say(COVERAGE["joined"]), ours.activated - ours.stayed),
        (speech.say(COVERAGE["this_month"], month=speech.month(figures.coverage_month)), ours.activated),
    )
    rows = tuple((Cell(label, place), number(persons, speech)) for place, (label, persons) in enumerate(told))
    columns = columns_of(speech, COVERAGE, "outcome", "#persons")
    sheet = Sheet("last-month", speech.say(COVERAGE["against_sheet"]), columns, rows, source="coverage_activations")
    return Block(bars=(_months(told, speech),), sheets=(sheet,))


def _months(told: tuple[tuple[str, int], ...], speech: Speech) -> Bars:
    """Both months, each as those who stay and those only in it."""
    (before, last_month), (_, left), (_, stayed), (_, joined), (now, activated) = told
    longest = max(last_month, activated)
    drawn = (
        charts.stacked(before, speech.count(last_month), [(stayed, "good"), (left, "open")], longest),
        charts.stacked(now, speech.count(activated), [(stayed, "good"), (joined, "in")], longest),
    )
    kinds = (("good", "stayed"), ("open", "left"), ("in", "joined"))
    legend = tuple(Legend(kind, speech.say(COVERAGE[name])) for kind, name in kinds)
    return Bars("months", speech.say(COVERAGE["against_chart"]), drawn, legend)


def _changed(figures: Figures, speech: Speech) -> Block:
    """Against the publication before."""
    if figures.document.get("publication") == 1:
        return Block(empty=speech.say(COVERAGE["first"]))
    if not figures.changes:
        return Block(empty=speech.say(COVERAGE["no_changes"]))
    rows = tuple(
        (words(CHANGES, line.name, speech), words(CAUSES, line.detail, speech), number(line.number, speech))
        for line in figures.changes
    )
    columns = columns_of(speech, COVERAGE, "change", "cause", "#persons")
    sheet = Sheet("changes", speech.say(COVERAGE["changes_sheet"]), columns, rows, source="coverage_changes")
    return Block(sheets=(sheet,))
