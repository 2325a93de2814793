from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.store.places import ranges
from pipelines.store.places.ranges import Ranges

CONTENT = bytes(range(200))
MOVES = st.lists(
    st.tuples(st.integers(-20, 220), st.sampled_from([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END]), st.integers(-1, 90))
)


@pytest.fixture(autouse=True)
def window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "_WINDOW", 32)


class Counted:
    """Content that tells which stretches of it were asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def stretch(self, start: int, length: int) -> bytes:
        assert 0 <= start < start + length <= len(CONTENT)
        self.asked.append((start, length))
        return CONTENT[start : start + length]


@given(moves=MOVES)
def test_whatever_is_sought_and_read_is_what_a_file_in_memory_gives(moves: list[tuple[int, int, int]]) -> None:
    file, twin = Ranges(Counted().stretch, len(CONTENT)), io.BytesIO(CONTENT)
    for offset, whence, size in moves:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: twin.tell(), io.SEEK_END: len(CONTENT)}[whence]
        if base + offset >= 0:
            assert file.seek(offset, whence) == twin.seek(offset, whence)
        assert (file.read(size), file.tell()) == (twin.read(size), twin.tell())


def test_what_lies_beside_what_was_read_is_not_asked_for_again() -> None:
    counted = Counted()
    file = Ranges(counted.stretch, len(CONTENT))
    assert [file.read(10) for _ in range(4)] == [CONTENT[start : start + 10] for start in (0, 10, 20, 30)]
    file.seek(190)
    file.read()
    assert counted.asked == [(0, 32), (30, 32), (190, 10)]
    assert file.readable()
    assert file.seekable()
