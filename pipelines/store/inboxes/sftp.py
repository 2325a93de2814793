"""A folder on an SFTP server as an inbox, with the keys and known hosts that the OpenSSH client of this account uses.

The SSH library is used itself: the file systems made of it follow links and trust servers they have not met, unless
told otherwise (docs/decisions/0016).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import asyncssh

from pipelines.store.inboxes.address import Address
from pipelines.store.inboxes.base import (
    CHUNK_BYTES,
    NOT_REGULAR,
    ChangingError,
    Inbox,
    Signature,
    Source,
    UnreadableError,
    cannot_be_read,
)
from pipelines.store.inboxes.waiting import wait

CONNECT_SECONDS: Final = 20.0
"""How long a connection may take until the server has let us in."""

_ALIVE_SECONDS: Final = 10
"""After this long without a word the server is asked whether it is there; three times in vain is a dead line."""

_KNOWN_HOSTS: Final = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")

_LOST: Final = (
    asyncssh.DisconnectError,
    asyncssh.ChannelOpenError,
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection,
    OSError,  # also what a time limit raises
)
"""What says that the line is dead, not that a file is bad."""

_Result = TypeVar("_Result")


class SftpInbox(Inbox):
    """The files that stand in one folder of a server. A line that dies is made again once; then the rest must wait."""

    def __init__(self, address: Address) -> None:
        super().__init__(str(address), address.terms)
        self._address = address
        path = address.path
        self._folder = path[3:] or "." if path.startswith("/~/") or path == "/~" else path or "."
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._may_connect_again = True
        self._connect()

    def close(self) -> None:
        """End the connection without waiting for a server that does not answer."""
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            wait(_closed(connection))

    def _connect(self) -> None:
        self.close()
        try:
            self._connection, self._client = wait(_connected(self._address, _known_hosts()), 2 * CONNECT_SECONDS)
        except (asyncssh.Error, OSError, ValueError) as error:
            message = f"The inbox {self.key} cannot be opened: {_why(error, self._address)}"
            raise UnreadableError(message) from None

    def _look(self) -> dict[str, Signature | None]:
        try:
            entries = self._ask(lambda client: client.readdir(self._folder))
        except (asyncssh.SFTPError, ChangingError) as error:
            why = "the connection was lost" if isinstance(error, ChangingError) else "the server does not list it"
            message = f"The inbox {self.key} cannot be opened: {why}; name a folder that exists and may be read"
            raise UnreadableError(message) from None
        return {name: _signature(entry.attrs) for entry in entries if (name := _name(entry))}

    def _now(self, name: str) -> Signature | None:
        try:
            return _signature(self._ask(lambda client: client.lstat(self._path(name))))
        except asyncssh.SFTPError:
            return None

    def _path(self, name: str) -> str:
        return f"{self._folder.rstrip('/')}/{name}"

    @contextmanager
    def _opened(self, name: str) -> Iterator[Source]:
        path = self._path(name)
        try:
            # Never opened before it is known to be a regular file: opening a pipe would hang the server's side.
            before = _signature(self._ask(lambda client: client.lstat(path)))
            if before is None:
                raise UnreadableError(NOT_REGULAR)
            file = self._ask(lambda client: client.open(path, "rb"))
        except asyncssh.SFTPError as error:
            raise _unreadable(error) from None
        try:
            yield _RemoteFile(self, file, path, before)
        finally:
            with suppress(asyncssh.Error, ChangingError):
                self.ask(file.close())

    def ask(self, request: Awaitable[_Result]) -> _Result:
        """The answer to one request of an open file; raises ``ChangingError`` where the line is dead."""
        try:
            return wait(request)
        except _LOST:
            self._client = None
            raise ChangingError from None

    def _ask(self, request: Callable[[asyncssh.SFTPClient], Awaitable[_Result]]) -> _Result:
        """The answer to one request of the folder, over a new line if the last one died."""
        if self._client is None:
            if not self._may_connect_again:
                raise ChangingError
            self._may_connect_again = False
            with suppress(UnreadableError):
                self._connect()
            if self._client is None:
                raise ChangingError
        return self.ask(request(self._client))


class _RemoteFile:
    """An open regular file of a server."""

    def __init__(self, inbox: SftpInbox, file: asyncssh.SFTPClientFile, path: str, before: Signature) -> None:
        self._inbox = inbox
        self._file = file
        self._path = path
        self._before = before
        self._offset = 0
        self.size = before.size

    def read(self, size: int) -> bytes:
        try:
            content = self._inbox.ask(self._file.read(min(size, CHUNK_BYTES), self._offset))
        except asyncssh.SFTPEOFError:
            return b""
        except asyncssh.SFTPError as error:
            raise _unreadable(error) from None
        self._offset += len(content)
        return cast("bytes", content)  # opened as bytes, which the library does not say

    def is_unchanged(self) -> bool:
        """Looked at under its name and as the open file: it may have been exchanged or written to."""
        try:
            opened = _signature(self._inbox.ask(self._file.stat()))
        except asyncssh.SFTPError:
            return False
        return opened == self._before == self._inbox._now(self._path.rpartition("/")[2])  # noqa: SLF001 - its own inbox


async def _connected(
    address: Address, known_hosts: list[str]
) -> tuple[asyncssh.SSHClientConnection, asyncssh.SFTPClient]:
    named: dict[str, Any] = {"port": address.port} if address.port else {}
    if address.user:
        named["username"] = address.user
    connection = await asyncssh.connect(
        address.host,
        # Always given: the library checks no host key where the client's settings name no file of known hosts.
        known_hosts=known_hosts,
        preferred_auth="publickey",
        password_auth=False,
        kbdint_auth=False,
        connect_timeout=CONNECT_SECONDS,
        login_timeout=CONNECT_SECONDS,
        keepalive_interval=_ALIVE_SECONDS,
        **named,
    )
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            # Names are bytes to a server: those that are not UTF-8 come as Python writes them for local files.
            return connection, await connection.start_sftp_client(path_errors="surrogateescape")
    except BaseException:
        connection.abort()
        raise


def _known_hosts() -> list[str]:
    return [str(path) for known in _KNOWN_HOSTS if (path := Path(known).expanduser()).is_file()]


async def _closed(connection: asyncssh.SSHClientConnection) -> None:
    connection.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            await connection.wait_closed()
    connection.abort()


def _name(entry: asyncssh.SFTPName) -> str:
    """The name of an entry; "" for one that cannot be the name of a file in this folder."""
    name = entry.filename
    text = name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
    return "" if text in {".", ".."} or "/" in text or "\0" in text else text


def _signature(attributes: asyncssh.SFTPAttrs) -> Signature | None:
    if attributes.type != asyncssh.FILEXFER_TYPE_REGULAR or attributes.size is None or attributes.mtime is None:
        return None
    modified_ns = int(attributes.mtime) * 1_000_000_000 + (attributes.mtime_ns or 0)
    return Signature(0, 0, attributes.size, modified_ns, modified_ns)


def _unreadable(error: asyncssh.SFTPError) -> UnreadableError:
    why = {
        asyncssh.SFTPNoSuchFile: "it is gone",
        asyncssh.SFTPPermissionDenied: "permission denied",
    }.get(type(error), "the server refuses it")
    return cannot_be_read(why)


def _why(error: Exception, address: Address) -> str:
    """What went wrong and what to do, in our own words: a server's words are not repeated."""
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return (
            "the server's host key is not in known_hosts, or is another one; ask the sender for its fingerprint, "
            f"compare it with what `ssh-keyscan -p {address.port or 22} {address.host}` gives, and only then add it"
        )
    if isinstance(error, asyncssh.PermissionDenied):
        return "the server accepts none of the keys of the SSH agent or of ~/.ssh; give the sender the public key"
    if isinstance(error, TimeoutError):
        return "the server does not answer; look at host, port and network"
    if isinstance(error, OSError):
        told = os.strerror(error.errno) if error.errno and error.errno > 0 else "no such host, or no way to it"
        return f"the server is not reached ({told}); look at host, port and network"
    return f"no SFTP session could be begun ({type(error).__name__}); look at the account and the SSH settings"
