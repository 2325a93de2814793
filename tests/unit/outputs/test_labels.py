from __future__ import annotations

import string

import pytest

from pipelines.commands import messages
from pipelines.defs.progress import STAGES
from pipelines.outputs import labels, labels_reconciliation
from pipelines.outputs.labels import Words
from pipelines.rules.holds import HOLDS
from pipelines.rules.proofs import PROOFS
from schemas.catalog import PUBLISHED
from schemas.table import Table


def allowed(model: type[Table], column: str) -> set[str]:
    check = next(check for check in model.to_schema().columns[column].checks if check.name == "isin")
    return set(check.statistics["allowed_values"])


def every_text() -> dict[str, Words]:
    found: dict[str, Words] = {}
    for module in (labels, labels_reconciliation, messages):
        for name, value in vars(module).items():
            if isinstance(value, Words):
                found[name] = value
            elif isinstance(value, dict) and name.isupper():
                found |= {f"{name}.{key}": words for key, words in value.items()}
    return found


def blanks(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def test_every_term_of_the_contract_has_words() -> None:
    assert set(labels.BUCKETS) == allowed(PUBLISHED["dispositions"].model, "bucket")
    assert set(labels.EXCEPTIONS) == allowed(PUBLISHED["coverage_exceptions"].model, "reason")
    assert set(labels.OUTCOMES) == set(labels.OUTCOME) == allowed(PUBLISHED["receipts"].model, "outcome")
    assert set(labels.HOLDS) == {*HOLDS, "conflicting_rows", "foreign_currency"}
    assert set(labels.PROOFS) == set(PROOFS)
    assert set(labels.STAGES) == set(STAGES)


@pytest.mark.parametrize(("name", "words"), every_text().items())
def test_both_languages_say_something_with_the_same_blanks(name: str, words: Words) -> None:
    assert all(words), name
    assert blanks(words.es) == blanks(words.en)


def test_every_term_that_the_workbook_shows_has_words() -> None:
    assert set(labels_reconciliation.BASES) == allowed(PUBLISHED["suggestions"].model, "basis")
    assert set(labels_reconciliation.CHANNELS) == allowed(PUBLISHED["payments"].model, "channel")
    assert set(labels_reconciliation.CHANGES) == allowed(PUBLISHED["coverage_changes"].model, "change")
