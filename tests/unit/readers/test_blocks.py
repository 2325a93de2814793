"""A delimited file read in small blocks, at once, and letter by letter: the same rows, the same refusals."""

from __future__ import annotations

import io
import re
from random import Random
from typing import NamedTuple

import pytest

from pipelines.readers import delimited
from pipelines.readers.layout import Layout, Limits
from pipelines.readers.refusal import Refused

COLUMNS = ("one", "two", "three")
HEADER = ",".join(COLUMNS)
LONGEST = 60
LAYOUT = Layout(
    name="letters",
    description="three columns of text",
    kind="bank_transfers",
    patterns=("letters_*.csv",),
    mechanics="delimited",
    columns=COLUMNS,
    cases=(),
    limits=Limits(record_bytes=LONGEST),
)


class Found(NamedTuple):
    """What a file gives: its rows with their lines and the records that are broken, or the refusal."""

    rows: list[tuple[int, tuple[str, ...]]] = []
    broken: list[tuple[int, str]] = []
    refusal: str = ""


def read(content: bytes, size: int, layout: Layout = LAYOUT) -> Found:
    """By ``delimited``, in blocks of ``size`` bytes."""
    found = Found([], [])
    try:
        for block in delimited.stream(io.BytesIO(content), layout, size):
            rows = (tuple(row[name] for name in COLUMNS) for row in block.columns.to_pylist())
            found.rows.extend(zip(block.lines.tolist(), rows, strict=True))
            found.broken.extend(zip(block.broken_lines.tolist(), block.broken_texts, strict=True))
    except Refused as refused:
        return Found(refusal=refused.message("letters_x.csv"))
    return found


def letter_by_letter(text: str) -> list[tuple[int, list[str]]]:
    """Physical line and fields of every record that is not empty; ``text`` has quotes only where they may stand."""
    records: list[tuple[int, list[str]]] = []
    line, start, field, fields, within, touched = 1, 1, "", list[str](), False, False
    for place, letter in enumerate(text + "\n"):
        ends_line = letter == "\n" or (letter == "\r" and text[place + 1 : place + 2] != "\n")
        if letter == '"':
            # A second quote in a row stands for one; the first of the two closed the field for a moment.
            field += '"' if not within and text[place - 1 : place] == '"' and touched else ""
            within, touched = not within, True
        elif within:
            field += letter
        elif letter == ",":
            fields, field, touched = [*fields, field], "", True
        elif letter in "\r\n":
            if ends_line and touched:
                records.append((start, [*fields, field]))
            fields, field, touched = ([], "", False) if ends_line else (fields, field, touched)
        else:
            field, touched = field + letter, True
        line += ends_line
        start = start if touched else line
    return records


LINE_ENDS = ("\n", "\r\n", "\r")
FAULTS = (
    "a,b",
    "a",
    "a,b,c,d",
    'a"b,c,d',
    '"a"b,c,d',
    "a,b,\ufffe",
    "x" * 70 + ",,",
    HEADER,
    '"one",two,three',
)


LEFT_OPEN = ('"a,b,c', 'a,b,"c', '"')


def field(chance: Random) -> str:
    if chance.random() < 0.8:
        return "".join(chance.choices("ab é;", k=chance.randrange(5)))
    return '"' + "".join(chance.choices(["a", ",", '""', "\n", "\r\n", "\r", "é", " "], k=chance.randrange(6))) + '"'


def file(chance: Random, *faults: str) -> bytes:
    """A file of one kind of line end or of several, ``faults`` strewn among its records."""
    ends = chance.choice([*((end,) for end in LINE_ENDS), LINE_ENDS])
    is_plain = chance.random() < 0.3
    records = [
        ("a,é,b" if is_plain else ",".join(field(chance) for _ in COLUMNS)) for _ in range(chance.choice([1, 9, 80]))
    ]
    for fault in faults:
        records.insert(chance.randrange(len(records) + 1), fault)
    blank = chance.choice([1, 1, 3])
    body = "".join(record + chance.choice(ends) * chance.randint(1, blank) for record in records)
    text = chance.choice(["", chance.choice(ends)]) + HEADER + chance.choice(ends) + body
    mark = chance.choice(["", "\ufeff"])
    return (mark + chance.choice([text, text.rstrip("\r\n")])).encode().replace("\ufffe".encode(), b"\xff")


@pytest.mark.parametrize("batch", range(10))
def test_a_sound_file_gives_the_same_rows_in_blocks_at_once_and_letter_by_letter(batch: int) -> None:
    for seed in range(40):
        chance = Random(f"sound {batch} {seed}")
        content = file(chance)
        found = read(content, chance.randint(3 * LONGEST, 400))
        assert found.refusal == "", content
        assert [(line, list(row)) for line, row in found.rows] == letter_by_letter(content.decode("utf-8-sig"))[1:]
        assert found == read(content, len(content) + 1), content


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_with_a_fault_is_refused_in_blocks_as_it_is_at_once(fault: str) -> None:
    for seed in range(40):
        chance = Random(f"{fault} {seed}")
        content = file(chance, fault)
        found = read(content, len(content) + 1)
        assert found.refusal, content
        assert read(content, chance.randint(3 * LONGEST, 400)).refusal == found.refusal, content


@pytest.mark.parametrize("fault", LEFT_OPEN)
def test_a_quote_that_is_left_open_refuses_the_file_and_never_an_earlier_line(fault: str) -> None:
    for seed in range(40):
        chance = Random(f"{fault} {seed}")
        content = file(chance, fault)
        place = content.decode("utf-8-sig").index(fault)
        line = 1 + len(re.findall("\r\n|\r|\n", content.decode("utf-8-sig")[:place]))
        for size in (chance.randint(3 * LONGEST, 400), len(content) + 1):
            refusal = read(content, size).refusal
            told = re.search(r"line (\d+): found a (quote|record)", refusal)
            assert told, (refusal, content)
            assert int(told[1]) >= line or fault == '"', (refusal, content)


def test_a_file_with_several_faults_is_refused_for_one_of_them() -> None:
    for seed in range(60):
        chance = Random(f"several {seed}")
        content = file(chance, *chance.choices([*FAULTS, *LEFT_OPEN], k=3))
        assert read(content, chance.randint(3 * LONGEST, 400)).refusal, content
        assert read(content, len(content) + 1).refusal, content
