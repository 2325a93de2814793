"""A line on loopback that can be cut: everything passes through to a port until so many bytes came back from there."""

from __future__ import annotations

import select
import socket
import struct
import threading
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"


class Line:
    """Passes connections on to ``port``. ``cut_after`` bytes of answers, the connection that carries them dies.

    It dies once; where it ``stays_dead``, so do all later connections. ``how``: by a ``reset``, an ``end`` like any
    other, or ``silence``, without a word to either side.
    """

    def __init__(self, port: int, cut_after: int, *, stays_dead: bool = False, how: str = "reset") -> None:
        self._target = port
        self._left = cut_after
        self._stays_dead = stays_dead
        self._how = how
        self.was_cut = False
        self.connections = 0
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._closing = threading.Event()
        self._silent: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join(10)
        for near in (self._listener, *self._silent):
            near.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            if select.select([self._listener], [], [], 0.05)[0]:
                near = self._listener.accept()[0]
                self.connections += 1
                if self.was_cut and self._stays_dead:
                    self._die(near)
                    continue
                thread = threading.Thread(target=self._carry, args=(near,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _carry(self, near: socket.socket) -> None:
        far = socket.create_connection((HOST, self._target))
        with near, far, suppress(OSError):
            while not self._closing.is_set():
                for ready in select.select([near, far], [], [], 0.05)[0]:
                    content = ready.recv(1 << 15)
                    if not content or (ready is far and self._is_cut(len(content))):
                        if content:
                            self._die(near)
                        return
                    (near if ready is far else far).sendall(content)

    def _die(self, near: socket.socket) -> None:
        if self._how == "silence":
            self._silent.append(near.dup())
        elif self._how == "reset":
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        near.close()

    def _is_cut(self, size: int) -> bool:
        if self.was_cut:
            return False
        self._left -= size
        self.was_cut = self._left < 0
        return self.was_cut


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nothing listens on, nor on the one 10,000 above; no two of all these are the same."""
    found: list[int] = []
    with ExitStack() as held:  # until all are found: one may be 10,000 above another
        while len(found) < count:
            tried, above = (held.enter_context(socket.socket()) for _ in range(2))
            tried.bind((HOST, 0))
            port = tried.getsockname()[1]
            with suppress(OSError, OverflowError):
                above.bind((HOST, port + 10_000))
                found.append(port)
    return found
