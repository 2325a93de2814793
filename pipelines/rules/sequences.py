"""What becomes of files in their order: repeats of one another, and numbers that are missing or taken (CONTRACT §4).

First, whose each number of a series is, and with it where a series has its first gap; then, in order of receipt, what
becomes of every file. A file that waits for another one makes no file a repeat.
"""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Numbers = dict[tuple[str, int], int]

NO_NUMBERS: Final[Mapping[str, int]] = MappingProxyType({})
_FIRST: Final = 1


class Offered(NamedTuple):
    """One file offered; ``series`` is empty where its layout numbers no files."""

    file_name: str
    sha256: str
    rows_key: str
    layout: str
    refusal: str
    hold: str
    series: str
    number: int
    rows: int


class _Alike:
    """The places of files taken in so far, found again by their bytes or their rows."""

    def __init__(self) -> None:
        self._by_bytes: dict[str, int] = {}
        self._by_rows: dict[str, int] = {}

    def add(self, file: Offered, place: int) -> None:
        self._by_bytes.setdefault(file.sha256, place)
        self._by_rows.setdefault(file.rows_key, place)

    def find(self, file: Offered) -> tuple[str, int] | None:
        """What is the same, and the place of the file that it is the same in."""
        if file.sha256 in self._by_bytes:
            return "same bytes", self._by_bytes[file.sha256]
        if file.rows_key in self._by_rows:
            return "same rows", self._by_rows[file.rows_key]
        return None


def outcomes(files: list[Offered], first_numbers: Mapping[str, int]) -> list[tuple[str, str]]:
    """Outcome and reason of each of the ``files``, which are in order of receipt; linear in their number."""
    owners = _owners(files)
    gaps = _gaps(owners, files, first_numbers)
    accepted = _Alike()
    found = []
    for place, file in enumerate(files):
        like = accepted.find(file)
        why = "" if file.refusal or like else file.hold or _why_held(place, files, owners, gaps)
        if file.refusal:
            found.append(("refused", file.refusal))
        elif like:
            found.append(("repeated", f"{like[0]} as {files[like[1]].file_name}"))
        elif why:
            found.append(("held", why))
        else:
            accepted.add(file, place)
            found.append(("accepted", ""))
    return found


def _owners(files: list[Offered]) -> Numbers:
    """(series, number) → the place of the file whose number it is: the first that can be used.

    A file with the rows of an earlier one of its series under another number does not have that number: what the
    sender meant to send under it is still to come.
    """
    owners: Numbers = {}
    numbered: defaultdict[str, _Alike] = defaultdict(_Alike)
    for place, file in enumerate(files):
        if not file.series or file.refusal or file.hold:
            continue
        is_resent = file.rows > 0 and numbered[file.series].find(file) is not None
        if not is_resent and (file.series, file.number) not in owners:
            owners[file.series, file.number] = place
            numbered[file.series].add(file, place)
    return owners


def _gaps(owners: Iterable[tuple[str, int]], files: list[Offered], first_numbers: Mapping[str, int]) -> dict[str, int]:
    """Series → the first number that no file has, from the one on from which all have to be there."""
    gaps = {file.series: _first(file, first_numbers) for file in files if file.series}
    numbers = set(owners)
    for series, first in gaps.items():
        number = first
        while (series, number) in numbers:
            number += 1
        gaps[series] = number
    return gaps


def _why_held(place: int, files: list[Offered], owners: Numbers, gaps: dict[str, int]) -> str:
    """Why a file like no accepted one has to wait for another; empty where it does not."""
    file = files[place]
    if not file.series:
        return ""
    owner = owners.get((file.series, file.number))
    this = f"{file.file_name}: found number {file.number} of {file.series}"
    if owner not in (None, place):
        taken = f"already taken by {files[owner].file_name}"
        return f"{this}, {taken}; expected one file a number; ask the sender for this file under a number of its own"
    if owner == place and file.number < gaps[file.series]:
        return ""
    missing = f"file {gaps[file.series]} of it missing"
    return f"{this}, {missing}; expected every file before it; ask the sender for file {gaps[file.series]}"


def _first(file: Offered, first_numbers: Mapping[str, int]) -> int:
    return first_numbers.get(file.series, first_numbers.get(file.layout, _FIRST))
