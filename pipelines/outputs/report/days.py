"""The section of days and lateness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.outputs.labels_report import CHANNELS, DAYS, PAGE
from pipelines.outputs.report import charts
from pipelines.outputs.report.cells import amount, columns_of, number
from pipelines.outputs.report.parts import Bars, Block, Cell, Column, Legend, Section, Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.outputs.report.figures import Figures
    from pipelines.outputs.report.parts import Days
    from pipelines.outputs.report.speech import Speech


def days(figures: Figures, speech: Speech) -> Section:
    """When payments were made, and which of them late."""
    heading, lead = speech.say(DAYS["heading"]), speech.say(DAYS["lead"])
    if not figures.daily:
        return Section("days", heading, lead, (Block(empty=speech.say(DAYS["empty"])),))
    daily = Block(days=(_by_day(figures, speech),), sheets=(_day_sheet(figures, speech),))
    timing = Block(bars=(_timing(figures, speech),), sheets=(_timing_sheet(figures, speech),))
    return Section("days", heading, lead, (timing, daily))


def _by_day(figures: Figures, speech: Speech) -> Days:
    counts = {day: [(_of(figures, day, channel)[0], channel) for channel in CHANNELS] for day in _range(figures)}
    legend = tuple(Legend(channel, speech.say(words)) for channel, words in CHANNELS.items())
    is_shown = figures.cut_off.isoformat()[:7] == figures.month
    cut_off = (figures.cut_off.day if is_shown else 0, speech.say(DAYS["cut_off"], day=figures.cut_off.day))
    return charts.by_day("days", speech.say(DAYS["chart"]), counts, figures.days, cut_off, legend)


def _of(figures: Figures, day: int, channel: str) -> tuple[int, int]:
    """Payments and pesos of a day of the month and channel."""
    found = [daily for daily in figures.daily if (daily.paid_on.day, daily.channel) == (day, channel)]
    return sum(daily.payments for daily in found), sum(daily.amount_centavos for daily in found)


def _range(figures: Figures) -> range:
    return range(1, figures.days + 1)


def _day_sheet(figures: Figures, speech: Speech) -> Sheet:
    by_day = {day: [_of(figures, day, channel) for channel in CHANNELS] for day in _range(figures)}
    rows = tuple(
        (Cell(speech.short_day(figures.cut_off.replace(day=day)), day), *_counts_and_sum(found, speech))
        for day, found in by_day.items()
    )
    whole = [
        (sum(found[place][0] for found in by_day.values()), sum(found[place][1] for found in by_day.values()))
        for place in range(len(CHANNELS))
    ]
    total = (Cell(speech.say(PAGE["total"]), ""), *_counts_and_sum(whole, speech))
    columns = (
        Column(speech.say(DAYS["day"])),
        *(Column(speech.say(words), is_number=True) for words in CHANNELS.values()),
        *columns_of(speech, PAGE, "#payments", "#pesos"),
    )
    return Sheet("by-day", speech.say(DAYS["sheet"]), columns, rows, total, source="payments")


def _counts_and_sum(found: Sequence[tuple[int, int]], speech: Speech) -> tuple[Cell, ...]:
    counts = [count for count, _ in found]
    return (
        *(number(count, speech) for count in (*counts, sum(counts))),
        amount(sum(amount for _, amount in found), speech),
    )


def _timing(figures: Figures, speech: Speech) -> Bars:
    sizes = {channel: [_timed(figures, channel, late)[0] for late in (False, True)] for channel in CHANNELS}
    most = max(sum(found) for found in sizes.values())
    drawn = tuple(
        charts.stacked(
            speech.say(CHANNELS[channel]),
            f"{speech.count(on_time)} · {speech.count(late)}",
            [(on_time, "good"), (late, "open")],
            most,
        )
        for channel, (on_time, late) in sizes.items()
    )
    legend = (Legend("good", speech.say(DAYS["on_time"])), Legend("open", speech.say(DAYS["late"])))
    return Bars("timing", speech.say(DAYS["timing"]), drawn, legend)


def _timed(figures: Figures, channel: str, is_late: bool) -> tuple[int, int]:  # noqa: FBT001 - one of two columns
    found = [timing for timing in figures.timing if (timing.channel, timing.is_late) == (channel, is_late)]
    return sum(timing.payments for timing in found), sum(timing.amount_centavos for timing in found)


def _timing_sheet(figures: Figures, speech: Speech) -> Sheet:
    found = {channel: (*_timed(figures, channel, False), *_timed(figures, channel, True)) for channel in CHANNELS}  # noqa: FBT003 - as above
    rows = tuple(
        (Cell(speech.say(CHANNELS[channel]), channel), *_timing_cells(row, speech)) for channel, row in found.items()
    )
    total = (
        Cell(speech.say(PAGE["total"]), ""),
        *_timing_cells([sum(column) for column in zip(*found.values(), strict=True)], speech),
    )
    columns = (
        Column(speech.say(PAGE["channel"])),
        *columns_of(speech, DAYS, "#on_time", "#late", "#late_share", "#on_time_pesos", "#late_pesos"),
    )
    return Sheet("timeliness", speech.say(DAYS["timing_sheet"]), columns, rows, total, source="payment_flags")


def _timing_cells(row: Sequence[int], speech: Speech) -> tuple[Cell, ...]:
    on_time, on_time_pesos, late, late_pesos = row
    share = Cell(speech.share(late, on_time + late), 1000 * late // (on_time + late) if late else 0)
    return (
        number(on_time, speech),
        number(late, speech),
        share,
        amount(on_time_pesos, speech),
        amount(late_pesos, speech),
    )
