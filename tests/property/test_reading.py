"""Polluted files: never read, without a word, as something else than their clean twin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pyarrow
import pytest

from pipelines.readers import read_file
from schemas.files.bank_transfers import BankTransfersFile
from schemas.files.base import CanonicalFile
from schemas.files.capture_lines import CaptureLinesFile
from schemas.files.decisions import DecisionsFile
from schemas.files.registrants import RegistrantsFile
from schemas.files.remittances import RemittancesFile
from schemas.files.settlements import SettlementsFile

FORMATS = Path(__file__).parents[2] / "fixtures" / "formats"
MODELS: dict[str, type[CanonicalFile]] = {
    "registrants": RegistrantsFile,
    "capture_lines": CaptureLinesFile,
    "bank_transfers": BankTransfersFile,
    "remittances": RemittancesFile,
    "settlements": SettlementsFile,
    "decisions": DecisionsFile,
}
POLLUTIONS = 300
"""How many different ones of each canonical file."""

# Kinds of field whose every value tells that it is of no other kind. A text that took the place of another text, or a
# count of another count, is a valid value and no pollution.
TELLING = {"amount", "date", "instant", "month", "nss", "curp"}
CONTROL = [chr(code) for code in (*range(9), *range(0x0B, 0x0D), *range(0x0E, 0x20), 0x7F, 0x80, 0x9F)]
OTHER_DIGITS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９", "०१२३४५६७८९", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")


def clean(layout: str) -> tuple[str, str]:
    """Name and text of a valid file, which holds a letter beyond ASCII and ends in a line end."""
    path = min((FORMATS / layout / "valid").glob(f"{layout}_2026-1?.csv"))
    return path.name, path.read_text("utf-8")


def model(text: str) -> type[CanonicalFile]:
    return next(found for found in MODELS.values() if set(header(text)) <= set(found.fields()))


def header(text: str) -> list[str]:
    return text.splitlines()[0].split(",")


def delimiters(text: str) -> list[int]:
    """Where the delimiters stand that are not within quotes."""
    return [place for place, letter in enumerate(text) if letter == "," and text.count('"', 0, place) % 2 == 0]


def fields_of(line: str) -> list[str]:
    """The fields of a line as they are written, quotes and all."""
    bounds = [-1, *delimiters(line), len(line)]
    return [line[start + 1 : end] for start, end in pairwise(bounds)]


def with_line(text: str, chance: Random, change: Callable[[list[str]], list[str]]) -> bytes:
    """The file with the fields of one record changed."""
    lines = text.splitlines()
    place = chance.choice([number for number, line in enumerate(lines) if number and line])
    lines[place] = ",".join(change(fields_of(lines[place])))
    return "\n".join(lines).encode()


def telling(text: str) -> list[int]:
    """The places of the columns that must be filled and whose values tell what they are."""
    said = model(text).fields()
    found = [said[name] for name in header(text)]
    return [place for place, field in enumerate(found) if field["required"] and field["kind"] in TELLING]


def without_a_quote(text: str, chance: Random) -> bytes:
    quoted = text if '"' in text and chance.random() < 0.5 else quoted_somewhere(text, chance)
    place = chance.choice([place for place, letter in enumerate(quoted) if letter == '"'])
    return (quoted[:place] + quoted[place + 1 :]).encode()


def quoted_somewhere(text: str, chance: Random) -> str:
    """The file with quotes around one more field, before one of which a delimiter stands."""
    place = chance.choice([place for place in delimiters(text) if text[place + 1] not in '"\n'] or delimiters(text)[:1])
    end = re.compile("[,\n]").search(text, place + 1)
    assert end
    return f'{text[: place + 1]}"{text[place + 1 : end.start()]}"{text[end.start() :]}'


def with_a_stray_quote(text: str, chance: Random) -> bytes:
    place = chance.randrange(text.index("\n") + 1, len(text))
    return (text[:place] + '"' + text[place:]).encode()


def with_a_longer_row(text: str, chance: Random) -> bytes:
    more = chance.choice([[""], ["x"], ["", ""], ["0.00"]])
    return with_line(text, chance, lambda fields: [*fields, *more] if chance.random() < 0.5 else [*more, *fields])


def with_a_shifted_row(text: str, chance: Random) -> bytes:
    return with_line(text, chance, lambda fields: chance.choice([["", *fields[:-1]], [*fields[1:], ""]]))


def with_a_rotated_row(text: str, chance: Random) -> bytes:
    width = len(header(text))
    steps = chance.randrange(1, width)
    return with_line(text, chance, lambda fields: [*fields[steps:], *fields[:steps]])


def with_a_dropped_delimiter(text: str, chance: Random) -> bytes:
    place = chance.choice(delimiters(text))
    return (text[:place] + text[place + 1 :]).encode()


def with_a_doubled_delimiter(text: str, chance: Random) -> bytes:
    place = chance.choice(delimiters(text))
    return (text[:place] + "," + text[place:]).encode()


def with_another_delimiter(text: str, chance: Random) -> bytes:
    lines = text.splitlines()
    start = chance.choice([0, 1, len(lines) - 1])
    return "\n".join([*lines[:start], *(line.replace(",", chance.choice(";|\t")) for line in lines[start:])]).encode()


def with_a_dropped_line_end(text: str, chance: Random) -> bytes:
    places = [place for place, letter in enumerate(text.rstrip()) if letter == "\n"]
    place = chance.choice(places)
    return (text[:place] + text[place + 1 :]).encode()


def cut_off_within_a_record(text: str, chance: Random) -> bytes:
    """Before the last delimiter of a record: what breaks off within the last field may be a whole value."""
    places = delimiters(text)
    place = chance.randrange(1, places[-1] + 1)
    while not 0 < text[place:].find(",") < (text[place:] + "\n").find("\n") or text[place - 1] == "\n":
        place = chance.randrange(1, places[-1] + 1)
    return text[:place].encode()


def with_two_names_changed_in_the_header(text: str, chance: Random) -> bytes:
    names, said = header(text), model(text).fields()
    place = chance.choice(telling(text))
    kinds = [said[name]["kind"] for name in names]
    other = chance.choice([each for each, kind in enumerate(kinds) if kind.split("_")[0] != kinds[place]])
    names[place], names[other] = names[other], names[place]
    return (",".join(names) + text[text.index("\n") :]).encode()


def in_another_encoding(text: str, chance: Random) -> bytes:
    """All of it, or what comes after some place; a letter beyond ASCII stands in the part."""
    assert not text.isascii()
    last = max(place for place, letter in enumerate(text) if not letter.isascii())
    start = chance.choice([0, chance.randrange(last + 1)])
    return text[:start].encode() + text[start:].encode(chance.choice(["cp1252", "mac-roman"]))


def in_utf_16(text: str, chance: Random) -> bytes:
    """All of it, its first or its last part."""
    encoding = chance.choice(["utf-16", "utf-16-le", "utf-16-be"])
    place = chance.randrange(1, len(text) - 1)
    parts = chance.choice([("", text), (text[:place], text[place:])])
    first, last = chance.choice([(encoding, "utf-8"), ("utf-8", encoding)]) if parts[0] else (encoding, encoding)
    return parts[0].encode(first) + parts[1].encode(last)


def with_a_control_character(text: str, chance: Random) -> bytes:
    place = chance.randrange(len(text) + 1)
    return (text[:place] + chance.choice(CONTROL) + text[place:]).encode()


def with_a_mark_in_the_middle(text: str, chance: Random) -> bytes:
    """A byte-order mark where a telling field starts or ends."""
    chosen = chance.choice(telling(text))

    def marked(fields: list[str]) -> list[str]:
        fields[chosen] = chance.choice(["\ufeff" + fields[chosen], fields[chosen] + "\ufeff"])
        return fields

    return with_line(text, chance, marked)


def with_digits_that_are_not_ascii(text: str, chance: Random) -> bytes:
    digits = chance.choice(OTHER_DIGITS)
    replaced = chance.choice(["0123456789", "01", chance.choice("012")])
    table = {ord(digit): digits[int(digit)] for digit in replaced}
    chosen = chance.choice(telling(text))

    def foreign(fields: list[str]) -> list[str]:
        fields[chosen] = fields[chosen].translate(table)
        return fields

    return with_line(text, chance, foreign)


def with_a_decimal_comma(text: str, chance: Random) -> bytes:
    changed = re.compile(r"(?<=[,\n])([0-9]+)\.([0-9]{2,})(?=[,\n])")
    found = list(changed.finditer(text))
    if not found:  # decisions have no amounts
        return with_a_doubled_delimiter(text, chance)
    match = chance.choice(found)
    comma = chance.choice([f"{match[1]},{match[2]}", f'"{match[1]},{match[2]}"', f'"{match[1]}.000,{match[2]}"'])
    return (text[: match.start()] + comma + text[match.end() :]).encode()


KINDS = (
    without_a_quote,
    with_a_stray_quote,
    with_a_longer_row,
    with_a_shifted_row,
    with_a_rotated_row,
    with_a_dropped_delimiter,
    with_a_doubled_delimiter,
    with_another_delimiter,
    with_a_dropped_line_end,
    cut_off_within_a_record,
    with_two_names_changed_in_the_header,
    in_another_encoding,
    in_utf_16,
    with_a_control_character,
    with_a_mark_in_the_middle,
    with_digits_that_are_not_ascii,
    with_a_decimal_comma,
)


def pollutions(text: str) -> dict[bytes, str]:
    """At least ``POLLUTIONS`` different polluted files, and how each came about."""
    found: dict[bytes, str] = {}
    for seed in range(20 * POLLUTIONS // len(KINDS)):
        if len(found) >= POLLUTIONS:
            break
        for pollute in KINDS:
            found.setdefault(pollute(text, Random(f"{pollute.__name__} {seed}")), f"{pollute.__name__} {seed}")
    found.pop(text.encode(), None)
    return found


def multiset(rows: pyarrow.Table | None) -> Counter[tuple[Any, ...]]:
    if rows is None:
        return Counter()
    return Counter(tuple(row.values()) for row in rows.drop_columns(["sha256", "sheet", "row"]).to_pylist())


@pytest.mark.parametrize("layout", MODELS)
def test_a_polluted_file_is_refused_or_loses_rows_to_rejections_and_changes_none(layout: str) -> None:
    name, text = clean(layout)
    twin = read_file(name, text.encode())
    assert (twin.refusal, twin.rejected_rows) == ("", 0)
    sound = multiset(twin.rows)
    polluted = pollutions(text)
    outcomes: Counter[str] = Counter()
    for content, how in polluted.items():
        found = read_file(name, content)
        outcomes["refused" if found.refusal else "rejected" if found.rejected_rows else "equal"] += 1
        if not found.refusal:
            assert found.data_rows == twin.data_rows, how
            assert multiset(found.rows) <= sound, how
            assert sum(multiset(found.rows).values()) + found.rejections.num_rows == twin.data_rows, how
    assert outcomes.total() >= POLLUTIONS
    assert outcomes["refused"] > 100
    assert outcomes["rejected"] > 30
