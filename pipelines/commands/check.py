"""`quincena check`: what landing would say of files, changing nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from rich.text import Text

from pipelines.commands import console
from pipelines.commands.messages import NO_FILE, Fault
from pipelines.commands.session import Session
from pipelines.engine import landing
from pipelines.outputs import amounts
from pipelines.outputs.labels import FIGURES, OUTCOME, REJECTED_ROW, REJECTION, say
from pipelines.store.home import Home
from schemas.tables.receipts import Receipt
from schemas.tables.rejections import Rejection

_STYLES = {"accepted": "green", "repeated": "yellow", "held": "yellow", "refused": "bold red"}


def check(session: Session, files: list[Path], *, as_json: bool) -> None:
    """Tell of every file, in the order given; raises ``Fault`` for one that is not there."""
    missing = next((path for path in files if not path.exists() and not path.is_symlink()), None)
    if missing is not None:
        raise Fault(NO_FILE, path=missing)
    home = Home(session.home, session.store)
    report = landing.check(files, home if home.is_begun() else None)
    for receipt in Receipt.to_arrow(report.receipts).to_pylist():
        found = _rejections(report.rejections, receipt)
        if as_json:
            console.answer_json({**receipt, "rejections": found})
        else:
            console.answer(*_lines(receipt, found, session.language))


def _rejections(rejections: pd.DataFrame, receipt: dict[str, Any]) -> list[dict[str, Any]]:
    mine = rejections["sha256"].eq(receipt["sha256"]) & rejections["file_name"].eq(receipt["file_name"])
    found: list[dict[str, Any]] = Rejection.to_arrow(rejections[mine]).to_pylist()
    return found[: landing.SHOWN_REJECTIONS]


def _lines(receipt: dict[str, Any], rejections: list[dict[str, Any]], language: str) -> list[Text]:
    outcome = say(OUTCOME[receipt["outcome"]], language)
    head = Text.assemble(
        (f"{outcome:<10} ", _STYLES[receipt["outcome"]]),
        console.text(receipt["file_name"]),
        console.text(f"  {receipt['layout']}"),
    )
    lines = [head]
    if receipt["reason"]:
        lines.append(console.text(f"  {receipt['reason']}"))
    if receipt["outcome"] != "refused":
        figures = {
            "rows": f"{receipt['rows']:,}",
            "rejected": f"{receipt['rejected_rows']:,}",
            "amount": amounts.shown(receipt["amount_centavos"]),
        }
        lines.append(console.text("  " + say(FIGURES, language, **figures)))
    lines += [
        console.text("  " + say(REJECTION if row["column"] else REJECTED_ROW, language, **row)) for row in rejections
    ]
    return lines
