"""The home directory: one programme's inbox, originals, tables, publications and outbox (CONTRACT §13)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pipelines.store import passing
from pipelines.store.files import make_folder, sweep
from pipelines.store.places.local import LocalPlace

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.store.places.base import Place

_LASTING: Final = ("originals", "landed", "tables", "publications")

_UNUSABLE: Final = frozenset("%#?[]|^\\")
"""Characters that the table library misreads in a path: it takes some as parts of an address, and aborts on others."""


class HomePathError(ValueError):
    """The home stands under a path that tables cannot be kept under."""


@dataclass(frozen=True)
class Home:
    """Where everything of one programme stands; ``root`` is the folder given by ``--home``.

    ``store`` is the URL of an object store with what has to last; where it is empty, that stands in ``root`` too.
    """

    root: Path
    store: str = ""

    def __reduce__(self) -> tuple[type[Home], tuple[Path, str]]:
        """Without the connection to its store: another process uses credentials of its own."""
        return Home, (self.root, self.store)

    @property
    def inbox(self) -> Path:
        """Files offered, left as they are."""
        return self.root / "inbox"

    @cached_property
    def lasting(self) -> Place:
        """Where everything stands that has to last.

        Raises ``StoreAddressError``, and ``UnreachedError`` where there are no credentials for the store.
        """
        if not self.store:
            return LocalPlace(self.root)
        from pipelines.store.places.objects import open_objects  # noqa: PLC0415 - loads a web client

        return open_objects(self.store, self.work)

    @property
    def originals(self) -> Place:
        """The bytes of every file landed, by SHA-256."""
        return self.lasting / "originals"

    @property
    def landed(self) -> Place:
        """Typed rows and rejections of every file landed, by layout and SHA-256."""
        return self.lasting / "landed"

    @property
    def tables(self) -> Place:
        """Delta tables, one folder each."""
        return self.lasting / "tables"

    @property
    def publications(self) -> Place:
        """Manifests, one folder a month."""
        return self.lasting / "publications"

    @property
    def work(self) -> Path:
        """Working tables of runs; may be deleted when none is under way."""
        return self.root / "work"

    @property
    def rebuilding(self) -> Path:
        """Months that are built again as of a moment, each in a folder of its process."""
        return self.work / "as-of"

    @property
    def outbox(self) -> Path:
        """What is handed over, one folder a coverage month."""
        return self.root / "outbox"

    @property
    def dagster(self) -> Path:
        """The run history."""
        return self.root / "dagster"

    @property
    def locks(self) -> Path:
        """Lock files; they hold nothing."""
        return self.root / "locks"

    def prepare(self) -> None:
        """Make the folders and sweep what killed writers left. Safe beside other processes, and to repeat.

        Raises ``HomePathError`` naming the characters that cannot be used, and ``UnreachedError``.
        """
        _check_path(self.root)
        for folder in (self.inbox, self.dagster, self.locks, self.work, self.outbox):
            make_folder(folder)
        for folder in (self.work, self.outbox):
            sweep(folder)
        passing.sweep(self.rebuilding)
        self.lasting.prepare(_LASTING)
        for place in (self.originals, self.landed, self.tables, self.publications):
            place.sweep()

    def is_begun(self) -> bool:
        """Whether anything was ever kept in it."""
        return self.tables.is_folder()


def _check_path(root: Path) -> None:
    path = str(root.absolute())
    found = sorted({character for character in path if character in _UNUSABLE or not character.isprintable()})
    if found:
        message = f"The home directory cannot stand under a path with {' '.join(map(repr, found))}: choose another one"
        raise HomePathError(message)
