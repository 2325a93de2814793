"""The page set from its parts: one HTML file with its style and script inside, both languages, no address to load."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Final, NamedTuple

import jinja2

from pipelines.outputs.labels import LANGUAGES
from pipelines.outputs.labels_report import NAMES, PAGE
from pipelines.outputs.report import answers, coverage, days, held, money
from pipelines.outputs.report.charts import PLOT_HEIGHT, PLOT_TOP
from pipelines.outputs.report.speech import Speech

if TYPE_CHECKING:
    from pipelines.outputs.report.figures import Figures
    from pipelines.outputs.report.parts import Section, Tile

LONGEST: Final = 400
"""Characters of a text from outside that are shown."""

_UNSEEN: Final = "\N{REPLACEMENT CHARACTER}"
_SPACES: Final = "\N{NO-BREAK SPACE}"
_CONTENT: Final = (
    money.money,
    days.days,
    held.held,
    coverage.coverage,
    answers.settlements,
    answers.files,
    answers.certificate,
)


class Side(NamedTuple):
    """The page in one language."""

    speech: Speech
    title: str
    facts: tuple[str, ...]
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]


def render(figures: Figures, language: str) -> bytes:
    """The page as UTF-8; ``language`` is the one shown first."""
    templates = _environment()
    style, script = (_source(name) for name in ("style.css", "script.js"))
    text = templates.get_template("page.html").render(
        sides=[_side(figures, Speech(one)) for one in LANGUAGES],
        names={one: getattr(NAMES, one) for one in LANGUAGES},
        languages=[Speech(one).say(PAGE["language"]) for one in LANGUAGES],
        language=language,
        month=figures.month,
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}",
        words=PAGE,
        plot=(PLOT_TOP, PLOT_HEIGHT),
    )
    return (text + "\n").encode()


def _side(figures: Figures, speech: Speech) -> Side:
    facts = [speech.say(PAGE["coverage_of"], month=speech.month(figures.coverage_month))]
    if "publication" in figures.document:
        facts.append(speech.say(PAGE["publication"], number=figures.document["publication"]))
    if figures.known_on:
        facts.append(speech.say(PAGE["known_on"], day=speech.day(figures.known_on)))
    title = speech.say(PAGE["title"], month=speech.month(figures.month))
    sections = tuple(section(figures, speech) for section in _CONTENT)
    return Side(speech, title, tuple(facts), money.tiles(figures, speech), sections)


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _source(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text("utf-8")


def visible(text: str) -> str:
    """Text with nothing invisible in it but spaces, and not endless: a control character is shown as ``�``."""
    shown = "".join(letter if letter.isprintable() or letter in _SPACES else _UNSEEN for letter in text[:LONGEST])
    return shown if len(text) <= LONGEST else f"{shown}…"


def _shown(value: object) -> object:
    """Whatever is put into the page but its own parts: text may have come out of a file."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
