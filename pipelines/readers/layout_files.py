"""Layout files: one TOML a sender, read once and checked whole; what is missing or amiss stops the program."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import types
import typing
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.readers import distinct, fixed_records, forms, naming, sequence
from pipelines.readers.kinds import FILE_MODELS
from pipelines.readers.layout import Case, Delimited, Expression, Layout, LayoutError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TYPES: Final = ("amount", "amount_or_none", "balance", "date", "rate", "text")
QUESTION: Final = "?"
MECHANICS: Final = ("bai2", "camt", "cep", "delimited", "fixed_width", "mt940", "nacha", "workbook")

Part = TypeVar("Part")


@cache
def layouts() -> tuple[Layout, ...]:
    """Every layout there is, by name; raises ``LayoutError``, also where a name might be of two of them."""
    folder = resources.files("pipelines.readers") / "layouts"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    found = tuple(parse(file.name.removesuffix(".toml"), file.read_text("utf-8")) for file in files)
    naming.check(found)
    return found


def layout_for(file_name: str) -> Layout | None:
    """The layout whose name pattern the file has; None where there is none.

    Raises ``Refused`` where the name has a date on which none of the layouts of such names holds.
    """
    return naming.choose(file_name, layouts())


def first_numbers() -> dict[str, int]:
    """Series, or name of a layout for all its other series → the number of the first file that must be there."""
    return sequence.first_numbers(layouts())


def parse(name: str, text: str) -> Layout:
    """The layout called ``name`` that the TOML ``text`` describes; raises ``LayoutError`` naming the key at fault."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"layout {name}: {error}"
        raise LayoutError(message) from None
    questions = list(_questions(said))
    if questions:
        message = f"layout {name}: not answered yet: {', '.join(questions)} (every {QUESTION!r} is a question)"
        raise LayoutError(message)
    said = _inherited(name, said)
    base = said.pop("fields", {})
    cases = [*said.pop("cases", []), {}]
    if said.get("canonical"):
        base = {column: {"source": [column]} for column in _model(name, said).header()}
        said["columns"] = list(base)
    said["cases"] = [{**case, "columns": {**base, **case.get("columns", {})}} for case in cases]
    layout = _build(Layout, {"name": name, **said}, f"layout {name}")
    _check(layout)
    return layout


def _inherited(name: str, said: dict[str, Any]) -> dict[str, Any]:
    """With ``like = "other"``, everything that layout says and this one does not say itself, section by section."""
    if "like" not in said:
        return said
    file = resources.files("pipelines.readers") / "layouts" / f"{said['like']}.toml"
    other = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {"like": ""}
    if "like" in other:
        message = f"layout {name}: like names no layout that stands for itself"
        raise LayoutError(message)
    return {**other, **{key: value for key, value in said.items() if key != "like"}}


def _questions(said: Any, where: str = "") -> Iterator[str]:  # noqa: ANN401 - whatever a TOML file holds
    """The keys whose value is still the question that ``quincena layout new`` left there."""
    if said == QUESTION:
        yield where
    parts = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, value in parts:
        yield from _questions(value, where if isinstance(key, int) else f"{where}.{key}".lstrip("."))


