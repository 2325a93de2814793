from __future__ import annotations

import hashlib
import io
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import pytest

from pipelines.store import originals
from pipelines.store.originals import OriginalDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.store.home import Home


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n"])
def test_the_bytes_of_a_file_are_kept_read_only_under_their_digest(home: Home, content: bytes) -> None:
    sha256, is_new = originals.keep(home, io.BytesIO(content))
    assert is_new
    path = home.root / originals.path_of(home, sha256).key
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert originals.fetch(home, sha256) == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_bytes_kept_already_are_not_written_again(home: Home) -> None:
    path = home.root / originals.path_of(home, originals.keep(home, io.BytesIO(b"same")).sha256).key
    before = path.stat()
    assert not originals.keep(home, io.BytesIO(b"same")).is_new
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_altered_original_is_named_by_its_digest(home: Home) -> None:
    sha256 = originals.keep(home, io.BytesIO(b"true")).sha256
    path = home.root / originals.path_of(home, sha256).key
    path.chmod(0o644)
    path.write_bytes(b"frue")
    with pytest.raises(OriginalDamagedError, match=sha256):
        originals.fetch(home, sha256)


def test_bytes_written_just_now_are_given_as_they_are(home: Home) -> None:
    sha256, is_new = originals.keep(home, io.BytesIO(b"a,b"))
    with originals.opened(home, sha256, is_new=is_new) as stream:
        assert stream.read() == b"a,b"


def test_a_missing_original_is_named_by_its_digest(home: Home) -> None:
    with pytest.raises(OriginalDamagedError, match="ab is missing"):
        originals.fetch(home, "ab")


def test_a_stream_that_fails_on_leaving_keeps_nothing(home: Home) -> None:
    @contextmanager
    def breaking() -> Iterator[BinaryIO]:
        yield io.BytesIO(b"half")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        originals.keep(home, breaking())
    assert [path for path in (home.root / "originals").rglob("*") if path.is_file()] == []
