"""A delimited file read in small blocks, at once, and letter by letter: the same rows, the same refusals."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from random import Random
from typing import NamedTuple

import pytest

from pipelines.readers import delimited
from pipelines.readers.layout import Delimited, Layout, Limits
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

    rows: list[tuple[int, tuple[str, ...]]]
    broken: list[tuple[int, str]]
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
        return Found([], [], refused.message("letters_x.csv"))
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


@pytest.mark.parametrize("size", range(8, 40))
def test_a_line_end_within_quotes_is_no_end_of_a_record_wherever_the_parser_pauses(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f'{HEADER}\n1,2,3\na,b,"c\nd,e,f"\n4,"5\n,6",7\n8,9,0\n'
    monkeypatch.setattr(delimited, "PIECE_BYTES", size)
    expected = [(2, ("1", "2", "3")), (3, ("a", "b", "c\nd,e,f")), (5, ("4", "5\n,6", "7")), (7, ("8", "9", "0"))]
    assert read(text.encode(), 1 << 20).rows == expected


@pytest.mark.parametrize("size", range(8, 40))
def test_a_record_of_another_number_of_fields_is_found_wherever_the_parser_pauses(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "PIECE_BYTES", size)
    refusal = read(f"{HEADER}\n1,2,3\n4,5,6\n7,8\n9,0,1\n".encode(), 1 << 20).refusal
    assert "line 4: found a record of 2 fields" in refusal


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


def test_lines_that_end_in_cr_are_cut_as_lines_though_a_field_has_an_lf_in_it() -> None:
    content = "\r".join([HEADER, '"a\nb",,', *[f"{number:03},b,c" for number in range(100)], ""]).encode()
    found = read(content, 3 * LONGEST)
    assert found.refusal == ""
    assert [row[0] for _, row in found.rows] == ["a\nb", *(f"{number:03}" for number in range(100))]
    assert [line for line, _ in found.rows] == [2, *range(4, 104)]


def test_a_quote_left_open_is_told_as_that_wherever_the_block_ends_within_a_letter() -> None:
    content = "\n".join([HEADER, "a,b,c", '"é,b,c', *["é,ñ,ü"] * 100, ""]).encode()
    for size in range(3 * LONGEST, 3 * LONGEST + 12):
        refusal = read(content, size).refusal
        assert "line 3: found a quote, opened on this line, that is never closed" in refusal


def test_a_line_end_of_two_bytes_is_never_cut_in_two() -> None:
    content = "\r\n".join([HEADER, *["a,b,c"] * 100, ""]).encode()
    for size in range(3 * LONGEST, 3 * LONGEST + 12):
        assert [line for line, _ in read(content, size).rows] == list(range(2, 102))


@pytest.mark.parametrize("end", LINE_ENDS)
def test_records_of_a_file_that_rejects_ragged_ones_alone_are_the_same_in_blocks(end: str) -> None:
    layout = replace(LAYOUT, delimited=Delimited(ragged_rows="reject"))
    for seed in range(20):
        chance = Random(f"{end!r} {seed}")
        records = [chance.choice(["a,b,c", "a,b", '"a\nb",c', "é,,", "a,b,c,d", ""]) for _ in range(80)]
        content = end.join([HEADER, *records, ""]).encode()
        found = read(content, chance.randint(3 * LONGEST, 400), layout)
        assert found.broken
        assert found == read(content, len(content) + 1, layout)


def test_another_encoding_gives_the_same_rows_and_refusals_in_blocks() -> None:
    layout = replace(LAYOUT, delimited=Delimited(encoding="cp1252", delimiter=";"))
    for seed in range(40):
        chance = Random(seed)
        records = [chance.choice(["a;é;c", '"a\nñ";;€', "a;b;c", ""]) for _ in range(80)]
        content = "\r\n".join([HEADER.replace(",", ";"), *records, ""]).encode("cp1252")
        if seed % 2:  # a byte that is none in cp1252, or a letter in UTF-8
            place = chance.choice([found.end() for found in re.finditer(b"a;", content)])
            content = content[:place] + chance.choice([b"\x81", "é".encode()]) + content[place:]
        found = read(content, chance.randint(3 * LONGEST, 400), layout)
        assert bool(found.refusal) is bool(seed % 2)
        assert found == read(content, len(content) + 1, layout)
