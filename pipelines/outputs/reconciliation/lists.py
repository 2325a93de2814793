"""The sheets that list: exceptions, settlements, what was turned away, what changed, the certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

from pipelines.outputs import labels_reconciliation as words
from pipelines.outputs.labels import EXCEPTIONS, OUTCOME, PROOFS, say
from pipelines.outputs.labels_report import CAUSES, SETTLEMENTS
from pipelines.outputs.reconciliation.book import Column, clean, pesos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pipelines.outputs.labels import Words
    from pipelines.outputs.reconciliation.book import Book

    Frames = Mapping[str, pd.DataFrame]
    Rows = Iterable[Sequence[Any]]

MOST_ROWS: Final = 20_000
"""Rows of a list that a person may look through; all of them are in the table that the sheet names."""

_WIDTHS: Final = {"text": 22, "wrapped": 110, "money": 15, "whole": 11, "date": 12}
_WIDE: Final = {"file_name": 42, "full_name": 32, "scope": 70, "differences": 44, "reason": 30, "settlement_id": 30}


class Listing(NamedTuple):
    """A sheet that lists a table: its columns (name → kind of cell), how many rows the table has, what they are.

    ``height`` is that of a row, 0 the usual one.
    """

    table: str
    columns: Mapping[str, str]
    total: int
    rows: Rows
    height: int = 0


def shown(frames: Frames) -> Frames:
    """Of coverage_exceptions and coverage_changes the rows that are listed, in order; people are asked for these."""
    exceptions, changed = frames["coverage_exceptions"], frames["coverage_changes"]
    return {
        "coverage_exceptions": _first(exceptions, "reason", list(EXCEPTIONS), "capture_line"),
        "coverage_changes": _first(changed, "change", ["revoked", "amended", "activated"], "nss"),
    }


def named(listed: Frames) -> list[str]:
    """The NSS in the tables of ``shown``."""
    return sorted({nss for rows in listed.values() for nss in rows["nss"].tolist()})


def _first(table: pd.DataFrame, by: str, order: Sequence[str], then: str) -> pd.DataFrame:
    """The first ``MOST_ROWS`` rows: by the place of a value in ``order``, then by another column.

    A large table is not sorted for them: what a value has beyond the rows that are listed is left away first.
    """
    parts, rest = [], MOST_ROWS
    for value in [*order, None]:
        of_value = table[table[by].eq(value)] if value is not None else table[~table[by].isin(order)]
        parts.append(of_value.sort_values(then).head(rest))
        rest -= len(parts[-1])
        if not rest:
            break
    return pd.concat(parts)


def write(
    book: Book,
    frames: Frames,
    listed: Frames,
    sizes: Mapping[str, int],
    document: Mapping[str, Any],
    language: str,
) -> None:
    """Add the sheets, in the order of ``SHEETS``; ``listed`` as ``shown`` gives it, ``sizes`` of the whole tables."""
    for name, make in _LISTINGS.items():
        _add(book, name, make(frames, listed, sizes, language), language)
    _control(book, document, language)


def _add(book: Book, name: str, listing: Listing, language: str) -> None:
    columns = [_column(column, kind, language) for column, kind in listing.columns.items()]
    sheet = book.sheet(getattr(words.SHEETS[name], language), columns, "A2")
    header = sheet.header()
    sheet.rows(listing.rows, listing.height)
    sheet.filter(header)
    if not listing.total:
        sheet.line((say(words.TEXTS["nothing"], language), "note"))
    elif listing.total > MOST_ROWS:
        told = say(words.TEXTS["more"], language, shown=MOST_ROWS, count=listing.total, table=listing.table)
        sheet.line((told, "note"))


def _column(name: str, kind: str, language: str) -> Column:
    return Column(getattr(words.COLUMNS[name], language), kind, _WIDE.get(name, _WIDTHS[kind]))


def _exceptions(frames: Frames, listed: Frames, sizes: Mapping[str, int], language: str) -> Listing:
    """Lines due that activate nobody; those that nobody paid stand last."""
    ordered = listed["coverage_exceptions"]
    rows = zip(
        ordered["nss"].tolist(),
        _names(frames, ordered["nss"]),
        ordered["capture_line"].tolist(),
        map(pesos, ordered["amount_due_centavos"].tolist()),
        _worded(ordered["reason"], EXCEPTIONS, language),
        strict=True,
    )
    columns = {"nss": "text", "full_name": "text", "capture_line": "text", "amount_due": "money", "reason": "text"}
    return Listing("coverage_exceptions", columns, sizes["coverage_exceptions"], rows)


def _settlements(frames: Frames, _listed: Frames, _sizes: Mapping[str, int], language: str) -> Listing:
    """Settlements of the month; those that do not agree stand first."""
    table = frames["settlements"]
    ordered = table.assign(agrees=table["status"].eq("balanced")).sort_values(["agrees", "company", "settlement_id"])
    rows = (
        (
            clean(row["company"]),
            clean(row["settlement_id"]),
            row["settled_on"].date(),
            _told(SETTLEMENTS, row["status"], language),
            *(pesos(row[f"{name}_centavos"]) for name in ("difference", "deposit", "net", "gross")),
            *(pesos(row[f"{name}_centavos"]) for name in ("remittances", "fee", "remittances_fee")),
            row["items"],
            row["remittances_items"],
            row["differences"],
        )
        for row in ordered.head(MOST_ROWS).to_dict("records")
    )
    texts = {"company": "text", "settlement_id": "text", "settled_on": "date", "status": "text"}
    money = dict.fromkeys(("difference", "deposit", "net", "gross", "remittances", "fee", "remittances_fee"), "money")
    counts = {"items": "whole", "remittances_items": "whole", "differences": "text"}
    return Listing("settlements", texts | money | counts, len(table), rows)


def _rejections(frames: Frames, _listed: Frames, _sizes: Mapping[str, int], language: str) -> Listing:
    """Files that were not taken, then rows that were not; the newest file first."""
    receipts, rejections = frames["receipts"], frames["rejections"]
    turned = receipts[receipts["outcome"].ne("accepted")]
    turned = turned.sort_values(["received_at", "file_name"], ascending=[False, True])
    landed = receipts.drop_duplicates("sha256")[["sha256", "received_at"]]
    ordered = rejections.merge(landed, on="sha256", how="left").sort_values(
        ["received_at", "file_name", "sheet", "row"], ascending=[False, True, True, True]
    )
    file, row = (getattr(words.TEXTS[name], language) for name in ("file", "row"))
    of_files = [
        (file, clean(name), "", None, "", _told(OUTCOME, outcome, language), clean(reason))
        for name, outcome, reason in zip(turned["file_name"], turned["outcome"], turned["reason"], strict=True)
    ]
    head = ordered.head(max(MOST_ROWS - len(of_files), 0))
    of_rows = [
        (row, clean(said["file_name"]), clean(said["sheet"]), said["row"], said["column"], said["rule"], said["reason"])
        for said in head.to_dict("records")
    ]
    columns = {"what": "text", "file_name": "text", "sheet": "text", "row": "whole"}
    columns |= {"column": "text", "rule": "text", "told": "wrapped"}
    return Listing("rejections", columns, len(turned) + len(rejections), [*of_files, *of_rows], height=28)


def _changes(frames: Frames, listed: Frames, sizes: Mapping[str, int], language: str) -> Listing:
    """Coverage against the publication before: who is no longer covered stands first."""
    ordered = listed["coverage_changes"]
    rows = zip(
        _worded(ordered["change"], words.CHANGES, language),
        ordered["nss"].tolist(),
        _names(frames, ordered["nss"]),
        ordered["capture_line"].tolist(),
        _worded(ordered["cause"], CAUSES, language),
        _worded(ordered["detail"], EXCEPTIONS, language),
        strict=True,
    )
    columns = dict.fromkeys(("change", "nss", "full_name", "capture_line", "cause", "detail"), "text")
    return Listing("coverage_changes", columns, sizes["coverage_changes"], rows)


def _control(book: Book, document: Mapping[str, Any], language: str) -> None:
    """The certificate: every figure of every proof, and the digests it stands under."""
    kinds = {"check": "text", "scope": "text", "expected": "whole", "found": "whole", "passed": "text"}
    columns = [_column(name, kind, language) for name, kind in kinds.items()]
    sheet = book.sheet(getattr(words.SHEETS["control"], language), columns, "A2")
    header = sheet.header()
    yes, no = (getattr(words.TEXTS[name], language) for name in ("yes", "no"))
    checks = document.get("checks", [])
    sheet.rows(
        (
            _told(PROOFS, line["check"], language),
            line["scope"],
            line["expected"],
            line["found"],
            yes if line["passed"] else no,
        )
        for line in checks[:MOST_ROWS]
    )
    sheet.filter(header)
    sheet.line()
    said = {"publication": document.get("publication"), "inputs": len(document.get("inputs", []))}
    said |= {name: document.get(name) for name in ("digest", "content_digest", "policy_digest", "code_version")}
    for name, value in said.items():
        told = getattr(words.TEXTS["digest" if name == "digest" else name], language)
        sheet.line((told, "text"), ("" if value is None else str(value), "text"))


def _names(frames: Frames, nss: pd.Series[str]) -> list[str]:
    """The registrant's name for every NSS; empty where nobody with it is registered."""
    known = dict(zip(frames["people"]["nss"].tolist(), frames["people"]["full_name"].tolist(), strict=True))
    return [clean(known.get(one, "")) for one in nss.tolist()]


def _worded(codes: pd.Series[str], catalogue: Mapping[str, Words], language: str) -> list[str]:
    said = {code: _told(catalogue, code, language) for code in codes.unique()}
    return [said[code] for code in codes.tolist()]


def _told(catalogue: Mapping[str, Words], name: str, language: str) -> str:
    return str(getattr(catalogue[name], language)) if name in catalogue else name


_LISTINGS: Final[Mapping[str, Callable[[Frames, Frames, Mapping[str, int], str], Listing]]] = {
    "exceptions": _exceptions,
    "settlements": _settlements,
    "rejections": _rejections,
    "changes": _changes,
}
"""Sheet → what it lists."""
