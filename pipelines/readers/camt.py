"""camt.053 statements and camt.054 notifications of any version, by structure (ISO 20022; CONTRACT §4).

A row for each movement, on the line where its element starts. In a file without line ends several movements start on
one line: then the rows of the "sheet" ``movements`` are counted from 1 instead, so that each keeps a place of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow

from pipelines.readers import camt_controls, camt_entries, xml_source
from pipelines.readers.camt_elements import Element
from pipelines.readers.camt_entries import COLUMNS, REMEDY, Tally
from pipelines.readers.raw import CellFailure, RawRows
from pipelines.readers.refusal import Refused, counted, shown
from schemas.octets import LARGE_TEXT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout

_DOCUMENT: Final = re.compile(r"\{(urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.001\.[0-9]{2})\}Document")
_RECORD: Final = {"camt.053": "Stmt", "camt.054": "Ntfctn"}
_BODY: Final = {"camt.053": "BkToCstmrStmt", "camt.054": "BkToCstmrDbtCdtNtfctn"}
_WITH_BALANCES: Final = ("camt.053",)
_NO_KEY: Final = "expected a reference of the bank for the movement, found none; ask the bank to state one"


def read(content: bytes, layout: Layout) -> RawRows:
    """The movements of a message as text; raises ``Refused`` where it is another message or does not balance."""
    text = xml_source.checked(content)
    namespace = _namespace(text, layout.camt.message)
    found = _walk(text, namespace, layout)
    columns = {name: found.texts[place :: len(COLUMNS)] for place, name in enumerate(COLUMNS)}
    columns |= {name: found.accounts[place::2] for place, name in enumerate(("Acct", "Acct.Svcr"))}
    lines, sheet = _places(found.lines)
    table = pyarrow.table({name: pyarrow.array(columns[name], LARGE_TEXT) for name in layout.columns})
    notes = _notes(found.unproven) if layout.camt.message in _WITH_BALANCES else ()
    return RawRows(columns=table, lines=lines, sheet=sheet, failures=_key_failures(columns, layout), notes=notes)


def _namespace(text: bytes, message: str) -> str:
    """The namespace of a document of this message, whatever its version."""
    tag = str(xml_source.root_of(text).tag)
    match = _DOCUMENT.fullmatch(tag)
    if match is None:
        found = f"an element {shown(tag.rpartition('}')[2])} that is no ISO 20022 document with a version"
        raise Refused(found=found, expected=f"a Document of {message}", remedy="send the bank's file as it is", line=1)
    if match[2] != message:
        remedy = f"ask the bank for {message}, or send the file under the name of its own layout"
        raise Refused(found=f"a document of {match[2]}", expected=f"a document of {message}", remedy=remedy, line=1)
    return match[1]


class _Found(NamedTuple):
    """What movements say, one after another, in lists of plain values: these cost the collector of garbage nothing."""

    lines: list[int]
    texts: list[str]
    accounts: list[str]
    unproven: list[int]
    """Lines of the statements with entries, and without an opening or a closing balance."""


def _walk(text: bytes, namespace: str, layout: Layout) -> _Found:
    """Every movement of every statement, and account and bank of each; an element once read is forgotten."""
    entry, record = (f"{{{namespace}}}{name}" for name in ("Ntry", _RECORD[layout.camt.message]))
    found = _Found([], [], [], [])
    tally, statements = Tally(), 0
    for _, element in xml_source.events(text, ("end",), (entry, record)):
        if element.tag == entry:
            _check_inside(element, record)
            for movement in camt_entries.movements(element, namespace, tally):
                found.lines.append(movement.line)
                found.texts.extend(movement.texts)
            _check_size(len(found.lines), layout)
            _forget(element, entry)
            continue
        if not camt_controls.check(element, namespace, tally) and tally.counts:
            found.unproven.append(element.sourceline)
        found.accounts.extend(_account(element, namespace) * (len(found.lines) - len(found.accounts) // 2))
        tally, statements = Tally(), statements + 1
        element.clear()
    if not statements:
        expected = f"at least one {_RECORD[layout.camt.message]} in {_BODY[layout.camt.message]}"
        raise Refused(found="no statement", expected=expected, remedy=REMEDY)
    return found


def _check_inside(element: Element, record: str) -> None:
    if element.getparent().tag != record:
        raise Refused(
            found="an entry outside of a statement",
            expected="entries within it",
            remedy=REMEDY,
            line=element.sourceline,
        )


def _check_size(rows: int, layout: Layout) -> None:
    if rows > layout.limits.rows:
        limit = f"at most {counted(layout.limits.rows, 'movement')}"
        raise Refused(
            found=f"more than {counted(layout.limits.rows, 'movement')}",
            expected=limit,
            remedy="split the file, send the parts",
        )


def _forget(element: Element, entry: str) -> None:
    """Free what was read: the entry's content, and the empty entry before it."""
    element.clear()
    before = element.getprevious()
    if before is not None and before.tag == entry:
        element.getparent().remove(before)


def _account(statement: Element, namespace: str) -> tuple[str, str]:
    """The account of a statement and the bank that keeps it, each empty where it is not named."""
    space = {"n": namespace}
    bank = "n:Acct/n:Svcr/n:FinInstnId"
    paths = (
        ("n:Acct/n:Id/n:IBAN", "n:Acct/n:Id/n:Othr/n:Id"),
        (f"{bank}/n:BICFI", f"{bank}/n:BIC", f"{bank}/n:ClrSysMmbId/n:MmbId"),
    )
    account, servicer = (
        next((text.strip() for path in choice if (text := statement.findtext(path, "", space))), "") for choice in paths
    )
    return account, servicer


def _notes(lines: list[int]) -> tuple[str, ...]:
    """A page of a statement may come without balances, and so may a file from which pages are missing."""
    if not lines:
        return ()
    first = (
        f"{counted(len(lines), 'statement')} with entries but no opening and closing balance, first on line {lines[0]}"
    )
    return (f"{first}: see at the bank that no entry is missing",)


def _places(found: list[int]) -> tuple[NDArray[np.int64], str]:
    lines = np.array(found, np.int64)
    if np.unique(lines).size == lines.size:
        return lines, ""
    return np.arange(1, lines.size + 1, dtype=np.int64), "movements"


def _key_failures(columns: dict[str, list[str]], layout: Layout) -> tuple[CellFailure, ...]:
    """Movements without a reference of the bank."""
    sources = layout.cases[-1].columns["tracking_key"].source
    empty = np.array([not any(texts) for texts in zip(*(columns[name] for name in sources), strict=True)], np.bool_)
    return (CellFailure(sources[0], "tracking_key", _NO_KEY, empty),) if empty.any() else ()
