"""The catalogue of bad input has 144 cases; each of them is a test here, by number and by what must come of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

CASES: Final = 144
SECTIONS: Final = {
    "a": range(1, 18),
    "b": range(18, 42),
    "c": range(42, 55),
    "d": range(55, 72),
    "e": range(72, 88),
    "f": range(88, 102),
    "g": range(102, 118),
    "h": range(118, 125),
    "i": range(125, 145),
}
"""Section → its cases; they stand in the module of the section."""
_NAME: Final = re.compile(r"test_case((?:_[0-9]{3})+)_[a-z](?:_?[a-z0-9]+){4,}")
"""The numbers of the cases that a test is of, then what must come of them."""


def names(section: str) -> list[str]:
    """The tests in the modules of a section."""
    modules = sorted(Path(__file__).parent.glob(f"test_{section}_*.py"))
    trees = [ast.parse(module.read_text("utf-8")) for module in modules]
    functions = [node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name for name in functions if name.startswith("test_")]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_case_of_a_section_is_a_test_named_by_its_number_and_behaviour(section: str) -> None:
    matched = {name: _NAME.fullmatch(name) for name in names(section)}
    assert [name for name, match in matched.items() if match is None] == []
    numbers = [number for match in matched.values() if match for number in match[1].split("_")[1:]]
    assert set(map(int, numbers)) == set(SECTIONS[section])


def test_the_sections_have_every_case_once() -> None:
    assert [case for section in SECTIONS.values() for case in section] == list(range(1, CASES + 1))
