"""A month of which nothing can have changed: its publication is kept, and no stage works (ADR 0040).

It is kept only where the run before it noted the same grounds, and where everything that a whole run would have looked
at, and made good, is there and sound: the landed rows, the publication that changes are told against, the tables of the
whole home, the log of decisions, the outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from deltalake.exceptions import DeltaError

from pipelines.engine import landing, publishing
from pipelines.engine.nights import notes
from pipelines.engine.sharding.months import GIVES
from pipelines.rules import decision_chain
from pipelines.store import landed, publications, tables
from pipelines.store.publications import ManifestDamagedError
from pipelines.store.shown import Shown
from pipelines.store.slices import Slices
from pipelines.store.tables import TableDamagedError, TableVersion
from schemas.catalog import WORKING
from schemas.tables.certificate import CertificateLine
from schemas.tables.decision_log import DecisionLogEntry

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow

    from pipelines.engine.figures import Figures
    from pipelines.engine.nights.notes import Grounds, Note
    from pipelines.rules.policy import PolicyBook
    from pipelines.store.home import Home
    from pipelines.store.publications import Publication

Written = Callable[["Path", str, "Mapping[str, pyarrow.Table]", dict[str, Any]], "list[Path] | None"]
"""Gives the files of the outbox where it holds the answers of these tables; None where they have to be written."""

COMPARED: Final = ("coverage_activations", "coverage_exceptions")
"""The tables of a publication that a whole run reads, to tell changes against them."""


@dataclass(frozen=True)
class KeptTable:
    """A working table that was not made, and that nobody reads: what is known of it are its figures."""

    name: str
    figures: Mapping[str, int]


class KeptMonth:
    """A month whose ``publication`` is kept; ``outbox`` are the files of its answers."""

    def __init__(
        self, publication: Publication, figures: Mapping[str, Figures], certificate: pd.DataFrame, outbox: list[Path]
    ) -> None:
        self.publication, self.outbox = publication, tuple(outbox)
        # What the publication told of changes was told against the one before it; against itself there is none.
        changed = dict.fromkeys(figures[publishing.CHANGES], 0)
        self._figures = {**figures, publishing.CHANGES: changed}
        self._certificate = certificate

    def take(self, stage: str) -> dict[str, Any]:
        """What a stage would give: its tables by their figures alone, but the certificate, which is shown."""
        return {name: self.rows(name) for name in GIVES[stage]}

    def rows(self, name: str) -> KeptTable | pd.DataFrame:
        """One table."""
        return self._certificate if name == "certificate" else KeptTable(name, self._figures[name])


def kept(
    home: Home, month: str, policy: PolicyBook, stands_on: Grounds, issued: pd.DataFrame, written: Written
) -> KeptMonth | None:
    """The month, if nothing of it can have changed since it was last run; else None, and nothing was touched."""
    try:
        note, last = notes.recall(home, month), publications.latest(home, month)
        if note is None or last is None or not _is_of(note, last, stands_on):
            return None
        if not (_are_landed(home, issued) and _is_sound(home, last) and _is_continued(home)):
            return None
        whole = _of_the_home(home, note)
        if whole is None:
            return None
        certificate = publications.read_table(home, last, "certificate")
        shown = _shown(home, replace(last, tables={**last.tables, **whole}))
        outbox = written(home.outbox, month, shown, publishing.certify(last, certificate, policy))
    except (TableDamagedError, ManifestDamagedError, DeltaError, OSError):
        return None  # a whole run says what is wrong, or mends it
    return None if outbox is None else KeptMonth(last, note.figures, CertificateLine.from_arrow(certificate), outbox)


def _is_of(note: Note, last: Publication, stands_on: Grounds) -> bool:
    """Whether a note is of the publication in force and of the same grounds, and has figures of every table."""
    is_in_force = (note.publication, note.manifest) == (last.number, publications.digest_of_manifest(last))
    is_whole = set(publishing.BY_MONTH) <= set(last.tables) and set(WORKING) <= set(note.figures)
    return is_in_force and is_whole and note.grounds == stands_on


def _are_landed(home: Home, issued: pd.DataFrame) -> bool:
    """Whether the landed rows of every accepted file are what was landed; rejections every run reads."""
    files = landing.accepted_files(home, issued)
    filled = files[files["rows"].gt(files["rejected_rows"])]
    return landed.are_sound(home, zip(filled["layout"], filled["sha256"], strict=True))


def _is_sound(home: Home, last: Publication) -> bool:
    slices = Slices(home)
    return all(slices.is_sound(last.tables[name]) for name in COMPARED)


def _is_continued(home: Home) -> bool:
    """Whether the log of decisions holds together, by its rows."""
    log = tables.read(home, notes.LOG)
    return log is not None and not decision_chain.faults(DecisionLogEntry.from_arrow(log))


def _of_the_home(home: Home, note: Note) -> dict[str, TableVersion] | None:
    """The tables of the whole home, sealed, where each stands as this month's run would publish it."""
    stand = {name: tables.standing(home, name, note.home.get(name, "")) for name in notes.OF_THE_HOME}
    found = {name: version for name, version in stand.items() if version}
    return found if len(found) == len(stand) else None


def _shown(home: Home, publication: Publication) -> Shown:
    """What the outbox shows, all of it at rest."""
    tables_of_it = {name: (publication, name) for name in publication.tables}
    return Shown(home, {}, {}, tables_of_it | publishing.beside(home, publication))
