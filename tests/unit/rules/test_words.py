from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.rules import words


def test_the_first_condition_that_applies_gives_the_word() -> None:
    applies: list[words.Truths] = [np.array([True, False, False]), pd.Series([True, True, False])]
    assert words.first_of(applies, ["one", "two"], "none").tolist() == ["one", "two", "none"]


def test_words_stand_at_their_codes() -> None:
    assert words.worded(np.array([1, 0, 1]), ["no", "yes"]).tolist() == ["yes", "no", "yes"]


def test_one_word_stands_in_every_row_of_an_index() -> None:
    column = words.everywhere("held", pd.Index([4, 7]))
    assert (column.tolist(), column.index.tolist()) == (["held", "held"], [4, 7])


def test_texts_have_the_places_of_their_words() -> None:
    column = pd.Series(["paid", "other", "pending"], dtype="str")
    assert words.places(column, ["pending", "paid"]).tolist() == [1, -1, 0]
