"""What every place does: a file is there whole or not at all, and of two that write the same one, one is told so.

A ``Place`` names a file or a folder below the root of what lasts of a home, by its ``key``; whether there is anything,
and what, shows when it is asked. Its errors are those of files (``FileNotFoundError``, ``FileExistsError``), and
``UnreachedError`` where the place itself does not answer: that says nothing of what is kept there.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from io import BufferedReader

    import pyarrow


class Why(StrEnum):
    """Why a place is of no use now."""

    BUSY = "other processes keep writing to it; try again when they ended"
    NO_BUCKET = "there is no such bucket; look at its name and at AWS_ENDPOINT_URL"
    NO_CONDITIONS = "it does not keep to the conditions of a put (If-None-Match, If-Match); nothing is safe there"
    NO_CREDENTIALS = "there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
    REFUSED = "it refuses these credentials; they need the right to list the bucket, and to get and put its objects"
    UNANSWERED = "it is not reached; look at AWS_ENDPOINT_URL and the network"


class UnreachedError(RuntimeError):
    """The place does not answer, or not to these credentials; the text says what to do, and no secret."""

    def __init__(self, why: Why) -> None:
        super().__init__(f"the store cannot be used: {why}")
        self.why = why

    def __reduce__(self) -> tuple[type[UnreachedError], tuple[Why]]:
        """As it was made, for who gets it from another process."""
        return UnreachedError, (self.why,)


class Staged(Protocol):
    """A file that is being written; it is seen by nobody before ``place``."""

    def write(self, content: bytes | memoryview) -> int:
        """Add ``content`` and give its length; raises ``OSError``."""

    def place(self, name: str, *, read_only: bool = False) -> None:
        """Put the file, as it is now, at ``name`` below the folder it was begun in, for good."""


class Place(ABC):
    """A file or folder of what lasts of a home; ``key`` is its path from the root, with ``/`` between names."""

    key: str

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    @property
    def parent(self) -> Self:
        """The folder that it stands in."""
        return self._at(self.key.rpartition("/")[0])

    def __truediv__(self, name: str) -> Self:
        """What stands at ``name``, one or several names, below this folder."""
        return self._at(f"{self.key}/{name}" if self.key else name)

    def __str__(self) -> str:
        """For messages: where it is, without any secret."""
        return self.address

    @property
    @abstractmethod
    def address(self) -> str:
        """Its path or URL, as the table library takes it."""

    @property
    @abstractmethod
    def options(self) -> dict[str, str] | None:
        """What the table library is told beside the address; may hold a secret."""

    @abstractmethod
    def _at(self, key: str) -> Self:
        """The place with another key below the same root."""

    def blame(self, error: Exception) -> None:  # noqa: B027 - what is wrong with a folder is an error of its own
        """Raise ``UnreachedError`` where an error of the table library says only that the place does not answer."""

    @abstractmethod
    def prepare(self, folders: tuple[str, ...]) -> None:
        """Make the folders of these names, where folders are made, and see that the place does what it has to.

        Raises ``UnreachedError`` where it does not.
        """

    @abstractmethod
    def sweep(self) -> None:
        """Remove what killed writers left below this folder."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is such a file."""

    @abstractmethod
    def is_folder(self) -> bool:
        """Whether there is such a folder; one that no file was ever put in may not be."""

    @abstractmethod
    def size(self) -> int:
        """The bytes of the file."""

    @abstractmethod
    def names(self) -> list[str]:
        """The names of the files in this folder, in order; none where there is no such folder."""

    @abstractmethod
    def folders(self) -> list[str]:
        """The names of the folders in this folder, in order; none where there is no such folder."""

    @abstractmethod
    def files(self) -> list[Self]:
        """Every file below this folder, in order of their keys, but those that are being written."""

    @abstractmethod
    def read_bytes(self) -> bytes:
        """All of the file."""

    @abstractmethod
    def buffer(self) -> pyarrow.Buffer:
        """All of the file, held in memory only as far as it has to be."""

    @abstractmethod
    def open(self) -> BufferedReader:
        """The file as a stream that can seek, held in memory chunk by chunk."""

    @abstractmethod
    def ranged(self) -> AbstractContextManager[pyarrow.NativeFile]:
        """The file for who reads little of it."""

    def sha256(self) -> str:
        """SHA-256 of the file's bytes, in hexadecimal."""
        with self.open() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    @abstractmethod
    def write(self, content: bytes, *, read_only: bool = False, exclusive: bool = False) -> None:
        """Put ``content`` here: readers see what stood here before, or all of it.

        ``exclusive`` raises ``FileExistsError`` where something stands here already, and leaves that as it is.
        """

    @abstractmethod
    def staged(self) -> AbstractContextManager[Staged]:
        """A new file to be placed below this folder; nothing of it is left at the end unless it was."""

    @abstractmethod
    def extend(self, added: Callable[[bytes], bytes]) -> None:
        """Add lines to a file of lines: those that ``added`` gives when it is shown what stands here.

        Of two that do so at once, one sees what the other added. The beginning of a line without its end, which a dead
        process left, is taken off.
        """
