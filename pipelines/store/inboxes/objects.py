"""A prefix of an object store's bucket as an inbox, with the credentials and endpoint of the usual AWS settings.

An object is whole once it can be seen, and is read as the very version that was listed, by its entity tag.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import aiohttp
import botocore.exceptions
import s3fs

from pipelines.store.inboxes.address import Address
from pipelines.store.inboxes.base import (
    CHUNK_BYTES,
    ChangingError,
    Inbox,
    Signature,
    Source,
    UnreadableError,
    cannot_be_read,
)
from pipelines.store.inboxes.waiting import wait

_TRIES: Final = 2
"""How often one question is asked, and how many files in a row may fail before the store counts as gone."""
_PAGE: Final = 1000
_SETTINGS: Final = {"connect_timeout": 10, "read_timeout": 30, "retries": {"total_max_attempts": 1}}

_GONE: Final = "it is gone"
_FORBIDDEN: Final = "permission denied"

_LOST: Final = (botocore.exceptions.BotoCoreError, aiohttp.ClientError, ConnectionError, TimeoutError)
"""What says that the line is dead, not that a file is bad."""

_FAULTS: Final = (*_LOST, OSError, ValueError)


class ObjectInbox(Inbox):
    """The objects whose key is the prefix and a name without ``/``; what lies deeper is not offered."""

    def __init__(self, address: Address) -> None:
        super().__init__(str(address), address.terms)
        self._bucket = address.host
        prefix = address.path.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._store = s3fs.S3FileSystem(config_kwargs=_SETTINGS, skip_instance_cache=True, use_listings_cache=False)
        self._store.retries = _TRIES
        self._failed_in_a_row = 0
        self.names()

    def close(self) -> None:
        """End the connections."""
        creator = getattr(self._store, "_s3creator", None)
        if creator is not None:
            with suppress(*_FAULTS):
                wait(creator.__aexit__(None, None, None), 2)

    def _look(self) -> dict[str, Signature | None]:
        found: dict[str, Signature | None] = {}
        more: dict[str, str] = {}
        while True:
            page = self._page(more)
            for entry in page.get("Contents", ()):
                found[entry["Key"][len(self._prefix) :]] = _signature(entry)
            if not page.get("IsTruncated"):
                break
            more = {"ContinuationToken": page["NextContinuationToken"]}
        found.pop("", None)  # the prefix itself, which some programs store as an empty object
        return found

    def _page(self, more: dict[str, str]) -> dict[str, Any]:
        asked = {"Bucket": self._bucket, "Prefix": self._prefix, "Delimiter": "/", "MaxKeys": _PAGE, **more}
        try:
            page: dict[str, Any] = self._store.call_s3("list_objects_v2", **asked)
        except _FAULTS as error:
            message = f"The inbox {self.key} cannot be opened: {_why(error)}"
            raise UnreadableError(message) from None
        return page

    def _now(self, name: str) -> Signature | None:
        try:
            head = self._store.call_s3("head_object", Bucket=self._bucket, Key=self._prefix + name)
        except _FAULTS:
            return None
        return _signature({**head, "Size": head["ContentLength"]})

    @contextmanager
    def _opened(self, name: str) -> Iterator[Source]:
        looked = self._looked.get(name) or self._now(name)
        if looked is None:
            raise cannot_be_read(_GONE)
        got = self._got(self._prefix + name, looked.tag)
        try:
            # Asked for by its tag; looked at again for stores that do not know the question.
            if (got["ETag"], got["ContentLength"]) != (looked.tag, looked.size):
                raise ChangingError
            yield _Body(self, got["Body"], looked.size)
        finally:
            got["Body"].close()

    def _got(self, key: str, tag: str) -> dict[str, Any]:
        """The answer to the question for one version of an object; raises as ``open`` does."""
        if self._failed_in_a_row >= _TRIES:
            raise ChangingError
        try:
            got: dict[str, Any] = self._store.call_s3("get_object", Bucket=self._bucket, Key=key, IfMatch=tag)
        except FileNotFoundError:
            raise cannot_be_read(_GONE) from None
        except PermissionError:
            raise cannot_be_read(_FORBIDDEN) from None
        except _LOST:
            self.note(came=False)
            raise ChangingError from None
        except _FAULTS:
            raise ChangingError from None
        return got

    def note(self, *, came: bool) -> None:
        """Whether an object came whole: a store that fails again and again is asked no more."""
        self._failed_in_a_row = 0 if came else self._failed_in_a_row + 1


class _Body:
    """The body of an answer: one version of the object, which cannot change on the way."""

    def __init__(self, inbox: ObjectInbox, body: Any, size: int) -> None:  # noqa: ANN401 - the library has no type
        self._inbox = inbox
        self._body = body
        self.size = size

    def read(self, size: int) -> bytes:
        try:
            return bytes(wait(self._body.read(min(size, CHUNK_BYTES))))
        except _FAULTS:
            self._inbox.note(came=False)
            raise ChangingError from None

    def is_unchanged(self) -> bool:
        """Always: it is one version. All of it came."""
        self._inbox.note(came=True)
        return True


def _signature(entry: dict[str, Any]) -> Signature:
    moment_ns = int(entry["LastModified"].timestamp()) * 1_000_000_000
    return Signature(0, 0, entry["Size"], moment_ns, moment_ns, entry["ETag"])


def _why(error: Exception) -> str:
    """What went wrong and what to do, in our own words: a server's words are not repeated."""
    if isinstance(error, botocore.exceptions.NoCredentialsError | botocore.exceptions.PartialCredentialsError):
        return "there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
    if isinstance(error, FileNotFoundError):
        return "there is no such bucket; look at its name and at AWS_ENDPOINT_URL"
    if isinstance(error, PermissionError):
        return "the store refuses these credentials; they need the right to list the bucket and to get its objects"
    return f"the store is not reached ({type(error).__name__}); look at AWS_ENDPOINT_URL and the network"
