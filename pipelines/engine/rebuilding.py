"""As of: a month as it was known at a moment, built again from what had been received by then (CONTRACT §13).

Nothing of the home is changed: no file is landed, no run is kept, no publication made. The policy is the one given; the
certificate tells its digest. Where a publication knew the same, the rebuilt certificate is that one, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.engine import landing, publishing, stages
from pipelines.engine.publishing import CHANGES, Origin
from pipelines.engine.reading import utc
from pipelines.store import publications
from pipelines.store.tables import TableVersion
from schemas.catalog import PUBLISHED
from schemas.digest import content_digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd
    import pyarrow

    from pipelines.rules.policy import PolicyBook
    from pipelines.store.home import Home
    from pipelines.store.publications import Publication


@dataclass(frozen=True)
class Rebuilt:
    """A month as of a moment: its tables, its certificate, and the publication that stands for it (or None).

    ``is_equal``: that publication has the same content. ``is_same_policy``: it was made by the policy given.
    Without ``is_proven`` a proof failed: the lines of ``certificate`` say which.
    """

    month: str
    tables: Mapping[str, pyarrow.Table]
    document: publishing.Document
    certificate: pd.DataFrame
    published: Publication | None
    is_equal: bool
    is_same_policy: bool
    is_proven: bool


def rebuild(home: Home, month: str, as_of: datetime, policy: PolicyBook) -> Rebuilt:
    """``month`` out of the files received by ``as_of``, an aware instant."""
    issued = landing.issued(home, as_of)
    rows = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    known = {**rows, "landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    proven = stages.reconcile(known, month, policy)
    tables = publishing.slices(month, proven)
    in_force = in_force_at(home, month, as_of, publishing.inputs_of(tables["receipts"]))
    digests = publishing.digests_of(tables)
    is_published = in_force is not None and publishing.stands(in_force, tables["receipts"], digests, policy)
    # What was published is told against what stood before it; anything else against what stands.
    last = publications.fetch(home, month, in_force.number - 1) if in_force and is_published else in_force
    proven |= stages.compare(proven, publishing.as_before(home, last, policy))
    tables[CHANGES] = publishing.slice_of(CHANGES, month, proven[CHANGES])
    digests[CHANGES] = content_digest(tables[CHANGES])
    versions = _versions(tables, digests, month)
    receipts, certificate = tables["receipts"], tables["certificate"]
    described = publishing.describe(month, last, versions, receipts, certificate, policy, Origin("", "", utc(as_of)))
    return Rebuilt(
        month=month,
        tables=tables,
        document=publishing.certify(described, certificate, policy),
        certificate=proven["certificate"],
        published=in_force,
        is_equal=in_force is not None and in_force.content_digest == described.content_digest,
        is_same_policy=in_force is None or in_force.policy_digest == described.policy_digest,
        is_proven=bool(proven["certificate"]["passed"].all()),
    )


def in_force_at(home: Home, month: str, as_of: datetime, inputs: tuple[str, ...]) -> Publication | None:
    """The publication that stands for what was known at a moment, ``inputs``; None where there is none.

    The last made by then of these inputs; else the first made of them later (between receipt and publication, or where
    files were given an earlier moment of receipt); else the last made by then; else the last that knew no more.
    """
    moment = utc(as_of)
    found = [publications.fetch(home, month, number) for number in publications.numbers(home, month)]
    known = [one for one in found if one and (one.known_at is None or one.known_at <= moment)]
    same = [one for one in known if one.inputs == inputs]
    by_then = [one for one in known if one.published_at <= moment]
    chosen = [one for one in same if one in by_then][-1:] or same[:1] or by_then[-1:] or known[-1:]
    return chosen[0] if chosen else None


def _versions(tables: Mapping[str, pyarrow.Table], digests: Mapping[str, str], month: str) -> dict[str, TableVersion]:
    """The tables as a publication names them, had they been published."""
    return {
        name: TableVersion(
            name,
            0,
            digests[name],
            table.num_rows,
            month=month if PUBLISHED[name].scope == "month" else None,
        )
        for name, table in tables.items()
    }
