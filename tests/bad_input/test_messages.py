"""Every message says file, place, what was found, what was expected and what to do, and shows no value of a row."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pipelines.engine import reading
from pipelines.readers import read_file
from pipelines.readers.layout_files import layouts
from pipelines.rules.decisions import REJECTED
from schemas.files.fields import REQUIRED, RULES, one_of
from tests.architecture.tree import ROOT, modules
from tests.bad_input.landing import (
    CANARIES,
    CLABE,
    CURP,
    LINE,
    NAME,
    NSS,
    OTHER_CURP,
    OTHER_NSS,
    SOUND,
    canonical,
    header,
    offer,
    reconciled,
    record,
    refused,
    row_file,
)
from tests.bad_input.lint import NOTHING_TO_DO, VERBS, faults_of_reason, faults_of_refusal, values_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.readers import ReadFile

FILES: Final = sorted(
    path for part in ("valid", "malformed") for path in (ROOT / "fixtures" / "formats").glob(f"*/{part}/*")
)
TEXTS: Final = [path for path in FILES if path.parent.name == "valid" and path.suffix != ".xlsx"]
PERSONAL: Final = (
    *("nss", "curp", "full_name", "email", "sender_name", "sender_account", "receiver_account", "capture_line"),
    *("capture_line_written", "monthly_income", "postal_code"),
)
"""Columns of rows whose values are of a person or an account."""
SPOILT: Final = (f"{NAME} {NSS}", f"-{NSS}.46", f"{CURP}\0", f"{CLABE}|{LINE}", f"{NAME}\n", "9" * 1100, "")
"""What stands in a field where something else belongs, made of values that no message may show."""


def faults_of(found: ReadFile, name: str, values: set[str]) -> list[tuple[str, object]]:
    """(message, what is wrong with it) of every message of a file that was read."""
    told = {reason: faults_of_reason(reason) for reason in found.rejections["reason"].unique().to_pylist()}
    if found.refusal:
        told = {found.refusal: faults_of_refusal(found.refusal, name)}
    shown = {message: values_in(message, values) for message in told}
    return [(message, wrong) for message in told for wrong in (told[message], shown[message]) if wrong]


def personal(found: ReadFile) -> set[str]:
    """The values of the sound rows of a file that are of a person or an account."""
    if found.rows is None:
        return set()
    columns = [name for name in PERSONAL if name in found.rows.column_names]
    return {str(value) for name in columns for value in found.rows[name].to_pylist() if value}


@pytest.mark.parametrize("layout", sorted({path.parts[-3] for path in FILES}))
def test_every_message_about_the_files_of_a_format_says_what_it_must(layout: str) -> None:
    files = [path for path in FILES if path.parts[-3] == layout]
    found = {path.name: read_file(path.name, path.read_bytes()) for path in files}
    values = {value for read in found.values() for value in personal(read)}
    assert [fault for name, read in found.items() for fault in faults_of(read, name, values)] == []


@pytest.mark.parametrize("kind", SOUND)
def test_no_reason_for_a_row_shows_what_stands_in_it(kind: str) -> None:
    rows = [record(kind, **{column: text}) for column in SOUND[kind] for text in SPOILT]
    found = read_file(f"{kind}_1.csv", canonical(kind, *rows))
    assert found.refusal == ""
    assert found.rejections.num_rows >= len(SOUND[kind])
    assert faults_of(found, f"{kind}_1.csv", {*CANARIES, *SPOILT}) == []


def cut(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], lines[-1][: len(lines[-1]) // 2]]


def quote(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], lines[-1].replace(b" ", b' "', 1)]


def twice(lines: list[bytes]) -> list[bytes]:
    return [*lines, lines[-1]]


def headless(lines: list[bytes]) -> list[bytes]:
    return lines[1:]


def endless(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def turned(lines: list[bytes]) -> list[bytes]:
    return lines[::-1]


def other_digits(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *(line.replace(b"0", b"O") for line in lines[1:])]


def other_byte(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], b"\x81" + lines[-1]]


def delimiters(lines: list[bytes]) -> list[bytes]:
    return [re.sub(rb"[,|\t/]", b";", line) for line in lines]


def wider(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], re.sub(rb"([,|\t/>])", rb"\1\1", lines[-1], count=1)]


POLLUTIONS: Final = (cut, quote, twice, headless, endless, turned, other_digits, other_byte, delimiters, wider)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_message_about_a_polluted_file_shows_what_stands_in_it(path: Path) -> None:
    content = path.read_bytes()
    values = personal(read_file(path.name, content))
    lines = content.rstrip(b"\r\n").splitlines(keepends=True)
    spoilt = {b"".join(pollute(lines)) for pollute in POLLUTIONS} - {content}
    found = [read_file(path.name, polluted) for polluted in sorted(spoilt)]
    assert [fault for read in found for fault in faults_of(read, path.name, values)] == []
    assert any(read.refusal or read.rejections.num_rows for read in found)


def test_a_name_that_no_layout_has_says_which_names_there_are(tmp_path: Path) -> None:
    message = refused(tmp_path, "notes.csv", canonical("bank_transfers"))
    assert "found a name that no layout has; expected one of " in message
    assert message.endswith("; rename the file, or declare a layout for its sender")


def test_a_file_that_is_none_says_so_and_what_to_do(tmp_path: Path) -> None:
    inbox = tmp_path / "home" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "bank_transfers_link.csv").symlink_to(inbox)
    (inbox / "bank_transfers_folder.csv").mkdir()
    landed = offer(tmp_path, {})
    for name in ("bank_transfers_link.csv", "bank_transfers_folder.csv"):
        assert landed.receipt(name).outcome == "refused"
        assert "expected a regular file" in landed.receipt(name).reason


def test_a_fault_of_a_reader_is_told_without_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        message = f"{NSS} {NAME}"
        raise KeyError(message)

    (name,) = [name for name in ("read_stream", "read_file") if name in vars(reading)]
    monkeypatch.setattr(reading, name, fail)
    told = offer(tmp_path, {"bank_transfers_1.csv": canonical("bank_transfers")}).receipt("bank_transfers_1.csv")
    assert told.outcome == "refused"
    assert "KeyError" in told.reason


def test_what_the_rules_reject_says_what_it_must(tmp_path: Path) -> None:
    decisions = [
        record("decisions", approved_by="ana"),
        record("decisions", payment_id=f"bank_transfer|{NSS}"),
        record("decisions"),
        record("decisions", payment_id="bank_transfer|2026-10-06|BANCO AZUL|TK0002", capture_line="NOSUCHLINE"),
    ]
    paid = [record("bank_transfers"), record("bank_transfers", tracking_key="TK0002", concept="pago")]
    people = [
        record("registrants"),
        record("registrants", nss=OTHER_NSS, curp=OTHER_CURP),
        record("registrants", nss=OTHER_NSS, curp=CURP),
    ]
    lines = [record("capture_lines", capture_line="CONFLICT1", amount_due=due) for due in ("1450.00", "73915.46")]
    files = {
        "registrants_1.csv": canonical("registrants", *people),
        "capture_lines_1.csv": canonical("capture_lines", record("capture_lines"), *lines),
        "bank_transfers_1.csv": canonical("bank_transfers", *paid),
        "decisions_1.csv": canonical("decisions", *decisions),
    }
    told = reconciled(tmp_path, files)["rejections"]
    assert {"registry_conflict", "same_signer", "unknown_payment", "line_not_issued"} <= set(told["rule"])
    for reason in told["reason"].unique():
        assert faults_of_reason(reason) == []
        assert values_in(reason, (*CANARIES, "73915.46")) == []


def test_every_reason_written_down_says_what_it_must() -> None:
    reasons = [rule.reason for rules in RULES.values() for rule in rules]
    reasons += [REQUIRED.reason, one_of(["a"]).reason, *(reason for _, _, reason in REJECTED.values())]
    reasons += [case.reject.reason for layout in layouts() for case in layout.cases if case.reject]
    assert {reason: faults_of_reason(reason) for reason in reasons if faults_of_reason(reason)} == {}


def test_every_refusal_written_down_ends_with_what_to_do() -> None:
    trees = {name: ast.parse(source) for name, source in modules("pipelines/readers")}
    everywhere = [ast.Module([node for tree in trees.values() for node in tree.body], [])]
    faults = []
    for module, tree in trees.items():
        for call, around in refusals(tree):
            remedies = texts(remedy(call), [around, tree, *everywhere])
            faults += [(module, call.lineno, text) for text in remedies if text.split()[0].strip(",") not in VERBS]
            faults += [(module, call.lineno, "unknown")] if not remedies else []
    assert faults == []


def refusals(tree: ast.Module) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Every place that refuses with texts of its own, and the function around it."""
    around: dict[ast.Call, ast.AST] = {}
    for function in (tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))):
        around |= {node: function for node in ast.walk(function) if isinstance(node, ast.Call)}
    for call, function in around.items():
        is_refusal = isinstance(call.func, ast.Name) and call.func.id in {"Refused", "RefusedError"}
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        is_passed_on = any(isinstance(value, ast.Starred | ast.Subscript) for value in given)
        if is_refusal and not is_passed_on:
            yield call, function


