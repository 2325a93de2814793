"""Writes ``docs/schemas.md`` out of the models, so that the page cannot say anything else than the code.

``python -m schemas.document`` writes it, ``--check`` only says (exit 1) that it is out of date.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandera.pandas as pa

import schemas.files
import schemas.rows
import schemas.tables
import schemas.working
from schemas.columns import KINDS
from schemas.files.base import CanonicalFile
from schemas.files.fields import rules_of
from schemas.table import Table

if TYPE_CHECKING:
    from types import ModuleType

PAGE: Final = Path(__file__).parent.parent / "docs" / "schemas.md"
_INTRODUCTION: Final = """# Schemas

What every file, row and table holds. This page is written by `python -m schemas.document` out of the models in
`schemas/`; change them, not the page.
"""
_FILES: Final = """## Canonical files

Any sender can write these (CONTRACT §3): UTF-8, comma, header row, RFC 4180 quoting. Every field is read as text and
judged by the rules of its kind; the rule's name is what `rejections` tells.
"""
_ROWS: Final = """## Typed rows

What a reader hands over for every sound row, with its provenance.
"""
_WORKING: Final = """## Working tables

What passes from one rule to the next within a run.
"""
_TABLES: Final = """## Tables

What a run publishes (CONTRACT §12), and what it keeps beside.
"""


def page() -> str:
    """The whole page, in Markdown."""
    files = [_file(stem, model) for stem, model in _models(schemas.files, CanonicalFile)]
    rows = [_table(stem, model) for stem, model in _models(schemas.rows, Table)]
    working = [_table(stem, model) for stem, model in _models(schemas.working, Table)]
    tables = [_table(stem, model) for stem, model in _models(schemas.tables, Table)]
    return "\n".join([_INTRODUCTION, _FILES, *files, _ROWS, *rows, _WORKING, *working, _TABLES, *tables])


def _models(package: ModuleType, base: type[pa.DataFrameModel]) -> list[tuple[str, Any]]:
    """Module name → the one model in it, by name."""
    found = []
    for module in pkgutil.iter_modules(package.__path__):
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        models = [
            model
            for _, model in inspect.getmembers(loaded, inspect.isclass)
            if issubclass(model, base) and model.__module__ == loaded.__name__ and model is not base
        ]
        found += [(module.name, model) for model in models]
    return found


def _file(stem: str, model: type[CanonicalFile]) -> str:
    descriptions = model.to_schema().columns
    rows = [
        [
            f"`{name}`",
            said["kind"],
            _need(said),
            _rules(said),
            _described(str(descriptions[name].description), said["es"]),
        ]
        for name, said in model.fields().items()
    ]
    return _section(f"`{stem}_*`", model, ["column", "kind", "", "rules", "meaning"], rows)


def _need(said: dict[str, Any]) -> str:
    return "required" if said["required"] else "may be empty" if said["in_file"] else "not in this file"


def _rules(said: dict[str, Any]) -> str:
    rules = rules_of(said["kind"], required=said["required"], allowed=said["allowed"])
    return ", ".join(dict.fromkeys(f"`{rule.name}`" for rule in rules))


def _table(stem: str, model: type[Table]) -> str:
    columns = model.to_schema().columns
    rows = [
        [
            f"`{name}`" + (" (key)" if name in model.key() else ""),
            _arrow(kind),
            KINDS[kind].unit,
            _described(str(columns[name].description), (columns[name].metadata or {})["es"]),
        ]
        for name, kind in model.kinds().items()
    ]
    return _section(f"`{stem}`", model, ["column", "type", "unit", "meaning"], rows)


def _arrow(kind: str) -> str:
    return str(KINDS[kind].arrow)


def _described(description: str, es: str) -> str:
    return f"{description} (*{es}*)" if es else description


def _section(title: str, model: type[pa.DataFrameModel], head: list[str], rows: list[list[str]]) -> str:
    lines = [f"### {title}", "", inspect.getdoc(model) or "", "", _line(head), _line(["---"] * len(head))]
    return "\n".join([*lines, *(_line(row) for row in rows), ""])


def _line(cells: list[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` say whether it is up to date; the exit code."""
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text, "utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text("utf-8") == text:
        return 0
    print("docs/schemas.md is out of date: run python -m schemas.document", file=sys.stderr)  # noqa: T201 - a command
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
