"""The text of a layout that is begun: what a file says for certain, and a question for everything else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.commands.layout_words import COMMENTS
from pipelines.outputs.labels import say
from pipelines.readers.kinds import FILE_MODELS
from pipelines.readers.layout_files import MECHANICS, QUESTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.readers.sketch import Sketch


def draft(name: str, kind: str, sketch: Sketch, language: str) -> str:
    """The TOML of layout ``name``; ``kind`` may be empty, which is a question too."""
    head = [_comment("head", language, name=name), _comment("manual", language)]
    described = [
        _line("description", QUESTION, _say("description", language)),
        _line("patterns", [QUESTION], _say("patterns", language, name=name)),
    ]
    if sketch.like:
        return _joined([*head, _line("like", sketch.like, _say("like", language)), *described])
    return _joined([*head, *described, *_mechanics(kind, sketch, language), *_fields(kind, sketch, language)])


def _mechanics(kind: str, sketch: Sketch, language: str) -> list[str]:
    mechanics = _say("mechanics", language, choices=", ".join(MECHANICS))
    if sketch.record_length:
        mechanics += f"; {_say('fixed', language, length=sketch.record_length)}"
    return [
        _line("kind", kind or QUESTION, _say("kind", language, choices=", ".join(FILE_MODELS))),
        _line("mechanics", sketch.mechanics or QUESTION, mechanics),
        _comment("columns", language),
        _line("columns", list(sketch.columns) or [QUESTION]),
        *_section(sketch, language),
        "",
        _comment("types", language),
        "[types]",
        *(f"# {json.dumps(column, ensure_ascii=False)} = {json.dumps(QUESTION)}" for column in sketch.columns),
        "",
        _comment("dates", language),
        "[dates]",
        _line("pattern", QUESTION, "DD/MM/YYYY, YYYY-MM-DD, …"),
        _line("zone", QUESTION),
        "",
        _comment("controls", language),
    ]


def _section(sketch: Sketch, language: str) -> list[str]:
    """The section of the mechanics, where these are certain."""
    if sketch.mechanics == "workbook":
        sheet = _line("sheet", sketch.sheet or QUESTION, _say("sheet", language))
        titles = "title_rows = 0" if sketch.columns else _line("title_rows", QUESTION, _say("title_rows", language))
        return ["", "[workbook]", sheet, titles]
    if sketch.mechanics == "delimited":
        why = "encoding" if sketch.encoding else "ascii" if sketch.only_ascii else "not_utf8"
        encoding = _line("encoding", sketch.encoding or QUESTION, _say(why, language))
        return ["", "[delimited]", encoding, _line("delimiter", sketch.delimiter, _say("delimiter", language))]
    return []


def _fields(kind: str, sketch: Sketch, language: str) -> list[str]:
    if not kind:
        return ["", _comment("fields", language), "[fields]", _comment("no_kind", language)]
    fields = FILE_MODELS[kind].fields()
    columns = [f"# {', '.join(sketch.columns)}"] if sketch.columns else []
    return ["", _comment("fields", language), *columns, "[fields]"] + [
        _field(column, said, language) for column, said in fields.items()
    ]


def _field(column: str, said: Mapping[str, Any], language: str) -> str:
    told = [_say("required" if said["required"] else "optional", language), said["es"], ", ".join(said["allowed"])]
    comment = " · ".join(part for part in told if part)
    if said["required"]:
        return _line(column, QUESTION, comment)
    return f"# {column} = {{ source = [{json.dumps(QUESTION)}] }} # {comment}"


def _line(key: str, value: str | list[str], comment: str = "") -> str:
    # A TOML string is written as JSON writes it.
    return f"{key} = {json.dumps(value, ensure_ascii=False)}" + (f" # {comment}" if comment else "")


def _comment(word: str, language: str, /, **values: object) -> str:
    return f"# {_say(word, language, **values)}"


def _say(word: str, language: str, /, **values: object) -> str:
    return say(COMMENTS[word], language, **values)


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
