from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from pipelines.engine import stages
from pipelines.rules import buckets, coverage, decisions, holds, proofs, steps
from tests.spec import generate
from tests.spec.areas.listed import AREAS
from tests.spec.areas.proofs import GOOD_MONTH
from tests.spec.build import policy_of, reconciled
from tests.spec.case import Case, Damage, Lookup, Proof, Rule
from tests.spec.together import found_and_expected

if TYPE_CHECKING:
    import pandas as pd

RULES = [(area, rule) for area in AREAS for rule in area.rules]
CASES = [
    pytest.param(case, id=f"{area.title}: {rule.title}: {number}")
    for area, rule in RULES
    if isinstance(rule, Rule)
    for number, case in enumerate(rule.cases, start=1)
]
LOOKUPS = [
    pytest.param(rule, row, id=f"{rule.title}: {' '.join(row)}")
    for _, rule in RULES
    if isinstance(rule, Lookup)
    for row in rule.rows
]
DAMAGES = [
    pytest.param(damage, id=f"{rule.title}: {damage.what}")
    for _, rule in RULES
    if isinstance(rule, Proof)
    for damage in rule.damages
]
ENTRIES = {
    "steps": [step.__name__ for step in steps.STEPS],
    "holds": list(holds.HOLDS),
    "buckets": [f"{bucket}:{reason}" if reason else bucket for bucket, reason, _ in buckets.BUCKETS],
    "coverage": list(coverage.REASONS),
    "proofs": list(proofs.PROOFS),
    "decisions": list(decisions.REJECTED),
}


@functools.cache
def good_month() -> dict[str, pd.DataFrame]:
    return reconciled(GOOD_MONTH)


@pytest.mark.parametrize("case", CASES)
def test_a_case_gives_what_the_contract_says(case: Case) -> None:
    for table in case.expect:
        found, expected = found_and_expected(case, table)
        assert found == expected, table


@pytest.mark.parametrize(("rule", "row"), LOOKUPS)
def test_a_question_is_answered_as_the_contract_says(rule: Lookup, row: tuple[str, ...]) -> None:
    assert rule.answer(*row[:-1]) == row[-1]


def test_good_tables_pass_every_proof() -> None:
    certificate = good_month()["certificate"]
    assert set(certificate["check"]) == set(proofs.PROOFS)
    assert certificate["passed"].all()


def test_a_month_without_any_row_passes_every_proof() -> None:
    tables = reconciled(Case("", {"registrants": [], "capture_lines": []}, {}))
    assert tables["certificate"]["passed"].all()
    assert tables["dispositions"].empty
    assert tables["coverage_exceptions"].empty


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damage_is_noticed_by_its_proof_and_no_other(damage: Damage) -> None:
    damaged = good_month() | {damage.table: damage.damage(good_month()[damage.table])}
    certificate = stages.prove(damaged, GOOD_MONTH.month, policy_of(GOOD_MONTH))["certificate"]
    assert set(certificate.loc[~certificate["passed"], "check"]) == set(damage.fails)


@pytest.mark.parametrize(("name", "entries"), ENTRIES.items())
def test_every_entry_of_an_ordered_list_has_its_rule_in_that_order(name: str, entries: list[str]) -> None:
    specified = [rule.entry.partition(".")[2] for _, rule in RULES if rule.entry.partition(".")[0] == name]
    assert specified == entries


@pytest.mark.parametrize(
    "rule", [rule for _, rule in RULES if isinstance(rule, Rule) and rule.entry], ids=lambda rule: rule.entry
)
def test_a_rule_of_an_ordered_list_shows_its_own_name_in_a_case(rule: Rule) -> None:
    name = rule.entry.partition(".")[2].rpartition(":")[2]
    shows = {value for case in rule.cases for rows in case.expect.values() for row in rows for value in row.values()}
    assert name.startswith("by_") or name in shows


def test_no_two_rules_have_one_title_in_an_area() -> None:
    titles = [(area.title, rule.title) for area, rule in RULES]
    assert len(titles) == len(set(titles))


def test_the_document_is_what_the_cases_say() -> None:
    assert generate.main(["--check"]) == 0
