"""The home directory: one programme's inbox, originals, tables, publications and outbox (CONTRACT §13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipelines.store.files import make_folder, sweep

if TYPE_CHECKING:
    from pathlib import Path

_UNUSABLE: Final = frozenset("%#?[]|^\\")
"""Characters that the table library misreads in a path: it takes some as parts of an address, and aborts on others."""


class HomePathError(ValueError):
    """The home stands under a path that tables cannot be kept under."""


@dataclass(frozen=True)
class Home:
    """Where everything of one programme stands; ``root`` is the folder given by ``--home``."""

    root: Path

    @property
    def inbox(self) -> Path:
        """Files offered, left as they are."""
        return self.root / "inbox"

    @property
    def originals(self) -> Path:
        """The bytes of every file landed, by SHA-256."""
        return self.root / "originals"

    @property
    def landed(self) -> Path:
        """Typed rows and rejections of every file landed, by layout and SHA-256."""
        return self.root / "landed"

    @property
    def tables(self) -> Path:
        """Delta tables, one folder each."""
        return self.root / "tables"

    @property
    def publications(self) -> Path:
        """Manifests, one folder a month."""
        return self.root / "publications"

    @property
    def work(self) -> Path:
        """Working tables of runs; may be deleted when none is under way."""
        return self.root / "work"

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

        Raises ``HomePathError`` naming the characters that cannot be used.
        """
        _check_path(self.root)
        for folder in (self.inbox, self.dagster, self.locks, self.tables):
            make_folder(folder)
        for folder in (self.originals, self.landed, self.publications, self.work, self.outbox):
            make_folder(folder)
            sweep(folder)


def _check_path(root: Path) -> None:
    path = str(root.absolute())
    found = sorted({character for character in path if character in _UNUSABLE or not character.isprintable()})
    if found:
        message = f"The home directory cannot stand under a path with {' '.join(map(repr, found))}: choose another one"
        raise HomePathError(message)
