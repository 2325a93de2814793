"""What differs of a suggestion, in either language: the code words of ``suggestions.differs`` are English."""

from __future__ import annotations

import re
from typing import Final

from pipelines.outputs.labels import say
from pipelines.outputs.labels_reconciliation import DIFFERENCES

_PATTERNS: Final = [
    (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>\\S+)", re.escape(words.en))), words) for words in DIFFERENCES.values()
]


def told(differs: str, language: str) -> str:
    """``differs``, part by part, in ``language``; what it has no words for stays as it is."""
    return "; ".join(_part(part, language) for part in differs.split("; "))


def _part(part: str, language: str) -> str:
    for pattern, words in _PATTERNS:
        found = pattern.fullmatch(part)
        if found:
            return say(words, language, **found.groupdict())
    return part
