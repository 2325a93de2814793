"""A prefix of an object store's bucket, with the credentials and endpoint of the usual AWS settings (ADR 0037).

An object is whole once it can be seen. That only one of several writers writes an object rests on conditional puts:
``If-None-Match`` for what is written once, ``If-Match`` for what is written anew.
"""

from __future__ import annotations

import hashlib
import mmap
import random
import time
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final, cast

import pyarrow

from pipelines.store.files import make_folder
from pipelines.store.places.base import Place, UnreachedError, Why
from pipelines.store.places.bucket import Bucket, ChangedError, open_bucket
from pipelines.store.places.ranges import Ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from io import BufferedReader
    from pathlib import Path

    from obstore.store import S3Store

_PART: Final = 16 << 20
"""How much of a large object goes up or comes down at once; an object is at most 10,000 of them."""

_ROUNDS: Final = 50
"""How often a list is read again because another process added to it meanwhile."""

_NO_ANSWER: Final = "Generic S3 error"
"""How that client, which is of one family with ours, tells of any answer but those that say what is there."""

_MARK: Final = "quincena.store"
"""An object that is written once, and tried again by each run: a store that lets it pass keeps nothing apart."""


@dataclass(frozen=True)
class ObjectPlace(Place):
    """What stands below a prefix."""

    bucket: Bucket
    key: str = ""

    @property
    def address(self) -> str:
        """Its URL."""
        return f"{self.bucket.address}/{self.key}" if self.key else str(self.bucket.address)

    @property
    def options(self) -> dict[str, str]:
        """Endpoint and keys for the table library."""
        return self.bucket.options

    def _asking(self) -> AbstractContextManager[S3Store]:
        return self.bucket.asking(self.address)

    def _at(self, key: str) -> ObjectPlace:
        return ObjectPlace(self.bucket, key)

    @property
    def _path(self) -> str:
        return f"{self.bucket.address.prefix}/{self.key}" if self.key else self.bucket.address.prefix

    def blame(self, error: Exception) -> None:
        """Look what the client of the table library said; where it says nothing, ask the store."""
        if _NO_ANSWER in str(error):
            raise UnreachedError(Why.UNANSWERED) from None
        self.is_folder()

    def prepare(self, _folders: tuple[str, ...]) -> None:
        """Nothing is made; the store is asked whether it keeps to the conditions of a put."""
        mark = self / _MARK
        if not (mark.is_refused("create") or mark.is_refused("create")) or not mark.is_refused({"e_tag": '"0"'}):
            raise UnreachedError(Why.NO_CONDITIONS)

    def is_refused(self, mode: Any) -> bool:  # noqa: ANN401 - the library's own word or dictionary
        """Whether the mark cannot be written here under a condition."""
        try:
            self._put(_MARK.encode(), mode)
        except (FileExistsError, ChangedError):
            return True
        return False

    def sweep(self) -> None:
        """Nothing: what a killed writer left is seen by nobody (docs/operations.md says how it is cleared away)."""

    def exists(self) -> bool:
        """Whether there is such an object."""
        try:
            self.size()
        except FileNotFoundError:
            return False
        return True

    def is_folder(self) -> bool:
        """Whether there is any object below."""
        with self._asking() as client:
            return next(iter(client.list(self._path, chunk_size=1)), None) is not None

    def size(self) -> int:
        """The bytes of the object."""
        with self._asking() as client:
            return int(client.head(self._path)["size"])

    def names(self) -> list[str]:
        """The names of the objects one level below."""
        return sorted(entry["path"].rpartition("/")[2] for entry in self._listed()["objects"])

    def folders(self) -> list[str]:
        """The names one level below under which there are objects."""
        return sorted(prefix.rstrip("/").rpartition("/")[2] for prefix in self._listed()["common_prefixes"])

    def _listed(self) -> Any:  # noqa: ANN401 - the library's own dictionary
        with self._asking() as client:
            return client.list_with_delimiter(self._path)

    def files(self) -> list[ObjectPlace]:
        """Every object below."""
        root = len(self.bucket.address.prefix) + 1
        with self._asking() as client:
            found = [entry["path"] for page in client.list(self._path) for entry in page]
        return [self._at(path[root:]) for path in sorted(found)]

    def read_bytes(self) -> bytes:
        """All of the object."""
        content: bytes = self.buffer().to_pybytes()
        return content

    def buffer(self) -> pyarrow.Buffer:
        """All of the object: in memory, or, where it is large, mapped from a copy of it."""
        with self._asking() as client:
            got = client.get(self._path)
            if got.meta["size"] <= _PART:
                return pyarrow.py_buffer(got.bytes())
        with self.open() as copy:
            return pyarrow.py_buffer(mmap.mmap(copy.fileno(), 0, access=mmap.ACCESS_READ))

    def open(self) -> BufferedReader:
        """A copy of the object in a file without a name."""
        copy = self._scratch_file()
        try:
            for chunk in self._chunks():
                copy.write(chunk)
            copy.seek(0)
        except BaseException:
            copy.close()
            raise
        return cast("BufferedReader", copy)

    def ranged(self) -> pyarrow.NativeFile:
        """The object, of which stretches are fetched as they are asked for."""
        return pyarrow.PythonFile(Ranges(self._stretch, self.size()), "r")

    def _stretch(self, start: int, length: int) -> bytes:
        with self._asking() as client:
            found = client.get_range(self._path, start=start, length=length)
        return found.to_bytes()

    def sha256(self) -> str:
        """SHA-256 of the object's bytes, in hexadecimal."""
        digest = hashlib.sha256()
        for chunk in self._chunks():
            digest.update(chunk)
        return digest.hexdigest()

    def _chunks(self) -> Iterator[bytes | memoryview]:
        """The object in parts, each the answer to a question of its own where it is large: none takes forever."""
        with self._asking() as client:
            got = client.get(self._path)
            size = int(got.meta["size"])
            if size <= _PART:
                yield memoryview(got.bytes())
                return
        for start in range(0, size, _PART):
            yield self._stretch(start, min(_PART, size - start))

    def write(self, content: bytes, *, read_only: bool = False, exclusive: bool = False) -> None:  # noqa: ARG002 - rights are the bucket's
        """Put ``content`` as an object."""
        try:
            self._put(content, "create" if exclusive else "overwrite")
        except FileExistsError:
            # An answer that got lost on the way makes the client ask again: then it is our own that stands there.
            if self.read_bytes() != content:
                raise

    @contextmanager
    def staged(self) -> Iterator[_Staged]:
        """A file of this machine without a name, put up when it is placed."""
        with self._scratch_file() as copy:
            yield _Staged(self, copy)

    def extend(self, added: Callable[[bytes], bytes]) -> None:
        """Put the file anew with the lines, if it still is what was shown; else look again."""
        for _ in range(_ROUNDS):
            content, tag = self._tagged()
            whole = content[: content.rfind(b"\n") + 1]
            lines = added(whole)
            if not lines:
                return
            try:
                self._put(whole + lines, {"e_tag": tag} if tag else "create")
            except (FileExistsError, ChangedError):
                time.sleep(random.uniform(0, 0.1))  # noqa: S311 - spreads writers in time, guards nothing
            else:
                return
        raise UnreachedError(Why.BUSY)

    def _tagged(self) -> tuple[bytes, str]:
        """What stands here and its tag; nothing where there is no such object."""
        try:
            with self._asking() as client:
                got = client.get(self._path)
                return bytes(got.bytes()), got.meta["e_tag"] or ""
        except FileNotFoundError:
            return b"", ""

    def _put(self, content: bytes, mode: Any) -> None:  # noqa: ANN401 - the library's own word or dictionary
        with self._asking() as client:
            client.put(self._path, content, mode=mode, use_multipart=False)

    def put_file(self, content: IO[bytes]) -> None:
        """Put a file as an object, in parts where it is large."""
        with self._asking() as client:
            client.put(self._path, content, chunk_size=_PART, max_concurrency=4)

    def _scratch_file(self) -> IO[bytes]:
        make_folder(self.bucket.scratch)
        return TemporaryFile(dir=self.bucket.scratch)


def open_objects(address: str, scratch: Path) -> ObjectPlace:
    """The root of the store at ``address``; copies of its files are made in the folder ``scratch``.

    Raises ``StoreAddressError``, and ``UnreachedError`` where there are no credentials; nothing is asked yet.
    """
    return ObjectPlace(open_bucket(address, scratch))


class _Staged:
    """A file below a folder that is still on this machine."""

    def __init__(self, folder: ObjectPlace, copy: IO[bytes]) -> None:
        self._folder, self._copy = folder, copy
        self.write = copy.write

    def place(self, name: str, *, read_only: bool = False) -> None:  # noqa: ARG002 - rights are the bucket's
        """Put it up."""
        self._copy.seek(0)
        (self._folder / name).put_file(self._copy)
