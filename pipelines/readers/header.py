"""The header of a file against the columns its layout declares: exactly these, in any order (CONTRACT §4)."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from pipelines.readers.refusal import Refused, counted, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONG_NUMBER: Final = re.compile(r"[0-9]{5}")
_REMEDY: Final = "export the file again with the columns of its layout"
_PLAIN_NAME: Final = re.compile(r"[a-z_]{1,30}")
_LIKE: Final = 0.6


def match(cells: Sequence[str], columns: Sequence[str], aliases: Mapping[str, str], line: int) -> list[str]:
    """The layout's column for every header cell, in the order of the file; raises ``Refused`` naming what differs."""
    names = [aliases.get(cell, cell) for cell in cells]
    if not set(names) & set(columns):
        _refuse_headless(cells, columns, line)
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise Refused(
            found="this column more than once",
            expected="every column once",
            remedy=_REMEDY,
            line=line,
            column=_listed(_shown(repeated, names, columns)),
        )
    missing = [column for column in columns if column not in names]
    extra = [name for name in names if name not in columns]
    if missing:
        found = f"no such column{_instead(_shown(extra, names, columns))}"
        raise Refused(
            found=found,
            expected=f"exactly the columns {', '.join(columns)}",
            remedy=_REMEDY,
            line=line,
            column=_listed(missing),
        )
    if extra:
        found = "a column that the layout does not have"
        raise Refused(
            found=found,
            expected=f"exactly the columns {', '.join(columns)}",
            remedy=_REMEDY,
            line=line,
            column=_listed(_shown(extra, names, columns)),
        )
    return names


def _refuse_headless(cells: Sequence[str], columns: Sequence[str], line: int) -> None:
    # The cells may be values of a row, so they are counted and not shown.
    found = f"{counted(len(cells), 'field')}, none of them a column name"
    remedy = "check the delimiter and that the header row stands first, then export the file again"
    raise Refused(found=found, expected=f"a header with the columns {', '.join(columns)}", remedy=remedy, line=line)


def _shown(cells: Sequence[str], names: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The cells as they may be told: by their place where they look like no name of a column, but perhaps a value."""
    return [cell if _looks_like_a_name(cell, columns) else f"{names.index(cell) + 1} of the file" for cell in cells]


def _looks_like_a_name(cell: str, columns: Sequence[str]) -> bool:
    folded = [column.casefold() for column in columns]
    return bool(_PLAIN_NAME.fullmatch(cell) or difflib.get_close_matches(cell.casefold(), folded, 1, _LIKE))


def _instead(extra: Sequence[str]) -> str:
    return f", but {_listed(extra)}" if extra else ""


def _listed(names: Sequence[str]) -> str:
    # A value of a row may stand among the names; the long numbers that tell a person stay out.
    return ", ".join("a cell with a long number" if _LONG_NUMBER.search(name) else shown(name) for name in names)
