"""The programme as a run sees it: its home, its policy, and the lock of the month that the run is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

import dagster as dg
import pandas as pd
from pydantic import Field, PrivateAttr

from pipelines.defs.guarding import guard
from pipelines.defs.working import Shelf
from pipelines.engine import publishing
from pipelines.engine.figures import Figures
from pipelines.engine.nights import keeping, notes
from pipelines.engine.nights import opening as nights
from pipelines.engine.nights.keeping import KeptMonth
from pipelines.engine.nights.months import NightMonth
from pipelines.engine.nights.notes import Grounds
from pipelines.engine.sharding.months import ShardedMonth
from pipelines.engine.sharding.opening import opened
from pipelines.engine.sharding.settings import DEFAULT_MEMORY, Settings, checked, settings
from pipelines.outputs import outbox, program
from pipelines.outputs.labels import DEFAULT_LANGUAGE
from pipelines.rules.changes import Before
from pipelines.rules.policy import PolicyBook, PolicyError, parse_policy
from pipelines.store import locks
from pipelines.store.home import Home
from pipelines.store.publications import Publication


class Premises(dg.ConfigurableResource):  # type: ignore[type-arg] # its own value, which has no name here yet
    """Where one programme is kept and what rules it."""

    home_path: str = Field(description="The home directory (CONTRACT §13)")
    store: str = Field(
        default="", description="URL of an object store with what has to last, without any secret; empty: the home"
    )
    policy_path: str = Field(description="The dated policy, a TOML file (CONTRACT §2)")
    inbox: str = Field(
        default="", description="Folder or URL of the files, without any secret; empty: inbox/ of the home"
    )

    _home: Home | None = PrivateAttr(default=None)
    _policy: PolicyBook | None = PrivateAttr(default=None)

    @property
    def home(self) -> Home:
        """The home directory; one connection to its store for all of the run."""
        if self._home is None:
            self._home = Home(Path(self.home_path).absolute(), self.store)
        return self._home

    @property
    def where(self) -> str:
        """The folder or URL of the inbox."""
        return self.inbox or str(self.home.inbox)

    @property
    def policy(self) -> PolicyBook:
        """The policy, read once: as it was when the run began."""
        if self._policy is None:
            self._policy = load_policy(Path(self.policy_path))
        return self._policy


class Programme(Premises):
    """One programme in the hands of one run, which holds the lock of its month."""

    wait_seconds: int = Field(default=10, description="How long to wait while another run of the month is under way")
    language: str = Field(default=DEFAULT_LANGUAGE, description="Language of the outbox: es or en")

    engine: str = Field(default="local", description="On what the stages run: local, or dask (docs/operations.md)")
    shards: int = Field(default=0, description="Into how many shards a month is cut; 0: as many as its rows ask for")
    memory: str = Field(default=DEFAULT_MEMORY, description="What a run may take; beyond it shards lie on disk")
    scheduler: str = Field(default="", description="Address of a Dask scheduler; empty: a cluster on this machine")
    workers: int = Field(default=0, description="Processes that work on shards; 0: as many as cores, but two")
    afresh: bool = Field(default=False, description="Work the month out again also where nothing is new")

    _month: str = PrivateAttr(default="")
    _held: ExitStack = PrivateAttr(default_factory=ExitStack)
    _opened: ShardedMonth | KeptMonth | NightMonth | None = PrivateAttr(default=None)
    _grounds: Grounds | None = PrivateAttr(default=None)
    _doubt: str = PrivateAttr(default="")
    _told: dict[str, Figures] = PrivateAttr(default_factory=dict)
    _tables: Shelf = PrivateAttr(default_factory=lambda: Shelf(""))

    @property
    def month(self) -> str:
        """The payment month that the run is for."""
        return self._month

    @property
    def tables(self) -> Shelf:
        """The working tables of the run."""
        return self._tables

    @property
    def kept(self) -> KeptMonth | None:
        """The month, where nothing of it can have changed and its publication is kept."""
        return self._opened if isinstance(self._opened, KeptMonth) else None

    @property
    def way(self) -> str:
        """How the month was worked out, in words for the run history."""
        if isinstance(self._opened, NightMonth):
            return self._opened.way
        if self.kept:
            return "nothing is new: kept"
        return f"whole: a night gave up at {self._doubt}" if self._doubt else "whole"

    def open(self, issued: pd.DataFrame) -> ShardedMonth | KeptMonth | NightMonth | None:
        """The month where it is not to be worked on at once: kept as it is, or in shards.

        ``issued`` are ``Receipt`` rows.
        """
        self._grounds = notes.grounds(program.digest(), self.policy, issued)
        written = partial(outbox.written, language=self.language)
        if not self.afresh:
            self._opened = keeping.kept(self.home, self.month, self.policy, self._grounds, issued, written)
            self._opened = self._opened or self._night(issued)
        if self._opened is None:
            month = opened(self.home, self.month, self.policy, issued, self._settings)
            self._opened = self._held.enter_context(month)
        return self._opened

    def _night(self, issued: pd.DataFrame) -> NightMonth | None:
        assert self._grounds is not None  # noqa: S101 - the caller found them
        arguments = (self.home, self.month, self.policy, self._grounds, issued, self._settings, self._held)
        try:
            return nights.opened(*arguments)
        except nights.GivenUpError as doubt:
            self._doubt = str(doubt)
            return None

    def run(self, stage: Callable[..., Any], *given: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a stage takes
        """What a stage gives: here and now, or of the month as it was opened."""
        found: dict[str, Any] = self._opened.take(stage.__name__) if self._opened else stage(*given)
        return found

    def before(self) -> Before | None:
        """What changes are told against, read only where a stage here and now has to look at it."""
        return None if self._opened else publishing.last_published(self.home, self.month, self.policy)

    def tell(self, name: str, figures: Figures) -> Figures:
        """The figures of a table as they are told to Dagster; they are noted for the next run."""
        self._told[name] = figures
        return figures

    def note(self, publication: Publication, whole: Mapping[str, pd.DataFrame]) -> None:
        """Note what this run published or left standing; ``whole`` has the tables of the whole home.

        What was published stands: where nothing can be noted, the next run is a whole one.
        """
        if self._grounds is None:
            return
        with suppress(OSError):
            notes.remember(self.home, publication, self._grounds, self._told, whole)
        if isinstance(self._opened, ShardedMonth):
            nights.leave(self.home, self._opened, publication, self._grounds, self._told)

    @property
    def rows_at_once(self) -> int:
        """How many rows of a table may be held, where it lies in pieces."""
        return self._settings.rows_in_order

    @property
    def _settings(self) -> Settings:
        return settings(self.engine, self.shards, self.memory, self.scheduler, self.workers)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Self]:
        """Read the policy, then hold the month's lock: no other run of the month interleaves with this one."""
        run = context.run
        self._month = month = run.tags.get("dagster/partition", "") if run else ""
        with self._held as held:
            with guard():
                checked(self._settings)
                self.policy.governing(month)
                self.home.prepare()
                held.enter_context(locks.hold(self.home, f"month-{month}", wait_seconds=self.wait_seconds))
            self._tables = Shelf(month)
            yield self


def load_policy(path: Path) -> PolicyBook:
    """The policy written at ``path``; raises ``PolicyError``."""
    try:
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        message = f"the policy {path} cannot be read as text; name a readable file"
        raise PolicyError(message) from None
    return parse_policy(content)
