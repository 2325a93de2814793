"""From a key as a person has it to what it names, and to its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from pandera.config import config_context

from pipelines.engine.explaining import lines, payments
from pipelines.engine.explaining.sources import open_sources, records
from pipelines.engine.explaining.world import build
from pipelines.store.slices import Ending
from schemas.identifiers import capture_line, nss
from schemas.identifiers.capture_line import normalise

if TYPE_CHECKING:
    from pipelines.engine.explaining.sources import Source, Sources
    from pipelines.rules.policy import PolicyBook
    from pipelines.store.home import Home

    Document = dict[str, Any]

CHANNELS = ("bank_transfer", "remittance")
NSS_DIGITS = 11


class NotPublishedError(LookupError):
    """Nothing was published that could be explained."""


class Unknown(LookupError):  # noqa: N818 - an answer, not an error of the program
    """The key names nothing in these publications; ``looks_like`` says what it could have been."""

    def __init__(self, looks_like: list[str], months: list[str]) -> None:
        super().__init__("the key names nothing")
        self.looks_like = looks_like
        self.months = months


class Ambiguous(LookupError):  # noqa: N818 - as above
    """The key names several things: ``found`` has a kind, a name and what tells them apart for each."""

    def __init__(self, found: list[Document]) -> None:
        super().__init__("the key names several things")
        self.found = found


def explain(home: Home, key: str, month: str | None, policy: PolicyBook) -> Document:
    """The document of what ``key`` names: ``kind`` is payment, line or registrant, and the rest stands under it.

    ``month`` looks into that month's publication alone; ``policy`` serves where a manifest does not hold its own.
    Raises ``NotPublishedError``, ``Unknown`` and ``Ambiguous``.
    """
    sources = open_sources(home, month, policy)
    if not sources.by_month:
        raise NotPublishedError
    found = _find(sources, key.strip())
    if not found:
        raise Unknown(_looks_like(key.strip()), sorted(sources.by_month))
    if len(found) > 1:
        raise Ambiguous(found)
    # The same rows were checked when they were published; checking a few of them again takes as long as a million.
    with config_context(validation_enabled=False):
        return {"key": key, "kind": found[0]["kind"], "publications": _said(sources), **_tell(sources, found[0])}


def _tell(sources: Sources, found: Document) -> Document:
    if found["kind"] == "payment":
        source = sources.by_month[found["month"]]
        told = source.table("payment_rows", payment_id={found["name"]})
        return {"payment": payments.tell(sources, build(sources, source, told, set(), set()), source, found["name"])}
    if found["kind"] == "line":
        return {"line": lines.tell_line(sources, found["name"])}
    return {"registrant": lines.tell_registrant(sources, found["name"])}


def _find(sources: Sources, key: str) -> list[Document]:
    """Everything that the key names."""
    if "|" in key:
        return _payments(sources, key)
    written = str(normalise(pd.Series([key])).iloc[0])
    return [*_payments(sources, key), *_line(sources.newest, written), *_registrant(sources.newest, key, written)]


def _payments(sources: Sources, key: str) -> list[Document]:
    """Payments by payment_id, natural key or its last part."""
    if not key:
        return []
    whole = {key, *(f"{channel}|{key}" for channel in CHANNELS)}
    keys: Any = {"payment_id": whole} if "|" in key else {"natural_key": Ending(f"|{key}")}
    found = {}
    for source in sources.by_month.values():
        for payment in records(source.table("payments", **keys)):
            told = {name: payment[name] for name in ("paid_on", "amount_centavos", "currency", "month")}
            found[payment["payment_id"]] = {"kind": "payment", "name": payment["payment_id"], **told}
    return list(found.values())


def _line(source: Source, written: str) -> list[Document]:
    if not capture_line.is_valid(pd.Series([written]))[0]:
        return []
    found = source.rows("capture_lines", capture_line={written})
    return [] if found.empty else [{"kind": "line", "name": written}]


def _registrant(source: Source, key: str, written: str) -> list[Document]:
    """An NSS, as it is written on cards: with spaces or hyphens."""
    if len(written) != NSS_DIGITS or not written.isdigit() or any(letter.isalpha() for letter in key):
        return []
    known = not source.rows("registrants", nss={written}).empty or not source.rows("capture_lines", nss={written}).empty
    return [{"kind": "registrant", "name": written}] if known else []


def _looks_like(key: str) -> list[str]:
    """What the key could have been by its form."""
    written = normalise(pd.Series([key]))
    digits = str(written.iloc[0])
    found = []
    if len(digits) == NSS_DIGITS and digits.isdigit():
        found.append("nss" if nss.is_valid(written)[0] else "nss_wrong_check_digit")
    if "|" in key:
        found.append("payment")
    elif capture_line.is_valid(written)[0]:
        found.append("line")
    return found


def _said(sources: Sources) -> list[Document]:
    return [
        {
            "month": month,
            "number": source.publication.number,
            "published_at": source.publication.published_at.isoformat(),
        }
        for month, source in sorted(sources.by_month.items())
    ]