def remedy(call: ast.Call) -> ast.expr:
    """What a refusal asks for; its third text."""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    return named["remedy"] if "remedy" in named else call.args[2]


def texts(node: ast.expr, scopes: list[ast.AST]) -> list[str]:
    """The texts, or how they begin, that an expression may be; a name is looked up in the first scope that has it."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return texts(node.values[0], scopes)
    if isinstance(node, ast.FormattedValue):
        return texts(node.value, scopes)
    if isinstance(node, ast.IfExp):
        return [*texts(node.body, scopes), *texts(node.orelse, scopes)]
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    found = next((values for scope in scopes if (values := assigned(scope).get(name))), [])
    return [text for value in found for text in texts(value, scopes)]


@cache
def assigned(scope: ast.AST) -> dict[str, list[ast.expr]]:
    """Name → whatever is assigned to it in a scope."""
    values: dict[str, list[ast.expr]] = {}
    for node in ast.walk(scope):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
    return values


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("a.csv, line 2: found one field, expected two", "is not: file and place, found, expected, what to do"),
        ("b.csv, line 2: found 1 field; expected 2; send it again", "does not begin with the file's name"),
        ("a.csv: found 1 field in a record; expected 2; send it again", "names no place in the file"),
        ("a.csv, line 2: found 1 field; expected 2; a pity", "does not end with what to do"),
    ],
)
def test_a_refusal_that_says_too_little_is_noticed(message: str, fault: str) -> None:
    assert faults_of_refusal(message, "a.csv") == [fault]
    assert faults_of_refusal("a.csv, line 2: found 1 field; expected 2; send it again", "a.csv") == []


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        ("no amount; correct it and send the row again", "does not say what was expected"),
        ("expected an amount", "does not say what was expected"),
        ("expected an amount; that is a pity", "does not end with what to do"),
    ],
)
def test_a_reason_that_says_too_little_is_noticed(reason: str, fault: str) -> None:
    assert fault in faults_of_reason(reason)
    assert faults_of_reason("expected an amount; correct it (and 1 more column of the row failed)") == []
    assert faults_of_reason(f"expected a payment; a prenote is none, {NOTHING_TO_DO}") == []


def test_a_value_that_is_shown_in_part_is_noticed() -> None:
    assert values_in(f"expected 11 digits, found {NSS[2:8]}", CANARIES) == [NSS]
    assert values_in("not for quetzal", (NAME, CLABE)) == [NAME]
    assert values_in(header("registrants"), CANARIES) == []
    assert values_in(row_file("registrants").decode(), CANARIES) != []
