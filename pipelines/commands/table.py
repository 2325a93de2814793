"""`quincena table`: a published table as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipelines.commands import console
from pipelines.commands.messages import (
    BAD_ENDING,
    BAD_OUTPUT,
    MONTH_NEEDED,
    NO_SUCH_VERSION,
    NOT_IN_PUBLICATION,
    NOT_PUBLISHED,
    NOT_PUBLISHED_YET,
    NOTHING_PUBLISHED,
    UNKNOWN_TABLE,
    VERSION_NEEDS_MONTH,
    WRITTEN,
    Fault,
)
from pipelines.commands.months import one_month
from pipelines.commands.session import Session
from pipelines.outputs import exports
from pipelines.outputs.labels import say
from pipelines.store import publications
from pipelines.store.home import Home
from pipelines.store.ordered import Ordered
from pipelines.store.publications import Publication
from schemas.catalog import PUBLISHED

_ENDINGS: Final = ".parquet, .csv, .xlsx"


def write(session: Session, name: str, output: Path, month: str | None, version: int | None) -> None:
    """Write table ``name`` of a publication to ``output``; raises ``Fault``."""
    if name not in PUBLISHED:
        raise Fault(UNKNOWN_TABLE, found=name, names=", ".join(PUBLISHED))
    if not exports.is_export(output):
        raise Fault(BAD_ENDING, path=output, found=output.suffix, expected=_ENDINGS)
    home = Home(session.home, session.store)
    publication = _publication(home, name, one_month(month) if month is not None else None, version)
    if name not in publication.tables:
        raise Fault(NOT_IN_PUBLICATION, NOT_PUBLISHED, number=publication.number, month=publication.month, name=name)
    rows = publications.read_slices(home, publication, name)
    _write(rows, output, name)
    console.message(console.text(say(WRITTEN, session.language, rows=f"{rows.num_rows:,}", path=output)))


def _publication(home: Home, name: str, month: str | None, version: int | None) -> Publication:
    if month is None and version is not None:
        raise Fault(VERSION_NEEDS_MONTH)
    if month is None and PUBLISHED[name].scope == "month":
        raise Fault(MONTH_NEEDED, name=name)
    if month is None:
        return _last_of_all(home)
    numbers = publications.numbers(home, month)
    if not numbers:
        raise Fault(NOT_PUBLISHED_YET, NOT_PUBLISHED, month=month, home=home.lasting)
    found = publications.fetch(home, month, version or numbers[-1])
    if found is None:
        raise Fault(NO_SUCH_VERSION, month=month, found=version, last=numbers[-1])
    return found


def _last_of_all(home: Home) -> Publication:
    """The latest publication of any month: it has the tables of the whole home as they were published last."""
    months = publications.months(home)
    found = [publication for month in months if (publication := publications.latest(home, month))]
    if not found:
        raise Fault(NOTHING_PUBLISHED, NOT_PUBLISHED, home=home.lasting)
    return max(found, key=lambda publication: (publication.published_at, publication.month))


def _write(rows: Ordered, output: Path, name: str) -> None:
    if output.is_dir():
        raise Fault(BAD_OUTPUT, path=output, detail="directory")
    try:
        exports.write_table(rows, output, name)
    except OSError as error:
        raise Fault(BAD_OUTPUT, path=output, detail=error.strerror) from None
