"""What every message must say, as a lint: the file, the place, what was found, what was expected and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

VERBS: Final = frozenset(
    [
        *("ask", "check", "compare", "copy", "correct", "declare", "download", "export", "fill", "find", "keep", "let"),
        *("look", "make", "offer", "open", "pass", "paste", "put", "remove", "rename", "report", "restore", "save"),
        *("send", "shorten", "show", "split", "take", "type", "unhide", "verify", "wait", "write"),
    ]
)
"""What a sender or an analyst can be asked to do."""
NOTHING_TO_DO: Final = "nothing needs to be done"
_REFUSAL: Final = re.compile(r"(?s)(?P<place>.*?): found (?P<found>.+?); expected (?P<expected>.+); (?P<remedy>[^;]+)")
_PLACE: Final = re.compile(r", (sheet|line|column|record) ")
_WHOLE_FILE: Final = re.compile(
    r"an empty file|a name that |a file that |a link, folder, pipe or device|no statement|no such sheet"
    r"|[0-9,]+ (bytes?|rows?|parts?)\b|a damaged |an archive within |an encrypted part|macros|a zip package|a workbook"
    r"|number [0-9]+ of |a password-protected|a fault of its reader|nothing but white space|a part |parts packed "
)
"""What may be found of a file as a whole, which has no place in it."""
_MORE: Final = re.compile(r" \(and [0-9]+ more columns? of the row failed\)$")
_RUN: Final = 5


def faults_of_refusal(message: str, name: str) -> list[str]:
    """What is wrong with the reason of a refused file called ``name`` (as it is shown)."""
    said = _REFUSAL.fullmatch(message)
    if said is None:
        return ["is not: file and place, found, expected, what to do"]
    faults = [] if said["place"].startswith(name) else ["does not begin with the file's name"]
    if not (_PLACE.search(said["place"]) or _WHOLE_FILE.match(said["found"])):
        faults.append("names no place in the file")
    if said["remedy"].split()[0] not in VERBS:
        faults.append("does not end with what to do")
    return faults


def faults_of_reason(reason: str) -> list[str]:
    """What is wrong with the reason of a rejected row."""
    *said, remedy = _MORE.sub("", reason).split("; ")
    faults = [] if any("expected " in part for part in said) else ["does not say what was expected"]
    clauses = re.split(r"[,:] | and ", remedy)
    if NOTHING_TO_DO not in remedy and not any(clause.split()[0] in VERBS for clause in clauses if clause):
        faults.append("does not end with what to do")
    return faults


def values_in(message: str, values: Iterable[str]) -> list[str]:
    """Those of the values of rows of which the message shows five characters in a row or more."""
    folded = message.casefold()
    return [value for value in values if any(run in folded for run in _runs(value.casefold()))]


def _runs(value: str) -> Iterable[str]:
    """Every five letters or digits in a row of a value."""
    for word in re.findall(r"[^\W_]+", value):
        yield from (word[start : start + _RUN] for start in range(len(word) - _RUN + 1))
