from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PAGE_LINES = 60


def markdown() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def prose(text: str) -> str:
    """The text without its fenced code."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("readme", ["README.md", "README.es.md"])
def test_the_readme_begins_with_the_two_commands(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    first_section = text.split("\n## ", maxsplit=1)[0]
    block = re.search(r"^```\w*\n(.*?)^```", first_section, re.MULTILINE | re.DOTALL)
    assert block
    assert re.findall(r"^make \w+", block[1], re.MULTILINE) == ["make run", "make test"]


def test_every_relative_link_leads_somewhere() -> None:
    links = [
        (path, target)
        for path in markdown()
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose(path.read_text("utf-8")))
        if "://" not in target
    ]
    assert len(links) > 20
    broken = [(str(path.relative_to(ROOT)), target) for path, target in links if not (path.parent / target).exists()]
    assert broken == []


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 15


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_a_decision_is_one_page_of_context_decision_and_consequences(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.match(rf"# {path.name[:4]} \S", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= PAGE_LINES


def test_the_list_of_decisions_names_every_one() -> None:
    listed = re.findall(r"\]\((\d{4}[^)]+)\)", (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8"))
    assert listed == [path.name for path in DECISIONS]
