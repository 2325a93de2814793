"""What a specification is made of: rules, their cases, and rows as small dicts of text.

A row says only what matters to its case; :mod:`tests.spec.build` fills in the rest. Amounts are written in pesos,
instants with their offset, dates as ISO 8601: exactly what the contract's files hold. Expected rows name the columns
that matter; the rows of the table must be these and no others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

Row = dict[str, str]
Rows = dict[str, list[Row]]
"""Table → its rows."""


@dataclass(frozen=True)
class Case:
    """One example of a rule: what is given, what must come of it, and why."""

    why: str
    given: Rows
    expect: Rows
    month: str = "2026-10"
    policy: Row = field(default_factory=dict)
    later_policy: Row = field(default_factory=dict)
    before: tuple[Row, ...] = ()
    """What the publication before had: activations; rows ``exception`` (a line) and ``reason``; or one row ``none``.

    It knew every row given but those with ``file: new``, and another policy or code where a row says so.
    """


@dataclass(frozen=True)
class Rule:
    """One rule: its title, where the contract has it, what it says, and the cases that show it.

    ``entry`` is the entry of an ordered list of ``pipelines.rules`` that the rule explains (``holds.line_cancelled``).
    """

    title: str
    section: str
    says: str
    cases: tuple[Case, ...]
    es: str = ""
    entry: str = ""


@dataclass(frozen=True)
class Lookup:
    """A rule that answers one question at a time: a table of questions and answers, and what gives them."""

    title: str
    section: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    answer: Callable[..., str]
    es: str = ""
    entry: str = ""


@dataclass(frozen=True)
class Damage:
    """One way to damage good tables, and the checks that must notice it."""

    what: str
    table: str
    damage: Callable[[pd.DataFrame], pd.DataFrame]
    fails: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """One proof of a publication, and the damages that show it."""

    title: str
    section: str
    says: str
    damages: tuple[Damage, ...]
    entry: str
    es: str = ""


@dataclass(frozen=True)
class Area:
    """Rules that belong together, with a sentence for the reader."""

    title: str
    intro: str
    rules: tuple[Rule | Lookup | Proof, ...]
