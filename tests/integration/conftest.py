"""An object store on loopback, for the tests that ask for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.object_store import BUCKET, Objects
from tests.integration.s3_server import S3Server, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def object_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server with one bucket, in an environment that reaches it: it takes a while to start."""
    with serving(tmp_path_factory.mktemp("store")) as server, pytest.MonkeyPatch.context() as context:
        for name, value in server.environment().items():
            context.setenv(name, value)
        for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "QUINCENA_STORE"):
            context.delenv(name, raising=False)
        Objects(f"s3://{BUCKET}/x").make_bucket()
        yield server
