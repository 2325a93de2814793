"""`quincena layout`: the layouts there are, what one makes of a file, and the beginning of a new one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipelines.commands import console, layout_words
from pipelines.commands.layout_draft import draft
from pipelines.commands.messages import (
    BAD_LAYOUT,
    BAD_LAYOUT_NAME,
    LAYOUT_EXISTS,
    NO_FILE,
    UNKNOWN_LAYOUT,
    UNREADABLE_FILE,
    Fault,
)
from pipelines.engine.landing import SHOWN_REJECTIONS
from pipelines.outputs import amounts
from pipelines.outputs.labels import FIGURES, REJECTED_ROW, REJECTION, say
from pipelines.readers import ReadFile, sketch, trial
from pipelines.readers.layout import LayoutError
from pipelines.readers.layout_files import QUESTION, layout_for, layouts, parse
from pipelines.readers.refusal import Refused
from pipelines.store import inbox
from pipelines.store.files import write_atomically

if TYPE_CHECKING:
    from pipelines.commands.session import Session
    from pipelines.readers.layout import Layout

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")
_PARTS: Final = ("valid", "malformed", "expected")


def list_all(session: Session, *, as_json: bool) -> None:
    """Tell of every layout, by name."""
    for layout in layouts():
        since, until = layout.effective.since, layout.effective.until
        if as_json:
            days = {"from": str(since or "") or None, "until": str(until or "") or None}
            named = {"name": layout.name, "kind": layout.kind, "mechanics": layout.mechanics}
            told = {"patterns": layout.patterns, "description": layout.description, "effective": days}
            console.answer_json({**named, **told})
            continue
        words = ((layout_words.HOLDS_FROM, since), (layout_words.HOLDS_UNTIL, until))
        held = " ".join(say(word, session.language, day=day) for word, day in words if day)
        held = held or say(layout_words.ALWAYS, session.language)
        console.answer(
            console.text(layout.name, "bold"),
            console.text(f"  {layout.kind} · {layout.mechanics} · {', '.join(layout.patterns)} · {held}"),
            console.text(f"  {layout.description}"),
        )


def check(session: Session, files: list[Path], layout: str, rows: int, *, as_json: bool) -> None:
    """Tell which layout fits each file, and what its first ``rows`` rows give; raises ``Fault``."""
    asked = _layout(layout) if layout else None
    missing = next((path for path in files if not path.exists() and not path.is_symlink()), None)
    if missing is not None:
        raise Fault(NO_FILE, path=missing)
    for path in files:
        name, content = inbox.printable(path.name), _content(path)
        found, others = _read(name, content, asked)
        if as_json:
            console.answer_json(_document(name, found, others, rows))
        else:
            console.answer(*(console.text(line) for line in _lines(name, found, others, rows, session.language)))


def begin(session: Session, name: str, sample_file: Path | None, kind: str, output: Path) -> None:
    """Write the layout file and the empty folders of its fixtures under ``output/name``; raises ``Fault``."""
    if not _NAME.fullmatch(name):
        raise Fault(BAD_LAYOUT_NAME, found=name)
    if any(name == layout.name for layout in layouts()) or (output / name).exists():
        raise Fault(LAYOUT_EXISTS, path=output / name)
    if sample_file is not None and not sample_file.is_file():
        raise Fault(NO_FILE, path=sample_file)
    known = sketch.of_file(_content(sample_file)) if sample_file else sketch.Sketch()
    text = draft(name, kind, known, session.language)
    for part in _PARTS:
        (output / name / part).mkdir(parents=True, exist_ok=True)
    path = output / name / f"{name}.toml"
    write_atomically(path, text.encode())
    asked = sum(f'"{QUESTION}"' in line for line in text.splitlines() if not line.startswith("#"))
    console.message(console.text(say(layout_words.BEGUN, session.language, path=path, questions=asked)))


def _layout(asked: str) -> Layout:
    """The layout of a name, or of a file that is not yet among the layouts."""
    try:
        if asked.endswith(".toml"):
            return _layout_of_file(asked)
        known = {layout.name: layout for layout in layouts()}
    except LayoutError as error:
        raise Fault(BAD_LAYOUT, detail=error) from None
    if asked not in known:
        raise Fault(UNKNOWN_LAYOUT, found=asked, names=", ".join(known))
    return known[asked]


def _layout_of_file(asked: str) -> Layout:
    path = Path(asked)
    if not path.is_file():
        raise Fault(NO_FILE, path=path)
    try:
        return parse(path.stem, path.read_text("utf-8"))
    except UnicodeDecodeError:
        raise Fault(BAD_LAYOUT, detail=f"{path}: not UTF-8") from None


def _content(path: Path) -> bytes:
    try:
        return inbox.fetch(path)
    except (inbox.ChangingError, inbox.UnreadableError) as error:
        raise Fault(UNREADABLE_FILE, path=path, detail=error) from None


def _read(name: str, content: bytes, asked: Layout | None) -> tuple[ReadFile | None, list[ReadFile]]:
    """The file as its layout reads it; where its name chooses none, as every layout would, and as the only that can."""
    try:
        layout = asked or layout_for(name)
    except Refused as refused:
        return ReadFile(refusal=refused.message(name)), []
    if layout is not None:
        return trial.try_layout(name, content, layout), []
    others = trial.try_all(name, content)
    able = [found for found in others if not found.refusal]
    return (able[0] if len(able) == 1 else None), others


def _document(name: str, found: ReadFile | None, others: list[ReadFile], rows: int) -> dict[str, Any]:
    tried = {each.layout: each.refusal for each in others}
    if found is None:
        return {"file_name": name, "layout": "", "tried": tried}
    figures = {
        "rows": found.data_rows,
        "rejected_rows": found.rejections.num_rows,
        "amount_centavos": found.amount_centavos,
    }
    place = {"hold": found.hold, "series": found.series, "number": found.number}
    told = {"read": trial.canonical_rows(found, rows), "rejections": _rejections(found)}
    return {"file_name": name, "layout": found.layout, "refusal": found.refusal, **place, **figures, **told} | (
        {"tried": tried} if others else {}
    )


def _lines(name: str, found: ReadFile | None, others: list[ReadFile], rows: int, language: str) -> list[str]:
    lines = _tried(name, others, language) if others else []
    if found is None:
        able = any(not each.refusal for each in others)
        return [*lines, f"  {say(layout_words.SEVERAL if able else layout_words.NONE, language)}"]
    if found.refusal:
        words = layout_words.NOT_READ_BY if found.layout else layout_words.NOT_CHOSEN
        return [f"{name}: {say(words, language, layout=found.layout)}", f"  {found.refusal}"]
    return [
        *lines,
        f"{name}: {say(layout_words.READ_BY, language, layout=found.layout)}",
        *_told(found, rows, language),
    ]


def _tried(name: str, others: list[ReadFile], language: str) -> list[str]:
    """A line for every layout: that it would read the file, or why not."""
    names = {layout.name: ", ".join(layout.patterns) for layout in layouts()}
    lines = [f"{name}: {say(layout_words.NO_NAME, language)}"]
    for each in others:
        reason = each.refusal.removeprefix(f"{name}: ").removeprefix(f"{name}, ")
        figures = {"rows": f"{each.data_rows:,}", "rejected": f"{each.rejections.num_rows:,}"}
        words = layout_words.WOULD_REFUSE if each.refusal else layout_words.WOULD_READ
        patterns = names[each.layout]
        lines.append("  " + say(words, language, layout=each.layout, reason=reason, patterns=patterns, **figures))
    return lines


def _told(found: ReadFile, rows: int, language: str) -> list[str]:
    """Place, figures, rows and rejections of a file that reads."""
    figures = {
        "rows": f"{found.data_rows:,}",
        "rejected": f"{found.rejections.num_rows:,}",
        "amount": amounts.shown(found.amount_centavos),
    }
    lines = [say(FIGURES, language, **figures)]
    if found.series:
        lines.append(say(layout_words.NUMBER, language, number=found.number, series=found.series))
    if found.hold:
        lines.append(say(layout_words.HOLD, language, reason=found.hold))
    shown, rejected = trial.canonical_rows(found, rows), _rejections(found)
    lines += [_row(row, language) for row in shown]
    more, more_rejected = found.data_rows - found.rejections.num_rows - len(shown), found.rejections.num_rows
    lines += [say(layout_words.MORE_ROWS, language, count=f"{more:,}")] if more else []
    lines += [say(REJECTION if each["column"] else REJECTED_ROW, language, **each) for each in rejected]
    more_rejected -= len(rejected)
    lines += [say(layout_words.MORE_REJECTIONS, language, count=f"{more_rejected:,}")] if more_rejected else []
    return [f"  {line}" for line in lines]


def _row(row: dict[str, Any], language: str) -> str:
    place = say(layout_words.ROW_OF_SHEET if row["sheet"] else layout_words.ROW, language, **row)
    fields = [f"{name}={text}" for name, text in row.items() if name not in {"sheet", "row"}]
    return " · ".join([place, *fields])


def _rejections(found: ReadFile) -> list[dict[str, Any]]:
    kept = found.rejections.slice(0, SHOWN_REJECTIONS).drop_columns(["sha256"])
    rejections: list[dict[str, Any]] = kept.to_pylist()
    return rejections
