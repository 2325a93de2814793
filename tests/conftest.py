"""What holds for all tests: files just written count as arrived at once, and what takes long begins first."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import settings

from pipelines.store.inboxes.address import SETTLE_VARIABLE

os.environ.setdefault(SETTLE_VARIABLE, "0")  # also for the processes that tests start
settings.register_profile("busy", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("busy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with a slow test first: begun last, they would leave the other core idle at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    gc.freeze()  # what is imported and collected stays, and need not be looked through again and again
