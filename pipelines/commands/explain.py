"""`quincena explain`: what was decided of a payment, a line or an NSS, by which rule, from which file and row.

It answers with the values of rows on stdout: who asks wants them. Messages name the key's form, never the key.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.padding import Padding

from pipelines.commands import console
from pipelines.commands.messages import (
    AMBIGUOUS_KEY,
    LOOKS_LIKE,
    NO_ANSWER,
    NOT_PUBLISHED,
    NOT_PUBLISHED_YET,
    NOTHING_PUBLISHED,
    UNKNOWN_KEY,
    WRONG_USAGE,
    Fault,
)
from pipelines.commands.months import one_month
from pipelines.engine import explaining
from pipelines.outputs import amounts, explanation
from pipelines.outputs.labels import say
from pipelines.rules.policy import parse_policy
from pipelines.store.home import Home
from pipelines.store.landed import LandedDamagedError
from pipelines.store.publications import ManifestDamagedError
from pipelines.store.tables import TableDamagedError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipelines.commands.session import Session
    from pipelines.outputs.explanation import Line

_INDENT = 2


def explain(session: Session, key: str, month: str | None, *, as_json: bool) -> int:
    """Tell of what ``key`` names; the exit: 0, or 2 where it names nothing or several things. Raises ``Fault``."""
    home, asked = Home(session.home, session.store), one_month(month) if month is not None else None
    try:
        document = explaining.explain(home, key, asked, parse_policy(session.policy.read_text("utf-8")))
    except explaining.NotPublishedError:
        told = NOT_PUBLISHED_YET if asked else NOTHING_PUBLISHED
        raise Fault(told, NOT_PUBLISHED, month=asked, home=home.lasting) from None
    except explaining.Unknown as unknown:
        hints = " ".join(say(LOOKS_LIKE[name], session.language) for name in unknown.looks_like)
        raise Fault(UNKNOWN_KEY, months=", ".join(unknown.months), hints=hints) from None
    except (LandedDamagedError, ManifestDamagedError, TableDamagedError) as damage:
        raise Fault(NO_ANSWER, NOT_PUBLISHED, detail=damage) from None
    except explaining.Ambiguous as ambiguous:
        _list(session, ambiguous.found, as_json=as_json)
        return WRONG_USAGE
    if as_json:
        console.answer_json(document)
    else:
        console.answer(*(_shown(line) for line in explanation.told(document, session.language)))
    return 0


def _list(session: Session, found: list[dict[str, Any]], *, as_json: bool) -> None:
    """Several things bear the key: they are listed, for the asker to choose one."""
    console.message(console.text(say(AMBIGUOUS_KEY, session.language, count=len(found))))
    if as_json:
        console.answer_json({"ambiguous": found})
        return
    for entry in found:
        amount = amounts.shown(entry["amount_centavos"], entry["currency"]) if "amount_centavos" in entry else ""
        told = (entry["kind"], entry["name"], entry.get("paid_on", ""), amount)
        console.answer(console.text("  ".join(part for part in told if part)))


def _shown(line: Line) -> RenderableType:
    """A line of text; on a terminal it is broken to its width, and what follows stands under it."""
    text = console.text(line.text, "bold" if line.is_head else "")
    if sys.stdout.isatty():
        return Padding(text, (0, 0, 0, _INDENT * line.depth))
    return console.text(" " * _INDENT * line.depth + line.text)
