"""A layout: everything that is to be said about one sender's files, as data (DESIGN §5: a new sender is one file)."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase


class LayoutError(ValueError):
    """A layout file does not say what a layout must say: a fault of the program's configuration."""


@dataclass(frozen=True)
class Delimited:
    """Mechanics ``delimited``: encoding, delimiter, RFC 4180 quoting or none, and what a ragged record does."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quoting: bool = True
    ragged_rows: str = "refuse"


@dataclass(frozen=True)
class Workbook:
    """Mechanics ``workbook``: the sheet (empty: the only one) and the number of rows above the header."""

    sheet: str = ""
    title_rows: int = 0


@dataclass(frozen=True)
class Limits:
    """What a file may be at most; beyond it, it is refused before it is read."""

    file_bytes: int = 1 << 30
    rows: int = 20_000_000
    record_bytes: int = 1 << 16


@dataclass(frozen=True)
class Amounts:
    """How amounts are written: a prefix, a thousands separator (grouping must then be right), texts for none."""

    prefix: str = ""
    thousands: str = ""
    none: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dates:
    """How dates are written (``YYYY``, ``MM`` and ``DD`` with what stands between) and in which zone clocks go."""

    pattern: str = "YYYY-MM-DD"
    zone: str = ""


@dataclass(frozen=True)
class Expression:
    """What a canonical column holds: a constant, or a source column's text, perhaps extracted, mapped or dated.

    ``source``: the first filled one of these columns. ``extract``: the one group of this pattern in it; where it does
    not match, ``otherwise``, or without it the row is rejected. ``map``: text → text, all others are rejected.
    ``date``: a column whose date, with the text as ``hh:mm:ss``, makes an instant in the layout's zone.
    """

    constant: str | None = None
    source: tuple[str, ...] = ()
    extract: str = ""
    otherwise: str | None = None
    map: dict[str, str] = field(default_factory=dict)
    date: str = ""


@dataclass(frozen=True)
class Condition:
    """A demand on one source column of a row: how its text begins, or whether it is filled."""

    column: str
    begins: str = ""
    filled: bool | None = None


@dataclass(frozen=True)
class Rejected:
    """Why the rows of a case are rejected."""

    column: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Case:
    """Rows that meet all of ``when`` (and no earlier case) read by these columns, or are rejected."""

    when: tuple[Condition, ...] = ()
    columns: dict[str, Expression] = field(default_factory=dict)
    reject: Rejected | None = None


@dataclass(frozen=True)
class RunningBalance:
    """Control: within an account, each balance is the one before plus credit less debit."""

    account: str
    credit: str
    debit: str
    balance: str


@dataclass(frozen=True)
class Totals:
    """Control: a last row marked ``label`` in ``label_column`` with the number of rows and the sums of columns."""

    label_column: str
    label: str
    count_column: str
    sums: tuple[str, ...]


@dataclass(frozen=True)
class Controls:
    """The controls that a file of the layout carries."""

    running_balance: RunningBalance | None = None
    totals: Totals | None = None


@dataclass(frozen=True)
class Layout:
    """One sender's files. ``cases`` end with the one of all other rows; ``types`` name columns that are no text."""

    name: str
    description: str
    kind: str
    patterns: tuple[str, ...]
    mechanics: str
    columns: tuple[str, ...]
    cases: tuple[Case, ...]
    types: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    canonical: bool = False
    delimited: Delimited = Delimited()
    workbook: Workbook = Workbook()
    amounts: Amounts = Amounts()
    dates: Dates = Dates()
    limits: Limits = Limits()
    controls: Controls = Controls()

    def has_name(self, file_name: str) -> bool:
        """Whether a file of this name is of this layout."""
        return any(fnmatchcase(file_name, pattern) for pattern in self.patterns)
