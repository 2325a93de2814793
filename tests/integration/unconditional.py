"""A server that takes puts and lets one condition of them pass, as some object stores do."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

from tests.integration.lines import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = '"1"'


@contextmanager
def unconditional(header: str, refusal: int = 412) -> Iterator[int]:
    """The port of a server that does not look at ``header``, and answers ``refusal`` to what it must not take."""

    class Taking(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        kept: ClassVar[set[str]] = set()

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            asked = {name: self.headers.get(name) for name in ("if-none-match", "if-match") if name != header}
            is_there = self.path in self.kept
            is_refused = (asked.get("if-none-match") and is_there) or asked.get("if-match", _TAG) not in {None, _TAG}
            self.kept.add(self.path)
            self.send_response(refusal if is_refused else 200)
            self.send_header("ETag", _TAG)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer((HOST, 0), Taking)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
