"""The geometry of the charts: whole numbers to percent and pixels, without a float, so that the bytes repeat.

Widths are percent of whatever room there is: text keeps its size on a phone, on a desk and on paper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.outputs.report.parts import Bar, Bars, Days, Legend, Mark, Piece, Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLOT_TOP: Final = 28
PLOT_HEIGHT: Final = 160
TICKS: Final = 5
"""Lines above the foot, at most."""

_STEPS: Final = (1, 2, 5)
_LEAST: Final = 20
_SHOWN_DAYS: Final = (1, 5, 10, 15, 20, 25, 30)


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` in percent with two decimals, rounded down; 0 where there is no whole."""
    units, hundredths = divmod(10_000 * part // whole if whole else 0, 100)
    return f"{units}.{hundredths:02d}%"


def stacked(label: str, figure: str, sizes: Sequence[tuple[int, str]], whole: int, start: int = 0) -> Bar:
    """A bar of pieces one after the other, from ``start`` on; what is not nothing can be seen."""
    segments = []
    for size, kind in sizes:
        if size:
            segments.append(Segment(percent(start, whole), _visible(size, whole), kind))
        start += size
    return Bar(label, figure, tuple(segments))


def bars(name: str, title: str, rows: Sequence[tuple[str, str, int, str]]) -> Bars:
    """A chart of plain bars: label, figure, size and kind of each; the longest fills the width."""
    longest = max((size for _, _, size, _ in rows), default=0)
    return Bars(
        name, title, tuple(stacked(label, figure, [(size, kind)], longest) for label, figure, size, kind in rows)
    )


def waterfall(
    name: str,
    title: str,
    rising: Sequence[tuple[str, str, int, str]],
    falling: Sequence[tuple[str, str, int, str]],
    legend: tuple[Legend, ...],
) -> Bars:
    """What comes in piles up from the left; each that goes out takes its piece off the end, until nothing is left."""
    whole = sum(size for _, _, size, _ in rising)
    level, drawn = 0, []
    for label, figure, size, kind in rising:
        drawn.append(stacked(label, figure, [(size, kind)], whole, level))
        level += size
    for label, figure, size, kind in falling:
        level -= size
        drawn.append(stacked(label, figure, [(size, kind)], whole, level))
    return Bars(name, title, tuple(drawn), legend)


def by_day(
    name: str,
    title: str,
    counts: Mapping[int, Sequence[tuple[int, str]]],
    days: int,
    cut_off: tuple[int, str],
    legend: tuple[Legend, ...],
) -> Days:
    """Upright bars: for each day of the month (1 to ``days``) its pieces, from the foot up."""
    most = max((sum(size for size, _ in pieces) for pieces in counts.values()), default=0)
    step = _step(most)
    lines = max(-(-most // step), 1)
    top = step * lines
    day, label = cut_off
    return Days(
        name=name,
        title=title,
        pieces=tuple(piece for at, pieces in sorted(counts.items()) for piece in _column(at, pieces, days, top)),
        ticks=tuple(Mark(str(_height_of(top - step * n, top)), f"{step * n:,}") for n in range(lines + 1)),
        days=tuple(Mark(percent(2 * at - 1, 2 * days), str(at)) for at in _SHOWN_DAYS if at <= days),
        cut_off=Mark(percent(day, days) if day else "", label),
        is_cut_off_left=2 * day > days,
        legend=legend,
    )


def _column(day: int, pieces: Sequence[tuple[int, str]], days: int, top: int) -> list[Piece]:
    x, width = percent(8 * (day - 1) + 1, 8 * days), percent(6, 8 * days)
    drawn, below = [], 0
    for size, kind in pieces:
        foot, head = _height_of(top - below, top), _height_of(top - below - size, top)
        if size:
            drawn.append(Piece(x, width, min(head, foot - 1), max(foot - head, 1), kind))
        below += size
    return drawn


def _height_of(missing: int, top: int) -> int:
    """Pixels from the top of the chart at which what is ``missing`` to its greatest value is reached."""
    return PLOT_TOP + PLOT_HEIGHT * missing // top


def _step(most: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, … of which at most ``TICKS`` reach ``most``."""
    power = 1
    while True:
        for digit in _STEPS:
            if digit * power * TICKS >= most:
                return digit * power
        power *= 10


def _visible(size: int, whole: int) -> str:
    """A width, at least a fifth of a percent."""
    return percent(max(10_000 * size // whole, _LEAST), 10_000)
