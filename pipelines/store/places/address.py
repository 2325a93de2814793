"""The address of a store: ``s3://bucket/prefix``, which names the place and never a secret."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, NoReturn
from urllib.parse import urlsplit

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX: Final = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")

_EXPECTED: Final = "s3://bucket/prefix, of letters, digits, '.', '_' and '-'"


class StoreAddressError(ValueError):
    """An address that cannot be used; the text repeats nothing of it, as it may hold a secret."""


class StoreAddress(NamedTuple):
    """A bucket, and below which key everything stands: no key is empty."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        """As it is written."""
        return f"s3://{self.bucket}/{self.prefix}"


def parse(text: str) -> StoreAddress:
    """The address that ``text`` writes; raises ``StoreAddressError``."""
    try:
        parts = urlsplit(text)
    except ValueError:
        _refuse("it is no URL")
    if "@" in parts.netloc or parts.query or parts.fragment:
        _refuse("it has more than a bucket and a prefix; keys belong in the environment")
    if parts.scheme != "s3":
        _refuse("its kind is unknown")
    prefix = parts.path.strip("/")
    if not _BUCKET.fullmatch(parts.netloc) or not _PREFIX.fullmatch(prefix) or {".", ".."} & {*prefix.split("/")}:
        _refuse("it names no bucket and prefix")
    return StoreAddress(parts.netloc, prefix)


def _refuse(why: str) -> NoReturn:
    message = f"the address of the store cannot be used: {why}; expected {_EXPECTED}"
    raise StoreAddressError(message) from None