def _model(name: str, said: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a model class
    kind = said.get("kind")
    if kind not in FILE_MODELS:
        message = f"layout {name}: kind is not one of {', '.join(FILE_MODELS)}"
        raise LayoutError(message)
    return FILE_MODELS[kind]


def _build(part: type[Part], said: Mapping[str, Any], where: str) -> Part:
    """The dataclass ``part`` out of a TOML table with exactly its keys."""
    hints = _hints(typing.cast("Any", part))
    declared = {key_of(field): field for field in dataclasses.fields(part)}  # type: ignore[arg-type]
    unknown = sorted(set(said) - set(declared))
    missing = sorted(
        name
        for name, field in declared.items()
        if name not in said and field.default is field.default_factory is dataclasses.MISSING
    )
    if unknown or missing:
        message = f"{where}: unknown keys {unknown}, missing keys {missing}"
        raise LayoutError(message)
    fields = {name: declared[name].name for name in said}
    return part(**{fields[name]: _value(hints[fields[name]], said[name], f"{where}, {name}") for name in said})


@cache
def _hints(part: type[Any]) -> dict[str, Any]:
    """The types of a dataclass's fields; hundreds of parts are of a dozen classes."""
    return typing.get_type_hints(part)


def key_of(field: dataclasses.Field[Any]) -> str:
    """The key of a layout file that fills a field: its name, but where that is a word of the language."""
    key: str = field.metadata.get("key", field.name)
    return key


def _value(hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - whatever the field holds
    hint = (
        next((choice for choice in typing.get_args(hint) if choice is not types.NoneType), hint)
        if _optional(hint)
        else hint
    )
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and isinstance(value, list):
        return tuple(_value(arguments[0], item, where) for item in value)
    if origin is dict and isinstance(value, dict):
        return {key: _value(arguments[1], item, f"{where}.{key}") for key, item in value.items()}
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return _build(typing.cast("type[Any]", hint), value, where)
    if origin is None and type(value) is hint:
        return value
    message = f"{where}: expected {getattr(hint, '__name__', hint)}, found {type(value).__name__}"
    raise LayoutError(message)


def _optional(hint: Any) -> bool:  # noqa: ANN401 - a type
    return isinstance(hint, types.UnionType)


def _check(layout: Layout) -> None:
    """The demands that go beyond one key."""
    faults = [*_faults_of_layout(layout)]
    for case in layout.cases:
        faults += _faults_of_case(layout, case)
    if faults:
        message = f"layout {layout.name}: {'; '.join(dict.fromkeys(faults))}"
        raise LayoutError(message)


def _faults_of_layout(layout: Layout) -> list[str]:
    known = set(layout.columns)
    named = {*layout.types, *layout.aliases.values(), *layout.apostrophes, *_control_columns(layout)}
    faults = [f"no source column {column}" for column in sorted(named - known)]
    faults += [f"unknown type {kind}" for kind in sorted(set(layout.types.values()) - set(TYPES))]
    if layout.kind not in FILE_MODELS:
        faults.append("unknown kind")
    if layout.mechanics not in MECHANICS:
        faults.append("unknown mechanics")
    if layout.controls.totals and layout.mechanics != "workbook":
        faults.append("controls.totals is for mechanics workbook")
    faults += [*_faults_of_delimited(layout.delimited), *_faults_of_standards(layout)]
    if layout.delimited.ragged_rows not in {"refuse", "reject"}:
        faults.append("ragged_rows is neither refuse nor reject")
    if sorted(re.findall("Y+|M+|D+|[A-Z]", layout.dates.pattern)) != ["DD", "MM", "YYYY"]:
        faults.append("dates.pattern does not hold YYYY, MM and DD once each")
    if layout.dates.time not in {"hh:mm:ss", "hh:mm"}:
        faults.append("dates.time is neither hh:mm:ss nor hh:mm")
    if layout.controls.distinct_keys and layout.kind not in distinct.KINDS:
        faults.append(f"distinct_keys is for {', '.join(distinct.KINDS)} only")
    if layout.workbook.sheet and layout.workbook.sheets:
        faults.append("workbook.sheet and workbook.sheets are one too many")
    limits = dataclasses.asdict(layout.limits)
    faults += [f"limits.{name} is not positive" for name, limit in limits.items() if limit <= 0]
    faults += [*naming.faults_of(layout), *sequence.faults_of(layout), *forms.faults_of(layout)]
    return faults + _faults_of_zone(layout) + fixed_records.faults_of(layout)


def _faults_of_delimited(said: Delimited) -> list[str]:
    known = fixed_records.ENCODINGS
    faults = [] if said.encoding in known else [f"delimited.encoding is none of {', '.join(known)}"]
    is_one = len(said.delimiter) == 1 and said.delimiter.isascii() and said.delimiter not in '"\r\n'
    return faults if is_one else [*faults, "delimited.delimiter is not one character that parts columns"]


def _faults_of_standards(layout: Layout) -> list[str]:
    known: dict[str, tuple[str, ...]] = {"camt.message": ("camt.053", "camt.054"), "mt940.message": ("940", "942")}
    known |= dict.fromkeys(["mt940.encoding", "bai2.encoding"], fixed_records.ENCODINGS)
    said = {"camt.message": layout.camt.message, "mt940.message": layout.mt940.message}
    said |= {"mt940.encoding": layout.mt940.encoding, "bai2.encoding": layout.bai2.encoding}
    return [f"{key} is none of {', '.join(choices)}" for key, choices in known.items() if said[key] not in choices]


def _faults_of_zone(layout: Layout) -> list[str]:
    dated = any(expression.date for case in layout.cases for expression in case.columns.values())
    if not layout.dates.zone:
        return ["a local time needs dates.zone"] if dated else []
    try:
        ZoneInfo(layout.dates.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is an OSError
        return ["dates.zone is no time zone"]
    return []


def _control_columns(layout: Layout) -> list[str]:
    balance, totals = layout.controls.running_balance, layout.controls.totals
    named = [] if balance is None else [balance.credit, balance.debit, balance.balance]
    named += [] if balance is None else [column for column in (balance.account, balance.sign) if column]
    return named + ([] if totals is None else [totals.label_column, totals.count_column, *totals.sums])


def _faults_of_case(layout: Layout, case: Case) -> list[str]:
    fields = FILE_MODELS[layout.kind].fields() if layout.kind in FILE_MODELS else {}
    faults = [f"no canonical column {name}" for name in case.columns if name not in fields]
    if case.reject is None:
        required = [name for name, said in fields.items() if said["required"]]
        faults += [f"required column {name} is not filled" for name in required if name not in case.columns]
    faults += [f"no source column {said.column}" for said in case.when if said.column not in layout.columns]
    faults += [f"matches of {said.column} is no pattern" for said in case.when if not _is_pattern(said.matches)]
    for name, expression in case.columns.items():
        faults += [f"{name}: {fault}" for fault in _faults_of_expression(layout, expression)]
    return faults


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _faults_of_expression(layout: Layout, expression: Expression) -> list[str]:
    named = (*expression.source, *((expression.date,) if expression.date else ()))
    faults = [f"no source column {column}" for column in named if column not in layout.columns]
    if (expression.constant is None) != bool(expression.source):
        faults.append("needs either constant or source")
    if expression.extract:
        try:
            groups = re.compile(expression.extract).groups
        except re.error:
            return [*faults, "extract is no pattern"]
        faults += [] if groups == 1 else ["extract needs exactly one group"]
    return faults
