"""The originals: the bytes of every file landed, read-only, under their SHA-256 (CONTRACT §4)."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from pipelines.store.home import Home
    from pipelines.store.places.base import Place

_CHUNK: Final = 1 << 20


class OriginalDamagedError(RuntimeError):
    """An original is gone, or is no longer the bytes that were landed."""


class Kept(NamedTuple):
    """The SHA-256 (hexadecimal) of the bytes that were kept, and whether they were written just now."""

    sha256: str
    is_new: bool


def keep(home: Home, offered: AbstractContextManager[BinaryIO]) -> Kept:
    """Keep the bytes of a stream. Bytes kept already are not written again.

    Where the stream fails, on leaving it at the latest, nothing is kept. What is in memory is one chunk.
    """
    digest = hashlib.sha256()
    with home.originals.staged() as temporary:
        with offered as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                temporary.write(chunk)
        sha256 = digest.hexdigest()
        is_new = not path_of(home, sha256).exists()
        if is_new:
            temporary.place(_name(sha256), read_only=True)
    return Kept(sha256, is_new)


def fetch(home: Home, sha256: str) -> bytes:
    """The bytes kept under ``sha256``; raises ``OriginalDamagedError`` where they are gone or altered."""
    with opened(home, sha256) as stream:
        return stream.read()


@contextmanager
def opened(home: Home, sha256: str, *, is_new: bool = False) -> Iterator[BinaryIO]:
    """The original kept under ``sha256``, at its first byte; one that was written just now is not digested again.

    Raises ``OriginalDamagedError`` where it is gone or altered.
    """
    try:
        stream = path_of(home, sha256).open()
    except FileNotFoundError:
        message = f"original {sha256} is missing"
        raise OriginalDamagedError(message) from None
    with stream:
        if not is_new and hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
            message = f"original {sha256} was altered: its bytes have another digest"
            raise OriginalDamagedError(message)
        stream.seek(0)
        yield stream


def path_of(home: Home, sha256: str) -> Place:
    """Where the original with this digest stands, or would stand."""
    return home.originals / _name(sha256)


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
