"""A night: a month published before, of which only the worlds are worked out again that new rows touch (ADR 0041).

published = what the base published − what these worlds were then + what they are now. Then and now are worked out by
the same stages; what is no sum of worlds (settlements, suggestions, receipts, the certificate) is made whole from what
stands and what is new.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow

from pipelines.engine import publishing
from pipelines.engine.figures import figures
from pipelines.engine.nights import suggesting, summing, touching, working
from pipelines.engine.nights.keeping import KeptTable
from pipelines.engine.nights.news import NoNightError, news_since
from pipelines.engine.nights.settling import Settling, balanced, settles
from pipelines.engine.nights.tables import (
    KEYS,
    Change,
    ChangedTable,
    NightTable,
    NotStandingError,
    changed,
    published_rows,
    slice_of,
)
from pipelines.engine.sharding import spill
from pipelines.engine.sharding.jobs import REGISTRIES, ROUTED, Earlier
from pipelines.engine.sharding.months import GIVES
from pipelines.engine.sharding.tables import ShardedTable
from pipelines.rules import decision_chain, keys
from pipelines.store import publications
from pipelines.store.slices import Slices
from schemas.catalog import WORKING
from schemas.digest import content_digest
from schemas.octets import as_array
from schemas.tables.decision_log import DecisionLogEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd

    from pipelines.engine.nights.base import Base
    from pipelines.engine.nights.news import News
    from pipelines.engine.nights.touching import Rows
    from pipelines.engine.nights.working import Worked
    from pipelines.engine.sharding.tables import Pieced
    from pipelines.store.home import Home
    from pipelines.store.publications import Publication

MOST: Final = 0.2
"""The share of the base's rows that may be touched: with more, a whole run costs hardly more, and lays a base anew."""

_BEFORE: Final = {"activations_before": "coverage_activations", "exceptions_before": "coverage_exceptions"}


class NightMonth:
    """What a night gives, as ``ShardedMonth`` does; ``way`` tells how much was worked out."""

    def __init__(self, tables: Mapping[str, Any], way: str) -> None:
        self._tables, self.way = tables, way

    def take(self, stage: str) -> dict[str, Any]:
        """What a stage gives."""
        return {name: self._tables[name] for name in GIVES[stage]}

    def rows(self, name: str) -> Any:  # noqa: ANN401 - a frame, or where a table lies
        """One table."""
        return self._tables[name]


def night(home: Home, base: Base, issued: pd.DataFrame, folder: Path, holds: Callable[[int], bool]) -> NightMonth:
    """The month, out of its base and the files that are new since; what it lays down stays in ``folder``.

    ``holds``: whether so many rows can be held. Raises ``NoNightError``, or whatever is raised where the base or the
    home are not what they are believed to be.
    """
    shutil.rmtree(folder, ignore_errors=True)
    return _Night(home, base, news_since(home, base, issued), folder, holds).month()


