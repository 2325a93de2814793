"""What holds for all tests: files just written count as arrived at once, and what takes long begins first."""

from __future__ import annotations

import os

import pytest

from pipelines.store.inboxes.address import SETTLE_VARIABLE

os.environ.setdefault(SETTLE_VARIABLE, "0")  # also for the processes that tests start


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with a slow test first: begun last, they would leave the other core idle at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
