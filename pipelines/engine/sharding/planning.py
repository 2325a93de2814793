"""What a month in shards begins with: pieces of what was landed, and what every shard sees whole."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd
import pyarrow

from pipelines.engine import landing, publishing, reading, stages
from pipelines.engine.sharding import spill
from pipelines.engine.sharding.jobs import REGISTRIES, ROUTED, Earlier, Job, Spilled
from pipelines.readers import ROW_MODELS
from pipelines.store import landed, publications
from pipelines.store.home import Home
from schemas.tables.landings import Landing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipelines.engine.sharding.jobs import Piece
    from pipelines.engine.sharding.settings import Settings
    from pipelines.rules.policy import PolicyBook
    from pipelines.store.publications import Publication

LANDED: Final = ("registrants", "capture_lines", "bank_transfers", "remittances")
"""Kinds that are read piece by piece; of the others there are few rows, and every shard may see them."""

_BEFORE: Final = {"activations_before": "coverage_activations", "exceptions_before": "coverage_exceptions"}


class Site(NamedTuple):
    """Where a month in shards is worked on, and the publication against which its changes are told, if any."""

    folder: Path
    before: Publication | None


@dataclass(frozen=True)
class Files:
    """Landed rows of some files of one kind: ``entries`` are ``Landing`` rows."""

    kind: str
    home: Home
    entries: pyarrow.Table

    def read(self, columns: Sequence[str] | None = None) -> pyarrow.Table:
        """Their rows; read again from the originals where they are not what was landed."""
        files = Landing.from_arrow(self.entries)
        if columns is not None:
            return reading.load_columns(self.home, files, ROW_MODELS[self.kind].arrow_schema(), columns)
        sound = files["rows"] - files["rejected_rows"]
        return reading.load(self.home, files, landed.load_rows, ROW_MODELS[self.kind].arrow_schema(), sound)


@dataclass(frozen=True)
class Groups:
    """A part of the landed rows of one large file: some of the groups in which they are kept."""

    kind: str
    home: Home
    entries: pyarrow.Table
    chosen: range

    def read(self, columns: Sequence[str] | None = None) -> pyarrow.Table:
        """Their rows."""
        entry = self.entries.to_pylist()[0]
        rows = landed.load_groups(self.home, entry["layout"], entry["sha256"], self.chosen, columns)
        if columns is not None:
            return rows
        schema = ROW_MODELS[self.kind].arrow_schema()
        for name in ("file_name", "received_at"):
            field = schema.field(name)
            value = pyarrow.scalar(entry[name], field.type)
            rows = rows.append_column(field, pyarrow.repeat(value, rows.num_rows))
        return rows.select(schema.names)


def sound_rows(home: Home, issued: pd.DataFrame) -> int:
    """How many rows of accepted files are to be held, but for those that every shard sees."""
    files = landing.accepted_files(home, issued)
    files = files[files["kind"].isin(LANDED)]
    return int((files["rows"] - files["rejected_rows"]).sum())


def todays(home: Home, month: str) -> Site:
    """The site of a run: changes are told against the publication in force."""
    return Site(home.work / month / "shards", publications.latest(home, month))


def plan(
    home: Home, month: str, policy: PolicyBook, issued: pd.DataFrame, settings: Settings, site: Site | None = None
) -> Job:
    """A job of ``month`` on the files that ``issued`` (``Receipt`` rows) accepts; its folder is made anew.

    ``site``: that of a run where none is given.
    """
    folder, before = site or todays(home, month)
    shutil.rmtree(folder, ignore_errors=True)
    shared = {"landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    for kind in ("settlements", "decisions"):
        shared[stages.ROW_TABLES[kind]] = landing.load_known_rows(home, issued, kind)
    for name, table in shared.items():
        spill.save(folder / "shared", name, table)
    pieces: list[Piece] = [Spilled("decisions", folder / "shared" / f"{ROUTED['decisions']}.arrow")]
    files = landing.accepted_files(home, issued)
    for kind in LANDED:
        pieces += _pieces(home, kind, files[files["kind"].eq(kind)], settings.rows_at_once)
    earlier = _earlier(before, policy, files) if before else None
    if before:
        pieces += _before(home, before, folder / "before", settings.rows_at_once)
    if not any(piece.kind in REGISTRIES for piece in pieces):
        pieces.append(_nothing("registrants", folder / "none.arrow"))  # payments name nobody; still somebody is asked
    return Job(folder, settings.shards_for(sound_rows(home, issued)), month, policy, tuple(pieces), earlier)


def _nothing(kind: str, path: Path) -> Spilled:
    spill.write(path, ROW_MODELS[kind].arrow_schema().empty_table())
    return Spilled(kind, path)


def _earlier(before: Publication, policy: PolicyBook, files: pd.DataFrame) -> Earlier:
    """What changes are told against, but for the tables."""
    with_rows = files.loc[files["rows"].gt(files["rejected_rows"]), "sha256"]
    inputs = frozenset(before.inputs)
    is_same_policy, is_same_code = publishing.sameness(before, policy)
    return Earlier(inputs, is_same_policy, is_same_code, is_news=not set(with_rows) <= inputs)


def _before(home: Home, before: Publication, folder: Path, at_once: int) -> Iterator[Piece]:
    """The coverage that a publication told of, laid down some rows at a time."""
    for kind, name in _BEFORE.items():
        for number, rows in enumerate(publications.read_slices(home, before, name).groups(at_once)):
            path = folder / f"{name}-{number}.arrow"
            spill.write(path, rows)
            yield Spilled(kind, path)


def _pieces(home: Home, kind: str, files: pd.DataFrame, at_once: int) -> Iterator[Piece]:
    """The files of a kind, small ones together, large ones in parts."""
    rows = files["rows"] - files["rejected_rows"]
    for place in range(len(files)):
        if rows.iloc[place] > at_once:
            yield from _parts(home, kind, files.iloc[place : place + 1], at_once)
    small = files[rows.le(at_once) & rows.gt(0)]
    bunch = (rows[small.index].cumsum() - 1) // at_once
    for _, together in small.groupby(bunch):
        yield Files(kind, home, Landing.to_arrow(together))


def _parts(home: Home, kind: str, file: pd.DataFrame, at_once: int) -> Iterator[Groups]:
    entries = Landing.to_arrow(file)
    entry = entries.to_pylist()[0]
    try:
        sizes = landed.groups(home, entry["layout"], entry["sha256"])
    except landed.LandedDamagedError:
        Files(kind, home, entries).read()
        sizes = landed.groups(home, entry["layout"], entry["sha256"])
    if sum(sizes) != entry["rows"] - entry["rejected_rows"]:
        message = "landed rows are not as many as were landed; the home was altered"
        raise landed.LandedDamagedError(message)
    bounds = [0]
    for number in range(1, len(sizes) + 1):
        if number == len(sizes) or sum(sizes[bounds[-1] : number + 1]) > at_once:
            yield Groups(kind, home, entries, range(bounds[-1], number))
            bounds.append(number)
