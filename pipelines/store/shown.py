"""Tables by name, of which some stand in the store: those are read only when somebody asks for their rows.

The digest of each is known without its rows, so that who only wants to know whether anything changed reads nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING

from pipelines.store import publications
from pipelines.store.ordered import Ordered
from schemas.digest import content_digest

if TYPE_CHECKING:
    import pyarrow

    from pipelines.store.home import Home
    from pipelines.store.publications import Publication


class Shown(Mapping[str, "pyarrow.Table"]):
    """Tables at hand, with their content digests as far as they are known, and tables of publications."""

    def __init__(
        self,
        home: Home,
        at_hand: Mapping[str, pyarrow.Table | Ordered],
        digests: Mapping[str, str],
        at_rest: Mapping[str, tuple[Publication, str]],
    ) -> None:
        """``at_rest``: of each, the publication and its name there; it stands before one at hand of the same name."""
        self._home, self._at_rest = home, at_rest
        self._at_hand = {name: table for name, table in at_hand.items() if name not in at_rest}
        self._digests = dict(digests)
        # Two files of an outbox are made at a time: what both show is read once.
        self._reading = Lock()
        self._names = [*at_hand, *(name for name in at_rest if name not in at_hand)]

    def __getitem__(self, name: str) -> pyarrow.Table:
        """All rows at once; raises ``TableDamagedError`` where they are not those that were published."""
        return self.ordered(name).whole()

    def ordered(self, name: str) -> Ordered:
        """The rows slice by slice; raises ``TableDamagedError`` where they are not those that were published."""
        with self._reading:
            if name in self._at_rest and name not in self._at_hand:
                self._at_hand[name] = publications.read_slices(self._home, *self._at_rest[name])
            table = self._at_hand[name]
        return table if isinstance(table, Ordered) else Ordered.of(table)

    def known_digest(self, name: str) -> str:
        """The content digest of a table as far as it is known without asking its rows; else empty."""
        if name in self._at_rest:
            publication, published_as = self._at_rest[name]
            return publication.tables[published_as].digest
        return self._digests.get(name, "")

    def __contains__(self, name: object) -> bool:
        """Whether there is such a table; asking that reads none."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """The names, those at hand first."""
        return iter(self._names)

    def __len__(self) -> int:
        """How many tables there are."""
        return len(self._names)


def digest_of(tables: Mapping[str, pyarrow.Table], name: str) -> str:
    """The content digest of one of ``tables``, without its rows where that is known."""
    known = tables.known_digest(name) if isinstance(tables, Shown) else ""
    return known or content_digest(tables[name])
