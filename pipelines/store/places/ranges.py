"""A file that is fetched stretch by stretch, for who reads little of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_WINDOW: Final = 4 << 20
"""How much is fetched where little is asked for: what is asked for next is mostly beside it."""


class Ranges(io.RawIOBase):
    """``size`` bytes that can be sought in; ``stretch`` gives so many of them from a position on."""

    def __init__(self, stretch: Callable[[int, int], bytes], size: int) -> None:
        self._stretch, self._size = stretch, size
        self._position, self._start, self._held = 0, 0, b""

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position and give it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as many as there are; a stretch that was fetched serves what is asked for beside it."""
        wanted = self._size - self._position
        wanted = wanted if size < 0 else min(size, wanted)
        if wanted <= 0:
            return b""
        if not self._start <= self._position <= self._position + wanted <= self._start + len(self._held):
            length = min(max(wanted, _WINDOW), self._size - self._position)
            self._start, self._held = self._position, self._stretch(self._position, length)
        begin = self._position - self._start
        self._position += wanted
        return self._held[begin : begin + wanted]
