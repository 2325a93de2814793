"""What is no sum of worlds, made whole: what stands of a base, less what worlds were then, and what they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.engine import stages
from pipelines.engine.sharding import gathering
from pipelines.rules import keys
from pipelines.rules.places import PLACE
from schemas.tables.certificate import CertificateLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow

    from pipelines.engine.figures import Figures
    from pipelines.engine.nights.base import Base
    from pipelines.engine.nights.news import News
    from pipelines.engine.nights.working import Worked

_LINE = ["check", "scope", "month"]


def figures(stood: Mapping[str, int], then: Mapping[str, int], now: Mapping[str, int]) -> Figures:
    """Figures of a table: of the base, without those of then, with those of now.

    >>> figures({"rows": 9}, {"rows": 2}, {"rows": 3})
    {'rows': 10}
    """
    return {name: stood[name] - then.get(name, 0) + now.get(name, 0) for name in stood}


def certificate(stood: pyarrow.Table, then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The certificate of the month: sums of figures, passed where they agree, and now passed by themselves.

    The rows of a file are expected once and found in many worlds, so of them only the sums tell. A file that pays
    nothing any more has no figure of its centavos.
    """
    signed = [CertificateLine.from_arrow(stood).assign(sign=1), then.assign(sign=-1, passed=True), now.assign(sign=1)]
    lines = pd.concat(signed, ignore_index=True)
    lines["passed"] |= lines["check"].eq("rows")
    for name in ("expected", "found"):
        lines[name] *= lines["sign"]
    sums = lines.groupby(_LINE, sort=False, as_index=False).agg({"expected": "sum", "found": "sum", "passed": "all"})
    is_nothing = sums["check"].eq("centavos") & sums["expected"].eq(0) & sums["found"].eq(0)
    sums = sums[~is_nothing].reset_index(drop=True)
    return CertificateLine.conform(sums.assign(passed=sums["passed"] & sums["expected"].eq(sums["found"])))


def account(base: Base, news: News, then: Worked, now: Worked) -> stages.Tables:
    """Receipts and rejections of the whole home."""
    known = {name: news.whole[name] for name in ("landed_receipts", "read_rejections")}
    for name in ("registry_rejections", "decision_rejections"):
        stood = gathering.table(base.job, name)
        stood = stood[~keys.among(stood[PLACE], then.load(name)[PLACE])]
        known[name] = pd.concat([stood, now.load(name)], ignore_index=True)
    rows = gathering.rejected_lines(base.job)
    rows = rows[~keys.among(rows[PLACE], gathering.rejected_lines(then.job)[PLACE])]
    known["capture_line_rows"] = pd.concat([rows, gathering.rejected_lines(now.job)], ignore_index=True)
    return stages.account(known)
