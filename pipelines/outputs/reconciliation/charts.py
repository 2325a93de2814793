"""The native charts of *Resumen*, drawn by the spreadsheet from the figures beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import DataPoint
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from pipelines.outputs import labels_reconciliation as words
from pipelines.outputs.labels import BUCKETS

if TYPE_CHECKING:
    from pipelines.outputs.reconciliation.book import Sheet

BLUE, ORANGE, RED, GREY, GREEN, PURPLE = "2F6B8F", "E08E45", "B3261E", "8A969E", "3B8554", "7A5AA6"
_COLOURS: Final = {
    "applied": GREEN,
    "short": ORANGE,
    "late": PURPLE,
    "surplus": BLUE,
    "held": "D9A400",
    "unmatched": RED,
}
_WIDTH: Final = 19
_PLACES: Final = ("F3", "F30", "F51")


def money(sheet: Sheet, header: int, last: int, *, language: str) -> None:
    """Pesos by bucket, a bar each; ``header`` and ``last`` are rows of the sheet."""
    chart = _bars(getattr(words.TEXTS["money"], language), "bar", height=13)
    last = min(last, header + len(BUCKETS))
    chart.add_data(Reference(sheet.page, min_col=3, min_row=header, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet.page, min_col=1, min_row=header + 1, max_row=last))
    chart.y_axis.number_format, chart.y_axis.title = "#,##0", getattr(words.TEXTS["pesos"], language)
    # Bars go from the bottom up; buckets are read from the top down.
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.crosses = "max"
    series = chart.series[0]
    series.graphicalProperties = GraphicalProperties(solidFill=GREY)
    for place, bucket in enumerate(BUCKETS):
        point = DataPoint(idx=place)
        point.graphicalProperties = GraphicalProperties(solidFill=_COLOURS.get(bucket, GREY))
        series.dPt.append(point)
    sheet.page.add_chart(chart, _PLACES[0])


def days(sheet: Sheet, header: int, last: int, *, language: str) -> None:
    """Payments by day, those on time in another colour than those after the cut-off, which is drawn as a line."""
    chart = _bars(getattr(words.TEXTS["by_day"], language), "col", height=10)
    chart.add_data(Reference(sheet.page, min_col=2, max_col=3, min_row=header, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet.page, min_col=1, min_row=header + 1, max_row=last))
    chart.grouping, chart.overlap, chart.gapWidth = "clustered", 100, 30
    for series, colour in zip(chart.series, (BLUE, ORANGE), strict=True):
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
    chart.x_axis.title = getattr(words.COLUMNS["day"], language)
    chart.y_axis.title, chart.y_axis.number_format = getattr(words.TEXTS["number"], language), "#,##0"
    chart.legend = Legend()
    chart.legend.position = "b"
    chart += _cut_off(sheet, header, last)
    sheet.page.add_chart(chart, _PLACES[1])


def ages(sheet: Sheet, header: int, last: int, *, language: str) -> None:
    """Payments held and unmatched by age."""
    chart = _bars(getattr(words.TEXTS["by_age"], language), "col", height=8)
    chart.add_data(Reference(sheet.page, min_col=2, min_row=header, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet.page, min_col=1, min_row=header + 1, max_row=last))
    chart.y_axis.title, chart.y_axis.number_format = getattr(words.TEXTS["number"], language), "#,##0"
    chart.series[0].graphicalProperties = GraphicalProperties(solidFill="D9A400")
    chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    sheet.page.add_chart(chart, _PLACES[2])


def _bars(title: str, direction: str, height: int) -> Any:  # noqa: ANN401 - openpyxl ships no types
    """A chart of bars without a legend."""
    chart = BarChart()
    chart.type, chart.title, chart.width, chart.height = direction, title, _WIDTH, height
    chart.x_axis.tickLblSkip = 1  # a bar without its name says nothing
    chart.legend = None
    chart.gapWidth = 50
    # Spreadsheets hide the axes of a chart that does not say that it has them.
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.number_format = "General"
    return chart


def _cut_off(sheet: Sheet, header: int, last: int) -> Any:  # noqa: ANN401 - openpyxl ships no types
    """A point on the day of the cut-off, as high as the highest bar, with a line down to the axis."""
    line = LineChart()
    line.add_data(Reference(sheet.page, min_col=4, min_row=header, max_row=last), titles_from_data=True)
    series = line.series[0]
    stroke = GraphicalProperties(ln=LineProperties(solidFill=RED, w=22225, prstDash="dash"))
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=RED, w=22225, prstDash="dash"))
    series.marker = Marker(symbol="diamond", size=7)
    series.marker.graphicalProperties = GraphicalProperties(solidFill=RED)
    series.errBars = ErrorBars(
        errDir="y", errBarType="minus", errValType="percentage", val=100, noEndCap=True, spPr=stroke
    )
    return line
