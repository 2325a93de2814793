"""What was measured, as tables, as a section of a document and as a chart.

`python -m tests.benchmarks.figures .cache/bench/results.json`; with `--document docs/performance.md` the section
between its two marks is written anew, with `--chart docs/images/performance.svg` the chart.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from statistics import linear_regression, median
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from tests.benchmarks.contestants import CONTESTANTS, PRODUCT
from tests.benchmarks.measuring import DONE

BEGIN: Final = "<!-- benchmark: written by tests.benchmarks.figures -->"
END: Final = "<!-- benchmark: end -->"
WIDTH: Final = 150
COLOURS: Final = ("#0b5c4a", "#b8860b", "#5b6c8f", "#a03c3c")
HEADERS: Final = (
    "payments", "program", "CPU s", "× CPU", "wall s", "× wall", "peak MiB", "× peak", "payments a second",
    "rows that differ",
)  # fmt: skip


class Figure(NamedTuple):
    """Medians of one contestant at one size."""

    payments: int
    contestant: str
    turns: int
    outcome: str
    cpu_seconds: float
    wall_seconds: float
    peak_mebibytes: float
    differences: int | None


def main() -> None:
    """Show the figures of a results file, and write them where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--document", type=Path, help="Markdown file with the two marks")
    parser.add_argument("--chart", type=Path, help="SVG file")
    asked = parser.parse_args()
    kept = json.loads(asked.results.read_text())
    found = figures(kept["measurements"])
    show(kept, found)
    if asked.document:
        text = asked.document.read_text("utf-8")
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        asked.document.write_text(f"{before}{BEGIN}\n\n{markdown(kept, found)}\n{END}{after}", "utf-8")
    if asked.chart:
        chart(found, asked.chart)


def figures(measurements: list[dict[str, Any]]) -> list[Figure]:
    """One figure for each size and contestant, sizes and contestants in order; of one stopped, what stopped it."""
    order = [one.name for one in CONTESTANTS]
    keys = sorted({(told["payments"], order.index(told["contestant"])) for told in measurements})
    return [_figure(measurements, payments, order[place]) for payments, place in keys]


def _figure(measurements: list[dict[str, Any]], payments: int, name: str) -> Figure:
    mine = [told for told in measurements if (told["payments"], told["contestant"]) == (payments, name)]
    bad = [told for told in mine if told["outcome"] != DONE]
    counted = bad or mine
    cpu, wall, peak = (
        median(told[what] for told in counted) for what in ("cpu_seconds", "wall_seconds", "peak_mebibytes")
    )
    compared = [told["differences"] for told in mine if told["differences"]]
    rows = sum(value for value in compared[0].values() if isinstance(value, int)) if compared else None
    return Figure(payments, name, len(counted), counted[0]["outcome"], cpu, wall, peak, rows)


def exponent(found: list[Figure], name: str) -> float | None:
    """The power of the number of payments with which the CPU of a contestant grows, fitted over its sizes."""
    mine = [figure for figure in found if figure.contestant == name and figure.outcome == DONE]
    if len(mine) < 2:
        return None
    sizes, seconds = (
        [math.log(value) for value in values] for values in zip(*((f[0], f[4]) for f in mine), strict=True)
    )
    return linear_regression(sizes, seconds).slope


def rows(found: list[Figure]) -> list[list[str]]:
    """The cells of the table; ``×`` is the product's figure over that of a peer that gave the same tables."""
    mine = {figure.payments: figure for figure in found if figure.contestant == PRODUCT and figure.outcome == DONE}
    whole = {one.name for one in CONTESTANTS if one.gives_tables}
    return [_row(figure, mine.get(figure.payments) if figure.contestant in whole else None) for figure in found]


def _row(figure: Figure, product: Figure | None) -> list[str]:
    head = [f"{figure.payments:,}", figure.contestant]
    if figure.outcome != DONE:
        told = f"{figure.outcome} after {figure.wall_seconds:,.0f} s" if figure.wall_seconds else figure.outcome
        return [*head, told, "", "", "", f"{figure.peak_mebibytes:,.0f}" if figure.peak_mebibytes else "", "", "", ""]

    def ratio(of: str) -> str:
        ours, theirs = getattr(product, of, 0.0), getattr(figure, of)
        return f"{ours / theirs:.2f}" if product and product is not figure and theirs else ""

    differ = "" if figure.differences is None else f"{figure.differences:,}"
    return [
        *head,
        f"{figure.cpu_seconds:,.1f}",
        ratio("cpu_seconds"),
        f"{figure.wall_seconds:,.1f}",
        ratio("wall_seconds"),
        f"{figure.peak_mebibytes:,.0f}",
        ratio("peak_mebibytes"),
        f"{figure.payments / figure.wall_seconds:,.0f}",
        differ,
    ]


def show(kept: dict[str, Any], found: list[Figure]) -> None:
    """The table and the exponents on stdout."""
    console = Console(highlight=False, width=WIDTH)
    console.print(_machine(kept))
    table = Table(*HEADERS)
    for row in rows(found):
        table.add_row(*row)
    console.print(table)
    console.print(*_exponents(found), sep="\n")


def _machine(kept: dict[str, Any]) -> str:
    machine = kept["machine"]
    versions = ", ".join(f"{name} {version or 'absent'}" for name, version in sorted(kept["versions"].items()))
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gibibytes']} GiB, {machine['system']}, "
        f"Python {machine['python']}; {versions}"
    )


def _exponents(found: list[Figure]) -> list[str]:
    fitted = {one.name: exponent(found, one.name) for one in CONTESTANTS}
    return [f"{name}: CPU grows with payments to the power {power:.2f}" for name, power in fitted.items() if power]


def markdown(kept: dict[str, Any], found: list[Figure]) -> str:
    """The section of the document."""
    turns = sorted({figure.turns for figure in found})
    lines = ["| " + " | ".join(HEADERS) + " |", "| " + " | ".join("---" for _ in HEADERS) + " |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows(found)]
    how = f"Medians of {' or '.join(str(turn) for turn in turns)} turns on {_machine(kept)}."
    return "\n".join([*lines, "", how, "", *(f"- {line}" for line in _exponents(found)), ""])


def chart(found: list[Figure], path: Path) -> None:
    """CPU, wall and memory over the number of payments, both axes by powers of ten, one line a contestant."""
    import altair  # noqa: PLC0415 - only who asks for a chart waits for it

    names = [one.name for one in CONTESTANTS if one.gives_tables]
    measures = {"cpu_seconds": "CPU, s", "wall_seconds": "wall, s", "peak_mebibytes": "peak memory, MiB"}
    values = [
        {
            "payments": figure.payments,
            "program": figure.contestant,
            **{said: getattr(figure, name) for name, said in measures.items()},
        }
        for figure in found
        if figure.outcome == DONE and figure.contestant in names
    ]
    panels = [
        altair.Chart(altair.InlineData(values=values), width=230, height=230)
        .mark_line(point=True)
        .encode(
            x=altair.X(
                "payments:Q",
                scale=altair.Scale(type="log"),
                axis=altair.Axis(format="~s", tickCount=5, labelOverlap=True),
            ),
            y=altair.Y(
                f"{said}:Q",
                scale=altair.Scale(type="log"),
                axis=altair.Axis(format="~s", tickCount=5, labelOverlap=True),
            ),
            color=altair.Color("program:N", scale=altair.Scale(domain=names, range=list(COLOURS)), sort=names),
        )
        for said in measures.values()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    altair.hconcat(*panels).save(str(path))


if __name__ == "__main__":
    main()
