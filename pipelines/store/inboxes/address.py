"""The address of an inbox: a folder's path, or a URL that names the place and never a secret.

``file:///path``, ``sftp://user@host:port/path`` (``/~/path`` begins at the user's home) and ``s3://bucket/prefix``;
after ``?``, ``settle=SECONDS`` and ``done=required`` set when a file counts as arrived (docs/operations.md).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple, NoReturn
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pipelines.store.inboxes.base import Terms, UnreadableError

SETTLE_VARIABLE: Final = "QUINCENA_SETTLE_SECONDS"
"""Where the environment says how long a file of a folder or SFTP server must stand still, if its URL does not."""

_MOST_SECONDS: Final = 30.0
_SETTLE_SECONDS: Final = {"file": 2.0, "sftp": 5.0, "s3": 0.0}
"""By scheme. An object of an object store can only be seen when it is whole."""

_EXPECTED: Final = "a folder, file:///folder, sftp://user@host/folder or s3://bucket/prefix"


class Address(NamedTuple):
    """Where an inbox is. ``host`` is a bucket for ``s3``; ``port`` is 0 where none is named."""

    scheme: str
    user: str
    host: str
    port: int
    path: str
    terms: Terms

    def __str__(self) -> str:
        """For messages and keys: without the settings after ``?``."""
        if self.scheme == "file":
            return self.path
        user, port = f"{self.user}@" if self.user else "", f":{self.port}" if self.port else ""
        return f"{self.scheme}://{user}{self.host}{port}{self.path}"


def parse(where: str | Path) -> Address:
    """The address that ``where`` writes; raises ``UnreadableError``, whose text repeats nothing of a secret."""
    text = os.fspath(where)
    if "://" not in text:
        return Address("file", "", "", 0, str(Path(text).absolute()), _terms("file", ""))
    try:
        parts = urlsplit(text)
        port = parts.port or 0
    except ValueError:
        _refuse("it is no URL")
    if parts.password is not None or (parts.scheme == "s3" and "@" in parts.netloc):
        _refuse("it has a password or key in it; take it out and use the key file or environment instead")
    if parts.scheme not in _SETTLE_SECONDS or parts.fragment:
        _refuse("its kind is unknown" if not parts.fragment else "it has a '#'; write it as %23")
    return _placed(parts, port, _terms(parts.scheme, parts.query))


def _placed(parts: SplitResult, port: int, terms: Terms) -> Address:
    path = unquote(parts.path, errors="surrogateescape")
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"} or not path.startswith("/"):
            _refuse("it names no folder of this machine; write file:///folder")
        return Address("file", "", "", 0, path, terms)
    if not parts.hostname:
        _refuse("it names no host or bucket")
    host = parts.netloc if parts.scheme == "s3" else parts.hostname
    return Address(parts.scheme, unquote(parts.username or ""), host, port, path, terms)


def _terms(scheme: str, query: str) -> Terms:
    given = dict(parse_qsl(query, keep_blank_values=True))
    if set(given) - {"settle", "done"} or given.get("done", "required") != "required":
        _refuse("after '?' only settle=SECONDS and done=required are known")
    standard = "" if scheme == "s3" else os.environ.get(SETTLE_VARIABLE, "")
    written = given.get("settle", standard)
    try:
        seconds = float(written) if written else _SETTLE_SECONDS[scheme]
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _MOST_SECONDS:
        _refuse(f"settle must be 0 to {_MOST_SECONDS:.0f} seconds; for slower senders ask for done marks")
    return Terms(seconds, "done" in given)


def _refuse(why: str) -> NoReturn:
    message = f"The inbox's address cannot be used: {why}; expected {_EXPECTED}"
    # Nothing of the address is repeated, in the error before it neither: it may hold a secret.
    raise UnreadableError(message) from None
