from __future__ import annotations

import threading
from typing import Any

import pandas as pd
import pyarrow
import pytest

from schemas.octets import LARGE_TEXT
from schemas.remembered import KEPT, remembered


class Parser:
    """What a column says, and how often it had to be asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def parse(self, column: Any) -> list[str]:
        self.asked.append(column.to_pylist())
        return [f"<{text}>" for text in column.to_pylist()]


@pytest.fixture
def parser() -> Parser:
    return Parser()


def column(*texts: str) -> pyarrow.LargeStringArray:
    return pyarrow.array(texts, LARGE_TEXT)


def test_the_same_bytes_are_parsed_once_whatever_holds_them(parser: Parser) -> None:
    recalled = remembered(parser.parse)
    found = column("a", "b")
    series = pd.Series(pd.arrays.ArrowExtensionArray(pyarrow.chunked_array([found])))
    told = [recalled(each) for each in (found, pyarrow.chunked_array([found]), series, found.slice(0))]
    assert told == [["<a>", "<b>"]] * 4
    assert parser.asked == [["a", "b"]]


def test_other_bytes_and_other_parts_of_the_same_bytes_are_parsed_anew(parser: Parser) -> None:
    recalled = remembered(parser.parse)
    found = column("a", "b", "c")
    others = [found, column("a", "b", "c"), found.slice(1), found.slice(0, 2), found.slice(1, 1), found.slice(0, 0)]
    assert [recalled(each) for each in others] == [[f"<{text}>" for text in each.to_pylist()] for each in others]
    assert len(parser.asked) == len(others)


def test_a_column_that_is_gone_is_never_taken_for_one_that_lies_where_it_lay(parser: Parser) -> None:
    recalled = remembered(parser.parse)
    for number in range(5 * KEPT):
        text = f"{number:08}"
        assert recalled(column(text, text)) == [f"<{text}>"] * 2


def test_no_more_than_some_columns_are_remembered_and_the_oldest_goes_first(parser: Parser) -> None:
    recalled = remembered(parser.parse)
    found = [column(str(number)) for number in range(KEPT + 1)]
    for each in found:
        recalled(each)
    recalled(found[1])
    assert len(parser.asked) == KEPT + 1
    recalled(found[0])
    assert len(parser.asked) == KEPT + 2


def test_two_ways_of_parsing_do_not_share_what_they_remember(parser: Parser) -> None:
    found = column("a")
    assert remembered(parser.parse)(found) == ["<a>"]
    assert remembered(len)(found) == 1


def test_threads_get_the_meaning_of_their_own_column(parser: Parser) -> None:
    recalled = remembered(parser.parse)
    wrong: list[str] = []

    def ask(name: str) -> None:
        for number in range(200):
            text = f"{name}{number % 40}"
            if recalled(column(text)) != [f"<{text}>"]:
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
