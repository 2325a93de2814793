"""The connection to an object store: where its bucket is, who asks, and what its answers mean."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from pipelines.store.places.address import parse
from pipelines.store.places.aws import access
from pipelines.store.places.base import UnreachedError, Why

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.store.places.address import StoreAddress
    from pipelines.store.places.aws import Access

_TRIES: Final = 3
_SECONDS: Final = 30


class ChangedError(Exception):
    """What was to be written anew is no longer what it was."""


@dataclass(frozen=True, eq=False)
class Bucket:
    """What all places of one store share; ``scratch`` is a folder of this machine for copies of its files."""

    address: StoreAddress
    scratch: Path
    access: Access = field(repr=False)
    client: S3Store = field(repr=False)

    @property
    def options(self) -> dict[str, str]:
        """Endpoint and keys for the table library, as they are now."""
        known = self.access
        endpoint = {"endpoint": known.endpoint, "allow_http": str(known.is_plain).lower()} if known.endpoint else {}
        patience = {"max_retries": str(_TRIES), "retry_timeout": f"{_SECONDS}s", "timeout": f"{_SECONDS}s"}
        return {**known.keys(), "region": known.region, "conditional_put": "etag", **endpoint, **patience}

    @contextmanager
    def asking(self, address: str) -> Iterator[S3Store]:
        """The client, for a question about ``address``; what it answers becomes an error of files, or one of ours.

        Raises ``ChangedError`` where a condition of a put does not hold. No words of a server are repeated.
        """
        try:
            yield self.client
        except FileNotFoundError:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), address) from None
        except AlreadyExistsError:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), address) from None
        except PreconditionError:
            raise ChangedError from None
        except (PermissionDeniedError, UnauthenticatedError):
            raise UnreachedError(Why.REFUSED) from None
        except BaseError as error:
            raise UnreachedError(_why(str(error))) from None


def open_bucket(address: str, scratch: Path) -> Bucket:
    """The bucket that ``address`` names; nothing is asked of it yet.

    Raises ``StoreAddressError``, and ``UnreachedError`` where there are no credentials.
    """
    parsed, known = parse(address), access()
    endpoint: dict[str, Any] = {"endpoint": known.endpoint} if known.endpoint else {}
    client = S3Store(
        parsed.bucket,
        region=known.region,
        credential_provider=known.provide,
        client_options={"allow_http": known.is_plain, "timeout": f"{_SECONDS}s", "connect_timeout": "10s"},
        retry_config={"max_retries": _TRIES, "retry_timeout": timedelta(seconds=_SECONDS)},
        **endpoint,
    )
    return Bucket(parsed, scratch, known, client)


def _why(answer: str) -> Why:
    """Which of our own words fit an answer."""
    if "404 Not Found" in answer or "NoSuchBucket" in answer:
        return Why.NO_BUCKET
    if "501 Not Implemented" in answer:
        return Why.NO_CONDITIONS
    return Why.REFUSED if "403 Forbidden" in answer or "401 Unauthorized" in answer else Why.UNANSWERED
