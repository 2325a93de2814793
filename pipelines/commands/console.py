"""The two ways to speak: answers on stdout, messages on stderr. Nothing from a file is taken for markup or control."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType


def answer(*parts: RenderableType) -> None:
    """Show an answer on stdout."""
    _show(Console(highlight=False), parts)


def message(*parts: RenderableType) -> None:
    """Show a message on stderr."""
    _show(Console(stderr=True, highlight=False), parts)


def answer_json(document: dict[str, Any]) -> None:
    """One JSON object on a line of stdout, at once."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=_plain) + "\n")
    sys.stdout.flush()


def text(content: str, style: str = "") -> Text:
    """Text as it is, characters that steer a terminal made visible."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in content)
    return Text(shown, style=style, overflow="fold")


def is_terminal() -> bool:
    """Whether somebody watches stderr."""
    return Console(stderr=True).is_terminal


def _show(console: Console, parts: tuple[RenderableType, ...]) -> None:
    for part in parts:
        # A line of text may be copied or searched for: it is never broken at 80 characters.
        console.print(part, soft_wrap=isinstance(part, Text), markup=False)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)
