"""Polluted files: never read, without a word, as something else than their clean twin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pyarrow
import pytest

from pipelines.readers import read_file

FORMATS = Path(__file__).parents[2] / "fixtures" / "formats"
CANONICAL = ("registrants", "capture_lines", "bank_transfers", "remittances", "settlements", "decisions")
POLLUTIONS = 60


def clean(layout: str) -> tuple[str, str]:
    """Name and text of a valid file, which holds a letter beyond ASCII and ends in a line end."""
    path = min((FORMATS / layout / "valid").glob(f"{layout}_2026-1?.csv"))
    return path.name, path.read_text("utf-8")


def without_a_quote(text: str, chance: Random) -> bytes:
    quoted = text if '"' in text else text.replace(",", ',"', 1)
    places = [place for place, letter in enumerate(quoted) if letter == '"']
    place = chance.choice(places)
    return (quoted[:place] + quoted[place + 1 :]).encode()


def with_a_stray_quote(text: str, chance: Random) -> bytes:
    place = chance.randrange(text.index("\n") + 1, len(text))
    return (text[:place] + '"' + text[place:]).encode()


def with_a_longer_row(text: str, chance: Random) -> bytes:
    lines = text.splitlines()
    lines[chance.randrange(1, len(lines))] += ","
    return "\n".join(lines).encode()


def with_a_shifted_row(text: str, chance: Random) -> bytes:
    lines = text.splitlines()
    place = chance.randrange(1, len(lines))
    fields = lines[place].split(",")
    lines[place] = ",".join(chance.choice([["", *fields[:-1]], [*fields[1:], ""], [*fields[1:], fields[0]]]))
    return "\n".join(lines).encode()


def with_a_dropped_delimiter(text: str, chance: Random) -> bytes:
    places = [place for place, letter in enumerate(text) if letter == ","]
    place = chance.choice(places)
    return (text[:place] + text[place + 1 :]).encode()


def with_another_delimiter(text: str, chance: Random) -> bytes:
    lines = text.splitlines()
    start = chance.choice([0, 1, len(lines) - 1])
    return "\n".join([*lines[:start], *(line.replace(",", chance.choice(";|\t")) for line in lines[start:])]).encode()


def in_another_encoding(text: str, chance: Random) -> bytes:
    assert not text.isascii()
    return text.encode(chance.choice(["cp1252", "mac-roman", "utf-16", "utf-16-le", "utf-16-be"]))


def with_a_dropped_line_end(text: str, chance: Random) -> bytes:
    places = [place for place, letter in enumerate(text.rstrip()) if letter == "\n"]
    place = chance.choice(places)
    return (text[:place] + text[place + 1 :]).encode()


KINDS = (
    without_a_quote,
    with_a_stray_quote,
    with_a_longer_row,
    with_a_shifted_row,
    with_a_dropped_delimiter,
    with_another_delimiter,
    in_another_encoding,
    with_a_dropped_line_end,
)


def multiset(rows: pyarrow.Table | None) -> Counter[tuple[object, ...]]:
    if rows is None:
        return Counter()
    return Counter(tuple(row.values()) for row in rows.drop_columns(["sha256", "sheet", "row"]).to_pylist())


@pytest.mark.parametrize("pollute", KINDS)
@pytest.mark.parametrize("layout", CANONICAL)
def test_a_polluted_file_is_refused_or_loses_rows_to_rejections_and_changes_none(
    layout: str, pollute: Callable[[str, Random], bytes]
) -> None:
    name, text = clean(layout)
    twin = read_file(name, text.encode())
    assert twin.data_rows >= 2
    for seed in range(POLLUTIONS // len(KINDS) + 1):
        found = read_file(name, pollute(text, Random(seed)))
        if not found.refusal:
            assert found.data_rows == twin.data_rows
            assert multiset(found.rows) <= multiset(twin.rows)
            assert sum(multiset(found.rows).values()) + found.rejections.num_rows == twin.data_rows
