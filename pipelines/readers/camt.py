"""camt.053 statements and camt.054 notifications of any version, by structure (ISO 20022; CONTRACT §4).

A row for each movement, on the line where its element starts. In a file without line ends several movements start on
one line: then the rows of the "sheet" ``movements`` are counted from 1 instead, so that each keeps a place of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow

from pipelines.readers import camt_controls, camt_entries, xml_source
from pipelines.readers.camt_elements import Element
from pipelines.readers.camt_entries import COLUMNS, REMEDY, Movement, Tally
from pipelines.readers.raw import CellFailure, RawRows
from pipelines.readers.refusal import Refused, counted, shown
from schemas.octets import LARGE_TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout

_DOCUMENT: Final = re.compile(r"\{(urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.001\.[0-9]{2})\}Document")
_RECORD: Final = {"camt.053": "Stmt", "camt.054": "Ntfctn"}
_BODY: Final = {"camt.053": "BkToCstmrStmt", "camt.054": "BkToCstmrDbtCdtNtfctn"}
_NO_KEY: Final = "expected a reference of the bank for the movement, found none; ask the bank to state one"


def read(content: bytes, layout: Layout) -> RawRows:
    """The movements of a message as text; raises ``Refused`` where it is another message or does not balance."""
    text = xml_source.checked(content)
    namespace = _namespace(text, layout.camt.message)
    found, accounts = _walk(text, namespace, layout)
    columns = dict(zip(COLUMNS, _transposed([movement.texts for movement in found]), strict=True))
    columns |= dict(zip(("Acct", "Acct.Svcr"), _transposed(accounts, 2), strict=True))
    lines, sheet = _places(found)
    table = pyarrow.table({name: pyarrow.array(columns[name], LARGE_TEXT) for name in layout.columns})
    return RawRows(columns=table, lines=lines, sheet=sheet, failures=_key_failures(columns, layout))


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


def _walk(text: bytes, namespace: str, layout: Layout) -> tuple[list[Movement], list[tuple[str, ...]]]:
    """Every movement of every statement, and account and bank of each; an element once read is forgotten."""
    entry, record = (f"{{{namespace}}}{name}" for name in ("Ntry", _RECORD[layout.camt.message]))
    movements: list[Movement] = []
    accounts: list[tuple[str, ...]] = []
    tally, statements = Tally(), 0
    for _, element in xml_source.events(text, ("end",), (entry, record)):
        if element.tag == entry:
            _check_inside(element, record)
            movements += camt_entries.movements(element, namespace, tally)
            _check_size(len(movements), layout)
            _forget(element, entry)
            continue
        camt_controls.check(element, namespace, tally)
        accounts += [_account(element, namespace)] * (len(movements) - len(accounts))
        tally, statements = Tally(), statements + 1
        element.clear()
    if not statements:
        expected = f"at least one {_RECORD[layout.camt.message]} in {_BODY[layout.camt.message]}"
        raise Refused(found="no statement", expected=expected, remedy=REMEDY)
    return movements, accounts


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


def _transposed(rows: Sequence[tuple[str, ...]], width: int = len(COLUMNS)) -> list[tuple[str, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _places(found: list[Movement]) -> tuple[NDArray[np.int64], str]:
    lines = np.array([movement.line for movement in found], np.int64)
    if np.unique(lines).size == lines.size:
        return lines, ""
    return np.arange(1, lines.size + 1, dtype=np.int64), "movements"


def _key_failures(columns: dict[str, tuple[str, ...]], layout: Layout) -> tuple[CellFailure, ...]:
    """Movements without a reference of the bank."""
    sources = layout.cases[-1].columns["tracking_key"].source
    empty = np.array([not any(texts) for texts in zip(*(columns[name] for name in sources), strict=True)], np.bool_)
    return (CellFailure(sources[0], "tracking_key", _NO_KEY, empty),) if empty.any() else ()
