from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import functions, modules

MODULE_LINES = 300
FUNCTION_LINES = 60
DAGSTER_ROOMS = ("pipelines/defs/", "pipelines/definitions.py", "pipelines/cli.py", "pipelines/commands/")
CLOCKLESS = ("pipelines/rules", "pipelines/readers", "schemas")


def long_functions(source: str) -> list[str]:
    return [
        f"{function.name} ({length})"
        for function in functions(source)
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1) > FUNCTION_LINES
    ]


def clock_readings(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and (
            node.attr in {"now", "today", "utcnow"} or ast.unparse(node) in {"time.time", "time.time_ns"}
        ):
            yield node.lineno


def float_uses(source: str) -> Iterator[int]:
    """Lines that make a float: the type, its names in numpy and Arrow, a literal, a true division."""
    for node in ast.walk(ast.parse(source)):
        made = (
            (isinstance(node, ast.Name) and node.id == "float")
            or (isinstance(node, ast.Attribute) and re.fullmatch(r"float\d*|double|to_numeric", node.attr))
            or (isinstance(node, ast.Constant) and isinstance(node.value, float))
            or (isinstance(node, ast.Constant) and re.fullmatch(r"[Ff]loat\d*|double", str(node.value)))
            or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
        )
        if made and isinstance(node, ast.expr | ast.stmt):
            yield node.lineno


def imports_dagster(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(name.split(".")[0].startswith("dagster") for name in names):
            return True
    return False


def test_no_module_is_too_long_to_read_in_one_go() -> None:
    lengths = {name: text.count("\n") for name, text in modules("pipelines", "schemas")}
    assert len(lengths) > 20
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_no_function_is_too_long_to_see_at_once() -> None:
    found = {name: long_functions(text) for name, text in modules("pipelines", "schemas")}
    assert {name: what for name, what in found.items() if what} == {}


def test_every_module_says_what_belongs_in_it() -> None:
    found = {name: ast.get_docstring(ast.parse(text)) for name, text in modules("pipelines", "schemas")}
    assert [name for name, docstring in found.items() if not docstring] == []


def test_no_float_ever_touches_the_money() -> None:
    found = {name: sorted(float_uses(text)) for name, text in modules("pipelines/rules")}
    assert len(found) > 5
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_no_rule_reader_or_schema_reads_the_clock() -> None:
    found = {name: sorted(clock_readings(text)) for name, text in modules(*CLOCKLESS)}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_dagster_is_imported_only_where_runs_are_defined_or_started() -> None:
    importers = {name for name, text in modules("pipelines", "schemas") if imports_dagster(text)}
    assert importers
    assert {name for name in importers if not name.startswith(DAGSTER_ROOMS)} == set()


@pytest.mark.parametrize(
    "source",
    ["float(x)", "x.astype(float)", "x.astype('float64')", "numpy.float64(1)", "y = 0.5", "y = x / 100", "x /= 100"],
)
def test_a_float_is_noticed(source: str) -> None:
    assert list(float_uses(source)) == [1]


@pytest.mark.parametrize("source", ["datetime.now(UTC)", "date.today()", "time.time()", "pd.Timestamp.utcnow()"])
def test_a_look_at_the_clock_is_noticed(source: str) -> None:
    assert list(clock_readings(source)) == [1]


@pytest.mark.parametrize("source", ["import dagster as dg", "from dagster import asset", "import dagster.core"])
def test_an_import_of_dagster_is_noticed(source: str) -> None:
    assert imports_dagster(source)


def test_a_function_of_more_than_sixty_lines_is_noticed() -> None:
    body = "\n".join("    pass" for _ in range(FUNCTION_LINES))
    assert long_functions(f"def short():\n    pass\n\n\ndef long():\n{body}") == ["long (61)"]
