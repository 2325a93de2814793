"""October of the fixtures, landed, and as one process makes it: what months in shards are held against."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines.defs.resources import load_policy
from pipelines.engine import landing, stages
from pipelines.store.home import Home

if TYPE_CHECKING:
    import pandas as pd

ROOT: Final = Path(__file__).resolve().parents[2]
MONTH: Final = "2026-10"
INBOX: Final = ROOT / "fixtures" / "months" / MONTH / "inbox"
RECEIVED_AT: Final = datetime(2026, 11, 1, 6, tzinfo=UTC)


def landed(folder: Path) -> Home:
    """A home in ``folder`` in which the files of October are landed, and nothing else."""
    home = Home(folder)
    home.prepare()
    landing.land(home, INBOX, RECEIVED_AT)
    return home


def made_whole(home: Home) -> dict[str, pd.DataFrame]:
    """October as one process makes it."""
    issued = landing.issued(home, None)
    rows = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    known = {**rows, "landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    return stages.reconcile(known, MONTH, load_policy(ROOT / "policy.toml"))
