"""What holds for all tests: files just written count as arrived at once, and what takes long begins first."""

from __future__ import annotations

import gc
import multiprocessing
import os
from multiprocessing.context import ForkServerContext
from typing import Final

import pytest
from hypothesis import settings

from pipelines.store.inboxes.address import SETTLE_VARIABLE

os.environ.setdefault(SETTLE_VARIABLE, "0")  # also for the processes that tests start
settings.register_profile("busy", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("busy")

FORKED: Final = (
    *("tests.bad_input.months", "tests.faults.test_killed", "tests.faults.test_killed_store"),
    *("distributed", "pipelines.defs.running", "pipelines.engine.sharding.months"),
)
"""What processes that tests fork have loaded: each would take longer to load it than to do its work."""


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """Processes of their own that begin at once, to be killed, run out of disk, or meet: forked off a small server."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*FORKED])
    return context


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with a slow test first: begun last, they would leave the other core idle at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    gc.freeze()  # what is imported and collected stays, and need not be looked through again and again
