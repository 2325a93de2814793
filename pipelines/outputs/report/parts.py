"""What the page is made of, in one language: sections with charts and tables, ready to be set."""

from __future__ import annotations

from typing import NamedTuple

Key = int | str


class Cell(NamedTuple):
    """A text as it is shown, and what its column is sorted by; ``is_foreign``: out of a file, of any direction."""

    text: str
    key: Key
    is_foreign: bool = False


class Column(NamedTuple):
    """The header of a column; numbers are set to the right."""

    label: str
    is_number: bool = False


class Sheet(NamedTuple):
    """A table with its caption; ``total`` may be empty. ``source`` is the published table with all rows."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()
    note: str = ""
    source: str = ""


class Segment(NamedTuple):
    """A piece of a bar: where it begins and how long it is, in percent of the width, and its kind (a colour)."""

    x: str
    width: str
    kind: str


class Bar(NamedTuple):
    """A horizontal bar: its name and figure stand above it."""

    label: str
    figure: str
    segments: tuple[Segment, ...]


class Legend(NamedTuple):
    """What a kind of piece means."""

    kind: str
    label: str


class Bars(NamedTuple):
    """A chart of horizontal bars; the table beside it has the same figures."""

    name: str
    title: str
    bars: tuple[Bar, ...]
    legend: tuple[Legend, ...] = ()


class Piece(NamedTuple):
    """A piece of an upright bar: x and width in percent, y and height in pixels."""

    x: str
    width: str
    y: int
    height: int
    kind: str


class Mark(NamedTuple):
    """A text on an axis and where it stands (percent across, or pixels down)."""

    at: str
    label: str


class Days(NamedTuple):
    """A chart of upright bars by day with the cut-off drawn (``cut_off.at`` is empty where it is in no day shown)."""

    name: str
    title: str
    pieces: tuple[Piece, ...]
    ticks: tuple[Mark, ...]
    days: tuple[Mark, ...]
    cut_off: Mark
    is_cut_off_left: bool
    legend: tuple[Legend, ...]


class Block(NamedTuple):
    """Charts with the tables that say the same; or, where there is nothing to show, a sentence that says so."""

    bars: tuple[Bars, ...] = ()
    days: tuple[Days, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    empty: str = ""


class Section(NamedTuple):
    """A part of the page with its heading."""

    name: str
    heading: str
    lead: str
    blocks: tuple[Block, ...]


class Tile(NamedTuple):
    """A figure at the top."""

    label: str
    figure: str
    note: str
    is_open: bool = False
