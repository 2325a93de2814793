"""The inbox: names of the files offered and their bytes, from a folder, an SFTP server or an object store.

This is the one door to :mod:`pipelines.store.inboxes`. Names beginning with a dot are left alone, as are those that
uploaders write under (``.part``, ``.filepart``, ``.tmp``) and the marks (``.done``) that say that a file is whole.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from pipelines.store.inboxes.address import parse
from pipelines.store.inboxes.base import ChangingError, Inbox, Signature, Terms, UnreadableError
from pipelines.store.inboxes.folder import FolderInbox

__all__ = [
    "ChangingError",
    "Inbox",
    "Signature",
    "UnreadableError",
    "canonical",
    "fetch",
    "open_file",
    "open_inbox",
    "printable",
]


def open_inbox(where: str | Path) -> Inbox:
    """The inbox at a folder or URL; connected, and closed by ``with``.

    Raises ``UnreadableError`` for an address that cannot be used, no such folder, and a server that is not reached or
    not known; the text tells what to do, and no secret.
    """
    address = parse(where)
    if address.scheme == "sftp":
        from pipelines.store.inboxes.sftp import SftpInbox  # noqa: PLC0415 - loads a cryptographic library

        return SftpInbox(address)
    if address.scheme == "s3":
        from pipelines.store.inboxes.objects import ObjectInbox  # noqa: PLC0415 - loads a web client

        return ObjectInbox(address)
    folder = FolderInbox(Path(address.path), address.terms)
    folder.names()
    return folder


def open_file(path: Path) -> AbstractContextManager[BinaryIO]:
    """The bytes of one local file, with the guards of an inbox but without waiting for it to stand still."""
    return FolderInbox(path.parent, Terms()).open(path.name)


def canonical(where: str | Path) -> str:
    """An address as it can be handed on to another process and logged: an absolute folder, or a URL without a secret.

    Raises ``UnreadableError`` for one that cannot be used, without looking for the place.
    """
    address = parse(where)
    text = os.fspath(where)
    return text if "://" in text else address.path


def printable(name: str) -> str:
    """The name of a file as text that can be stored and shown on one line.

    Bytes that are not UTF-8, control characters and characters that cannot be seen are written as escapes.
    """
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def fetch(path: Path) -> bytes:
    """The bytes of one local file; raises as ``Inbox.open`` does."""
    with open_file(path) as stream:
        return stream.read()
