"""What every inbox does: names, signatures, and one file at a time as a stream that is whole or an error.

A file counts as arrived when its signature stood still from the look at the inbox until it is opened, at least
``Terms.settle_seconds`` later, or when its mark (``x.csv.done`` beside ``x.csv``) is there. Nothing is ever opened
that is not a regular file, and no more than one chunk of it is held in memory.
"""

from __future__ import annotations

import io
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, Final, NamedTuple, Protocol, Self

LIMIT_BYTES: Final = 1 << 30
"""The largest file read."""

CHUNK_BYTES: Final = 1 << 20
"""How much of a file is held at once."""

MARK: Final = ".done"
"""What the name of a mark ends in: ``x.csv.done`` says that ``x.csv`` is whole. A mark is never offered itself."""

_UNFINISHED: Final = (".part", ".filepart", ".tmp", MARK)
"""Endings, in small letters, of names that are left alone: uploaders write under them and rename at the end."""

NOT_REGULAR: Final = "found a link, folder, pipe or device; expected a regular file; put the file itself in the inbox"


class UnreadableError(Exception):
    """An inbox or a file in it cannot be read; of a file, the text is the refusal without the file's name."""


def cannot_be_read(why: str | None) -> UnreadableError:
    """The refusal of a file that is not given to us."""
    found = f"a file that could not be opened or read ({why})"
    return UnreadableError(f"found {found}; expected one that may be read; make it readable and offer it again")


class ChangingError(Exception):
    """A file is being written, or did not come whole over the line; it is left for the next run."""


class Signature(NamedTuple):
    """What changes of a file when its bytes do: device, inode, size in bytes, change of content and of state in ns.

    Where a server tells less, the fields it does not tell are 0; ``tag`` is an object store's own mark of the content.
    """

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int
    tag: str = ""


class Terms(NamedTuple):
    """When a file counts as arrived: how long it stood still, and whether nothing but its mark will do."""

    settle_seconds: float = 0.0
    needs_mark: bool = False


class Source(Protocol):
    """An open file: its size in bytes when it was opened, its bytes in order, and whether it is still what it was."""

    size: int

    def read(self, size: int) -> bytes:
        """The next bytes, at most ``size``; none at the end."""

    def is_unchanged(self) -> bool:
        """Whether the file is what it was when it was opened."""


class Inbox(ABC):
    """A place where files are offered. ``key`` names it without any secret; ``with`` closes what it holds open."""

    key: str

    def __init__(self, key: str, terms: Terms) -> None:
        self.key = key
        self._terms = terms
        self._looked: dict[str, Signature | None] = {}
        self._looked_at = time.monotonic()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027 - a place without a connection has nothing to close
        """Close the connection, if there is one."""

    def names(self) -> list[str]:
        """The names offered, sorted; those beginning with a dot, unfinished ones and marks are left out.

        Raises ``UnreadableError`` when the inbox cannot be listed.
        """
        self._looked = self._look()
        self._looked_at = time.monotonic()
        offered = [name for name in self._looked if _is_offered(name)]
        return sorted(
            (name for name in offered if not self._terms.needs_mark or self._is_marked(name)),
            key=lambda name: name.encode("utf-8", "surrogateescape"),
        )

    def signature(self, name: str) -> Signature | None:
        """The signature of a regular file as the last look found it; None for anything else."""
        return self._looked.get(name)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """The bytes of a file, as a stream that cannot seek.

        Raises ``UnreadableError`` for what is no regular file, may not be read or has more than ``LIMIT_BYTES``;
        ``ChangingError`` at the latest on leaving, if the file is being written, was changed or did not come whole.
        Whoever copies the stream forgets the copy on either.
        """
        if "/" in name or name in {"", ".", ".."}:
            raise UnreadableError(NOT_REGULAR)
        self._await_standstill(name)
        with self._opened(name) as source:
            if source.size > LIMIT_BYTES:
                message = f"found {source.size:,} bytes; expected at most {LIMIT_BYTES:,} bytes; split the file"
                raise UnreadableError(message)
            stream = _Whole(source)
            yield io.BufferedReader(stream, CHUNK_BYTES)
            if stream.count != source.size or not source.is_unchanged():
                raise ChangingError

    @abstractmethod
    def _look(self) -> dict[str, Signature | None]:
        """Every name of the inbox, with the signature of those that are regular files."""

    @abstractmethod
    def _now(self, name: str) -> Signature | None:
        """The signature of one file at this moment."""

    @abstractmethod
    def _opened(self, name: str) -> AbstractContextManager[Source]:
        """One file opened, if it is a regular one; raises as ``open`` does."""

    def _has_rested(self, _signature: Signature) -> bool:
        """Whether the signature alone shows that the file stands still."""
        return False

    def _is_marked(self, name: str) -> bool:
        return name + MARK in self._looked

    def _await_standstill(self, name: str) -> None:
        """Wait, once in a look, until what was seen has had time to change; raises ``ChangingError`` if it did."""
        looked = self._looked.get(name)
        if looked is None or not self._terms.settle_seconds or self._is_marked(name) or self._has_rested(looked):
            return
        time.sleep(max(0.0, self._looked_at + self._terms.settle_seconds - time.monotonic()))
        if self._now(name) != looked:
            raise ChangingError


class _Whole(io.RawIOBase):
    """The bytes of a source, counted; more than it announced are a change."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what BufferedReader hands over
        content = self._source.read(len(buffer))
        self.count += len(content)
        if self.count > self._source.size:
            raise ChangingError
        buffer[: len(content)] = content
        return len(content)


def _is_offered(name: str) -> bool:
    return not name.startswith(".") and not name.casefold().endswith(_UNFINISHED)
