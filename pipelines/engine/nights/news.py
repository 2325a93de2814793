"""What is new since the base of a month: files that were accepted since, and nothing else (ADR 0041)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pipelines.engine import landing, stages
from pipelines.engine.nights import base as bases
from pipelines.engine.sharding import spill
from pipelines.readers import ROW_MODELS
from pipelines.store import landed
from schemas.tables.receipts import Receipt

if TYPE_CHECKING:
    from pipelines.engine.nights.base import Base
    from pipelines.engine.nights.touching import Rows
    from pipelines.store.home import Home


class NoNightError(RuntimeError):
    """The month has to be worked out whole."""


@dataclass(frozen=True)
class News:
    """What is new since the base: the rows by kind, and the tables that every shard sees, as they were and as they are.

    ``whole`` and ``then``: landed_receipts, read_rejections, settlement_rows, decision_rows. ``settlements``: the new
    rows of theirs; ``filled``: the SHA-256 of every accepted file of a registry or of payments with a sound row.
    """

    rows: Rows
    whole: dict[str, pd.DataFrame]
    then: dict[str, pd.DataFrame]
    settlements: pd.DataFrame
    filled: frozenset[str]


def news_since(home: Home, base: Base, issued: pd.DataFrame) -> News:
    """What came since; raises ``NoNightError`` where anything but new files did."""
    names = ("landed_receipts", "read_rejections", "settlement_rows", "decision_rows")
    then = {name: spill.load(base.job.shared, name) for name in names}
    now, known = _accepted(issued), _accepted(then["landed_receipts"])
    told = [name for name in Receipt.kinds() if name != "reason"]
    stand = now.merge(known[told], on=told)
    if len(stand) != len(known) or now["file_name"].duplicated().any():
        message = "files of the base are told of otherwise, or two accepted files have one name"
        raise NoNightError(message)
    files = landing.accepted_files(home, stand)
    filled = files[files["rows"].gt(files["rejected_rows"])]
    if not landed.are_sound(home, zip(filled["layout"], filled["sha256"], strict=True)):
        message = "landed rows were altered"
        raise NoNightError(message)
    fresh = now[~now["sha256"].isin(known["sha256"])]
    frames = {kind: landing.load_known_rows(home, fresh, kind) for kind in ROW_MODELS}
    rows = {kind: ROW_MODELS[kind].to_arrow(frames[kind]) for kind in bases.KINDS if len(frames[kind])}
    whole = {"landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    for kind in ("settlements", "decisions"):
        name = stages.ROW_TABLES[kind]
        whole[name] = _ordered(pd.concat([then[name], frames[kind]], ignore_index=True))
    return News(rows, whole, then, frames["settlements"], _filled(home, issued))


def _filled(home: Home, issued: pd.DataFrame) -> frozenset[str]:
    files = landing.accepted_files(home, issued)
    return frozenset(files.loc[files["rows"].gt(files["rejected_rows"]), "sha256"])


def _accepted(issued: pd.DataFrame) -> pd.DataFrame:
    return issued[issued["outcome"].eq("accepted")]


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["sha256", "sheet", "row"], ignore_index=True)
