"""The header of a file against the columns its layout declares: exactly these, in any order (CONTRACT §4)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pipelines.readers.refusal import Refused, counted, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REMEDY = "export the file again with the columns of its layout"


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
            column=_listed(repeated),
        )
    missing = [column for column in columns if column not in names]
    extra = [name for name in names if name not in columns]
    if missing:
        found = f"no such column{_instead(extra)}"
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
            column=_listed(extra),
        )
    return names


def _refuse_headless(cells: Sequence[str], columns: Sequence[str], line: int) -> None:
    # The cells may be values of a row, so they are counted and not shown.
    found = f"{counted(len(cells), 'field')}, none of them a column name"
    remedy = "check the delimiter and that the header row stands first, then export the file again"
    raise Refused(found=found, expected=f"a header with the columns {', '.join(columns)}", remedy=remedy, line=line)


def _instead(extra: Sequence[str]) -> str:
    return f", but {_listed(extra)}" if extra else ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(shown(name) for name in names)
