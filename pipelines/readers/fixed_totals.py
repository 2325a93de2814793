"""Trailers of records of fixed width against what stands before them, both figures told (CONTRACT §4).

A hash total is the sum of identifiers, of which the last digits are kept: it means nothing, and changes with every
digit that was lost or altered on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow.compute as pc

from pipelines.readers import grammar
from pipelines.readers.refusal import Refused
from schemas import values
from schemas.octets import as_array

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

    from pipelines.readers.layout import FixedRecord, Layout
    from pipelines.readers.raw import RawRows

_REMEDY: Final = "ask the sender for the whole file as it was written"
_HALF: Final = 10**9
"""Parts of this size of a million of numbers are added far below 2**63."""


class Trailers(NamedTuple):
    """The ``n`` trailers of one type: what is said of them, their totals as text, and their lines."""

    record: FixedRecord
    stated: dict[str, pyarrow.LargeStringArray]
    lines: NDArray[np.int64]


def check(trailers: Trailers, raw: RawRows, groups: NDArray[np.int64], batches: int, layout: Layout) -> None:
    """Each trailer's counts, sums and hash totals against the details of its group; raises ``Refused``."""
    details = np.bincount(groups, minlength=trailers.lines.size)
    for name, kind in trailers.record.counts.items():
        found = details if kind == "detail" else np.full(trailers.lines.size, batches)
        _check_counts(trailers, name, found.astype(np.int64), kind)
    for name, column in trailers.record.sums.items():
        _check_sums(trailers, name, as_array(raw.columns[column]), groups, layout)
    for name, column in trailers.record.hashes.items():
        _check_hashes(trailers, name, column, raw, groups)


def _check_counts(trailers: Trailers, name: str, found: NDArray[np.int64], kind: str) -> None:
    plain = pc.replace_substring_regex(trailers.stated[name], "^0+([0-9])", r"\1")
    stated = values.parse_counts(plain)
    for place in np.flatnonzero(~stated.valid | (stated.meant != found))[:1]:
        said = f"{int(stated.meant[place]):,} as stated" if stated.valid[place] else "a whole number that counts them"
        thing = f"{kind} record{'' if found[place] == 1 else 's'}"
        _refuse(f"{int(found[place]):,} {thing}", said, name, int(trailers.lines[place]))


def _check_sums(
    trailers: Trailers, name: str, column: pyarrow.LargeStringArray, groups: NDArray[np.int64], layout: Layout
) -> None:
    """Sums in centavos; a detail whose amount cannot be read (it is rejected) only leaves room in its group's sum."""
    amounts = values.parse_amounts(grammar.convert(column, "amount", layout).texts)
    total = _sums(np.where(amounts.valid, amounts.meant, 0), groups, trailers.lines.size)
    has_room = np.bincount(groups, ~amounts.valid, trailers.lines.size) > 0
    for place, text in enumerate(trailers.stated[name].to_pylist()):
        stated = _centavos(text, layout)
        if stated is None:
            _refuse("no readable sum", "a sum written as the layout writes amounts", name, int(trailers.lines[place]))
        elif total[place] > stated or (total[place] < stated and not has_room[place]):
            remark = "the sum of the details before it"
            _refuse(f"{_pesos(stated)} stated", f"{_pesos(total[place])}, {remark}", name, int(trailers.lines[place]))


def _sums(amounts: NDArray[np.int64], groups: NDArray[np.int64], size: int) -> list[int]:
    """Whole numbers: at most twelve digits each and a million rows a file stay far below 2**63."""
    sums = np.zeros(size, np.int64)
    np.add.at(sums, groups, amounts)
    return [int(total) for total in sums]


def _check_hashes(trailers: Trailers, name: str, column: str, raw: RawRows, groups: NDArray[np.int64]) -> None:
    """Sums of digits, of which a total keeps as many as its field is long; a blank counts as 0."""
    length = trailers.record.fields[name][1]
    total = _hashes(column, raw, groups, trailers.lines.size, length)
    for place, text in enumerate(trailers.stated[name].to_pylist()):
        line = int(trailers.lines[place])
        if not (text.isascii() and text.isdigit()):
            _refuse("no readable hash total", f"a whole number of {length} digits", name, line)
        if int(text) != total[place]:
            remark = f"the last {length} digits of the sum of {column} in the details before it"
            _refuse(f"{text} stated", f"{total[place]:0{length}d}, {remark}", name, line)


def _hashes(column: str, raw: RawRows, groups: NDArray[np.int64], size: int, length: int) -> list[int]:
    digits = as_array(raw.columns[column])
    unread = np.flatnonzero(~pc.match_substring_regex(digits, "^[0-9]*$").to_numpy(zero_copy_only=False))
    if unread.size:
        _refuse("letters other than digits", "digits only, which a hash total adds", column, int(raw.lines[unread[0]]))
    last = pc.utf8_slice_codeunits(pc.utf8_lpad(digits, length, "0"), -length)
    numbers = pc.cast(last, "int64").to_numpy(zero_copy_only=False)
    upper, lower = _sums(numbers // _HALF, groups, size), _sums(numbers % _HALF, groups, size)
    return [(high * _HALF + low) % 10**length for high, low in zip(upper, lower, strict=True)]


def _centavos(text: str, layout: Layout) -> int | None:
    """A stated sum, which may have more digits than an amount may."""
    written = layout.amounts
    plain = text.removeprefix(written.prefix).replace(written.thousands or ",", "") if written.thousands else text
    whole, point, places = plain.partition(".")
    if not (whole + places).isascii() or not (whole + places).isdigit():
        return None
    if written.centavos:
        return None if point else int(whole)
    return int(whole + places) if whole and len(places) == 2 else None  # noqa: PLR2004 - centavos


def _refuse(found: str, expected: str, column: str, line: int) -> None:
    raise Refused(found=found, expected=expected, remedy=_REMEDY, line=line, column=column)


def _pesos(centavos: int) -> str:
    return f"{centavos // 100:,}.{centavos % 100:02d}"
