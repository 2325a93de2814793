"""Worlds that come night by night: rows landed without files, worked out whole in shards or as a night, published."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow

from pipelines.engine import landing, offering, publishing, reading, stages
from pipelines.engine.figures import of_frame
from pipelines.engine.nights import base as bases
from pipelines.engine.nights import notes
from pipelines.engine.nights.months import NightMonth, night
from pipelines.engine.sharding import planning
from pipelines.engine.sharding.months import GIVES, ShardedMonth
from pipelines.engine.sharding.runners import InTurn
from pipelines.engine.sharding.settings import Settings
from pipelines.store import landed, tables
from schemas.catalog import PUBLISHED, WORKING
from schemas.tables.landings import Landing
from schemas.tables.rejections import Rejection
from tests.property import product
from tests.property.strategies import KINDS, make_worlds, place, together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.engine.nights.base import Base
    from pipelines.engine.nights.notes import Grounds
    from pipelines.rules.policy import PolicyBook
    from pipelines.store.home import Home
    from tests.property.oracle_world import Row, World

MONTH: Final = "2026-10"
FIRST: Final = datetime(2027, 1, 1, tzinfo=UTC)
_KEPT: Final = ("file_name", "received_at")
_REJECTED: Final = pyarrow.schema([field for field in Rejection.arrow_schema() if field.name != "file_name"])

Told = dict[str, dict[str, int]]


def split(seed: int, universes: int, nights: int, late: float = 0.02) -> list[World]:
    """A world whose rows come in so many nights: most of them in the first, a few in each of the others.

    Few payments a universe and few late rows, so that much is touched by nothing, and stands.
    """
    world = together(make_worlds(seed, universes, payments=10))
    pick = random.Random(seed)
    parts = [type(world)(policies=world.policies) for _ in range(nights + 1)]
    for kind in KINDS:
        rows: list[list[Row]] = [[] for _ in parts]
        for row in getattr(world, kind):
            rows[pick.randrange(1, nights + 1) if pick.random() < late else 0].append(row)
        for number, part in enumerate(rows):
            place(part, f"{kind}_night{number}", [pick.randrange(2) for _ in part])
            for row in part:
                row["received_at"] = FIRST + timedelta(days=number)
            setattr(parts[number], kind, part)
    return parts


def land(home: Home, world: World) -> None:
    """Land the rows of a world as if files with them had been read."""
    entries = []
    for kind in KINDS:
        frame = product.frame_of(kind, getattr(world, kind))
        for (name, sha256), rows in frame.groupby(["file_name", "sha256"]):
            _save(home, kind, str(sha256), product.MODELS[kind].to_arrow(rows.sort_values(["sheet", "row"])))
            entries.append(_entry(str(name), str(sha256), kind, rows))
    tables.append(home, landing.LANDINGS, Landing.to_arrow(reading.log(entries)))


def _save(home: Home, kind: str, sha256: str, rows: pyarrow.Table) -> None:
    landed.save(home, kind, sha256, rows.drop_columns([*_KEPT]), _REJECTED.empty_table())


def _entry(name: str, sha256: str, kind: str, rows: pd.DataFrame) -> dict[str, Any]:
    told = {field.name: "" if pyarrow.types.is_string(field.type) else 0 for field in Landing.arrow_schema()}
    known = {"file_name": name, "sha256": sha256, "layout": kind, "kind": kind, "rows": len(rows)}
    received_at = rows["received_at"].iloc[0].to_pydatetime()
    return {**told, **known, "received_at": received_at, "rows_digest": hashlib.sha256(name.encode()).hexdigest()}


@dataclass
class Programme:
    """One home and its policy, run month after month without Dagster."""

    home: Home
    policy: PolicyBook
    shards: int = 3
    number: int = 0

    def issued(self) -> pd.DataFrame:
        """The receipts of the home."""
        return landing.issued(self.home, None)

    def grounds(self) -> Grounds:
        """What a run stands on now."""
        return notes.grounds("the program", self.policy, self.issued())

    def base(self, month: str = MONTH) -> Base | None:
        """What a whole run left."""
        return bases.find(self.home, month, self.policy, self.grounds())

    def night(self, month: str = MONTH) -> NightMonth:
        """The month as a night."""
        base = self.base(month)
        assert base is not None
        return night(self.home, base, self.issued(), self.home.work / month / "night", lambda _rows: True)

    def whole(self, month: str = MONTH) -> dict[str, pd.DataFrame]:
        """The month as one process makes it."""
        issued = self.issued()
        rows = {name: landing.load_known_rows(self.home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
        known = {**rows, "landed_receipts": issued, "read_rejections": landing.load_rejections(self.home, issued)}
        before = publishing.last_published(self.home, month, self.policy)
        return stages.reconcile(known, month, self.policy, before)

    def publish_whole(self, month: str = MONTH) -> publishing.PublishResult:
        """Work the month out in shards, publish it, and leave a base."""
        asked = Settings(shards=self.shards)
        job = planning.plan(self.home, month, self.policy, self.issued(), asked)
        made = taken(ShardedMonth(job, InTurn()))
        result = self.publish(made, month)
        bases.keep(self.home, job, result.publication, self.grounds(), told(made))
        return result

    def publish(self, made: Mapping[str, Any], month: str = MONTH) -> publishing.PublishResult:
        """Publish what was made."""
        self.number += 1
        origin = publishing.Origin(str(self.number), "", FIRST + timedelta(hours=self.number))
        arguments = (self.home, month, made, self.policy, origin)
        return publishing.publish(*arguments, lambda *_given: [])


def taken(month: ShardedMonth | NightMonth) -> dict[str, Any]:
    """Every table of a month."""
    made = {name: table for stage in GIVES for name, table in month.take(stage).items()}
    return made | {name: month.rows(name) for name in stages.ROW_TABLES.values()}


def told(made: Mapping[str, Any]) -> Told:
    """The figures of every table."""
    return {name: dict(getattr(table, "figures", None) or of_frame(name, table)) for name, table in made.items()}


def differing(made: Mapping[str, Any], whole: Mapping[str, pd.DataFrame], month: str = MONTH) -> list[str]:
    """The published tables with other content, and the working tables of which other figures are told."""
    read = {
        name: made[name] if isinstance(made[name], pd.DataFrame) else made[name].read(month)
        for name in publishing.BY_MONTH
    }
    offered, expected = offering.slices(month, {**made, **read}), offering.slices(month, whole)
    digests, right = offering.digests_of(offered), offering.digests_of(expected)
    found = [name for name in PUBLISHED if digests[name] != right[name]]
    figures_of = told(made)
    return found + [
        f"figures of {name}"
        for name in WORKING
        if name in figures_of and figures_of[name] != of_frame(name, whole[name])
    ]
