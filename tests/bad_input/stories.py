"""Stories: what files said, as small rows, and what a month made of it.

All stories of a module are reconciled together, each with people, lines and banks of its own: quicker than a month for
each, and one story's hostile input must not disturb another's. A story with an earlier publication or a month of its
own is reconciled with those that share it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from pipelines.engine import stages
from tests.spec.build import before_of, policy_of, rows_of, shown, tables_of
from tests.spec.case import Case, Row, Rows
from tests.spec.cast import code
from tests.spec.together import own

if TYPE_CHECKING:
    from collections.abc import Iterable

STORIES: Final[list[Case]] = []
"""Every story told; its place, from 1, is its number."""


@dataclass(frozen=True)
class Month:
    """What the month made of one story."""

    number: int

    def rows(self, table: str, *columns: str) -> list[tuple[str, ...]]:
        """The story's rows of a table in these columns, in the story's words, sorted."""
        found = shown(own(_world(_companions(self.number))[table], self.number), list(columns), self.number)
        return [tuple(value.replace(code(self.number), "") for value in row) for row in found]

    @property
    def money(self) -> list[tuple[str, ...]]:
        """Payment, bucket, reason and amount of every part of every payment."""
        return self.rows("dispositions", "payment", "bucket", "reason", "amount")

    @property
    def exceptions(self) -> list[tuple[str, ...]]:
        """Line and reason of every issued line that covers nobody."""
        return self.rows("coverage_exceptions", "line", "reason")

    @property
    def covered(self) -> list[str]:
        """Who is covered."""
        return [who for (who,) in self.rows("coverage_activations", "who")]

    @property
    def flags(self) -> list[tuple[str, ...]]:
        """Payment and flag."""
        return self.rows("payment_flags", "payment", "flag")

    @property
    def roles(self) -> list[str]:
        """What became of every row of a payment."""
        return [role for (role,) in self.rows("payment_rows", "role")]


def story(
    given: Rows | None = None,
    *,
    month: str = "2026-10",
    before: Iterable[Row] = (),
    policy: Row | None = None,
    later_policy: Row | None = None,
) -> Month:
    """Tell a story; the policies hold the keys that differ from the default entry of the specifications."""
    told = Case("", given or {}, {}, month, policy or {}, later_policy or {}, tuple(before))
    STORIES.append(told)
    return Month(len(STORIES))


def _companions(number: int) -> tuple[int, ...]:
    """The numbers of the stories that are reconciled with this one."""
    asked = STORIES[number - 1]
    if asked.before:
        return (number,)
    return tuple(
        place for place, other in enumerate(STORIES, start=1) if not other.before and _terms(other) == _terms(asked)
    )


def _terms(told: Case) -> tuple[str, Row, Row]:
    return told.month, told.policy, told.later_policy


@functools.cache
def _world(numbers: tuple[int, ...]) -> dict[str, pd.DataFrame]:
    """Every table of the stories' month; its proofs hold, whatever happened in them."""
    one = STORIES[numbers[0] - 1]
    told = [rows_of(STORIES[number - 1].given, number) for number in numbers]
    rows = {kind: pd.concat([each[kind] for each in told], ignore_index=True) for kind in told[0]}
    tables = stages.reconcile(tables_of(rows), one.month, policy_of(one), before_of(one, numbers[0]))
    assert tables["certificate"]["passed"].all()
    return tables
