"""The vectorised search for names in texts finds what reading letter by letter finds."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.rules.naming import NSS_DIGITS, named_keys, named_lines, tokenise
from schemas.identifiers.capture_line import normalise
from tests.property import oracle_text
from tests.property.strategies_texts import nss

LETTERS = st.sampled_from("AaB1 -/ñÑ2\n.İſ\u00a0")
TEXTS = st.lists(st.text(LETTERS, max_size=40), min_size=1, max_size=6)
LINES = st.lists(st.text(st.sampled_from("AB12"), min_size=1, max_size=9), max_size=12, unique=True)
PERSONS = [nss(0, number) for number in range(3)]


@settings(max_examples=200, deadline=None)
@given(texts=TEXTS, lines=LINES)
def test_lines_are_named_by_up_to_eight_consecutive_tokens(texts: list[str], lines: list[str]) -> None:
    named = named_lines(tokenise(pd.Series(texts, dtype="str")), pd.Series(lines, dtype="str"))
    found = sorted(zip(named.text.tolist(), (lines[place] for place in named.found), strict=True))
    wanted = [(place, line) for place, text in enumerate(texts) for line in oracle_text.lines_named(text, set(lines))]
    assert found == wanted


@settings(max_examples=50, deadline=None)
@given(words=st.lists(st.sampled_from(["A", "B", "12", "b2"]), min_size=1, max_size=12), first=st.integers(0, 3))
def test_a_line_in_more_than_eight_tokens_is_not_named(words: list[str], first: int) -> None:
    text = "-".join(words)
    lines = sorted({"".join(words[first : first + count]).upper() for count in range(1, 13)} - {""})
    named = named_lines(tokenise(pd.Series([text], dtype="str")), pd.Series(lines, dtype="str"))
    assert [lines[place] for place in sorted(named.found)] == oracle_text.lines_named(text, set(lines))


@settings(max_examples=100, deadline=None)
@given(
    fragments=st.lists(
        st.tuples(st.sampled_from([*PERSONS, "X", "1"]), st.sampled_from(["", " ", "-", "ñ"])), max_size=6
    )
)
def test_an_nss_is_named_by_a_single_token_only(fragments: list[tuple[str, str]]) -> None:
    text = "".join(word + glue for word, glue in fragments)
    named = named_keys(tokenise(pd.Series([text], dtype="str")), pd.Series(PERSONS, dtype="str"), NSS_DIGITS)
    assert {PERSONS[place] for place in named.found} == set(oracle_text.tokens(text)) & set(PERSONS)


@settings(max_examples=200, deadline=None)
@given(texts=TEXTS)
def test_a_field_is_one_token_with_its_separators_removed(texts: list[str]) -> None:
    assert normalise(pd.Series(texts, dtype="str")).tolist() == [oracle_text.normalised(text) for text in texts]
