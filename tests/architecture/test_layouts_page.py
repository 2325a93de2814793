"""docs/layouts.md says every key of a layout with its default, and its example is a layout that reads."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from datetime import date
from typing import Any, Final

import pytest

from pipelines.readers import layout as keys
from pipelines.readers import naming, trial
from pipelines.readers.layout_files import MECHANICS, TYPES, key_of, parse
from tests.architecture.tree import ROOT

PAGE: Final = (ROOT / "docs" / "layouts.md").read_text("utf-8")
SECTIONS: Final = {
    "At the top": keys.Layout,
    "`[delimited]`": keys.Delimited,
    "`[workbook]`": keys.Workbook,
    "`[fixed_width]`": keys.FixedWidth,
    "`[fixed_width.header]`, and each other type of record": keys.FixedRecord,
    "`[camt]`": keys.Camt,
    "`[mt940]`": keys.Mt940,
    "`[bai2]`": keys.Bai2,
    "`[nacha]`": keys.Nacha,
    "`[amounts]`": keys.Amounts,
    "`[dates]`": keys.Dates,
    "`[sequence]`": keys.Sequence,
    "`[effective]`": keys.Effective,
    "`[limits]`": keys.Limits,
    "`[controls]`": keys.Controls,
    "`[controls.running_balance]`": keys.RunningBalance,
    "`[controls.totals]`": keys.Totals,
    "An entry of `[fields]`": keys.Expression,
    "`[[cases]]`": keys.Case,
    "An entry of `when`": keys.Condition,
    "`reject`": keys.Rejected,
}
ONLY_IN_FILES: Final = {"like": "none", "fields": {}, "cases": []}
"""Keys at the top of a layout file that are no field of a layout, or are needed there and not in the file."""


def told(heading: str) -> dict[str, str]:
    """Key → default, as the table under a heading says."""
    section = PAGE.split(f"\n### {heading}\n", 1)[1].split("\n### ", 1)[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.+?) \| .+ \|$", section, re.MULTILINE))


def default_of(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    return "needed" if field.default_factory is dataclasses.MISSING else field.default_factory()


def as_told(text: str) -> Any:
    """A default of the page as a value: of TOML between backquotes, else a word."""
    return tomllib.loads(f"value = {text.strip('`')}")["value"] if text.startswith("`") else text.strip("*")


@pytest.mark.parametrize("heading", list(SECTIONS))
def test_the_page_says_every_key_of_a_section_with_its_default(heading: str) -> None:
    fields = {key_of(field): default_of(field) for field in dataclasses.fields(SECTIONS[heading])}
    if heading == "At the top":
        del fields["name"]
        fields |= ONLY_IN_FILES
    expected = {}
    for name, default in fields.items():
        plain = list(default) if isinstance(default, tuple) else default
        expected[name] = "below" if dataclasses.is_dataclass(default) else "none" if plain is None else plain
    assert {name: as_told(text) for name, text in told(heading).items()} == expected


def test_the_page_has_a_section_for_every_part_of_a_layout() -> None:
    parts = {part for part in vars(keys).values() if dataclasses.is_dataclass(part)}
    assert parts == set(SECTIONS.values())


def test_the_page_names_every_mechanics_and_every_type_of_column() -> None:
    assert [name for name in (*MECHANICS, *TYPES) if f"`{name}`" not in PAGE] == []


def test_the_example_of_the_page_reads_a_file_as_it_says() -> None:
    block = re.search(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert block
    layout = parse("giros_del_sur", block[1])
    assert layout.effective.since == date(2026, 1, 1)
    content = (
        "Clave;Día;Operaciones;Bruto;Comisión;Neto;Rastreo\n"
        "L1;14/10/2026;12;$1,100.00;$10.00;$1,090.00;RASTREO KEY1\n"
        "L2;15/10/2026;1;$100.00;$10.00;$90.00;KEY2\n"
    ).encode("cp1252")
    name = "giros_del_sur_2026-10-14_0007.csv"
    assert naming.choose(name, [layout]) is layout
    found = trial.try_layout(name, content, layout)
    assert found.refusal == ""
    assert (found.series, found.number, found.rejections.num_rows) == ("giros_del_sur 2026", 7, 1)
    (row,) = trial.canonical_rows(found, 20)
    assert (row["settled_on"], row["items"], row["bank_tracking_key"]) == ("2026-10-14", "12", "KEY1")
