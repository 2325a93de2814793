"""A layout: everything that is to be said about one sender's files, as data (DESIGN §5: a new sender is one file)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
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
    """Mechanics ``workbook``: the sheet (empty: the only one) and the number of rows above the header.

    ``sheets``: several sheets with one header, by name or pattern (``Sucursal *``); each must be there. ``ignored``:
    sheets, such as a cover, whose values are of no concern. ``cached_formulas``: a formula counts as its last value.
    ``inputs``: the columns of a form that a person fills in; a row with none of them filled is no row. ``seal``: the
    column with the digest of all others of a form, which those cells must still fit.
    """

    sheet: str = ""
    title_rows: int = 0
    sheets: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    cached_formulas: bool = False
    inputs: tuple[str, ...] = ()
    seal: str = ""


@dataclass(frozen=True)
class FixedRecord:
    """One type of record: its code, its fields (name → first position from 1, length), what some must say.

    ``counts``, ``sums`` and ``hashes`` are of trailers: field → the type of record it counts (``detail`` or
    ``batch``), field → the column of amounts of the details that it sums, and field → the column of digits of the
    details that it sums, of which it keeps as many last digits as it has places (a hash total; blank counts as 0).
    """

    code: str
    fields: dict[str, tuple[int, ...]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FixedWidth:
    """Mechanics ``fixed_width``: records of one length, in ``characters`` or ``bytes``, told by a code at ``code``.

    The columns of a row are the fields of its detail, of its batch's header and of the file's header. A field ends
    before the blanks that fill it up.
    """

    length: int
    code: tuple[int, ...]
    header: FixedRecord
    batch: FixedRecord
    detail: FixedRecord
    batch_trailer: FixedRecord
    trailer: FixedRecord
    encoding: str = "utf-8"
    unit: str = "characters"


@dataclass(frozen=True)
class Bai2:
    """Mechanics ``bai2``: the encoding of the texts."""

    encoding: str = "utf-8"


@dataclass(frozen=True)
class Mt940:
    """Mechanics ``mt940``: the message (``940`` with balances, ``942`` with totals) and the encoding of the texts."""

    message: str = "940"
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Camt:
    """Mechanics ``camt``: the message, ``camt.053`` or ``camt.054``, of any version."""

    message: str = "camt.053"


@dataclass(frozen=True)
class Nacha:
    """Mechanics ``nacha``: two-digit years are those of the hundred years from ``first_year`` on."""

    first_year: int = 1970


@dataclass(frozen=True)
class Limits:
    """What a file may be at most; beyond it, it is refused before it is read."""

    file_bytes: int = 1 << 30
    rows: int = 20_000_000
    record_bytes: int = 1 << 16


@dataclass(frozen=True)
class Sequence:
    """The number that the sender gives each file, so that a missing one is noticed: files after it are held.

    ``name``: a pattern found in the file's name, with a group called ``number``, ``series`` or both. ``header``:
    the field of the header record (mechanics ``fixed_width``) that holds the number. Where both say one, they agree.
    A ``series`` counts by itself; all must be there from ``first`` on, or from what ``begins`` says of it.
    """

    name: str = ""
    header: str = ""
    first: int = 1
    begins: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Effective:
    """The days on which a layout holds, both inclusive, by the date in the file's name.

    ``name``: a pattern found in the name, whose one group is ``YYYY-MM-DD``, ``YYYYMMDD`` or ``YYYY-MM`` (a month
    must lie within the days as a whole). Two layouts may have names in common where their days are not.
    """

    since: date | None = field(default=None, metadata={"key": "from"})
    until: date | None = None
    name: str = ""


@dataclass(frozen=True)
class Amounts:
    """How amounts are written: a prefix, a thousands separator (grouping must then be right), texts for none.

    ``centavos``: as digits without a point, the last two of them centavos.
    """

    prefix: str = ""
    thousands: str = ""
    none: tuple[str, ...] = ()
    centavos: bool = False


@dataclass(frozen=True)
class Dates:
    """How dates (``YYYY``, ``MM``, ``DD``) and times (``hh:mm:ss`` or ``hh:mm``) are written, and the clocks' zone."""

    pattern: str = "YYYY-MM-DD"
    zone: str = ""
    time: str = "hh:mm:ss"


@dataclass(frozen=True)
class Expression:
    """What a canonical column holds: a constant, or a source column's text, perhaps extracted, mapped or dated.

    ``source``: the first filled one of these columns. ``extract``: the one group of this pattern in it; where it does
    not match, ``otherwise``, or without it the row is rejected. ``map``: text → text, all others are rejected.
    ``date``: a column whose date, with the text as its time, makes an instant in the layout's zone.
    """

    constant: str | None = None
    source: tuple[str, ...] = ()
    extract: str = ""
    otherwise: str | None = None
    map: dict[str, str] = field(default_factory=dict)
    date: str = ""


@dataclass(frozen=True)
class Condition:
    """A demand on one source column of a row: how its text begins, a pattern it has, or whether it is filled."""

    column: str
    begins: str = ""
    matches: str = ""
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
    """Control: within an account, each balance is the one before plus credit less debit.

    ``account`` empty: the file is of one account. ``sign``: the column that tells credit (``+``) from debit (``-``)
    where both are one column. ``newest_first_too``: the file may also run from the last movement to the first.
    """

    credit: str
    debit: str
    balance: str
    account: str = ""
    sign: str = ""
    newest_first_too: bool = False


@dataclass(frozen=True)
class Totals:
    """Control: a last row marked ``label`` in ``label_column`` with the number of rows and the sums of columns."""

    label_column: str
    label: str
    count_column: str
    sums: tuple[str, ...]


@dataclass(frozen=True)
class Controls:
    """The controls that a file of the layout carries.

    ``distinct_keys``: the file proves its rows to be movements of their own, so no two may have one natural key.
    """

    running_balance: RunningBalance | None = None
    totals: Totals | None = None
    distinct_keys: bool = False


@dataclass(frozen=True)
class Layout:
    """One sender's files. ``cases`` end with the one of all other rows; ``types`` name columns that are no text.

    ``apostrophes``: columns whose text may stand behind, or between, apostrophes, which are no part of it.
    """

    name: str
    description: str
    kind: str
    patterns: tuple[str, ...]
    mechanics: str
    columns: tuple[str, ...]
    cases: tuple[Case, ...]
    types: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    apostrophes: tuple[str, ...] = ()
    canonical: bool = False
    delimited: Delimited = Delimited()
    workbook: Workbook = Workbook()
    camt: Camt = Camt()
    fixed_width: FixedWidth | None = None
    bai2: Bai2 = Bai2()
    mt940: Mt940 = Mt940()
    nacha: Nacha = Nacha()
    amounts: Amounts = Amounts()
    dates: Dates = Dates()
    sequence: Sequence | None = None
    effective: Effective = Effective()
    limits: Limits = Limits()
    controls: Controls = Controls()

    def has_name(self, file_name: str) -> bool:
        """Whether a file of this name is of this layout."""
        return any(fnmatchcase(file_name, pattern) for pattern in self.patterns)