class _Night:
    """One night at work."""

    def __init__(self, home: Home, base: Base, news: News, folder: Path, holds: Callable[[int], bool]) -> None:
        self._home, self._base, self._news, self._folder, self._holds = home, base, news, folder, holds
        self._month, self._slices = base.job.month, Slices(home)
        last = publications.latest(home, self._month)
        assert last is not None  # noqa: S101 - the base has one
        self._last: Publication = last

    def month(self) -> NightMonth:
        """All of it."""
        rows, then, now = self._begun()
        then, now = working.finish(then), working.finish(now)
        tables = {
            **self._told(then, now),
            **self._rows(),
            **{name: now.load(name) for name in ("settlement_rows", "deposits", "settlements")},
            **self._shown(then, now),
            **self._published(then, now),
            **self._of_no_world(then, now),
        }
        worked = sum(table.num_rows for table in rows.values())
        return NightMonth(tables, f"night: {worked:,} of {self._all_rows():,} landed rows")

    def _begun(self) -> tuple[Rows, Worked, Worked]:
        """Registered, identified and settled: the worlds touched, as they were then and as they are now.

        A settlement that is balanced now and was not, or the other way round, touches all that is under it.
        """
        base, news, settlements, turn = self._base, self._news, Settling(self._base), 0
        worlds = touching.worlds_of(base, touching.touch(base, news.rows, news.settlements))
        was = balanced(settlements.stood["settlements"])
        while True:
            old = touching.rows_of(base, worlds)
            rows = touching.together(old, news.rows)
            self._check(rows)
            touched = touching.each([settles(rows), touching.settled_by(news.settlements)])
            now = working.begin(base, self._folder / f"now{turn}", rows, news.whole, self._earlier())
            working.settle(now, settlements, working.payments_of(rows), touched)
            turned = np.setxor1d(was, balanced(now.load("settlements")))
            more = touching.each([worlds, touching.settled_worlds(base, turned)])
            if len(more) == len(worlds):
                break
            worlds, turn = more, turn + 1
        now.job.lay_down(self._before(rows))
        then = working.begin(base, self._folder / "then", old, news.then)
        working.settle(then, settlements, working.payments_of(old), touched)
        return rows, then, now

    def _check(self, rows: Rows) -> None:
        touched = sum(table.num_rows for table in rows.values())
        if touched > MOST * self._all_rows() or not self._holds(touched):
            message = "too many rows are touched"
            raise NoNightError(message)

    def _all_rows(self) -> int:
        names = [name for kind, name in ROUTED.items() if kind not in _BEFORE]
        return sum(self._base.figures[name]["dagster/row_count"] for name in names)

    def _before(self, rows: Rows) -> Rows:
        """What was last published of the coverage of the registrants whose rows these are.

        Raises ``NotStandingError``.
        """
        owners = [table["nss"] for kind, table in rows.items() if kind in REGISTRIES]
        known = np.unique(np.concatenate([np.zeros(0, np.uint64), *(keys.hashes(as_array(nss)) for nss in owners)]))
        found = {}
        for kind, name in _BEFORE.items():
            few = [WORKING[name].arrow_schema().empty_table()]
            for table in published_rows(self._slices, self._last.tables[name]):
                is_known = touching.among(keys.hashes(as_array(table["nss"])), known)
                few.append(table.filter(pyarrow.array(is_known)))
            chosen = pyarrow.concat_tables(few)
            found[kind] = WORKING[name].to_arrow(WORKING[name].from_arrow(chosen))
        return found

    def _earlier(self) -> Earlier:
        inputs = frozenset(self._last.inputs)
        return Earlier(
            inputs,
            is_same_policy=self._last.policy_digest == publishing.digest_policy(self._base.job.policy),
            is_same_code=self._last.code_version == publishing.code_version(),
            is_news=not self._news.filled <= inputs,
        )

    def _told(self, then: Worked, now: Worked) -> dict[str, KeptTable]:
        """Every table of the shards by its figures: those of the base, without what was then, and with what is now."""
        names = set(then.figures) - {publishing.CHANGES}
        return {
            name: KeptTable(name, summing.figures(self._base.figures[name], then.figures[name], now.figures[name]))
            for name in names
        }

    def _rows(self) -> dict[str, Any]:
        """The rows as they were read: where those of the base and the new ones lie."""
        found: dict[str, Any] = {"decision_rows": self._news.whole["decision_rows"]}
        for kind, name in ROUTED.items():
            if kind in _BEFORE or name in found:
                continue
            table = touching.of_kind(self._news.rows, kind)
            path = self._folder / "rows" / f"{kind}.arrow"
            spill.write(path, table)
            news = figures(name, table)
            numbers = self._base.job.numbered([kind])
            paths = (*map(str, self._base.job.paths("rows", numbers)), str(path))
            found[name] = ShardedTable(name, paths, summing.figures(self._base.figures[name], {}, news))
        return found

    def _shown(self, then: Worked, now: Worked) -> dict[str, NightTable]:
        """Tables of which the outbox shows a little."""
        told = self._told(then, now)
        found = {}
        for name, key in (("registrants", "nss"), ("claims", "payment_id")):
            gone = as_array(spill.read(then.job.shard(0) / f"{name}.arrow", [key])[key])
            lie = [self._base.job.shard(number) / f"{name}.arrow" for number in range(self._base.job.shards)]
            news = str(now.job.shard(0) / f"{name}.arrow")
            found[name] = NightTable(name, (*map(str, lie), news), told[name].figures, key, gone)
        return found

    def _published(self, then: Worked, now: Worked) -> dict[str, Pieced]:
        """The tables of the month, as they are to be published. Raises ``NotStandingError``."""
        told, stood = self._told(then, now), self._base.publication
        if content_digest(slice_of("settlements", self._month, then.load("settlements"))) != (
            stood.tables["settlements"].digest
        ):
            message = "settlements: what was published is not what stands"
            raise NotStandingError(message)
        gone = self._gone(then)
        changes = now.job.shard(0) / f"{publishing.CHANGES}.arrow"
        found: dict[str, Pieced] = {}
        found[publishing.CHANGES] = ShardedTable(publishing.CHANGES, (str(changes),), now.figures[publishing.CHANGES])
        for name, key in KEYS.items():
            was, is_ = (slice_of(name, self._month, one.load(name)) for one in (then, now))
            ordered = changed(self._slices, stood.tables[name], Change(gone[key], was, is_), self._folder / "changed")
            found[name] = ChangedTable(name, told[name].figures, ordered)
        return found

    def _gone(self, then: Worked) -> dict[str, pyarrow.Array]:
        """The payments, lines and registrants of the worlds as they were then."""
        lines, people, payments = (then.load(name) for name in ("capture_lines", "registrants", "payments"))
        nss = pyarrow.concat_arrays([pyarrow.array(table["nss"], pyarrow.string()) for table in (lines, people)])
        return {
            "payment_id": pyarrow.array(payments["payment_id"], pyarrow.string()),
            "capture_line": pyarrow.array(lines["capture_line"], pyarrow.string()),
            "nss": nss,
        }

    def _of_no_world(self, then: Worked, now: Worked) -> dict[str, pd.DataFrame]:
        """Receipts and rejections of the home, the log of decisions, suggestions, the certificate."""
        known = decision_chain.first_seen(self._news.whole["decision_rows"])
        stood = publications.read_table(self._home, self._base.publication, "certificate")
        return {
            **summing.account(self._base, self._news, then, now),
            "decision_log": decision_chain.extend(DecisionLogEntry.empty(), known),
            "suggestions": suggesting.suggest(self._home, self._base, then, now, self._folder),
            "certificate": summing.certificate(stood, then.load("certificate"), now.load("certificate")),
        }
