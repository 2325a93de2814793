"""The originals: the bytes of every file landed, read-only, under their SHA-256 (CONTRACT §4)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pipelines.store.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.store.home import Home


class OriginalDamagedError(RuntimeError):
    """An original is gone, or is no longer the bytes that were landed."""


def keep(home: Home, content: bytes) -> str:
    """Keep ``content`` and give its SHA-256 (hexadecimal). Bytes kept already are not written again."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(home, sha256)
    if not path.exists():
        write_atomically(path, content, read_only=True)
    return sha256


def fetch(home: Home, sha256: str) -> bytes:
    """The bytes kept under ``sha256``; raises ``OriginalDamagedError`` where they are gone or altered."""
    try:
        content = path_of(home, sha256).read_bytes()
    except FileNotFoundError:
        message = f"original {sha256} is missing"
        raise OriginalDamagedError(message) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        message = f"original {sha256} was altered: its bytes have another digest"
        raise OriginalDamagedError(message)
    return content


def path_of(home: Home, sha256: str) -> Path:
    """Where the original with this digest stands, or would stand."""
    return home.originals / sha256[:2] / sha256
