"""Suggestions out of lines that are cut into blocks, put together as shards do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.engine import stages
from pipelines.rules import crowds, name_words, shortlists, suggestions
from pipelines.rules.calendar import month_number
from tests.spec.build import policy_of, rows_of, tables_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.rules.policy import PolicyBook
    from tests.spec.case import Case

Frames = dict[str, pd.DataFrame]


def allocated(case: Case) -> tuple[Frames, PolicyBook]:
    """The tables of a case as far as suggestions need them."""
    tables, policy = tables_of(rows_of(case.given)), policy_of(case)
    tables |= stages.register(tables)
    tables |= stages.identify(tables, policy)
    tables |= stages.settle(tables)
    tables |= stages.match(tables, policy)
    tables |= stages.allocate(tables, policy)
    return tables, policy


def everybody(tables: Frames) -> list[str]:
    """Every NSS of the registries, registered or not."""
    return sorted({*tables["registrants"]["nss"], *tables["capture_lines"]["nss"]})


def suggested_in_blocks(tables: Frames, month: str, block_of: Mapping[str, int]) -> pd.DataFrame:
    """Suggestions of a month; ``block_of``: NSS → the block of her lines. The first blocks are put together first."""
    number = month_number(month)
    evidence = stages.evidence_of_suggestions(tables)
    asked = suggestions.asked(number, evidence, _paid_in_parts(number, evidence))
    blocks = [_block(tables, number, block_of, each) for each in range(max(block_of.values()) + 1)]
    words = name_words.total([shortlists.count_words(asked, block) for block in blocks])
    looked = [shortlists.look(number, asked, block, words) for block in blocks]
    large = crowds.too_large(crowds.total([found.crowds for found in looked]))
    each = [shortlists.shortlist(found, large) for found in looked]
    lines = pd.concat([shortlists.lines_of_families(asked, block) for block in blocks])
    first = shortlists.together([shortlists.of_families(number, asked, lines), *each[: len(each) // 2]])
    return shortlists.told(number, asked, shortlists.together([first, *each[len(each) // 2 :]]))


def _paid_in_parts(month: int, evidence: suggestions.Evidence) -> pd.DataFrame:
    """For whom payers have paid, told from every other payment and then from the others."""
    senders = suggestions.senders_of(evidence.bank_rows, evidence.remittance_rows)
    known = senders[senders["payer"].ne("")].reset_index(drop=True)
    parts = (evidence.payments.iloc[start::2].reset_index(drop=True) for start in range(2))
    return pd.concat([suggestions.paid_for(month, part, evidence.matches, known) for part in parts], ignore_index=True)


def _block(tables: Frames, month: int, block_of: Mapping[str, int], number: int) -> shortlists.Block:
    people, lines = (
        tables[name][tables[name]["nss"].map(block_of).eq(number)].sample(frac=1, random_state=number)
        for name in ("registrants", "capture_lines")
    )
    people, lines = people.reset_index(drop=True), lines.reset_index(drop=True)
    return shortlists.block_of(month, 2, lines, tables["line_standings"], people)
