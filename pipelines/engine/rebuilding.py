"""As of: a month as it was known at a moment, built again from what had been received by then (CONTRACT §13).

Nothing of the home is changed: no file is landed, no run is kept, no publication made. The policy is the one given; the
certificate tells its digest. Where a publication knew the same, the rebuilt certificate is that one, byte for byte.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from pipelines.engine import landing, offering, publishing, stages
from pipelines.engine.publishing import CHANGES, Origin
from pipelines.engine.reading import utc
from pipelines.engine.sharding import opening
from pipelines.engine.sharding.planning import Site
from pipelines.store import publications
from pipelines.store.passing import own_folder
from pipelines.store.tables import TableVersion
from schemas.catalog import PUBLISHED
from schemas.tables.certificate import CertificateLine
from schemas.tables.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from pipelines.engine.sharding.settings import Settings
    from pipelines.rules.policy import PolicyBook
    from pipelines.store.home import Home
    from pipelines.store.ordered import Ordered
    from pipelines.store.publications import Publication


@dataclass(frozen=True)
class Rebuilt:
    """A month as of a moment: its tables, its certificate, and the publication that stands for it (or None).

    ``is_equal``: that publication has the same content. ``is_same_policy``: it was made by the policy given.
    Without ``is_proven`` a proof failed: the lines of ``certificate`` say which.
    """

    month: str
    tables: Mapping[str, Ordered]
    document: publishing.Document
    certificate: pd.DataFrame
    published: Publication | None
    is_equal: bool
    is_same_policy: bool
    is_proven: bool


@contextmanager
def rebuild(home: Home, month: str, as_of: datetime, policy: PolicyBook, settings: Settings) -> Iterator[Rebuilt]:
    """``month`` out of the files received by ``as_of``, an aware instant; what is larger than memory lies on disk.

    The tables are there until the end; they lie in a folder of its own, so that runs and others like it may go on.
    Whether it was published before, only its content tells. Where inputs and policy say so it is taken for published;
    if then it is not, its changes are told once more (0047).
    """
    issued = landing.issued(home, as_of)
    inputs = publishing.inputs_of(Receipt.to_arrow(issued))
    in_force = in_force_at(home, month, as_of, inputs)
    is_taken = in_force is not None and publishing.may_stand(in_force, inputs, policy)
    told = publications.fetch(home, month, in_force.number - 1) if in_force and is_taken else in_force
    with ExitStack() as held:
        folder = home.rebuilding
        if opening.is_cut(home, issued, settings):
            folder = held.enter_context(own_folder(folder))
        yield _rebuilt(_Month(home, month, policy, issued, settings, folder), in_force, told, utc(as_of))


class _Month:
    """The files that were known, as the tables of a publication that follows another one."""

    def __init__(
        self, home: Home, month: str, policy: PolicyBook, issued: pd.DataFrame, settings: Settings, folder: Path
    ) -> None:
        self.home, self.month, self.policy = home, month, policy
        self._issued, self._settings, self._folder = issued, settings, folder
        self._held: dict[str, pd.DataFrame] = {}

    def after(self, last: Publication | None) -> dict[str, Ordered]:
        """Every table in canonical order, its changes told against ``last``."""
        site = Site(self._folder / "shards", last)
        with opening.opened(self.home, self.month, self.policy, self._issued, self._settings, site) as sharded:
            proven = sharded.everything() if sharded else self._whole(last)
            ordered = self._folder / "ordered"
            return offering.in_order(self.month, proven, ordered, self._settings.rows_in_order)

    def _whole(self, last: Publication | None) -> dict[str, pd.DataFrame]:
        """Asked again, it tells the changes alone anew."""
        before = publishing.as_before(self.home, last, self.policy)
        if self._held:
            return self._held | stages.compare(self._held, before)
        known = {
            name: landing.load_known_rows(self.home, self._issued, kind) for kind, name in stages.ROW_TABLES.items()
        }
        known |= {
            "landed_receipts": self._issued,
            "read_rejections": landing.load_rejections(self.home, self._issued),
        }
        self._held = stages.reconcile(known, self.month, self.policy, before)
        return self._held


def _rebuilt(month: _Month, in_force: Publication | None, told: Publication | None, as_of: datetime) -> Rebuilt:
    """What was published is told against what stood before it, ``told``; anything else against what stands."""
    policy, tables = month.policy, month.after(told)
    digests = {name: table.digest() for name, table in tables.items()}
    receipts, certificate = tables["receipts"].whole(), tables["certificate"].whole()
    is_published = in_force is not None and publishing.stands(in_force, receipts, digests, policy)
    last = told if is_published else in_force
    if last != told:
        tables = month.after(last)
        digests[CHANGES] = tables[CHANGES].digest()
    versions = _versions(tables, digests, month.month)
    described = publishing.describe(month.month, last, versions, receipts, certificate, policy, Origin("", "", as_of))
    return Rebuilt(
        month=month.month,
        tables=tables,
        document=publishing.certify(described, certificate, policy),
        certificate=CertificateLine.from_arrow(certificate),
        published=in_force,
        is_equal=in_force is not None and in_force.content_digest == described.content_digest,
        is_same_policy=in_force is None or in_force.policy_digest == described.policy_digest,
        is_proven=bool(pc.all(certificate["passed"], min_count=0).as_py()),
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


def _versions(tables: Mapping[str, Ordered], digests: Mapping[str, str], month: str) -> dict[str, TableVersion]:
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
