"""Where explanations come from: the publication in force of a month, its tables and the files it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow

from pipelines.engine.stages import ROW_TABLES
from pipelines.rules.calendar import month_number
from pipelines.rules.policy import Policy, PolicyBook
from pipelines.store import publications, tables
from pipelines.store.slices import Slices
from schemas.catalog import PUBLISHED, WORKING
from schemas.tables.landings import Landing
from schemas.tables.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Collection

    from pipelines.store.home import Home
    from pipelines.store.publications import Publication
    from pipelines.store.slices import Ending


@dataclass(frozen=True)
class Source:
    """One publication, read a few rows at a time; ``fallback`` is the policy where its manifest does not hold it."""

    slices: Slices
    publication: Publication
    fallback: PolicyBook

    @property
    def home(self) -> Home:
        """Where it stands."""
        return self.slices.home

    @property
    def month(self) -> str:
        """The payment month."""
        return self.publication.month

    @cached_property
    def policy(self) -> PolicyBook:
        """The dated rules it was made by."""
        entries = self.publication.policy
        return PolicyBook(tuple(Policy(**entry) for entry in entries)) if entries else self.fallback

    def table(self, name: str, **keys: Collection[str] | Ending) -> pd.DataFrame:
        """The rows of a published table in which a column named holds one of the values; none without such a table."""
        model = PUBLISHED[name].model
        version = self.publication.tables.get(name)
        if version is None or not any(keys.values()):
            return model.empty()
        return model.from_arrow(self.slices.published(version, keys, model.arrow_schema()))

    def rows(self, kind: str, **keys: Collection[str] | Collection[int]) -> pd.DataFrame:
        """The landed rows of a kind, of the files it was made of, in which a column named holds one of the values.

        The key ``sha256`` chooses the files instead, where it is given.
        """
        asked = (kind, *((name, frozenset(values)) for name, values in sorted(keys.items())))
        if asked not in self._read:
            self._read[asked] = self._load(kind, keys)
        return self._read[asked]

    def _load(self, kind: str, keys: dict[str, Collection[str] | Collection[int]]) -> pd.DataFrame:
        model = WORKING[ROW_TABLES[kind]]
        files = self.files[self.files["kind"].eq(kind)]
        if "sha256" in keys:
            files = files[files["sha256"].isin(list(keys.pop("sha256")))]
        if not any(keys.values()):
            return model.empty()
        schema = model.arrow_schema()
        found = self.slices.landed(list(zip(files["layout"], files["sha256"], strict=True)), keys, schema)
        return model.from_arrow(self._with_names(found)).sort_values(["sha256", "sheet", "row"], ignore_index=True)

    @cached_property
    def _read(self) -> dict[tuple[Any, ...], pd.DataFrame]:
        """Landed rows asked for before: the registries are long, and a key is looked for more than once."""
        return {}

    @cached_property
    def files(self) -> pd.DataFrame:
        """Its accepted files: file_name, sha256, received_at, layout, kind."""
        receipts = Receipt.from_arrow(publications.read_table(self.home, self.publication, "receipts"))
        accepted = receipts.loc[receipts["outcome"].eq("accepted"), ["file_name", "sha256", "received_at"]]
        log = tables.read(self.home, "landings")
        landings = Landing.empty() if log is None else Landing.from_log(log)
        known = accepted.merge(landings[["file_name", "sha256", "layout", "kind"]], on=["file_name", "sha256"])
        return known[known["sha256"].isin(self.publication.inputs)].reset_index(drop=True)

    def _with_names(self, rows: pyarrow.Table) -> pyarrow.Table:
        """Landed rows do not say under which name, nor when, their file came: its receipt does."""
        place = pd.Index(self.files["sha256"]).get_indexer(rows["sha256"].to_pandas())
        for name in ("file_name", "received_at"):
            field = rows.schema.field(name)
            column = pyarrow.array(self.files[name].iloc[place].to_list(), field.type)
            rows = rows.set_column(rows.schema.get_field_index(name), field, column)
        return rows


@dataclass(frozen=True)
class Sources:
    """The publication in force of every month asked for, by month."""

    by_month: dict[str, Source]

    def of(self, month: str) -> Source | None:
        """The publication in force of a month; None where it is not among them."""
        return self.by_month.get(month)

    @property
    def newest(self) -> Source:
        """The one made last: it knows most files."""
        return max(self.by_month.values(), key=lambda source: (source.publication.published_at, source.month))

    def near(self, month: str, months: int) -> list[Source]:
        """Those of months at most so many before or after, the month's own first."""
        far = {name: abs(month_number(name) - month_number(month)) for name in self.by_month}
        return [self.by_month[name] for name in sorted(far, key=lambda name: (far[name], name)) if far[name] <= months]


def open_sources(home: Home, month: str | None, fallback: PolicyBook) -> Sources:
    """The publications in force, of one month or of all."""
    names = [month] if month else publications.months(home)
    found = {name: publications.latest(home, name) for name in names}
    shared = Slices(home)
    return Sources({name: Source(shared, made, fallback) for name, made in found.items() if made})


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values: dates and instants as ISO 8601, whole numbers as such, nothing where empty."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:  # noqa: ANN401 - any cell
    if isinstance(value, pd.Timestamp):
        return value.isoformat().replace("+00:00", "Z") if value.tzinfo else value.date().isoformat()
    if hasattr(value, "item"):
        return value.item()
    return None if value is pd.NaT or value is pd.NA else value
