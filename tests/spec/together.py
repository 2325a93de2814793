"""Many cases in one world: reconciled once, each with people, lines, banks and companies of its own.

That is quicker than a month for each case, and shows that the cases do not disturb one another. Cases without payments,
or without registries stand alone, so that empty tables are tried as well.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import pandas as pd

from pipelines.engine import stages
from tests.spec.areas.listed import AREAS
from tests.spec.build import before_of, policy_of, rows_of, shown, tables_of
from tests.spec.case import Rule
from tests.spec.cast import code, people, spelled_out

if TYPE_CHECKING:
    from pipelines.rules.changes import Before
    from tests.spec.case import Case, Row

CASES: Final = tuple(case for area in AREAS for rule in area.rules if isinstance(rule, Rule) for case in rule.cases)
OWNED_BY: Final = ("payment_id", "company", "capture_line", "nss", "sha256")
"""Columns that say whose row it is; the first that a table has does."""


def found_and_expected(case: Case, table: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """The rows that came of the case in one table, and those it expects, in the same words and order."""
    number = CASES.index(case) + 1
    tables = _world(_world_of(case))
    rows: list[Row] = case.expect[table]
    columns = list(rows[0]) if rows else list(tables[table].columns)
    expected = sorted(tuple(spelled_out(row[column], number) for column in columns) for row in rows)
    return shown(own(tables[table], number), columns, number), expected


def _world_of(case: Case) -> tuple[int, ...]:
    """The numbers of the cases that share the case's world."""
    if _stands_alone(case):
        return (CASES.index(case) + 1,)
    return tuple(
        number
        for number, other in enumerate(CASES, start=1)
        if not _stands_alone(other) and _terms(other) == _terms(case)
    )


def _terms(case: Case) -> tuple[object, ...]:
    """What the cases of one world have in common."""
    others = {row["other"] for row in case.before if "other" in row}
    return case.policy, case.later_policy, case.month, bool(case.before), others


def _stands_alone(case: Case) -> bool:
    has_payments = any(case.given.get(kind) for kind in ("bank_transfers", "remittances"))
    has_registries = any(case.given.get(kind) != [] for kind in ("registrants", "capture_lines"))
    # A line of one case is like those of another.
    return not has_payments or not has_registries or "suggestions" in case.expect


@functools.cache
def _world(numbers: tuple[int, ...]) -> dict[str, pd.DataFrame]:
    one = CASES[numbers[0] - 1]
    worlds = [rows_of(CASES[number - 1].given, number) for number in numbers]
    rows = {kind: pd.concat([world[kind] for world in worlds], ignore_index=True) for kind in worlds[0]}
    return stages.reconcile(tables_of(rows), one.month, policy_of(one), _before(numbers))


def _before(numbers: tuple[int, ...]) -> Before | None:
    """The publication before of a whole world: all or none of its cases have one."""
    befores = [before for number in numbers if (before := before_of(CASES[number - 1], number))]
    if not befores:
        return None
    return befores[0]._replace(
        activations=pd.concat([before.activations for before in befores], ignore_index=True),
        exceptions=pd.concat([before.exceptions for before in befores], ignore_index=True),
        inputs=frozenset().union(*(before.inputs for before in befores)),
    )


def own(table: pd.DataFrame, number: int) -> pd.DataFrame:
    """The rows of the table that belong to one case."""
    owner = next(column for column in OWNED_BY if column in table)
    if owner == "nss":
        return table[table["nss"].isin([person["nss"] for person in people(number).values()])]
    return table[table[owner].str.contains(code(number), regex=False)]
