from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest

from pipelines.store.pairs import in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_what_is_made_comes_in_the_order_of_the_items_whichever_ends_first() -> None:
    second_is_made = threading.Event()

    def make(number: int) -> int:
        if number == 0:
            assert second_is_made.wait(60)
        if number == 1:
            second_is_made.set()
        return number * 10

    assert list(in_turn(make, range(5))) == [0, 10, 20, 30, 40]


def test_an_item_is_asked_for_when_it_is_its_turn_and_no_earlier() -> None:
    asked: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10):
            asked.append(number)
            yield number

    made = in_turn(lambda number: number, items())
    assert next(made) == 0
    assert asked == [0, 1]
    assert list(made) == [*range(1, 10)]


def test_what_fails_is_told_in_its_turn_and_threads_switch_as_before() -> None:
    before = sys.getswitchinterval()
    during: list[float] = []

    def make(number: int) -> int:
        during.append(sys.getswitchinterval())
        return 1 // number

    with pytest.raises(ZeroDivisionError):
        list(in_turn(make, [1, 0, 1]))
    assert max(during) < before == sys.getswitchinterval()
