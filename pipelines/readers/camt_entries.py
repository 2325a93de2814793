"""The entries of camt statements and notifications, taken apart one by one: a row for each movement (ISO 20022).

An entry is one movement, or a batch booking whose transaction details are the movements. Rows are texts under the
standard's own names; a reference of a batch booking as a whole is no reference of its movements and is left empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pipelines.readers import decimals
from pipelines.readers.camt_elements import Element, Texts, collect, tags, tree
from pipelines.readers.refusal import Refused, counted

REMEDY: Final = "ask the sender for the whole file as it was exported"
COLUMNS: Final = (
    "Sts",
    "CdtDbtInd",
    "RvslInd",
    "RtrInf.Rsn",
    "Amt",
    "Ccy",
    "BookgDt.Dt",
    "BookgDt.Tm",
    "BookgDt.DtTm",
    "IntrBkSttlmDt",
    "Refs.AcctSvcrRef",
    "AcctSvcrRef",
    "NtryRef",
    "DbtrAgt",
    "Dbtr.Nm",
    "DbtrAcct",
    "RmtInf",
    "Refs.EndToEndId",
    "Text",
)
"""The columns of a movement; ``Text`` is all that the payer wrote (else what the bank adds). Of its account come
``Acct`` and ``Acct.Svcr``."""

_DIRECTIONS: Final = frozenset({"CRDT", "DBIT"})
_MOMENT: Final = re.compile(r"([0-9-]{10})T([0-9:]{8})(?:\.([0-9]{1,6})0*)?(Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass
class Tally:
    """What the entries of a statement come to, for its controls: units by currency, direction and booked or not."""

    sums: dict[tuple[str, str, bool], int] = field(default_factory=dict)
    counts: dict[tuple[str, bool], int] = field(default_factory=dict)
    unread: bool = False

    def add(self, entry: Texts, amount: int | None) -> None:
        """Count one entry; one whose amount cannot be read leaves the sums unchecked."""
        booked, direction = entry["Sts"] == "BOOK", entry["CdtDbtInd"]
        self.counts[direction, booked] = self.counts.get((direction, booked), 0) + 1
        if amount is None:
            self.unread = True
            return
        place = (entry["Amt@Ccy"], direction, booked)
        self.sums[place] = self.sums.get(place, 0) + amount


class Movement(NamedTuple):
    """The line on which a movement starts, and its texts in the order of ``COLUMNS``."""

    line: int
    texts: tuple[str, ...]


def movements(entry: Element, namespace: str, tally: Tally) -> list[Movement]:
    """The movements of one ``Ntry`` element; raises ``Refused`` where it is not whole or its batch does not add up."""
    found = collect(entry, tree(namespace, "entry"))
    _check_whole(entry, found)
    amount = decimals.units(found["Amt"])
    tally.add(found, amount)
    details = _details(entry, namespace)
    if len(details) < 2:  # noqa: PLR2004 - one detail describes the entry, it does not divide it
        return [Movement(entry.sourceline, _row(found, details[0][1] if details else {}, found["Amt"], alone=True))]
    parts = [(element.sourceline, detail, _part(found, detail)) for element, detail in details]
    _check_batch(entry, found, amount, parts)
    return [
        Movement(line, _row(found | {"CdtDbtInd": detail.get("CdtDbtInd") or found["CdtDbtInd"]}, detail, part))
        for line, detail, part in parts
    ]


def _check_whole(entry: Element, found: Texts) -> None:
    is_whole = found.get("Amt") and found.get("Amt@Ccy") and found.get("Sts")
    if is_whole and found.get("CdtDbtInd") in _DIRECTIONS:
        return
    missing = [name for name in ("Amt", "CdtDbtInd", "Sts") if not found.get(name)]
    missing += [] if found.get("Amt@Ccy") else ["Ccy"]
    if missing:
        lacking = f"an entry without {', '.join(missing)}"
        raise Refused(
            found=lacking,
            expected="Amt with Ccy, CdtDbtInd and Sts in every entry",
            remedy=REMEDY,
            line=entry.sourceline,
        )
    raise Refused(
        found="another word", expected="CRDT or DBIT", remedy=REMEDY, line=entry.sourceline, column="CdtDbtInd"
    )


def _details(entry: Element, namespace: str) -> list[tuple[Element, Texts]]:
    """The transaction details of all parts of an entry (in version 1 they stand in the entry itself)."""
    wanted, tag = tree(namespace, "detail"), tags(namespace)
    details = []
    for part in entry.iterchildren(tag.group, tag.detail):
        if part.tag == tag.detail:
            details.append((part, collect(part, wanted)))
            continue
        listed = [(detail, collect(detail, wanted)) for detail in part.iterchildren(tag.detail)]
        _check_count(part, len(listed), namespace)
        details += listed
    return details


def _part(entry: Texts, detail: Texts) -> str:
    """The amount of one detail in the currency of its entry; empty where it states none."""
    stated = (detail.get(name, "") for name in ("Amt", "TxAmt") if detail.get(f"{name}@Ccy") == entry["Amt@Ccy"])
    return next(stated, "")


def _check_batch(entry: Element, found: Texts, amount: int | None, parts: list[tuple[int, Texts, str]]) -> None:
    """The details of a batch booking come to its amount; where one states no amount, nothing can be compared."""
    amounts = [decimals.units(part) for _, _, part in parts]
    if amount is None or None in amounts:
        return
    same = [(detail.get("CdtDbtInd") or found["CdtDbtInd"]) == found["CdtDbtInd"] for _, detail, _ in parts]
    total = sum(part if plus else -part for part, plus in zip(amounts, same, strict=True) if part is not None)
    if total != amount:
        expected = f"{decimals.shown(total)}, the sum of its {counted(len(parts), 'transaction')}"
        raise Refused(
            found=f"{decimals.shown(amount)} stated",
            expected=expected,
            remedy=REMEDY,
            line=entry.sourceline,
            column="Amt",
        )


def _check_count(group: Element, listed: int, namespace: str) -> None:
    """The number that a batch states of its own details, where these are listed."""
    batch = next(group.iterchildren(tags(namespace).batch), None) if listed else None
    if batch is None:
        return
    stated = collect(batch, tree(namespace, "batch")).get("NbOfTxs", "")
    if stated and stated.lstrip("0") != str(listed):
        found = f"{counted(listed, 'transaction')} in a batch"
        expected = f"{stated[:20] if stated.isascii() and stated.isdigit() else 'the number'} as it states"
        raise Refused(found=found, expected=expected, remedy=REMEDY, line=group.sourceline, column="NbOfTxs")


def _row(entry: Texts, detail: Texts, amount: str, *, alone: bool = False) -> tuple[str, ...]:
    get, more = entry.get, detail.get
    date, clock, moment = _booked(get("BookgDt.Dt", ""), get("BookgDt.DtTm", ""))
    named, written = more("EndToEndId", ""), more("RmtInf", "")
    if named == "NOTPROVIDED":
        named = ""
    said = f"{written} {named}" if written and named else written or named
    return (
        entry["Sts"],
        entry["CdtDbtInd"],
        "true" if get("RvslInd") in {"true", "1"} else "",
        more("RtrInf.Rsn", ""),
        decimals.padded(amount),
        entry["Amt@Ccy"],
        date,
        clock,
        moment,
        more("IntrBkSttlmDt", ""),
        more("AcctSvcrRef", ""),
        get("AcctSvcrRef", "") if alone else "",
        get("NtryRef", "") if alone else "",
        more("DbtrAgt", ""),
        more("Dbtr.Nm", ""),
        more("DbtrAcct", ""),
        written,
        named,
        said or more("AddtlTxInf", "") or get("AddtlNtryInf", ""),
    )


def _booked(date: str, moment: str) -> tuple[str, str, str]:
    """Date and clock time as written, and the whole moment where an offset is written with it."""
    if not moment:
        return date, "00:00:00", ""
    match = _MOMENT.fullmatch(moment)
    if match is None:
        return moment, "00:00:00", ""
    day, clock, fraction, offset = match.groups()
    exact = f"{clock}.{fraction}" if fraction and fraction.strip("0") else clock
    return day, exact, f"{day}T{exact}{offset}" if offset else ""
