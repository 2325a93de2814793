"""Real SFTP servers on loopback: OpenSSH where it is installed, and one inside the tests' own process everywhere."""

from __future__ import annotations

import asyncio
import getpass
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import asyncssh
import pytest

from tests.integration.lines import HOST, free_ports

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")
_START_SECONDS = 20.0


class SftpServer(NamedTuple):
    """A server that listens; ``home`` has the ``.ssh`` of an account that it lets in and that knows it."""

    port: int
    home: Path
    host_key: str

    def url(self, folder: Path, settings: str = "settle=0.05", port: int = 0) -> str:
        """The address of a folder, over this server's port or another that leads to it."""
        self.know(port or self.port)
        return f"sftp://{getpass.getuser()}@{HOST}:{port or self.port}{folder}?{settings}"

    def know(self, port: int) -> None:
        """Make the server known to the account, as one listening on ``port``."""
        with (self.home / ".ssh/known_hosts").open("a") as known:
            known.write(f"[{HOST}]:{port} {self.host_key}\n")


@contextmanager
def serving(kind: str, folder: Path) -> Iterator[SftpServer]:
    """A server of a kind, ``openssh`` or ``asyncssh``, with its keys and those of an account in ``folder``."""
    if kind == "openssh" and SSHD is None:
        pytest.skip("no OpenSSH server (sshd) is installed on this machine")
    ssh = folder / "home/.ssh"
    ssh.mkdir(parents=True)
    host_key, own_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    host_key.write_private_key(str(folder / "host"))
    (folder / "host").chmod(0o600)
    own_key.write_private_key(str(ssh / "id_ed25519"))
    (ssh / "id_ed25519").chmod(0o600)
    own_key.write_public_key(str(folder / "authorized"))
    start = _openssh if kind == "openssh" else _asyncssh
    with start(folder) as port:
        yield SftpServer(port, folder / "home", host_key.export_public_key().decode().strip())


@contextmanager
def _openssh(folder: Path) -> Iterator[int]:
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd does not start as root without this empty folder
    (port,) = free_ports(1)
    settings = {
        "ListenAddress": HOST,
        "Port": port,
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "authorized",
        "PidFile": "none",
        "UsePAM": "no",
        "StrictModes": "no",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "Subsystem": "sftp internal-sftp",
    }
    (folder / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    with (folder / "sshd.log").open("wb") as log:
        server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log)
    try:
        await_port(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def _asyncssh(folder: Path) -> Iterator[int]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            HOST,
            0,
            server_host_keys=[str(folder / "host")],
            authorized_client_keys=str(folder / "authorized"),
            sftp_factory=True,
            reuse_address=True,
        )

    async def stop(server: asyncssh.SSHAcceptor) -> None:
        server.close()
        await server.wait_closed()

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(_START_SECONDS)
    try:
        yield server.get_port()
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(_START_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def await_port(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until ``server`` listens; raises ``AssertionError`` where it ended instead."""
    tick = threading.Event()
    for _ in range(int(_START_SECONDS / 0.05)):
        assert server.poll() is None, "the server ended as it was started"
        with socket.socket() as tried:
            if tried.connect_ex((HOST, port)) == 0:
                return
        tick.wait(0.05)
    message = f"no server listens on {port}"
    raise AssertionError(message)
