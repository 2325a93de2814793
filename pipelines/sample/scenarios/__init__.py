"""The scenarios of a month and how often each is played. What must come of one is said where it is laid out.

A share is of the registrants with a line in the month; a scenario of `size` people takes whole groups. What the shares
leave over is paid in full by bank transfer with the line in the concept. Add a scenario: one function, one row here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from pipelines.sample.ledger import Ledger
from pipelines.sample.people import Standing
from pipelines.sample.scenarios import amounts, held, instants, ordinary, reversals
from pipelines.sample.scenarios.ordinary import PaidInFull

Play = Callable[[Ledger, pd.DataFrame], None]


@dataclass(frozen=True)
class Scenario:
    """A scenario, its share of the registrants (per mille) and how many of them it takes at once."""

    name: str
    per_mille: int
    play: Play
    size: int = 1


# Played by everyone who stands so in the registry: the shares are those of `people`.
_UNREGISTERED = Scenario("not_registered", 0, held.not_registered)
_SHARED_CURP = Scenario("shared_curp", 0, held.shared_curp, size=2)
REST = Scenario("paid_concept", 0, PaidInFull("concept"))
SCENARIOS = (
    Scenario("paid_field_exact", 160, PaidInFull("exact")),
    Scenario("paid_field_normalised", 80, PaidInFull("normalised")),
    Scenario("paid_message", 40, PaidInFull("message")),
    Scenario("paid_concept_and_nss", 10, PaidInFull("concept_and_nss")),
    Scenario("paid_nss", 90, PaidInFull("nss_text", "nss_message", "nss_field")),
    Scenario("paid_curp", 40, PaidInFull("curp_text", "curp_field")),
    Scenario("paid_nss_and_curp", 20, PaidInFull("both_text", "both_fields")),
    Scenario("unpaid", 30, ordinary.unpaid),
    Scenario("unmatched", 10, ordinary.unmatched),
    Scenario("two_parts", 15, amounts.two_parts),
    Scenario("short", 8, amounts.short),
    Scenario("late", 15, amounts.late),
    Scenario("late_and_short", 3, amounts.late_and_short),
    Scenario("late_and_over", 4, amounts.late_and_over),
    Scenario("overpaid", 8, amounts.overpaid),
    Scenario("paid_twice", 6, amounts.paid_twice),
    Scenario("family_of_two", 6, amounts.Family(2), size=2),
    Scenario("family_of_three", 6, amounts.Family(3), size=3),
    Scenario("second_line", 6, amounts.second_line),
    Scenario("last_instant", 8, instants.last_instant),
    Scenario("first_late_instant", 4, instants.first_late_instant),
    Scenario("next_operating_day", 1, instants.next_operating_day),
    Scenario("month_edge", 2, instants.month_edge),
    Scenario("early", 4, instants.early),
    Scenario("months_later", 3, instants.months_later),
    Scenario("out_of_window", 3, instants.out_of_window),
    Scenario("pending", 4, reversals.pending),
    Scenario("cancelled", 4, reversals.cancelled),
    Scenario("refunded", 4, reversals.refunded),
    Scenario("bank_returned", 4, reversals.bank_returned),
    Scenario("conflicting_rows", 4, held.conflicting_rows),
    Scenario("conflicting_lines", 2, held.conflicting_lines, size=2),
    Scenario("foreign_currency", 3, held.foreign_currency),
    Scenario("unsettled", 12, held.unsettled),
    Scenario("line_cancelled", 3, held.line_cancelled),
    Scenario("family_cancelled", 2, held.family_cancelled, size=2),
    Scenario("registry_conflict", 3, held.registry_conflict),
    Scenario("identity_conflict", 6, held.identity_conflict, size=2),
    Scenario("several_lines", 4, held.several_lines, size=2),
    Scenario("several_registrants", 4, held.several_registrants, size=2),
    Scenario("no_line_for_month", 4, held.no_line_for_month),
    Scenario("amount_mismatch", 5, held.amount_mismatch),
)


def play_all(ledger: Ledger) -> Iterator[tuple[str, int]]:
    """Play every scenario on its own registrants of the ledger; name and number of registrants of each."""
    standing = ledger.cases["standing"].to_numpy()
    apart = (standing == Standing.UNREGISTERED) | (standing == Standing.IN_CONFLICT)
    yield _play(_UNREGISTERED, ledger, ledger.cases[apart])
    yield _play(_SHARED_CURP, ledger, ledger.cases[standing == Standing.SHARED_CURP])
    ordinary_cases = ledger.cases[standing == Standing.REGISTERED]
    dealt, start = ordinary_cases.iloc[ledger.rng.permutation(len(ordinary_cases))], 0
    for scenario in SCENARIOS:
        count = round(len(dealt) * scenario.per_mille / 1_000 / scenario.size) * scenario.size
        yield _play(scenario, ledger, dealt.iloc[start : start + count])
        start += count
    yield _play(REST, ledger, dealt.iloc[start:])


def _play(scenario: Scenario, ledger: Ledger, cases: pd.DataFrame) -> tuple[str, int]:
    if len(cases):
        scenario.play(ledger, cases.reset_index(drop=True))
    return scenario.name, len(cases)
