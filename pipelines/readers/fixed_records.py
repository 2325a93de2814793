"""What a layout says of records of fixed width, checked on load: where fields lie, what is counted and summed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.readers.layout import FixedRecord, FixedWidth, Layout

KINDS = ("header", "batch", "detail", "batch_trailer", "trailer")
"""The types of record, in the order in which the first of each stands in a file."""

ENCODINGS = ("utf-8", "cp1252", "latin-1", "ascii")
"""The encodings that a layout may declare."""

_PLACE_AND_LENGTH = 2

HASH_DIGITS = 18
"""How many digits a hash total has at most: so many are a whole number of 64 bits."""


def faults_of(layout: Layout) -> list[str]:
    """The faults of ``[fixed_width]``; a layout of other mechanics has none."""
    said = layout.fixed_width
    if layout.mechanics != "fixed_width":
        return []
    if said is None:
        return ["mechanics fixed_width needs the section fixed_width"]
    faults = [] if said.unit in {"characters", "bytes"} else ["fixed_width.unit is neither characters nor bytes"]
    faults += [] if said.encoding in ENCODINGS else [f"fixed_width.encoding is none of {', '.join(ENCODINGS)}"]
    records = records_of(said)
    if len({record.code for record in records.values()}) != len(records):
        faults.append("two types of record have one code")
    for name, record in records.items():
        faults += [f"fixed_width.{name}: {fault}" for fault in _faults_of_record(record, said, layout)]
    filled = [column for name in ("header", "batch", "detail") for column in records[name].fields]
    if sorted(filled) != sorted(layout.columns):
        faults.append("columns are not the fields of header, batch and detail, each once")
    return faults


def records_of(said: FixedWidth) -> dict[str, FixedRecord]:
    """Type of record → what is said of it, in the order of ``KINDS``."""
    return {name: getattr(said, name) for name in KINDS}


def _faults_of_record(record: FixedRecord, said: FixedWidth, layout: Layout) -> list[str]:
    places = {"code": said.code, **record.fields}
    faults = [f"{name} does not lie within the record" for name, place in places.items() if not _fits(place, said)]
    if faults:
        return faults
    ordered = sorted(places.values())
    if any(place[0] + place[1] > after[0] for place, after in pairwise(ordered)):
        faults.append("two fields overlap")
    if len(record.code) != said.code[1]:
        faults.append("code has another length than its place")
    named = {*record.constants, *record.counts, *record.sums, *record.hashes}
    faults += [f"no field {name}" for name in sorted(named - set(record.fields))]
    faults += [f"counts {kind}" for kind in sorted(set(record.counts.values()) - {"batch", "detail"})]
    amounts = {column for column in said.detail.fields if layout.types.get(column, "") == "amount"}
    faults += [f"sums {column}, which is no amount" for column in sorted(set(record.sums.values()) - amounts)]
    return faults + _faults_of_hashes(record, said)


def _faults_of_hashes(record: FixedRecord, said: FixedWidth) -> list[str]:
    summed = sorted(set(record.hashes.values()) - set(said.detail.fields))
    long = [name for name in record.hashes if record.fields.get(name, (0, 0))[1] > HASH_DIGITS]
    faults = [f"hashes {column}, which is no field of the details" for column in summed]
    return faults + [f"{name} is a hash total of more than {HASH_DIGITS} digits" for name in long]


def _fits(place: tuple[int, ...], said: FixedWidth) -> bool:
    return len(place) == _PLACE_AND_LENGTH and min(place) > 0 and sum(place) - 1 <= said.length
