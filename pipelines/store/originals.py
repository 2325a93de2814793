"""The originals: the bytes of every file landed, read-only, under their SHA-256 (CONTRACT §4)."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from pipelines.store.home import Home
    from pipelines.store.places.base import Place

_CHUNK: Final = 1 << 20


class OriginalDamagedError(RuntimeError):
    """An original is gone, or is no longer the bytes that were landed."""


def keep(home: Home, offered: AbstractContextManager[BinaryIO]) -> str:
    """Keep the bytes of a stream and give their SHA-256 (hexadecimal). Bytes kept already are not written again.

    Where the stream fails, on leaving it at the latest, nothing is kept. What is in memory is one chunk.
    """
    digest = hashlib.sha256()
    with home.originals.staged() as temporary:
        with offered as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                temporary.write(chunk)
        sha256 = digest.hexdigest()
        if not path_of(home, sha256).exists():
            temporary.place(_name(sha256), read_only=True)
    return sha256


def fetch(home: Home, sha256: str) -> bytes:
    """The bytes kept under ``sha256``; raises ``OriginalDamagedError`` where they are gone or altered."""
    with opened(home, sha256) as stream:
        return stream.read()


@contextmanager
def opened(home: Home, sha256: str) -> Iterator[BinaryIO]:
    """The original kept under ``sha256``, at its first byte.

    Raises ``OriginalDamagedError`` where it is gone or altered.
    """
    try:
        stream = path_of(home, sha256).open()
    except FileNotFoundError:
        message = f"original {sha256} is missing"
        raise OriginalDamagedError(message) from None
    with stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
            message = f"original {sha256} was altered: its bytes have another digest"
            raise OriginalDamagedError(message)
        stream.seek(0)
        yield stream


def path_of(home: Home, sha256: str) -> Place:
    """Where the original with this digest stands, or would stand."""
    return home.originals / _name(sha256)


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
