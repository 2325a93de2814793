"""What differs of a suggestion, in either language: the code words of ``suggestions.differs`` are English."""

from __future__ import annotations

import re
from typing import Final

from pipelines.outputs.labels import say
from pipelines.outputs.labels_reconciliation import DIFFERENCES, NOT_CHOSEN

_PATTERNS: Final = [
    (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>\\S+)", re.escape(words.en))), words) for words in DIFFERENCES.values()
]


def told(differs: str, language: str) -> str:
    """``differs``, part by part, in ``language``; what it has no words for stays as it is."""
    return "; ".join(_part(part, language) for part in differs.split("; "))


def not_chosen(capture_line: str, differs: str, language: str) -> str:
    """Why no decision can choose what is suggested (a sum, a line of an unknown registrant); empty where one can."""
    if "+" in capture_line:
        return say(NOT_CHOSEN["sum"], language)
    return say(NOT_CHOSEN["unregistered"], language) if DIFFERENCES["unregistered"].en in differs.split("; ") else ""


def _part(part: str, language: str) -> str:
    for pattern, words in _PATTERNS:
        found = pattern.fullmatch(part)
        if found:
            return say(words, language, **found.groupdict())
    return part
