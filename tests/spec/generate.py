"""Writes docs/rules.md from the cases: ``python -m tests.spec.generate [--check]``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.spec.areas.listed import AREAS
from tests.spec.build import DEFAULTS, POLICY
from tests.spec.case import Area, Case, Lookup, Proof, Rule
from tests.spec.cast import PEOPLE

if TYPE_CHECKING:
    from tests.spec.case import Row, Rows

TARGET: Final = Path(__file__).resolve().parents[2] / "docs" / "rules.md"

KINDS: Final = {
    "registrants": "registrant",
    "capture_lines": "capture line",
    "bank_transfers": "bank transfer",
    "remittances": "remittance",
    "settlements": "settlement",
    "decisions": "decision",
}
"""Kind of row → what the document calls one."""

PREAMBLE: Final = """\
# Rules

<!-- Generated from tests/spec by `make docs`. Do not edit: change the case. -->

What Quincena decides, rule by rule, each with the cases that show it. Every case is also a test: what stands under
*Given* is put through the rules, and what stands under *Then* must come out, no row more and no row less. In brackets,
the section of the contract.

## How to read the cases

- Only what matters is written. {defaults}
- The policy is the default one, except that remittances do not wait for a settlement unless the case says
  `require_settlement true`.
- {people}
- `<ana.nss>` and `<ana.curp>` stand for Ana's NSS and CURP, and so for the others.
- Unless a case gives its own registries, all three are registered, and two lines of 500.00 are issued, both due in
  October 2026: `ANA-OCT26` of Ana and `BETO-OCT26` of Beto (normalised `ANAOCT26`, `BETOOCT26`).
- `file new`: the row stands in a file of its own, which the publication before did not have.
- Rows are numbered in the order in which they are given, from 2: the header is row 1.
"""


def document() -> str:
    """The whole page."""
    contents = "\n".join(f"- [{area.title}](#{_anchor(area.title)})" for area in AREAS)
    return "\n".join([_preamble(), "## Contents", "", contents, "", *(_area(area) for area in AREAS)])


def _preamble() -> str:
    transfer, sent, settled = (DEFAULTS[kind] for kind in ("bank_transfers", "remittances", "settlements"))
    defaults = (
        f"A payment is of {transfer['amount']} MXN, made on 5 October 2026 at noon in Mexico City; a bank transfer "
        f"comes from the bank {transfer['sender_bank']} with that operating date, a remittance from the company "
        f"{sent['company']}, and is `paid`. A settlement `S1` of one item of {settled['gross_amount']} without fee "
        f"was settled on 9 October; its deposit is `LUMP-S1` of the bank {settled['sender_bank']}. Decisions are "
        "Diana's, approved by Elías."
    )
    people = "; ".join(
        f"{who.capitalize()}: NSS `{person['nss']}`, CURP `{person['curp']}`, "
        + (f"clinic {person['umf']}" if person["umf"] else "no clinic yet")
        for who, person in PEOPLE.items()
    )
    return PREAMBLE.format(defaults=defaults, people=f"Three made-up people appear. {people}.")


def _area(area: Area) -> str:
    return "\n".join([f"## {area.title}", "", area.intro, "", *(_rule(rule) for rule in area.rules)])


def _rule(rule: Rule | Lookup | Proof) -> str:
    spanish = f" In Spanish: *{rule.es}*." if rule.es else ""
    head = [f"### {rule.title}", "", f"[{rule.section}] {rule.says}{spanish}", ""]
    if isinstance(rule, Lookup):
        return "\n".join([*head, *_table(rule.columns, [[_code(cell) for cell in row] for row in rule.rows]), ""])
    if isinstance(rule, Proof):
        cells = [[damage.what, ", ".join(f"`{name}`" for name in damage.fails)] for damage in rule.damages]
        return "\n".join([*head, *_table(("Damage", "Checks that fail"), cells), ""])
    rows = [[case.why, _given(case), _expected(case.expect)] for case in rule.cases]
    return "\n".join([*head, *_table(("Why", "Given", "Then"), rows), ""])


def _table(columns: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def _given(case: Case) -> str:
    said = [f"{KINDS[kind]}: {_row(row)}" for kind, rows in case.given.items() for row in rows]
    said += [f"no {KINDS[kind]}" for kind, rows in case.given.items() if not rows]
    said += [f"policy: `{key} {value}`" for key, value in case.policy.items()]
    if case.later_policy:
        since = case.later_policy["effective_from"]
        said += [
            f"policy from {since}: `{key} {value}`"
            for key, value in case.later_policy.items()
            if key in POLICY and value != since
        ]
    said += [f"published before: {_row(row) if 'none' not in row else 'no activation'}" for row in case.before]
    said += [f"month {case.month}"] if case.month != "2026-10" else []
    return "<br>".join(said) or "the registries"


def _expected(expect: Rows) -> str:
    return "<br>".join(
        f"{name.replace('_', ' ')}: {'; '.join(_row(row) for row in rows) if rows else 'none'}"
        for name, rows in expect.items()
    )


def _row(row: Row) -> str:
    """A row as words: what names it first, then column and value."""
    names = ("key", "payment", "who", "of")
    first = [value for name, value in row.items() if name in names]
    rest = [f"{name} {_code(value)}" for name, value in row.items() if name not in names]
    return ", ".join([*first, *rest])


def _code(value: str) -> str:
    return f"`{value}`" if value else "(empty)"


def _anchor(title: str) -> str:
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter == "-")


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` say whether it is up to date."""
    page = document()
    if "--check" not in arguments:
        TARGET.write_text(page, encoding="utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text("utf-8") == page:
        return 0
    sys.stderr.write("docs/rules.md is not what tests/spec says; run `make docs`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
