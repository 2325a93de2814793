"""`quincena ui`: the Dagster UI and its daemon on this home, for this machine only: the UI has no login."""

from __future__ import annotations

import os
import socket
import sys
from typing import Final

from pipelines.commands import console
from pipelines.commands.messages import NO_UI, UI, Fault
from pipelines.commands.session import Session
from pipelines.defs.running import ui_command, ui_environment
from pipelines.outputs.labels import say

LOOPBACK: Final = "127.0.0.1"


def serve(session: Session, port: int) -> None:
    """Become the UI; it ends with Ctrl+C. Raises ``Fault`` where the port is in use."""
    _check_port(port)
    console.message(console.text(say(UI, session.language, port=port)))
    sys.stderr.flush()
    command = ui_command(port)
    os.execve(command[0], command, ui_environment(session.home, session.policy, session.store))  # noqa: S606 - no shell is meant


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise Fault(NO_UI, port=port) from None
